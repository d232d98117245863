import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import type { Outcome } from '@musubi/kernel/records/faults.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import fc from 'fast-check';
import { koa020Elements } from './koa020-elements.ts';
import { type OneStopNotice, type OneStopRecord, readOneStopNotices, writeOneStopNotices } from './one-stop-notice.ts';
import { kindOf, type ReturnItems, readFlatItems, writeFlatItems } from './return-items.ts';
import { readReturnXml, writeReturnXml } from './return-xml.ts';
import { readTaxReturns, type TaxReturn, type TaxReturnRecord, writeTaxReturns } from './tax-return.ts';
import { readWardReturns, type WardReturn, type WardReturnRecord, writeWardReturns } from './ward-return.ts';

const meguro = unwrap(parseLocalGovernmentCode('131105'));
const random = seededRandom('people who file');
const [number, other] = [makeIndividualNumber(random), makeIndividualNumber(random)];
const person = {
  name: '佐藤　花子',
  kana: 'サトウ　ハナコ',
  bornOn: '1980-04-01',
  address: '東京都目黒区中目黒１－２－３',
  individualNumber: number.digits(),
};
const itemsOf = (items: Record<string, string>, numbers: ReturnItems['numbers'] = new Map()): ReturnItems => ({
  items: new Map(Object.entries(items)),
  numbers,
});
const declared = itemsOf(
  {
    ABB00080: '5400000',
    ABB00370: '3880000',
    ABB00410: '3880000',
    ABI00010: '1',
    ABY00020: '佐藤　次郎',
    ABY00040: '1979-07-07',
    ABY00160_1: '佐藤　一郎',
    ABY00190_1: '2005-05-05',
    ABY00160_2: '佐藤　二子',
    ABY00190_2: '2012-01-01',
    ABY00270_2: '1',
  },
  new Map([['ABY00030', other]]),
);
const xml = writeReturnXml(declared, person);

test('KOA020 23.0 は332項目、繰り返しは7つ', () => {
  assert.equal(Object.keys(koa020Elements).length, 332);
  assert.equal(Object.keys(koa020Elements).filter((code) => kindOf(code) === 'group').length, 7);
});

test('e-Tax XML: IDREFはIT部の値になり、日付・区分・番号・繰り返しが読める', () => {
  const read = unwrap(readReturnXml(xml));
  assert.deepEqual(read.forms, ['KOA020:23.0']);
  for (const [code, value] of declared.items) assert.equal(read.items.get(code), value, code);
  assert.equal(read.items.get('ABA00140'), '佐藤　花子');
  assert.equal(read.items.get('ABA00200'), '1980-04-01');
  assert.ok(read.numbers.get('ABA00125')?.equals(number));
  assert.ok(read.numbers.get('ABY00030')?.equals(other));
  assert.doesNotMatch(JSON.stringify([...read.items]), new RegExp(`${number.digits()}|${other.digits()}`));
});

const broken: readonly (readonly [string, string, (text: string) => string])[] = [
  ['壊れたXML', 'not-well-formed', (t) => t.replace('</RKO0010>', '')],
  ['途中まで', 'not-well-formed', (t) => t.slice(0, t.length / 2)],
  ['文書型宣言', 'document-type-declared', (t) => `<!DOCTYPE DATA [<!ENTITY x "y">]>${t}`],
  ['別の手続', 'unknown-procedure', (t) => t.replaceAll('RKO0010', 'RSH0010')],
  ['知らない版', 'unknown-version', (t) => t.replace('KOA020 VR="23.0"', 'KOA020 VR="24.0"')],
  ['参照先がない', 'dangling-reference', (t) => t.replace('ID="NOZEISHA_NM"', 'ID="OTHER"')],
  ['知らない項目', 'unknown-element', (t) => t.replaceAll('ABB00080', 'ABB99999')],
  ['第四表', 'unknown-element', (t) => t.replaceAll('KOA020-2', 'KOA020-4')],
  ['同じ項目が2回', 'element-twice', (t) => t.replace('<ABB00080>', '<ABB00080>1</ABB00080><ABB00080>')],
  ['金額でない', 'unreadable-amount', (t) => t.replace('<ABB00080>5400000', '<ABB00080>五百万')],
  ['存在しない日', 'no-such-date', (t) => t.replace('<gen:mm>7</gen:mm>', '<gen:mm>13</gen:mm>')],
  ['検査用数字', 'wrong-check-digit', (t) => t.replace(other.digits(), '123456789012')],
];
for (const [what, word, change] of broken)
  test(`K02 ${what}の申告書は推測せず、項目を示して止める`, () => {
    const read = readReturnXml(change(xml));
    assert.ok(!read.ok);
    assert.equal(read.error.word, word);
    assert.doesNotMatch(JSON.stringify(read.error), /[0-9]{12}|佐藤/);
  });

