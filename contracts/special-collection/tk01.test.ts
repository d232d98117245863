import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { readTk01, type Tk01, tk01Faults, writeTk01 } from './tk01.ts';

const hanako: Tk01 = {
  fiscalYear: 2026,
  municipality: '131105',
  designationNumber: '000012345678',
  recipientNumber: 'A0001',
  addresseeNumber: '12345',
  kind: 'first',
  sequence: 1,
  issuedOn: Temporal.PlainDate.from('2026-05-12'),
  changeReason: '',
  kana: 'ｻﾄｳ ﾊﾅｺ',
  name: '佐藤　花子',
  postalCode: '1530061',
  address: '東京都目黒区中目黒１－２－３',
  salaryRevenue: 5_400_000,
  salaryIncome: 3_880_000,
  incomeAdjustment: 0,
  otherIncome: 0,
  deductions: {
    casualty: 0,
    medical: 0,
    socialInsurance: 780_000,
    mutualAid: 0,
    lifeInsurance: 28_000,
    earthquakeInsurance: 7_500,
    disability: 0,
    widowOrSingleParent: 0,
    workingStudent: 0,
    spouse: 330_000,
    spouseSpecial: 0,
    dependants: 330_000,
    specificRelatives: 0,
    basic: 430_000,
  },
  bases: { aggregate: 1_974_000, short: 0, long: 0, stocks: 0, listedDividends: 0, futures: 0, forestry: 0 },
  ward: { beforeCredits: 118_440, credits: 4_500, perIncome: 113_900, perCapita: 3_000 },
  metropolis: { beforeCredits: 78_960, credits: 3_000, perIncome: 75_900, perCapita: 1_000 },
  forestTax: 1_000,
  collectedYen: 194_800,
  shortfall: 0,
  appropriated: 0,
  beforeYen: null,
  months: [16_600, ...new Array<number>(11).fill(16_200)],
  dependants: '配1;他1;年少1',
  own: '',
  remarks: '',
};

test('formats special-collection §4: the worked record, 405 bytes, by its published digest', () => {
  const bytes = Buffer.from(writeTk01([hanako]));
  assert.equal(bytes.length, 405);
  assert.equal(
    createHash('sha256').update(bytes).digest('hex'),
    '284b84b8a1ad9b9fd3ff09297bd2840f840bf982f134867f09d62a64c7e3b949',
  );
});

test('formats special-collection §4: what is written is read back, quotes and commas too', () => {
  const odd = { ...hanako, name: '山田,"太郎"', remarks: '一行目\n' };
  const [first, second] = unwrap(readTk01(writeTk01([hanako, odd])));
  assert.deepEqual([first?.addresseeNumber, first?.collectedYen, first?.months[0]], ['12345', 194_800, 16_600]);
  assert.equal(second?.name, '山田,"太郎"');
});

test('formats special-collection §7 T01, T04: a line that does not add up or a change without a first notice is never written', () => {
  const broken = { ...hanako, months: [16_601, ...hanako.months.slice(1)] };
  assert.deepEqual(tk01Faults(broken), ['months-do-not-add-up']);
  assert.throws(() => writeTk01([broken]), RangeError);
  assert.deepEqual(tk01Faults({ ...hanako, kind: 'change' }), ['change-without-first']);
  const change = { ...hanako, kind: 'change' as const, sequence: 2, changeReason: '06', beforeYen: 200_000 };
  assert.deepEqual(tk01Faults(change), []);
  assert.match(writeTk01([change]), /,194800,,,200000,-5200,16600,/);
});

test('formats special-collection §7: a file is read whole or refused with its line', () => {
  const text = writeTk01([hanako, hanako]);
  const refused = (changed: string) => {
    const read = readTk01(changed);
    return read.ok ? 'read' : [read.error.line, read.error.fault];
  };
  assert.deepEqual(refused(text.slice(0, -2)), [2, 'cut-short']);
  assert.deepEqual(refused(text.replace('16600', '16700')), [1, 'months-do-not-add-up']);
  assert.deepEqual(refused(text.replace('1905500', '1905501')), [1, 'deductions-do-not-add-up']);
  assert.deepEqual(refused(text.replace('TK01', 'TK02')), [1, 'not-tk01']);
  assert.deepEqual(refused(text.replace(',118440,', ',118,440,')), [1, 'wrong-column-count']);
  assert.deepEqual(refused(text.replace(',118440,', ',11844A,')), [1, 'not-an-amount']);
});
