import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { unwrap } from '../result/result.ts';
import { ageOn, legalAgeOn, reachesAgeOn } from './age.ts';
import { eraDigits, eraOfDigit, formatEra, formatEraShort, fromEraDate, parseEra } from './eras.ts';
import { firstDayOf, fiscalYear, fiscalYearOf, formatFiscalYear, formatIncomeYear, lastDayOf } from './fiscal-year.ts';
import { addOpenDays, dueDateOn, holidayName, isOpenDay, nthOpenDay } from './open-days.ts';

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
  assert.throws(() => isOpenDay(day('2051-06-01')), RangeError);
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
