import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import type { Outcome } from '@musubi/kernel/records/faults.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import {
  countFault,
  readSalaryPaymentReports,
  type SalaryPaymentReport,
  writeSalaryPaymentReports,
} from './salary-payment-report.ts';

const folder = new URL('./conformance/', import.meta.url);
const meguro = unwrap(parseLocalGovernmentCode('131105'));
const file = (name: string): Buffer => readFileSync(new URL(name, folder));
const first = file('valid/147-columns-reiwa-7.txt');

async function read(...chunks: Uint8Array[]) {
  const outcomes: Outcome<SalaryPaymentReport>[] = [];
  const summary = await readSalaryPaymentReports(chunks, { municipality: meguro, each: (o) => void outcomes.push(o) });
  assert.equal(summary.in, summary.accepted + summary.rejected);
  const reports = outcomes.flatMap((o) => (o.accepted ? [o.value] : []));
  const faults = outcomes.flatMap((o) => (o.accepted ? o.warnings : o.faults));
  return { summary, outcomes, reports, faults };
}

for (const name of readdirSync(new URL('valid/', folder))) {
  test(`統一CSV 給与支払報告書 受理する: ${name}、書けば同じ内容に戻る`, async () => {
    const { summary, reports, faults } = await read(file(`valid/${name}`));
    assert.deepEqual(summary, { in: 1, accepted: 1, rejected: 0, fileFaults: [] });
    assert.deepEqual(faults, []);
    const written = unwrap(writeSalaryPaymentReports(reports.map((r) => r.columns)));
    const again = unwrap(writeSalaryPaymentReports((await read(written.bytes)).reports.map((r) => r.columns)));
    assert.deepEqual(again.bytes, written.bytes);
  });
}
for (const name of readdirSync(new URL('invalid/', folder))) {
  test(`統一CSV ${name.slice(0, 3)} 拒否して規則を示し、値は示さない: ${name}`, async () => {
    const { summary, faults } = await read(file(`invalid/${name}`));
    assert.equal(summary.rejected, 1);
    assert.equal(faults[0]?.rule, name.slice(0, 3));
    assert.doesNotMatch(JSON.stringify(faults), /[0-9]{6}|佐藤|花子/);
  });
}
for (const name of readdirSync(new URL('warning/', folder))) {
  test(`統一CSV ${name.slice(0, 3)} 受理して注意を付ける: ${name}`, async () => {
    const { summary, faults } = await read(file(`warning/${name}`));
    assert.equal(summary.accepted, 1);
    assert.deepEqual(
      faults.map((f) => [f.rule, f.severity]),
      [[name.slice(0, 3), 'warning']],
    );
  });
}

test('統一CSV 書いたファイルは基準のバイト列と一致する (144項目・147項目)', async () => {
  for (const [name, digest] of [
    ['valid/144-columns-reiwa-5.txt', '0f2df25b606e5789d224a747ddf81e3d58178aaa0a9701c75dce0903ac965b2c'],
    ['valid/147-columns-reiwa-7.txt', '41cd76f839794a28217fc554b55b549610dffac6ce1ca90203ce91ba40eae324'],
  ] as const) {
    const { reports } = await read(file(name));
    const { bytes, notes } = unwrap(writeSalaryPaymentReports(reports.map((r) => r.columns)));
    assert.equal(createHash('sha256').update(bytes).digest('hex'), digest);
    assert.deepEqual(notes, []);
  }
});

