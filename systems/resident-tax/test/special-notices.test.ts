import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fetchPartOf, noticesForPayer, sendToPayer } from '@musubi/contracts/eltax/special-notices-client.ts';
import { openEmployeeFile } from '@musubi/contracts/special-collection/employee-files.ts';
import { packageNumbersFile, readPackageNumbers } from '@musubi/contracts/special-collection/numbers.ts';
import { readNoticePackage } from '@musubi/contracts/special-collection/package.ts';
import { readTk01 } from '@musubi/contracts/special-collection/tk01.ts';
import { fetchEmployeeFiles, fetchPayerNotice } from '@musubi/eltax/client/notices.ts';
import { submit } from '@musubi/eltax/client/submit.ts';
import { aFile, anOrder, aPortal, aRecord, aSummary, otherNumber, payerNumber } from '@musubi/eltax/test/a-portal.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { textOfPdf } from '@musubi/kernel/documents/testing.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { screenshotPdf } from '@musubi/kernel/pages/testing.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { rights as table } from '../rights.ts';
import { worker } from '../service/assessment/functions.ts';
import { orderNoticeRun, orderSpecialNoticeRun } from '../service/assessment/order-run.ts';
import { readNoticeGaps } from '../service/notices/close-notices.ts';
import type { NoticeDeps } from '../service/notices/notice-deps.ts';
import { noticeRun } from '../service/notices/notice-run.ts';
import { listNotices, openNotice } from '../service/notices/notices.ts';
import { noteChannel } from '../service/special-notices/channels.ts';
import {
  type ElectronicDeps,
  electronicRound,
  givePassword,
  lookAtElectronicNotices,
  orderRecall,
  readElectronicNotice,
  recallOne,
  releaseNotices,
} from '../service/special-notices/electronic.ts';
import { runSpecialNotices, type SpecialNoticeDeps } from '../service/special-notices/special-notice-run.ts';
import { lookAtSpecialNotices, openSpecialNotice } from '../service/special-notices/special-notices.ts';
import { withheldAddress } from '../service/special-notices/tk01-line.ts';
import {
  aPerson,
  assessAll,
  chargeAll,
  chief,
  clerk,
  decideAll,
  staff,
  type TaxTest,
  taxTest,
} from './assessment-setup.ts';
import { office } from './notice-office.ts';

const typesetter = await createTypesetter({ templatesFolder: new URL('../documents', import.meta.url).pathname });
after(() => typesetter.close());

const withNotices = (x: TaxTest): NoticeDeps & TaxTest['deps'] => ({
  ...x.deps,
  typesetter,
  subjectCheckKey: new Uint8Array(32).fill(3),
  office,
});

async function run(deps: SpecialNoticeDeps) {
  const { orderId } = unwrap(await orderSpecialNoticeRun(deps, clerk, { fiscalYear: 2026 }));
  return unwrap(await runSpecialNotices(deps, worker, { orderId, fiscalYear: 2026 }));
}

const notices = async (deps: NoticeDeps) =>
  unwrap(await lookAtSpecialNotices(deps, clerk, { fiscalYear: 2026, limit: 20, offset: 0 })).rows;

/** Files of a package without compression, by name. */
function entriesOf(zip: Uint8Array): Map<string, Buffer> {
  const bytes = Buffer.from(zip);
  const entries = new Map<string, Buffer>();
  for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50; ) {
    const [size, nameLength] = [bytes.readUInt32LE(at + 18), bytes.readUInt16LE(at + 26)];
    const start = at + 30 + nameLength;
    entries.set(bytes.subarray(at + 30, start).toString(), bytes.subarray(start, start + size));
    at = start + size;
  }
  return entries;
}

async function pagesOf(pdf: Uint8Array): Promise<readonly string[]> {
  const document = await getDocument({ data: Uint8Array.from(pdf), verbosity: 0 }).promise;
  const pages: string[] = [];
  for (let n = 1; n <= document.numPages; n++) {
    const { items } = await (await document.getPage(n)).getTextContent();
    pages.push(items.map((item) => ('str' in item ? item.str : '')).join(''));
  }
  return pages;
}

async function levied(deps: TaxTest['deps']): Promise<void> {
  await assessAll(deps);
  await decideAll(deps);
  await chargeAll(deps);
}