test('XMLの深さと大きさには限りがある', () => {
  assert.equal((readReturnXml('<a>'.repeat(60)) as { error: { word: string } }).error.word, 'too-deep');
});

test('どんな文字列を読んでも、落ちずに結果か理由を返す', () => {
  fc.assert(
    fc.property(fc.nat(xml.length - 1), fc.string({ maxLength: 6 }), (at, text) => {
      const read = readReturnXml(xml.slice(0, at) + text + xml.slice(at + text.length));
      assert.ok(read.ok || read.error.word.length > 0);
    }),
    { numRuns: 300 },
  );
});

test('書面の申告書: 平らな項目は書いて読めば同じ', () => {
  const again = unwrap(readFlatItems(writeFlatItems(declared)));
  assert.deepEqual(new Map([...again.items].sort()), new Map([...declared.items].sort()));
  assert.ok(again.numbers.get('ABY00030')?.equals(other));
  assert.deepEqual(readFlatItems('ABB99999=1'), { ok: false, error: { word: 'unknown-element', element: 'ABB99999' } });
});

const aReturn = (over: Partial<TaxReturnRecord> = {}): TaxReturnRecord => ({
  formKind: 'KZ01',
  receptionNumber: '2026021000000001',
  medium: 'e-tax',
  returnKind: 'final',
  incomeYear: '2025',
  filedOn: Temporal.PlainDate.from('2026-02-20'),
  taxOffice: '01119',
  municipality: meguro,
  individualNumber: number,
  kana: person.kana,
  name: person.name,
  bornOn: Temporal.PlainDate.from(person.bornOn),
  address: person.address,
  replaces: undefined,
  content: xml,
  ...over,
});

async function readReturns(...records: readonly TaxReturnRecord[]) {
  const outcomes: Outcome<TaxReturn>[] = [];
  const bytes = unwrap(writeTaxReturns(records));
  await readTaxReturns([bytes], { municipality: meguro, each: (o) => void outcomes.push(o) });
  return outcomes;
}
const faultsOf = (outcome: Outcome<unknown> | undefined) =>
  outcome === undefined
    ? []
    : (outcome.accepted ? outcome.warnings : outcome.faults).map(({ rule, word }) => `${rule} ${word}`);

test('KZ01 XMLと書面の申告書は同じ項目になり、取下げには内容がない', async () => {
  const flat = writeFlatItems(declared);
  const [electronic, paper, withdrawn] = await readReturns(
    aReturn(),
    aReturn({ medium: 'paper', content: flat }),
    aReturn({ returnKind: 'withdrawn', replaces: '2026021000000001', content: undefined }),
  );
  assert.ok(electronic?.accepted && paper?.accepted && withdrawn?.accepted);
  for (const code of declared.items.keys()) assert.equal(paper.value.items.get(code), electronic.value.items.get(code));
  assert.deepEqual(
    electronic.value.relatives.map(({ kind, bornOn }) => [kind, bornOn]),
    [
      ['spouse', '1979-07-07'],
      ['dependant', '2005-05-05'],
      ['young', '2012-01-01'],
    ],
  );
  assert.equal(withdrawn.value.items.size, 0);
});

test('K03・K04・K06 合計の違いは注意、別人の申告書・別の区市町村・本人と同じ番号の親族は拒否', async () => {
  const total = writeReturnXml(itemsOf({ ABB00370: '3880000', ABB00410: '3880001' }), person);
  const self = writeReturnXml(itemsOf({ ABY00020: '佐藤　次郎' }, new Map([['ABY00030', number]])), person);
  const outcomes = await readReturns(
    aReturn({ content: total }),
    aReturn({ name: '鈴木　一郎' }),
    aReturn({ individualNumber: other }),
    aReturn({ municipality: unwrap(parseLocalGovernmentCode('131121')) }),
    aReturn({ content: self }),
    aReturn({ content: undefined }),
  );
  assert.deepEqual(outcomes.map(faultsOf), [
    ['K03 income-total-differs'],
    ['K04 index-differs'],
    ['K04 index-differs'],
    ['K06 other-municipality'],
    ['K04 same-number-twice'],
    ['K02 unknown-procedure'],
  ]);
  assert.deepEqual(
    outcomes.map((o) => o.accepted),
    [true, false, false, false, false, false],
  );
});

