import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { unwrap } from '../result/result.ts';
import { ageOn, legalAgeOn, reachesAgeOn } from './age.ts';
import { eraDigits, eraOfDigit, formatEra, formatEraShort, fromEraDate, parseEra, toEraDate } from './eras.ts';
import { firstDayOf, fiscalYear, fiscalYearOf, formatFiscalYear, formatIncomeYear, lastDayOf } from './fiscal-year.ts';
import { addOpenDays, dueDateOn, holidayName, isOpenDay, nthOpenDay } from './open-days.ts';
import { projectedHoliday } from './projected-holidays.ts';

const day = (text: string) => Temporal.PlainDate.from(text);

for (const [iso, long, short] of [
  ['2026-06-01', '令和8年6月1日', 'R08.06.01'],
  ['2019-05-01', '令和元年5月1日', 'R01.05.01'],
  ['2019-04-30', '平成31年4月30日', 'H31.04.30'],
  ['1989-01-07', '昭和64年1月7日', 'S64.01.07'],
  ['1926-12-25', '昭和元年12月25日', 'S01.12.25'],
  ['1926-12-24', '大正15年12月24日', 'T15.12.24'],
  ['1912-07-29', '明治45年7月29日', 'M45.07.29'],
] as const) {
  test(`和暦 ${iso} は ${long}、逆も同じ`, () => {
    assert.equal(formatEra(day(iso)), long);
    assert.equal(formatEraShort(day(iso)), short);
    assert.equal(unwrap(parseEra(long)).toString(), iso);
    assert.equal(unwrap(parseEra(short)).toString(), iso);
  });
}
test('和暦 元号に属さない日・存在しない日・和暦でない文字を別の語で拒む', () => {
  assert.deepEqual(parseEra('昭和64年2月1日'), { ok: false, error: 'not-in-that-era' });
  assert.deepEqual(parseEra('令和8年2月29日'), { ok: false, error: 'no-such-date' });
  assert.deepEqual(parseEra('令和0年1月1日'), { ok: false, error: 'no-such-date' });
  assert.deepEqual(parseEra('2026-06-01'), { ok: false, error: 'not-an-era-date' });
  assert.deepEqual(fromEraDate({ era: '明治', year: 5, month: 1, day: 1 }), { ok: false, error: 'not-in-that-era' });
  assert.equal(unwrap(parseEra('Ｒ０８．０６．０１')).toString(), '2026-06-01');
  assert.throws(() => formatEra(day('1872-12-31')), RangeError);
});
test('元号コードは様式ごとに異なる: 法定調書は昭和1 令和5、年代順は明治1 令和5', () => {
  assert.equal(eraOfDigit('1', 'statutory'), '昭和');
  assert.equal(eraOfDigit('1', 'chronological'), '明治');
  assert.equal(eraOfDigit('9', 'statutory'), undefined);
  assert.equal(eraDigits.statutory.令和, '5');
});
test('every day from 1873 to 2100 survives the way to the era and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 83_000 }), (days) => {
      const date = day('1873-01-01').add({ days });
      assert.ok(unwrap(parseEra(formatEra(date))).equals(date));
      assert.ok(unwrap(parseEra(formatEraShort(date))).equals(date));
    }),
  );
});

test('地方自治法208条 会計年度は4月に始まり翌年3月に終わる', () => {
  assert.equal(fiscalYearOf(day('2026-03-31')), 2025);
  assert.equal(fiscalYearOf(day('2026-04-01')), 2026);
  assert.equal(firstDayOf(fiscalYear(2026)).toString(), '2026-04-01');
  assert.equal(lastDayOf(fiscalYear(2026)).toString(), '2027-03-31');
  assert.equal(formatFiscalYear(fiscalYear(2026)), '令和8年度');
  assert.equal(formatFiscalYear(fiscalYear(2019)), '平成31年度');
  assert.equal(formatIncomeYear(2019), '令和元年分');
  assert.throws(() => fiscalYear(8), RangeError);
});

for (const [named, due] of [
  ['2026-06-30', '2026-06-30'],
  ['2026-08-31', '2026-08-31'],
  ['2026-10-31', '2026-11-02'], // Saturday
  ['2027-01-31', '2027-02-01'], // Sunday
  ['2026-05-03', '2026-05-07'], // 憲法記念日 on a Sunday, 振替休日 on the 6th
  ['2026-12-29', '2027-01-04'],
  ['2026-09-21', '2026-09-24'], // 敬老の日, 国民の休日, 秋分の日
] as const) {
  test(`地方税法20条の5第2項 期限が${named}に当たれば${due}`, () => {
    assert.equal(dueDateOn(day(named)).toString(), due);
  });
}
test('地方自治法4条の2 開庁日の数え方', () => {
  assert.equal(isOpenDay(day('2026-12-28')), true);
  assert.equal(isOpenDay(day('2027-01-03')), false);
  assert.equal(holidayName(day('2026-09-22')), '休日');
  assert.equal(nthOpenDay(Temporal.PlainYearMonth.from('2026-05'), 1).toString(), '2026-05-01');
  assert.equal(nthOpenDay(Temporal.PlainYearMonth.from('2026-05'), 2).toString(), '2026-05-07');
  assert.throws(() => nthOpenDay(Temporal.PlainYearMonth.from('2026-05'), 25), RangeError);
  assert.equal(addOpenDays(day('2026-05-07'), -1).toString(), '2026-05-01');
  assert.equal(addOpenDays(day('2026-05-02'), 0).toString(), '2026-05-02');
});