test('002-RTX-F6.2 002-ELT-F2 INC-28 INC-48 特別徴収税額通知: 事業所ごとに、その事業所の報告書がある人だけが載り、合計が台帳・データ・紙面で一致する', async () => {
  await using x = await taxTest();
  const deps = withNotices(x);
  const people = [
    { name: '目黒 太郎', payerName: '株式会社目黒製作所', paidYen: 4_000_000 },
    { name: '品川 次郎', payerName: '株式会社目黒製作所', paidYen: 5_000_000 },
    { name: '目黒 太郎', payerName: '株式会社目黒製作', paidYen: 6_000_000 },
  ];
  for (const [i, { name, ...report }] of people.entries())
    unwrap(await aPerson(deps, clerk, { name, address: `東京都目黒区八雲${i + 1}-1-1`, reports: [report] }));
  unwrap(await aPerson(deps, clerk, { name: '\u{2FFFD} 花', reports: [{ paidYen: 3_000_000 }] }));
  await levied(deps);
  // Who is protected is asked before anything is set: without an answer the order waits, and nobody's address leaves.
  const away = { ...deps, protections: async () => err('protections-unavailable' as const) };
  const { orderId } = unwrap(await orderSpecialNoticeRun(deps, clerk, { fiscalYear: 2026 }));
  const order = { orderId, fiscalYear: 2026 };
  assert.deepEqual(await runSpecialNotices(away, worker, order), err('protections-unavailable'));
  assert.deepEqual(await notices(deps), []);
  const [second] = await x.t.owner<{ no: string }>(
    `select org_person_number as no from resident_tax.person join resident_tax.person_state using (person_id) where name = '品川 次郎'`,
  );
  const guarding = {
    ...deps,
    protections: async () => ok({ isProtected: (person: string) => person === second?.no, count: 1, asOf: '' }),
  };
  assert.equal(unwrap(await runSpecialNotices(guarding, worker, order)).state, 'done');

  const made = await notices(deps);
  assert.deepEqual(made.map((row) => [row.collectorName, row.persons, row.sequenceNo]).sort(), [
    ['株式会社目黒製作', 1, 1],
    ['株式会社目黒製作所', 2, 1],
  ]);
  const rejects = await x.t.owner('select code, field from jobs.reject');
  assert.deepEqual(rejects, [{ code: 'unprintable-character', field: 'name' }]);

  const of = made.find((row) => row.persons === 2)!;
  const { bytes, name } = unwrap(await openSpecialNotice(deps, clerk, { noticeId: of.noticeId, part: 'package' }));
  assert.equal(name, `TK_131105_2026_${of.designationNumber}_1.zip`);
  const entries = entriesOf(bytes);
  assert.deepEqual([...entries.keys()], ['gimusha.csv', 'gimusha.pdf', 'summary.json']);
  const csv = entries.get('gimusha.csv')!.toString();
  // As a payer's software reads it: strictly, with the number under which each person's part is paid over.
  const { lines, sequence } = unwrap(readNoticePackage(bytes));
  assert.deepEqual(lines.map((line) => line.name).sort(), ['品川 次郎', '目黒 太郎']);
  assert.deepEqual([sequence, lines.every((line) => /^[0-9]{10}$/.test(line.noticeNumber ?? ''))], [1, true]);
  const summary = JSON.parse(entries.get('summary.json')!.toString()) as { persons: number; totalYen: number };
  const total = lines.reduce((sum, line) => sum + line.collectedYen, 0);
  assert.deepEqual([summary.persons, summary.totalYen, of.totalYen], [2, total, total]);

  // T05: the payer does not learn where a protected person lives, on paper or as data.
  const [paper] = await pagesOf(entries.get('gimusha.pdf')!);
  for (const text of [csv, paper!]) {
    assert.ok(text.includes('東京都目黒区八雲1-1-1'));
    assert.ok(text.includes(withheldAddress));
    assert.ok(!text.includes('八雲2-1-1'));
    assert.ok(!text.includes('八雲3-1-1'));
  }
  assert.ok(paper!.includes(`${total.toLocaleString('ja-JP')}円`));
  await screenshotPdf(entries.get('gimusha.pdf')!, 'special-notice-payer-pdf');

  const employees = unwrap(await openSpecialNotice(deps, clerk, { noticeId: of.noticeId, part: 'employees' }));
  const pages = await pagesOf(employees.bytes);
  assert.equal(pages.length, 2);
  for (const line of lines) {
    const own = pages.filter((page) => page.includes(line.name));
    assert.equal(own.length, 1);
    assert.ok(own[0]!.includes(`${line.collectedYen.toLocaleString('ja-JP')}円`));
  }
  await screenshotPdf(employees.bytes, 'special-notice-employees-pdf');

  // Nothing new: no second notice. A person of another payer in a notice is refused by the database, whoever writes.
  await run(deps);
  assert.equal((await notices(deps)).length, 2);
  await assert.rejects(
    x.t.owner(`insert into resident_tax.special_notice_person
      select (select notice_id from resident_tax.special_notice n where n.notice_id <> p.notice_id), 9, p.person_id, p.assessment_id,
             p.report_id, 'first', 1, p.collected_yen, p.event_id
        from resident_tax.special_notice_person p limit 1`),
    /has no report of its payer/,
  );
});