test('統一CSV 項目は名前で読める: 年分・生年月日・扶養親族・番号', async () => {
  const {
    reports: [report],
  } = await read(first);
  assert.ok(report);
  assert.equal(report.incomeYear, 2025);
  assert.equal(report.bornOn?.toString(), '1980-04-01');
  assert.equal(report.columns.paidYen, 5_400_000);
  assert.equal(report.columns.basicDeductionYen, 680_000);
  assert.equal(report.columns.kana, 'ｻﾄｳ ﾊﾅｺ');
  assert.equal(report.columns.recipientNumber, 'A0001');
  assert.equal(report.columns.preparedFor, 'both');
  assert.equal(report.spousePerson?.name, '佐藤　次郎');
  assert.deepEqual(
    report.dependants.map((d) => d.name),
    ['佐藤　一郎'],
  );
  assert.deepEqual(
    report.youngDependants.map((d) => d.individualNumber?.masked()),
    ['********0005'],
  );
  assert.equal(report.columns.individualNumber?.digits(), '123456789018');
  assert.throws(() => JSON.stringify(report), /sealed/);
  const {
    reports: [further],
  } = await read(file('valid/further-dependants.txt'));
  assert.equal(further?.dependants.length, 2);
});

test('統一CSV 誤りのある行を挟んでも前後の行は受理され、受入+拒否=入力となる', async () => {
  const bad = file('invalid/C01-bad-byte.txt');
  const whole = Buffer.concat([first, bad, first, file('invalid/W02-a-column-too-few.txt'), first]);
  const cut = [whole.subarray(0, 700), whole.subarray(700, 701), whole.subarray(701)];
  const { summary, outcomes, faults } = await read(...cut);
  assert.deepEqual(summary, { in: 5, accepted: 3, rejected: 2, fileFaults: [] });
  assert.deepEqual(
    outcomes.map((o) => o.accepted),
    [true, false, true, false, true],
  );
  assert.deepEqual(
    faults.map((f) => [f.row, f.rule, f.field]),
    [
      [2, 'C01', '支払を受ける者の氏名'],
      [4, 'W02', undefined],
    ],
  );
});

test('統一CSV 途中で切れたファイルはどこで切れても最後のレコードだけが拒否される', async () => {
  for (const at of [1, 100, first.length - 2, first.length - 1]) {
    const { summary, faults } = await read(first, first.subarray(0, at));
    assert.deepEqual([summary.accepted, summary.rejected], [1, 1]);
    assert.deepEqual(
      faults.map((f) => f.word),
      ['cut-short'],
    );
  }
});

test('統一CSV W01 空のファイルとBOM付きのファイルは全体を拒否する', async () => {
  assert.deepEqual(
    (await read()).summary.fileFaults.map((f) => f.word),
    ['empty-file'],
  );
  const bom = await read(Buffer.from([0xef, 0xbb, 0xbf]), first);
  assert.deepEqual([bom.summary.in, bom.summary.fileFaults[0]?.word], [0, 'byte-order-mark']);
});

test('統一CSV 水準外の髙は高に縮退して記録し、縮退できない字は書かずに項目名を返す', async () => {
  const {
    reports: [report],
  } = await read(first);
  const columns = report!.columns;
  const { bytes, notes } = unwrap(writeSalaryPaymentReports([{ ...columns, name: '髙橋　一郎' }]));
  assert.ok(Buffer.from(bytes).includes(Buffer.from('8d82', 'hex')));
  assert.deepEqual(
    notes.map((n) => [n.word, n.field, n.row]),
    [['reduced', '支払を受ける者の氏名', 1]],
  );
  const refused = writeSalaryPaymentReports([columns, { ...columns, name: '𠮷田　一郎' }]);
  assert.deepEqual(refused, {
    ok: false,
    error: { column: 14, field: '支払を受ける者の氏名', word: 'outside-repertoire', row: 2 },
  });
});

test('統一CSV W12 総括表の報告人員は取消を除くレコード数と一致する', () => {
  const summary = {
    designationNumber: '12345678',
    municipality: meguro,
    specialCollection: 2,
    ordinaryCollectionLeft: 1,
    ordinaryCollectionOther: 0,
    total: 3,
  };
  assert.equal(countFault(summary, { records: 4, cancellations: 1 }), undefined);
  assert.equal(countFault(summary, { records: 4, cancellations: 0 }), 'total-differs-from-file');
  assert.equal(countFault({ ...summary, total: 4 }, { records: 4, cancellations: 0 }), 'total-differs-from-parts');
});
