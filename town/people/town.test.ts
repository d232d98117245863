import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modulus11CheckDigit } from '@musubi/kernel/identifiers/check-digits.ts';
import { parseCorporateNumber } from '@musubi/kernel/identifiers/corporate-number.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { findTextFault } from '@musubi/kernel/text/graphemes.ts';
import fc from 'fast-check';
import { permutation } from './distinct.ts';
import { ageOn } from './household.ts';
import type { Person, Town } from './person.ts';
import { makeTown } from './town.ts';

const civilDate = Temporal.PlainDate.from('2026-01-20');
const small = await makeTown({ seed: 'town', residents: 3_000, civilDate });
const people = [...small.persons()];

const printed = (town: Town): string =>
  JSON.stringify([...town.persons()].map((p) => ({ ...p, individualNumber: p.individualNumber.digits() })));

test('design §8 the same seed gives the same people, another seed others', async () => {
  const options = { seed: 's', residents: 200, civilDate };
  assert.equal(printed(await makeTown(options)), printed(await makeTown(options)));
  assert.notEqual(printed(await makeTown(options)), printed(await makeTown({ ...options, seed: 't' })));
});

test('design §8 a larger town has the people of the smaller one in it, with the same numbers', async () => {
  const larger = await makeTown({ seed: 'town', residents: 6_000, civilDate });
  const numbers = new Map([...larger.persons()].map((p) => [p.key, p.individualNumber.digits()]));
  for (const person of people) assert.equal(numbers.get(person.key), person.individualNumber.digits());
});

test('exactly as many residents as asked for, by ward; those removed come on top', () => {
  const living = people.filter((p) => p.status === 'resident');
  assert.equal(living.length, 3_000);
  assert.equal(living.filter((p) => p.municipalityCode === '131105').length, 1_800);
  assert.ok(people.some((p) => p.removal === 'moved-out') && people.some((p) => p.removal === 'died'));
  for (const p of people) assert.equal(p.removedOn === null, p.status === 'resident');
});

test('番号利用法施行令 第8条 numbers fit their check digits and nobody shares one: 100,000 residents within seconds', async () => {
  const began = process.cpuUsage();
  const town = await makeTown({ seed: 'large', residents: 100_000, civilDate });
  const [numbers, codes, keys] = [new Set<string>(), new Set<string>(), new Set<string>()];
  let count = 0;
  for (const person of town.persons()) {
    count++;
    const digits = person.individualNumber.digits();
    assert.equal(Number(digits[11]), modulus11CheckDigit(digits.slice(0, 11)));
    assert.ok(parseResidentRecordCode(person.residentRecordCode).ok);
    numbers.add(digits);
    codes.add(person.residentRecordCode);
    keys.add(person.key);
  }
  assert.ok(count >= 100_000);
  assert.deepEqual([numbers.size, codes.size, keys.size], [count, count, count]);
  // Of this process, not of the clock: other tests run beside it.
  assert.ok(process.cpuUsage(began).user < 20_000_000);
});

test('a permutation gives every place another value, whatever its size', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 2, max: 3_000 }), (seed, size) => {
      const at = permutation(seed, size);
      const values = new Set(Array.from({ length: size }, (_, place) => at(place)));
      assert.equal(values.size, size);
      for (const value of values) assert.ok(value >= 0 && value < size);
    }),
    { numRuns: 40 },
  );
});

test('permutation refuses a place that it does not have', () => {
  assert.throws(() => permutation('s', 10)(10), RangeError);
  assert.throws(() => permutation('s', 10)(-1), RangeError);
});

test('what registers find hard is there: rare characters, namesakes with one birthday, 29 February, ill children', () => {
  for (const rare of ['髙', '﨑', '\u{20BB7}', '葛\u{E0100}']) {
    assert.ok(
      people.some((p) => p.name.includes(rare)),
      rare,
    );
  }
  const cells = Map.groupBy(people, (p) => `${p.name} ${p.birthDate.toString()} ${p.sex}`);
  assert.ok([...cells.values()].filter((same) => same.length > 1).length >= 5);
  assert.ok(people.filter((p) => p.birthDate.month === 2 && p.birthDate.day === 29).length >= 10);
  const ill = people.filter((p) => p.illness !== null);
  assert.ok(ill.length >= 10);
  for (const p of ill) assert.ok(p.relationship === '子' && ageOn(p.birthDate, civilDate) < 18);
});

test('names, readings, addresses and households hold together', () => {
  const heads = new Map<string, number>();
  for (const p of people) {
    assert.equal(findTextFault(p.name), undefined);
    assert.match(p.name, /^\S+\u3000\S+$/u);
    assert.match(p.nameKana, /^[ァ-ヶー]+\u3000[ァ-ヶー]+$/);
    assert.match(p.address, /^東京都(目黒|世田谷)区.+[0-9]+丁目[0-9]+番[0-9]+号/);
    assert.match(p.postalCode, /^15[2-8][0-9]{4}$/);
    assert.ok(Temporal.PlainDate.compare(p.birthDate, p.becameResidentOn) <= 0);
    if (p.removedOn) assert.ok(Temporal.PlainDate.compare(p.becameResidentOn, p.removedOn) <= 0, p.key);
    if (p.employment) assert.ok(ageOn(p.birthDate, civilDate) >= 18 && p.employment.employer < small.employers.length);
    const household = `${p.municipalityCode}/${p.householdNumber}`;
    heads.set(household, (heads.get(household) ?? 0) + (p.relationship === '世帯主' ? 1 : 0));
  }
  for (const [household, count] of heads) assert.equal(count, 1, household);
  assert.equal(new Set(people.map((p: Person) => `${p.municipalityCode}${p.addresseeNumber}`)).size, people.length);
});

test('employers have distinct Corporate Numbers that no registry gave out, and accounts at real branches', () => {
  const numbers = small.employers.map((e) => e.corporateNumber);
  assert.equal(new Set(numbers).size, numbers.length);
  for (const employer of small.employers) {
    assert.ok(parseCorporateNumber(employer.corporateNumber).ok);
    assert.match(employer.corporateNumber, /^[1-9]9999/);
    assert.match(employer.account.bankCode + employer.account.branchCode, /^[0-9]{7}$/);
  }
});

test('refuses a town that cannot be made', async () => {
  await assert.rejects(makeTown({ seed: 's', residents: 0, civilDate }), RangeError);
  const half = [{ municipalityCode: '131105', share: 0.5 }];
  await assert.rejects(makeTown({ seed: 's', residents: 10, civilDate, wards: half }), RangeError);
  const elsewhere = [{ municipalityCode: '131016', share: 1 }];
  await assert.rejects(makeTown({ seed: 's', residents: 10, civilDate, wards: elsewhere }), RangeError);
});