/** Gives a person a number in the vault, as the register does. */
const numbered = act('test.numbered', {
  right: ['resident-tax', 'person', 'update'],
  async run(tx, deps: TaxTest['deps'], { personId, seed }: { personId: string; seed: string }) {
    const number = makeIndividualNumber(seededRandom(seed));
    const ref = await deps.vault.put(tx, `person:${personId}`, number, 'resident-tax/person-change');
    tx.record({ event: 'test.numbered', subject: personId });
    return ok({ ref, digits: number.digits() });
  },
});

test('AC-15 002-RTX-F6.2 通知への個人番号の記載: 電子で受け取る事業所と書面の事業所のそれぞれの規則に従い、「記載しない」の書面には12桁の番号がどこにもない', async () => {
  await using x = await taxTest();
  const rule = (channel: 'electronic' | 'paper', from: string, print: boolean) => ({
    channel,
    from: Temporal.PlainDate.from(from),
    print,
  });
  const rules = [rule('electronic', '2018-01-01', true), rule('paper', '2018-01-01', false)];
  const deps = { ...withNotices(x), numberRules: rules };
  const digits = new Map<string, string>();
  for (const [name, payerName] of [
    ['目黒 太郎', '電子商事'],
    ['品川 次郎', '電子商事'],
    ['渋谷 三郎', '書面工業'],
  ] as const) {
    const { personId } = unwrap(
      await aPerson(deps, clerk, {
        name,
        address: `東京都目黒区${payerName}1-1`,
        reports: [{ paidYen: 4_000_000, payerName }],
      }),
    );
    const given = unwrap(await numbered(deps, clerk, { personId, seed: name }));
    await x.t.owner('update resident_tax.person_state set number_ref = $1 where person_id = $2', [given.ref, personId]);
    digits.set(name, given.digits);
  }
  await levied(deps);
  const payers = await x.t.owner<{ name: string; no: string }>(
    'select name, designation_number as no from resident_tax.special_collector',
  );
  const paperPayer = payers.find(({ name }) => name === '書面工業')!.no;
  const note = { designationNumber: paperPayer, channel: 'paper', evidence: '総括表', seenVersion: 0 } as const;
  assert.deepEqual(await noteChannel(deps, clerk, { ...note, evidence: ' ' }), err('evidence-missing'));
  assert.deepEqual(await noteChannel(deps, clerk, { ...note, designationNumber: 'X1' }), err('no-such-payer'));
  const both = await Promise.all([noteChannel(deps, clerk, note), noteChannel(deps, clerk, note)]);
  assert.deepEqual(both.map((one) => one.ok).sort(), [false, true]);
  assert.equal((await run(deps)).state, 'done');

  const made = await notices(deps);
  const opened = async (payer: string, sequenceNo: number, part: 'package' | 'employees') => {
    const row = (await notices(deps)).find((one) => one.collectorName === payer && one.sequenceNo === sequenceNo)!;
    return unwrap(await openSpecialNotice(deps, clerk, { noticeId: row.noticeId, part }));
  };
  assert.deepEqual(made.map((row) => [row.collectorName, row.channel, row.numbersPrinted]).sort(), [
    ['書面工業', 'paper', false],
    ['電子商事', 'electronic', true],
  ]);
  /** Everything that a reader of the file could find: its bytes and, of a PDF, its text without gaps. */
  const readable = async (bytes: Uint8Array): Promise<string> =>
    `${Buffer.from(bytes).toString('latin1')}\n${(await textOfPdf(bytes)).normalize('NFKC').replaceAll(/[\s-]/g, '')}`;
  const anyNumber = (text: string): string | undefined => [...digits.values()].find((number) => text.includes(number));

  // Electronic: the numbers of its own people in the order of the lines, in the file for them and nowhere else.
  const electronic = await opened('電子商事', 1, 'package');
  const pack = unwrap(readNoticePackage(electronic.bytes));
  assert.equal(pack.lines.length, 2);
  const entries = entriesOf(electronic.bytes);
  const names = unwrap(readTk01(entries.get('gimusha.csv')!.toString())).map(({ name }) => name);
  assert.deepEqual(
    unwrap(readPackageNumbers(entries.get(packageNumbersFile)!.toString(), 2)),
    names.map((name) => digits.get(name)),
  );
  assert.equal(anyNumber(await readable(entries.get('gimusha.pdf')!)), undefined);
  assert.equal(anyNumber(entries.get('gimusha.csv')!.toString()), undefined);

  // Who may not see numbers does not open what bears them; the sheets without them stay open to the work.
  const byRole = { ...deps, rights: createRights(table, 'meguro', { rolesOf: async (_tx, actor) => [actor.staffId] }) };
  const { noticeId } = made.find((row) => row.channel === 'electronic')!;
  for (const role of ['levy-clerk', 'levy-chief', 'tax-viewer']) {
    const tried = await openSpecialNotice(byRole, staff(role), { noticeId, part: 'package' });
    assert.deepEqual(tried, err('numbers-in-it'), role);
    assert.ok((await openSpecialNotice(byRole, staff(role), { noticeId, part: 'employees' })).ok, role);
  }
  assert.ok((await openSpecialNotice(byRole, staff('number-viewer'), { noticeId, part: 'package' })).ok);

  // Paper, not printed: a PDF, no data; no number of anybody in the notice, in the employees' sheets, in what a printer would be given.
  const paper = await opened('書面工業', 1, 'package');
  assert.match(paper.name, /\.pdf$/);
  for (const bytes of [paper.bytes, (await opened('書面工業', 1, 'employees')).bytes]) {
    assert.equal(anyNumber(await readable(bytes)), undefined);
    assert.doesNotMatch((await textOfPdf(bytes)).normalize('NFKC'), /(?<!\d)\d{4}[ -]?\d{4}[ -]?\d{4}(?![\d-])/);
  }
  const revealed = await x.t.owner<{ n: number }>(
    `select count(*)::int as n from audit.intake_event where body like '%special-notice.issued%' and body like '%個人番号%'`,
  );
  assert.equal(revealed[0]?.n, 1, 'the log says where numbers were used');

  // The rule of paper changes from a day on: what is made from then bears the number, of each channel its own rule.
  x.t.deps.civilClock.set('2026-09-15');
  const later = {
    ...deps,
    numberRules: [...rules, rule('paper', '2026-09-01', true), rule('electronic', '2026-09-01', false)],
  };
  await x.t.owner('grant update on resident_tax.report to public');
  await x.t.owner(
    'update resident_tax.report set paid_yen = 4500000, columns = columns || \'{"incomeAfterDeductionYen": 3160000}\'',
  );
  await levied(deps);
  await run(later);
  const text = await readable((await opened('書面工業', 2, 'package')).bytes);
  assert.ok(text.includes(digits.get('渋谷 三郎')!) && !text.includes(digits.get('目黒 太郎')!));
  const second = await opened('電子商事', 2, 'package');
  assert.equal(entriesOf(second.bytes).has(packageNumbersFile), false);
  unwrap(readNoticePackage(second.bytes));
});