const aSheet = (over: Partial<WardReturnRecord> = {}): WardReturnRecord => {
  const identity = itemsOf(
    {
      ABA00140: person.name,
      ABA00130: person.kana,
      ABA00200: person.bornOn,
      ABA00120: person.address,
      ABB00080: '900000',
    },
    new Map([['ABA00125', number]]),
  );
  const entry = writeFlatItems(identity);
  return {
    formKind: 'WR01',
    batchNumber: '1',
    sheetNumber: 1,
    incomeYear: '2025',
    filedOn: Temporal.PlainDate.from('2026-03-01'),
    municipality: meguro,
    processing: 'keyed',
    keyedFrom: '20260302090000',
    keyedUntil: '20260302090412',
    operatorA: 'op-1',
    operatorB: 'op-2',
    entryA: entry,
    entryB: entry,
    ...over,
  };
};

test('D01・D02・D03 二人の入力が一致した帳票だけを受け入れ、違う項目を示して戻す', async () => {
  const good = aSheet();
  const typo = good.entryB.replace('900000', '960000');
  const wrongNumber = good.entryB.replace(number.digits(), other.digits());
  const bytes = unwrap(
    writeWardReturns([
      good,
      aSheet({ operatorB: 'op-1' }),
      aSheet({ entryB: typo }),
      aSheet({ entryB: wrongNumber }),
      aSheet({ entryA: 'ABB00080=1', entryB: 'ABB00080=1' }),
    ]),
  );
  const outcomes: Outcome<WardReturn>[] = [];
  await readWardReturns([bytes], { municipality: meguro, each: (o) => void outcomes.push(o) });
  assert.deepEqual(
    outcomes.map((o) => o.accepted),
    [true, false, false, false, false],
  );
  const [, one, two, three, four] = outcomes.map((o) => (o.accepted ? [] : o.faults));
  assert.equal(one?.[0]?.rule, 'D01');
  assert.deepEqual([two?.[0]?.rule, two?.[0]?.field], ['D02', 'ABB00080']);
  assert.deepEqual([three?.[0]?.rule, three?.[0]?.field], ['D02', 'ABA00125']);
  assert.equal(four?.length, 4);
});

const aNotice = (over: Partial<OneStopRecord> = {}): OneStopRecord => ({
  formKind: 'ST01',
  version: '1',
  noticeKind: 'new',
  noticeNumber: '2026-000123',
  replaces: undefined,
  donationYear: '2025',
  givenTo: unwrap(parseLocalGovernmentCode('011002')),
  municipality: meguro,
  kana: 'ｻﾄｳ ﾊﾅｺ',
  name: person.name,
  bornOn: Temporal.PlainDate.from(person.bornOn),
  postalCode: '1530061',
  address: person.address,
  individualNumber: number,
  phone: undefined,
  amountYen: yen(30_000),
  donations: 2,
  appliedOn: Temporal.PlainDate.from('2025-12-01'),
  changed: false,
  ...over,
});

test('K06 申告特例通知書: 別の区市町村・元のない訂正・0円を拒否する', async () => {
  const bytes = unwrap(
    writeOneStopNotices([
      aNotice(),
      aNotice({ municipality: unwrap(parseLocalGovernmentCode('131121')) }),
      aNotice({ noticeKind: 'correction' }),
      aNotice({ amountYen: yen(0) }),
      aNotice({ noticeKind: 'cancellation', replaces: '2026-000123', amountYen: yen(0) }),
    ]),
  );
  const outcomes: Outcome<OneStopNotice>[] = [];
  await readOneStopNotices([bytes], { municipality: meguro, each: (o) => void outcomes.push(o) });
  assert.deepEqual(outcomes.map(faultsOf), [
    [],
    ['K06 other-municipality'],
    ['K06 original-not-named'],
    ['K06 nothing-given'],
    [],
  ]);
});