test('年齢計算ニ関スル法律 誕生日の前日が終わるときに年齢に達する', () => {
  assert.equal(reachesAgeOn(day('2010-01-01'), 16).toString(), '2025-12-31');
  assert.equal(legalAgeOn(day('2010-01-01'), day('2025-12-31')), 16);
  assert.equal(legalAgeOn(day('2010-01-02'), day('2025-12-31')), 15);
  assert.equal(ageOn(day('2010-01-01'), day('2025-12-31')), 15);
});
test('民法143条2項 2月29日生まれは平年・閏年とも2月28日の終わりに年齢に達する', () => {
  assert.equal(reachesAgeOn(day('2008-02-29'), 18).toString(), '2026-02-28');
  assert.equal(reachesAgeOn(day('2008-02-29'), 20).toString(), '2028-02-28');
  assert.equal(reachesAgeOn(day('2008-03-01'), 20).toString(), '2028-02-29');
  assert.equal(legalAgeOn(day('2008-02-29'), day('2026-02-28')), 18);
  assert.equal(ageOn(day('2008-02-29'), day('2026-02-28')), 17);
  assert.equal(ageOn(day('2008-02-29'), day('2026-03-01')), 18);
});

test('国民の祝日に関する法律 公表された表の先の祝日は法律から求め、2022年から2050年の表と一日も違わない', () => {
  for (let d = day('2022-01-01'); d.year <= 2050; d = d.add({ days: 1 }))
    assert.equal(projectedHoliday(d) !== undefined, holidayName(d) !== undefined, `${d}`);
  assert.equal(holidayName(day('2100-03-20')), '春分の日');
});

const oddDays = ['2027-12-31', '2028-02-28', '2028-02-29', '2028-03-01', '2100-02-28', '2100-03-01', '2200-02-28'];

// Of 29 February (incident 10) the dates alone; the rehearsal of jobs a month ahead is not there.
test('年齢計算ニ関スル法律 2月29日生まれの方の年齢・20歳の前日・150年・会計年度・期限は、2028年2月末・2100年2月末を挟むどの日にも定まる', () => {
  const born = day('2008-02-29');
  assert.deepEqual(
    oddDays.slice(0, 4).map((on) => legalAgeOn(born, day(on))),
    [19, 20, 20, 20],
    'twenty is reached on 28 February 2028, the day before the birthday',
  );
  assert.equal(reachesAgeOn(born, 20).toString(), '2028-02-28');
  assert.equal(
    reachesAgeOn(day('2080-02-29'), 20).toString(),
    '2100-02-28',
    'a year that could be a leap year and is none',
  );
  assert.equal(day('2028-02-29').add({ years: 150 }).toString(), '2178-02-28');
  for (const on of oddDays.map(day)) {
    assert.ok(Temporal.PlainDate.compare(dueDateOn(on), on) >= 0);
    assert.equal(fiscalYearOf(on), on.year - (on.month < 4 ? 1 : 0));
    // The day begins in Tokyo at 15:00 UTC of the day before.
    const midnight = on.subtract({ days: 1 }).toZonedDateTime({ timeZone: 'UTC', plainTime: '15:00' }).toInstant();
    assert.equal(midnight.toZonedDateTimeISO('Asia/Tokyo').toPlainDate().toString(), on.toString());
    assert.equal(
      midnight.subtract({ nanoseconds: 1 }).toZonedDateTimeISO('Asia/Tokyo').toPlainDate().until(on).days,
      1,
    );
  }
});

test('性質: 1868年から2200年のどの日にも、日付の関数は値を持ち、日が進めば戻らない', () => {
  const anyDay = fc
    .integer({ min: 0, max: Temporal.PlainDate.from('1868-01-01').until('2200-12-31').days })
    .map((n) => day('1868-01-01').add({ days: n }));
  const isMonotone = (f: (d: Temporal.PlainDate) => Temporal.PlainDate, d: Temporal.PlainDate) =>
    Temporal.PlainDate.compare(f(d), f(d.add({ days: 1 }))) <= 0;
  fc.assert(
    fc.property(anyDay, fc.integer({ min: 0, max: 150 }), fc.integer({ min: -40, max: 40 }), (d, years, open) => {
      const next = d.add({ days: 1 });
      assert.ok(isMonotone(dueDateOn, d));
      assert.ok(isMonotone((x) => addOpenDays(x, open), d));
      assert.ok(isMonotone((x) => reachesAgeOn(x, years), d));
      assert.ok(isMonotone((x) => x.add({ years }), d));
      assert.ok(fiscalYearOf(d) <= fiscalYearOf(next));
      const born = d.subtract({ years });
      assert.ok(legalAgeOn(born, d) <= legalAgeOn(born, next) && ageOn(born, d) <= ageOn(born, next));
      assert.ok([0, 1].includes(legalAgeOn(born, d) - ageOn(born, d)), 'in law a day before the birthday, never more');
      // A term and back: the same day, or the last of its month where the month was shorter.
      const back = d.add({ years }).subtract({ years });
      assert.ok(back.equals(d) || (d.month === 2 && d.day === 29 && back.day === 28));
      if (d.year >= 1873) assert.equal(unwrap(fromEraDate(toEraDate(d))).toString(), d.toString());
    }),
    { numRuns: 300, seed: 10 },
  );
});