test('地方税法321条の3 併徴: 事業の分を自分で納める人は、給与の分が事業所に、事業の分が納付書とともに本人に通知され、変更も両方に及ぶ', async () => {
  await using x = await taxTest();
  const deps = withNotices(x);
  const items = { ABB00080: '4000000', ABB00370: '2760000', ABB00010: '1000000', ABB00300: '1000000', ABI00010: '2' };
  const aReturn = (profit: string) => ({
    kind: 'tax-return' as const,
    payerName: '目黒税務署',
    paidYen: 3_760_000,
    columns: { items: { ...items, ABB00010: profit, ABB00300: profit } },
  });
  const { personId, reportIds } = unwrap(
    await aPerson(deps, clerk, { name: '目黒 太郎', reports: [{ paidYen: 4_000_000 }, aReturn('1000000')] }),
  );
  await levied(deps);
  const byMethod = () =>
    x.t.owner<{ method: string; parts: number; yen: string }>(
      `select c.method, count(*)::int as parts, sum(r.amount_yen) as yen from resident_tax.charge c
         join lateral (select amount_yen from resident_tax.charge_revision r where r.charge_id = c.charge_id
                        order by revision desc limit 1) r on true group by 1 order by 1`,
    );
  // Wages alone: 235,500 with the per capita levy; a million more of income: 100,000.
  assert.deepEqual(await byMethod(), [
    { method: 'ordinary', parts: 4, yen: '100000' },
    { method: 'special', parts: 12, yen: '235500' },
  ]);

  assert.equal((await run(deps)).state, 'done');
  const [told] = await notices(deps);
  assert.deepEqual([told?.persons, told?.totalYen], [1, 235_500]);
  // The payer is told; the person not yet: the year's notices cannot be closed.
  const gaps = unwrap(await readNoticeGaps(deps, clerk, { fiscalYear: 2026 }));
  assert.deepEqual([gaps.total, gaps.rows[0]?.personId], [1, personId]);
  const tell = async () => {
    const { orderId } = unwrap(await orderNoticeRun(deps, clerk, { fiscalYear: 2026 }));
    unwrap(await runBatch(deps, worker, noticeRun, { orderId, fiscalYear: 2026 }));
    const [row] = unwrap(await listNotices(deps, clerk, { fiscalYear: 2026, orderId, limit: 5, offset: 0 })).rows;
    const { pdf } = unwrap(await openNotice(deps, clerk, { documentId: row!.documentId }));
    return (await pagesOf(pdf)).join('');
  };
  const paper = await tell();
  for (const amount of ['335,500', '235,500', '100,000', '25,000']) assert.ok(paper.includes(`${amount}円`), amount);
  assert.equal(unwrap(await readNoticeGaps(deps, clerk, { fiscalYear: 2026 })).total, 0);

  // A later return with half a million more: the person pays it at the dates that are left, the payer's months stand.
  x.t.deps.civilClock.set('2026-09-15');
  await x.t.owner('update resident_tax.report set columns = $1 where report_id = $2', [
    JSON.stringify(aReturn('1500000').columns),
    reportIds[1],
  ]);
  await levied(deps);
  assert.deepEqual(await byMethod(), [
    { method: 'ordinary', parts: 4, yen: '150000' },
    { method: 'special', parts: 12, yen: '235500' },
  ]);
  const [first] = await x.t.owner<{ reasons: string }>(
    `select string_agg(distinct reason, ' ' order by reason) as reasons from resident_tax.charge_revision where revision > 1`,
  );
  assert.equal(first?.reasons, 'change');
  assert.ok((await tell()).includes('385,500円'));
  // The payer's months are as it was told.
  assert.equal(unwrap(await readNoticeGaps(deps, clerk, { fiscalYear: 2026 })).total, 0);
});

