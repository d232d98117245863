import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import fc from 'fast-check';
import { LoadRecordReader } from './load-record.ts';

const random = seededRandom('load-record');
const fields = [
  makeResidentRecordCode(random),
  makeIndividualNumber(random).digits(),
  '佐藤　花子',
  'サトウ　ハナコ',
  '1980-04-02',
  'female',
  '東京都目黒区八雲一丁目１番１号',
  '0001000',
  '0',
  '0',
  '',
  '',
  '0',
  '2015-04-01',
  '2015-04-01',
  '1',
  'resident',
];
const reader = new LoadRecordReader();
const withField = (index: number, value: string): string => fields.with(index, value).join('\t');
const faultsOf = (line: string): readonly string[] => {
  const read = reader.read(line);
  return read.ok ? [] : read.error;
};

test('003 §4.1 a sound record is taken with the keys by which the person is searched', () => {
  const read = reader.read(fields.join('\t'));
  assert.ok(read.ok);
  const { name, nameKey, kanaKey } = read.value;
  assert.deepEqual([name, nameKey, kanaKey], ['佐藤　花子', '佐藤花子', 'サトウハナコ']);
});

const rows: readonly (readonly [index: number, value: string, field: string])[] = [
  [0, '00000000001', 'residentRecordCode'],
  [1, '123456789012', 'individualNumber'],
  [1, '12345678901', 'individualNumber'],
  [2, '', 'name'],
  [2, '佐藤　花\u{e000}子', 'name'],
  [2, '佐藤　\u{e0100}花子', 'name'],
  [2, '佐\u0007藤', 'name'],
  [2, '佐\ud842藤', 'name'],
  [2, '佐'.repeat(101), 'name'],
  [3, '', 'nameKana'],
  [4, '1980-02-30', 'birthDate'],
  [4, '80-04-02', 'birthDate'],
  [5, 'f', 'sex'],
  [6, '', 'address'],
  [6, '東'.repeat(201), 'address'],
  [7, '1A', 'azaCode'],
  [8, '100', 'nameGaijiCount'],
  [10, '田中', 'formerSurname'],
  [13, '1979-01-01', 'becameResidentOn'],
  [14, '2015-13-01', 'changedOn'],
  [15, '0', 'sequence'],
  [16, 'removed', 'status'],
];
for (const [index, value, field] of rows)
  test(`003 §4.1 a record is refused for its ${field} alone: ${JSON.stringify(value.slice(0, 12))}`, () => {
    assert.deepEqual(faultsOf(withField(index, value)), [field]);
  });

test('003 §4.1 a line with a field too few or too many is no record', () => {
  assert.deepEqual(faultsOf(fields.slice(1).join('\t')), ['fields']);
  assert.deepEqual(faultsOf([...fields, ''].join('\t')), ['fields']);
});

test('003 §4.1 a name may carry its variation selectors, and one that is looked at again is judged as before', () => {
  for (let times = 0; times < 2; times++) {
    assert.deepEqual(faultsOf(withField(2, '渡邉\u{e0102}　花子')), []);
    assert.deepEqual(faultsOf(withField(2, '渡邉　\u{e0102}子')), ['name']);
  }
});

test('003 A14 the key of a name made part by part is the key of the whole name', () => {
  const part = fc.stringMatching(/^[ぁ-んァ-ヶー亜-腕髙﨑邊０-９a-zA-Z]{0,6}$/);
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const name = parts.join('　');
      fc.pre(name.length > 0 && name.length <= 100);
      const read = reader.read(fields.with(2, name).with(3, name).join('\t'));
      assert.ok(read.ok);
      assert.deepEqual([read.value.nameKey, read.value.kanaKey], [kanjiSearchKey(name), kanaSearchKey(name)]);
    }),
    { numRuns: 300 },
  );
});