test('地方税法321条の6 税額の変更: 変わった人だけが、変更前の税額とともに次の連番で通知される', async () => {
  await using x = await taxTest();
  const deps = withNotices(x);
  const a = unwrap(await aPerson(deps, clerk, { name: '目黒 太郎', reports: [{ paidYen: 4_000_000 }] }));
  unwrap(await aPerson(deps, clerk, { name: '品川 次郎', reports: [{ paidYen: 5_000_000 }] }));
  await levied(deps);
  await run(deps);
  x.t.deps.civilClock.set('2026-09-15');
  const late = { paidYen: 300_000, columns: { secondaryWithholding: true, incomeAfterDeductionYen: undefined } };
  const b = unwrap(await aPerson(deps, clerk, { reports: [{ ...late, payerName: '副業株式会社' }] }));
  await x.t.owner('update resident_tax.report_state set person_id = $1 where person_id = $2', [a.personId, b.personId]);
  await levied(deps);
  await run(deps);
  const [second] = (await notices(deps)).filter((row) => row.sequenceNo === 2);
  assert.deepEqual([second?.persons, second?.collectorName], [1, '株式会社目黒製作所']);
  const { bytes } = unwrap(await openSpecialNotice(deps, clerk, { noticeId: second!.noticeId, part: 'package' }));
  const csv = entriesOf(bytes).get('gimusha.csv')!.toString();
  const [line] = unwrap(readTk01(csv));
  assert.deepEqual([line?.name, line?.kind], ['目黒 太郎', 'change']);
  const [before, now] = await x.t.owner<{ annual: string }>(
    'select annual_yen as annual from resident_tax.assessment where person_id = $1 order by version',
    [a.personId],
  );
  assert.equal(line?.collectedYen, Number(now?.annual));
  assert.ok(csv.includes(`,${Number(before?.annual)},${Number(now?.annual) - Number(before?.annual)},`));
  // June to September stay as they were collected; the rest of the year bears the difference.
  const months = line!.months;
  assert.ok(new Set(months.slice(1, 4)).size === 1 && months[4]! > months[3]!);
});

/** The portal over real TLS with the ward's line; both firms filed there, and so are its users. */
async function withPortal(x: TaxTest) {
  const portal = await aPortal();
  portal.t.deps.civilClock.set('2026-06-01');
  for (const [who, payer] of [
    ['payer', payerNumber],
    ['otherPayer', otherNumber],
  ] as const) {
    const order = anOrder(portal, aFile(aRecord({ payer })), { summaries: [aSummary('131105', 1)] });
    unwrap(await submit(await portal.filer(who), order));
  }
  const deps: TaxTest['deps'] & SpecialNoticeDeps & ElectronicDeps = {
    ...withNotices(x),
    noticeLine: portal.bodiesLine('meguro'),
  };
  return { portal, deps };
}

test('INC-29 002-RTX-F6.4 上越市: 一人の事業所を誤った電子の通知も、事業所は自社の受給者番号の人以外を開けず、配信停止は受領の有無を残し、受領前ならどこにも残らない', async () => {
  await using x = await taxTest();
  const { portal, deps } = await withPortal(x);
  await using _ = portal;
  const [own, other] = [portal.bodiesLine('payer'), portal.bodiesLine('otherPayer')];
  for (const [name, payerName] of [
    ['目黒 太郎', 'みどり商事'],
    ['品川 次郎', 'みどり商事'],
    ['大田 五郎', 'みどり商事'],
    ['渋谷 三郎', 'みどり商事'],
    ['港 四郎', 'あお工業'],
  ] as const)
    unwrap(await aPerson(deps, clerk, { name, reports: [{ paidYen: 4_000_000, payerName }] }));
  const firm = (name: string, payer: string, recipient: string | null) =>
    x.t.owner('update resident_tax.report set payer_number = $2, recipient_number = $3 where name = $1', [
      name,
      payer,
      recipient,
    ]);
  await firm('目黒 太郎', payerNumber, 'A/0001');
  await firm('品川 次郎', payerNumber, 'A/0002');
  await firm('大田 五郎', payerNumber, null);
  await firm('港 四郎', otherNumber, 'B-1');
  // The mutated build: a firm's number mistyped in the notice of a change, so that the other firm's man is in this firm's package.
  await firm('渋谷 三郎', payerNumber, 'B-2');
  await levied(deps);
  const { orderId } = unwrap(await orderSpecialNoticeRun(deps, clerk, { fiscalYear: 2026 }));
  unwrap(await runSpecialNotices(deps, worker, { orderId, fiscalYear: 2026 }));
  const of = async (payer: string, sequence = 1) =>
    (await notices(deps)).find((one) => one.collectorName === payer && one.sequenceNo === sequence)!;
  const midori = (await of('みどり商事')).noticeId;
  const ao = (await of('あお工業')).noticeId;

  // Nothing leaves before a second person let it go, and nobody lets go what he ordered.
  assert.deepEqual(await electronicRound(deps), []);
  assert.deepEqual(unwrap(await noticesForPayer(own)), []);
  assert.deepEqual(await orderRecall(deps, clerk, { noticeId: ao, reason: '誤り' }), err('not-released'));
  assert.deepEqual(await releaseNotices(deps, clerk, { orderId }), err('approver-is-drafter'));
  const both = await Promise.all([releaseNotices(deps, chief, { orderId }), releaseNotices(deps, chief, { orderId })]);
  assert.deepEqual(both.map((one) => one.ok).sort(), [false, true]);
  // The answer is lost after the portal took the notice: sent again it is the same notice.
  let lost = 0;
  const losing: typeof deps.noticeLine.peers.call = async (endpoint, ...rest) => {
    const answer = await deps.noticeLine.peers.call(endpoint, ...rest);
    return endpoint.id === 'eltax.send-special-notice' && lost++ < 2 ? (err('peer-timeout') as typeof answer) : answer;
  };
  const lossy = { ...deps, noticeLine: { ...deps.noticeLine, peers: { call: losing } } };
  assert.deepEqual(await electronicRound(lossy), ['released: peer-timeout', 'released: peer-timeout']);
  assert.deepEqual(await electronicRound(deps), []);
  assert.equal((await portal.t.owner('select 1 from eltax.special_notice')).length, 2);

  // A package opens only with its addressee's key: another user is not even told that it is there.
  assert.deepEqual(
    unwrap(await noticesForPayer(own)).map((one) => one.noticeId),
    [midori],
  );
  assert.deepEqual(await fetchPartOf(other, { noticeId: midori, part: 'employees' }), err('no-such-notice'));
  const wrongKey = { ...own, identity: other.identity };
  assert.deepEqual(await fetchPartOf(wrongKey, { noticeId: midori, part: 'payer' }), err('notice-unreadable'));
  const sealedAtPortal = await portal.t
    .owner<{ body: Buffer }>('select content as body from sealed.object')
    .catch(() => []);
  for (const { body } of sealedAtPortal) assert.ok(!body.toString('latin1').includes('gimusha.csv'));

  // The firm's screen gives out files of its own people alone; the man of the other firm is named by his number and stays closed.
  const ours = new Set(['A/0001', 'A/0002', 'A/0003']);
  const files = unwrap(await fetchEmployeeFiles(own, midori, ours));
  assert.deepEqual([[...files.ours.keys()].sort(), files.notOurs], [['A/0001', 'A/0002'], ['B-2']]);
  const { notice: seen, people } = unwrap(await readElectronicNotice(deps, clerk, { noticeId: midori }));
  const rowOf = (name: string): number => people.find((one) => one.name === name)!.rowNo;
  const give = (name: string, evidence = '個人番号カード') =>
    givePassword(deps, clerk, { noticeId: midori, rowNo: rowOf(name), evidence });
  const taro = unwrap(await give('目黒 太郎')).password;
  assert.deepEqual(await give('目黒 太郎', ' '), err('evidence-missing'));
  // T03: without 受給者番号 there is no file; he is told on paper.
  assert.deepEqual([seen.paperRows, await give('大田 五郎')], [[rowOf('大田 五郎')], err('on-paper')]);
  const file = files.ours.get('A/0001')!;
  const read = unwrap(await openEmployeeFile(file, taro));
  assert.match(read.line, /目黒 太郎/);
  const text = await textOfPdf(read.pdf);
  assert.ok(text.includes('目黒 太郎') && !text.includes('品川 次郎'));
  assert.deepEqual(await openEmployeeFile(files.ours.get('A/0002')!, taro), err('cannot-open'));
  await screenshotPdf(files.guide, 'password-guide-pdf');

  // 賦課担当 sees who fetched what when; called back after that, it says so and gives nothing out any more.
  assert.deepEqual(await electronicRound(deps), []);
  const recallTwice = await Promise.all([
    orderRecall(deps, clerk, { noticeId: midori, reason: '一人の事業所の誤り' }),
    orderRecall(deps, clerk, { noticeId: midori, reason: '一人の事業所の誤り' }),
  ]);
  assert.deepEqual(recallTwice.map((one) => one.ok).sort(), [false, true]);
  unwrap(await recallOne(deps, midori));
  const late = unwrap(await readElectronicNotice(deps, clerk, { noticeId: midori })).notice;
  const fetcher = `corp-${payerNumber}/payer`;
  assert.deepEqual(
    late.fetches.map(({ part, by }) => [part, by]),
    [
      ['payer', fetcher],
      ['employees', fetcher],
    ],
  );
  for (const { at } of late.fetches) assert.ok(Temporal.Instant.from(at).epochMilliseconds > 0);
  assert.deepEqual(
    late.steps.map(({ step, fetched }) => [step, fetched]),
    [
      ['released', null],
      ['sent', null],
      ['recall-ordered', null],
      ['recalled', true],
    ],
  );
  assert.deepEqual(await fetchPayerNotice(own, midori), err('notice-recalled'));

  // Called back before anybody fetched it: nothing of it opens at the portal, nothing was at the firm, and it says so.
  unwrap(await orderRecall(deps, clerk, { noticeId: ao, reason: '異動届の入力誤り' }));
  assert.deepEqual(await electronicRound(deps), []);
  assert.deepEqual(await fetchPayerNotice(other, ao), err('notice-recalled'));
  assert.deepEqual(unwrap(await noticesForPayer(other)), []);
  const erased = await portal.t.owner<{ n: number }>(
    "select count(*)::int as n from sealed.erasure e join eltax.special_notice n on e.unit in ('object:' || n.payer_ref, 'object:' || n.employees_ref) where n.notice_id = $1",
    [ao],
  );
  assert.equal(erased[0]?.n, 2);
  const logged = await x.t.owner<{ body: string }>(
    `select body from audit.intake_event where body like '%"notice.recalled"%'`,
  );
  assert.deepEqual(logged.map(({ body }) => /"fetched":"(true|false)"/.exec(body)?.[1]).sort(), ['false', 'true']);

  // Whoever was never told is told anew, under the next number; the firm's software is told that nothing is missing before it.
  const again = unwrap(await orderSpecialNoticeRun(deps, clerk, { fiscalYear: 2026 }));
  unwrap(await runSpecialNotices(deps, worker, { ...again, fiscalYear: 2026 }));
  assert.deepEqual(
    (await notices(deps)).map((one) => [one.collectorName, one.sequenceNo, one.delivery?.step ?? null]).sort(),
    [
      ['あお工業', 1, 'recalled'],
      ['あお工業', 2, null],
      ['みどり商事', 1, 'recalled'],
    ],
  );
  unwrap(await releaseNotices(deps, chief, again));
  assert.deepEqual(await electronicRound(deps), []);
  const [waiting] = unwrap(await noticesForPayer(other));
  assert.deepEqual([waiting?.cover.sequence, waiting?.cover.withdrawn], [2, [1]]);
  const got = unwrap(readNoticePackage(unwrap(await fetchPayerNotice(other, waiting!.noticeId))));
  assert.deepEqual(
    got.lines.map((line) => [line.name, line.kind, line.recipientNumber]),
    [['港 四郎', 'first', 'B-1']],
  );
  // After sixty days it can be fetched no more.
  portal.t.deps.civilClock.set('2026-08-01');
  assert.deepEqual(await fetchPayerNotice(other, waiting!.noticeId), err('term-over'));
});

test('002-RTX-F6.4 RTX-F1.7 電子交付の前に支援措置の対象となった人の住所は出ない: 送信せず職員に示し、作り直した通知は住所を載せない', async () => {
  await using x = await taxTest();
  const { portal, deps } = await withPortal(x);
  await using _ = portal;
  const { personId } = unwrap(await aPerson(deps, clerk, { reports: [{ paidYen: 4_000_000 }] }));
  await x.t.owner('update resident_tax.report set payer_number = $1, recipient_number = $2', [payerNumber, 'A-1']);
  await levied(deps);
  const runAndRelease = async (with_: typeof deps) => {
    const order = unwrap(await orderSpecialNoticeRun(with_, clerk, { fiscalYear: 2026 }));
    unwrap(await runSpecialNotices(with_, worker, { ...order, fiscalYear: 2026 }));
    unwrap(await releaseNotices(with_, chief, order));
    return lookAtElectronicNotices(with_, clerk, order);
  };
  const [first] = unwrap(await runAndRelease(deps));
  const guarding = { ...deps, protections: async () => ok({ isProtected: () => true, count: 1, asOf: '' }) };
  const silent = { ...deps, protections: async () => err('protections-unavailable' as const) };
  assert.deepEqual(await electronicRound(silent), ['released: protections-unavailable']);
  assert.deepEqual(await electronicRound(guarding), []);
  const { notice: refused } = unwrap(await readElectronicNotice(deps, clerk, { noticeId: first!.noticeId }));
  assert.deepEqual([refused.steps.at(-1)?.step, refused.steps.at(-1)?.note], ['refused', 'protected-meanwhile']);
  assert.deepEqual(unwrap(await noticesForPayer(portal.bodiesLine('payer'))), []);
  // Called back before it ever came: what would still be under way is not taken.
  unwrap(await orderRecall(deps, clerk, { noticeId: first!.noticeId, reason: '支援措置' }));
  unwrap(await recallOne(deps, first!.noticeId));
  const cover = {
    noticeId: first!.noticeId,
    from: { municipality: '131105', name: '目黒区' },
    payer: payerNumber,
    designationNumber: first!.designationNumber,
    fiscalYear: 2026,
    sequence: 1,
    withdrawn: [],
    issuedOn: '2026-06-01',
  };
  const payer = { content: Buffer.from('x'), persons: 1 };
  assert.deepEqual(await sendToPayer(deps.noticeLine, { cover, payer, employees: null }), err('notice-recalled'));
  await runAndRelease(guarding);
  assert.deepEqual(await electronicRound(guarding), []);
  const [there] = unwrap(await noticesForPayer(portal.bodiesLine('payer')));
  const content = unwrap(await fetchPayerNotice(portal.bodiesLine('payer'), there!.noticeId));
  const csv = entriesOf(content).get('gimusha.csv')!.toString();
  assert.ok(csv.includes(withheldAddress) && !csv.includes('上目黒二丁目'));
  assert.ok(personId);
});
