import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { linesOf } from '@musubi/contracts/eltax/between-bodies-lines.ts';
import { denialFileHead, denialRecord } from '@musubi/contracts/tax-return/denied-dependants.ts';
import type { WageReportRecord } from '@musubi/contracts/wage-report/layout.ts';
import { anAgency } from '@musubi/etax/test/an-agency.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { err, ok, type Result, unwrap } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { sendDenials } from '../clients/national-tax.ts';
import { worker } from '../service/assessment/functions.ts';
import { orderReassessmentRun } from '../service/assessment/order-run.ts';
import { assessmentRun } from '../service/assessment/run.ts';
import { makeCheckList, readCheckList } from '../service/checks/check-lists.ts';
import {
  cancelDenial,
  type DependantLink,
  decideDenial,
  type ProposeDenial,
  proposeDenial,
  readDenials,
  readDependants,
} from '../service/dependants/deny.ts';
import type { NationalTaxDeps } from '../service/dependants/functions.ts';
import {
  approveDenialNotice,
  makeDenialNotice,
  nationalTaxRound,
  readDenialNotices,
} from '../service/dependants/tell-agency.ts';
import { dependantPages } from '../web/dependant-pages.ts';
import { anIntake, clerk, fileReports, people, register, type Someone, staff } from './an-intake.ts';
import { assessAll } from './assessment-setup.ts';

const chief = staff('chief-1');
const word = <V, E>(result: Result<V, E>): E | 'ok' => (result.ok ? 'ok' : result.error);

const i = await anIntake();
after(() => i[Symbol.asyncDispose]());
const agency = await anAgency();
after(() => agency[Symbol.asyncDispose]());
const lineOf = (peers: Pick<PeerClient, 'call'>): NationalTaxDeps['nationalTax'] => ({
  peers,
  identity: agency.meguro.identity,
  trust: agency.trust,
  agency: 'eltax/etax',
  agencyCertificate: async () => agency.identity.encryption.chain,
  now: () => systemMachineClock.now(),
});
const deps: NationalTaxDeps = {
  ...i.deps,
  nationalTax: lineOf(agency.meguro.peers),
};

const dependant = (who: Someone): Partial<WageReportRecord> => ({
  paidYen: yen(5_000_000),
  incomeAfterDeductionYen: yen(3_560_000),
  otherDependantsMain: 1,
  dependant1Name: who.name,
  dependant1Residence: 'resident',
  dependant1Number: who.number,
});
const family = people(8) as [Someone, Someone, Someone, Someone, Someone, Someone, Someone, Someone];
const [a, b, c, childOfA, childOfB, childOfC, spouse, couple] = family;
const ids = await register(i.deps, family);
const idOf = (who: Someone): string => ids.get(who.no)!;

const levyOf = async (who: Someone) => {
  const [row] = await i.t.owner<{ annual: number; taxable: number; version: number }>(
    `select annual_yen::int as annual, taxable_yen::int as taxable, version from resident_tax.assessment where person_id = '${idOf(who)}' order by version desc limit 1`,
  );
  return row!;
};
async function reassess() {
  const { orderId } = unwrap(await orderReassessmentRun(i.deps, clerk, { fiscalYear: 2026 }));
  const { runId, state } = unwrap(await runBatch(i.deps, worker, assessmentRun, { orderId, fiscalYear: 2026 }));
  assert.equal(state, 'done');
  const [row] = await i.t.owner<{ covered: number; held: number }>(
    `select (select count(*)::int from resident_tax.batch_order_item where order_id = '${orderId}') as covered,
            (select count(*)::int from jobs.reject where run_id = '${runId}') as held`,
  );
  return row!;
}
const claimOf = async (who: Someone): Promise<DependantLink> =>
  unwrap(await readDependants(deps, clerk, { personId: idOf(who) })).claims[0]!;
const asOrdinary = async (
  who: Someone,
  reason: ProposeDenial['reason'] = 'income-over-limit',
): Promise<ProposeDenial> => {
  const { reportId, relativeNo } = await claimOf(who);
  return { reportId, relativeNo, head: 'ordinary', disability: 'none', reason, note: '勤務先に収入を照会した' };
};
async function deny(who: Someone): Promise<string> {
  const { denialId } = unwrap(await proposeDenial(deps, clerk, await asOrdinary(who)));
  unwrap(await decideDenial(deps, chief, { denialId, decision: 'decided' }));
  return denialId;
}

/** What the agency holds of one file, opened with its own keys. */
const heldBy = act('test.held', {
  right: ['etax', 'denied-dependant', 'update'],
  async run(tx, of: typeof agency.deps, { month }: { readonly month: string }) {
    const rows = await tx<{ ref: SealedId }>`
      select sealed_ref as ref from etax.denial_file where outcome = 'received' and month = ${month}`;
    const files: Buffer[] = [];
    for (const { ref } of rows) files.push(unwrap(await of.sealed.open(tx, ref, 'test')));
    tx.record({ event: 'test.held' });
    return ok(files);
  },
});
const ward = { kind: 'system', organisation: 'meguro', system: 'resident-tax', certificate: 'test' } as const;
async function recordsOf(month: string) {
  const [file, ...more] = unwrap(await heldBy(agency.deps, ward, { month }));
  assert.equal(more.length, 0);
  const text = file!.toString('utf8').split('\r\n');
  assert.ok(linesOf(Buffer.from(`${text[0]}\r\n`), denialFileHead)[0]);
  return linesOf(Buffer.from(text.slice(1).join('\r\n')), denialRecord).map((line) => line!);
}

test('002-RTX-F5.1 扶養関係: 資料にある配偶者・扶養親族は、個人番号が一致する区民と結び付き、どちらの人からも見える', async () => {
  await fileReports(
    i.deps,
    [a, dependant(childOfA)],
    [b, dependant(childOfB)],
    [c, dependant(childOfC)],
    [
      couple,
      {
        spouse: 'main-yes',
        spousePersonName: spouse.name,
        spousePersonResidence: 'resident',
        spousePersonNumber: spouse.number,
      },
    ],
  );
  const claim = await claimOf(a);
  assert.deepEqual([claim.relativeId, claim.relativeName, claim.kind], [idOf(childOfA), childOfA.name, 'dependant']);
  const { claims, claimedBy } = unwrap(await readDependants(deps, clerk, { personId: idOf(childOfA) }));
  assert.deepEqual([claims.length, claimedBy.map(({ taxpayerId }) => taxpayerId)], [0, [idOf(a)]]);
  assert.equal((await claimOf(couple)).kind, 'spouse');
});

test('002-RTX-F5 扶養否認: 起案した職員は決定できず、決定の後の月次更正で控除がなくなり、取り消せば元の税額に戻る', async () => {
  await assessAll(i.deps);
  const before = await levyOf(couple);
  const { reportId, relativeNo } = await claimOf(couple);
  const command: ProposeDenial = {
    reportId,
    relativeNo,
    head: 'spouse',
    disability: 'none',
    reason: 'separate-livelihood',
    note: '別居し送金もないことを本人が申し出た',
  };
  assert.equal(word(await proposeDenial(deps, clerk, { ...command, head: 'ordinary' })), 'head-differs');
  assert.equal(word(await proposeDenial(deps, clerk, { ...command, note: '　' })), 'note-missing');
  assert.equal(word(await proposeDenial(deps, clerk, { ...command, relativeNo: 9 })), 'no-such-relative');
  const both = await Promise.all([proposeDenial(deps, clerk, command), proposeDenial(deps, clerk, command)]);
  assert.deepEqual(both.map(word).toSorted(), ['already-denied', 'ok']);
  const { denialId } = both.find((one) => one.ok)!.value as { denialId: string };

  assert.equal(word(await decideDenial(deps, clerk, { denialId, decision: 'decided' })), 'approver-is-proposer');
  assert.equal(word(await decideDenial(deps, chief, { denialId, decision: 'rejected' })), 'note-missing');
  assert.equal(word(await cancelDenial(deps, chief, { denialId, note: '誤り' })), 'not-decided');
  assert.equal((await reassess()).covered, 0, 'nothing changed before the decision');
  unwrap(await decideDenial(deps, chief, { denialId, decision: 'decided' }));
  assert.equal(word(await decideDenial(deps, chief, { denialId, decision: 'decided' })), 'not-proposed');

  assert.deepEqual(await reassess(), { covered: 1, held: 0 });
  const denied = await levyOf(couple);
  // 配偶者控除 (地方税法 第314条の2第1項第10号).
  assert.equal(denied.taxable - before.taxable, 330_000);
  assert.ok(denied.annual - before.annual >= 33_000);
  unwrap(await cancelDenial(deps, chief, { denialId, note: '生計を一にすることが分かった' }));
  await reassess();
  assert.deepEqual(await levyOf(couple), { ...before, version: before.version + 2 });
  const { rows } = unwrap(await readDenials(deps, clerk, { denialId, limit: 1, offset: 0 }));
  assert.deepEqual(
    rows[0]?.steps.map(({ step, by }) => [step, by]),
    [
      ['proposed', 'clerk-1'],
      ['decided', 'chief-1'],
      ['cancelled', 'chief-1'],
    ],
  );
});

test('AC-34 NTL-F5 扶養否認の国税庁への通知: 7月に三人を否認し一人を同じ月に取り消すと、月次のデータは二人で、件数とダイジェストが残り、翌月は繰り返さない', async (context) => {
  i.t.deps.civilClock.set('2026-07-10');
  const before = { a: await levyOf(a), c: await levyOf(c) };
  // The first through the pages, as the clerk and the head of the section have them.
  let signedIn: typeof clerk = clerk;
  const app = createPageApp({
    system: { id: 'resident-tax', name: '個人住民税システム', gloss: 'Inhabitant tax on individuals' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: {
      read: async () => ({
        actor: signedIn as Extract<typeof clerk, { kind: 'staff' }>,
        displayName: '税務 課子',
        position: '税務課',
        csrfSecret: new Uint8Array(32).fill(2),
      }),
    },
    mayOpen: async () => true,
    stylesheet: await buildStylesheet({ sources: [fileURLToPath(new URL('../web/', import.meta.url))] }),
    random: deps.random,
    onError: (error) => console.error(error),
  });
  dependantPages(app, deps);
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  context.after(() => server.close());
  await new Promise<void>((done) => server.once('listening', done));
  const origin = `http://rtx.meguro.localhost:${(server.address() as AddressInfo).port}`;
  await withPage(async (page) => {
    await page.goto(`${origin}/persons/${idOf(a)}/dependants`);
    await expectAccessible(page);
    await page.getByRole('link', { name: /否認する/ }).click();
    await page.getByLabel('扶養の区分').selectOption('ordinary');
    await page.getByLabel('障害者控除の区分').selectOption('none');
    await page.getByLabel('合計所得金額が限度を超えている').check();
    await page.getByLabel('確認した内容').fill('本人の給与が 120 万円ある');
    await page.getByRole('button', { name: '起案する' }).click();
    signedIn = chief;
    await page.getByRole('link', { name: a.name }).first().click();
    await page.getByLabel('否認する', { exact: true }).check();
    await page.getByRole('button', { name: '決定する' }).click();
    await page.getByText('次の月次更正で税額に反映されます').waitFor();
    await expectAccessible(page);

    await deny(b);
    const cancelled = await deny(c);
    i.t.deps.civilClock.set('2026-07-28');
    unwrap(await cancelDenial(deps, chief, { denialId: cancelled, note: '収入は前年のものだった' }));
    assert.equal(word(await makeDenialNotice(deps, clerk, { month: '2026-07' })), 'month-not-over');
    i.t.deps.civilClock.set('2026-08-03');

    signedIn = clerk;
    await page.goto(`${origin}/denials/notices`);
    await page.getByText('まだ知らせていないものが2件あります').waitFor();
    await page.getByRole('button', { name: '2026-07 の分を作る' }).click();
    await page.getByText('作成しました（2人、2件）').waitFor();
    await expectAccessible(page);
    await screenshot(page, 'denial-notices');
  });
  assert.equal(word(await makeDenialNotice(deps, clerk, { month: '2026-07' })), 'already-made');
  const { notices } = unwrap(await readDenialNotices(deps, clerk, undefined));
  const [notice] = notices;
  assert.ok(notice);
  assert.deepEqual([notice.persons, notice.records], [2, 2]);
  const { noticeId } = notice;

  // Nothing leaves before another person lets it, and an answer that was lost leaves one file at the agency.
  assert.deepEqual(await nationalTaxRound(deps), { faults: [] });
  assert.equal(word(await approveDenialNotice(deps, clerk, { noticeId })), 'approver-is-maker');
  unwrap(await approveDenialNotice(deps, chief, { noticeId }));
  assert.equal(word(await approveDenialNotice(deps, chief, { noticeId })), 'not-made');
  const lost = {
    call: (async (...args: Parameters<PeerClient['call']>) => {
      await agency.meguro.peers.call(...args);
      return err('timeout');
    }) as unknown as PeerClient['call'],
  };
  assert.deepEqual(await nationalTaxRound({ ...deps, nationalTax: lineOf(lost) }), {
    faults: [`${noticeId}: timeout`],
  });
  assert.deepEqual(await nationalTaxRound(deps), { faults: [] });
  const told = unwrap(await readDenialNotices(deps, clerk, undefined)).notices[0]!;
  assert.deepEqual(
    told.steps.map(({ step }) => step),
    ['made', 'approved', 'received'],
  );
  const [atAgency] = await agency.t.owner<{ persons: number; records: number; digest: string }>(
    'select persons, records, file_sha256 as digest from etax.denial_file',
  );
  assert.deepEqual(atAgency, { persons: 2, records: 2, digest: told.fileSha256 });
  const records = await recordsOf('2026-07');
  assert.deepEqual(
    new Map(records.map((r) => [r.individualNumber, [r.kind, r.relativeNumber, r.fiscalYear, r.head]])),
    new Map([
      [a.number.digits(), ['denied', childOfA.number.digits(), 2026, 'ordinary']],
      [b.number.digits(), ['denied', childOfB.number.digits(), 2026, 'ordinary']],
    ]),
  );

  // The levies: two without the deduction, the third as it was.
  assert.equal((await reassess()).covered, 3);
  const after = await levyOf(a);
  assert.deepEqual([after.taxable - before.a.taxable, after.annual >= before.a.annual + 33_000], [330_000, true]);
  assert.deepEqual(await levyOf(c), before.c);

  // August has one decision of its own; a denial that was told and is taken back is told once more, as taken back.
  i.t.deps.civilClock.set('2026-08-20');
  const { rows } = unwrap(await readDenials(deps, clerk, { step: 'decided', limit: 10, offset: 0 }));
  const ofB = rows.find(({ personId }) => personId === idOf(b))!;
  unwrap(await cancelDenial(deps, chief, { denialId: ofB.denialId, note: '審査請求により取り消す' }));
  i.t.deps.civilClock.set('2026-09-02');
  const august = unwrap(await makeDenialNotice(deps, clerk, { month: '2026-08' }));
  assert.deepEqual([august.persons, august.records], [1, 1]);
  unwrap(await approveDenialNotice(deps, chief, { noticeId: august.noticeId }));
  assert.deepEqual(await nationalTaxRound(deps), { faults: [] });
  assert.deepEqual(
    (await recordsOf('2026-08')).map((r) => [r.kind, r.individualNumber]),
    [['withdrawn', b.number.digits()]],
  );
  i.t.deps.civilClock.set('2026-10-01');
  assert.equal(word(await makeDenialNotice(deps, clerk, { month: '2026-09' })), 'nothing-to-tell');
});

test('002-NTL-F5 国税庁は壊れたファイルを丸ごと返し、返されたものは作り直して送れる。他の団体の名では受け取らない', async () => {
  i.t.deps.civilClock.set('2026-10-05');
  await deny(c);
  i.t.deps.civilClock.set('2026-11-02');
  const first = unwrap(await makeDenialNotice(deps, clerk, { month: '2026-10' }));
  unwrap(await approveDenialNotice(deps, chief, { noticeId: first.noticeId }));
  // The count on the way out is wrong: nothing of the file is taken.
  const wrong: NationalTaxDeps = { ...deps, sealed: Object.create(deps.sealed, { open: { value: half(deps) } }) };
  assert.deepEqual(await nationalTaxRound(wrong), { faults: [] });
  const [returned] = unwrap(await readDenialNotices(deps, clerk, undefined)).notices;
  assert.deepEqual([returned?.steps.at(-1)?.step, returned?.steps.at(-1)?.note], ['returned', 'digest-differs']);

  const again = unwrap(await makeDenialNotice(deps, clerk, { month: '2026-10' }));
  assert.equal(again.records, 1);
  unwrap(await approveDenialNotice(deps, chief, { noticeId: again.noticeId }));
  assert.deepEqual(await nationalTaxRound(deps), { faults: [] });
  assert.deepEqual(
    (await recordsOf('2026-10')).map(({ individualNumber }) => individualNumber),
    [c.number.digits()],
  );

  // Another ward signs for 目黒区, and 目黒区's number is used for another content.
  const cover = {
    noticeId: deps.newId(),
    municipality: '131105',
    month: '2026-11',
    persons: 1,
    records: 1,
    fileSha256: 'a'.repeat(64),
    sentOn: '2026-11-02',
  };
  const stranger = { ...deps.nationalTax, ...agency.stranger };
  assert.equal(word(await sendDenials(stranger, cover, Buffer.from('x'))), 'bad-signature');
  const used = { ...cover, noticeId: again.noticeId };
  assert.equal(word(await sendDenials(deps.nationalTax, used, Buffer.from('x'))), 'notice-number-used');
});
/** The sealed store gives half of the file: cut on its way. */
const half =
  (of: NationalTaxDeps) =>
  async (...args: Parameters<NationalTaxDeps['sealed']['open']>) => {
    const opened = await of.sealed.open(...args);
    return opened.ok ? ok(opened.value.subarray(0, Math.trunc(opened.value.length / 2))) : opened;
  };

test('002-RTX-F5 否認した扶養親族はチェックリストに出なくなり、資料が訂正されると否認を確かめるまで賦課が止まる', async () => {
  const child = { ...dependant(childOfA), recipientNumber: 'E77' };
  await fileReports(i.deps, [spouse, child]);
  const list = async () => {
    unwrap(await makeCheckList(i.deps, clerk, { fiscalYear: 2026 }));
    const query = { fiscalYear: 2026, rule: 'dependant-claimed-twice', state: null, limit: 100, offset: 0 };
    return unwrap(await readCheckList(i.deps, clerk, query)).total;
  };
  // 甲 was denied this child in July already, so the child is claimed once.
  assert.equal(await list(), 0);
  const denialId = await deny(spouse);
  const { rows } = unwrap(await readDenials(deps, clerk, { step: 'decided', limit: 10, offset: 0 }));
  const ofA = rows.find(({ personId }) => personId === idOf(a))!;
  unwrap(await cancelDenial(deps, chief, { denialId: ofA.denialId, note: '所得を確かめた' }));
  assert.equal(await list(), 0);
  await reassess();
  const levied = await levyOf(spouse);
  // The payer corrects the report, which names the child still: what was denied on the former one is not carried over unseen.
  await fileReports(i.deps, [spouse, { ...child, paidYen: yen(5_100_000), submissionKind: 'correction' }]);
  assert.equal((await reassess()).held, 1);
  assert.deepEqual(await levyOf(spouse), levied);
  unwrap(await cancelDenial(deps, chief, { denialId, note: '訂正後の資料で確かめる' }));
  await deny(spouse);
  await reassess();
  assert.ok((await levyOf(spouse)).annual > levied.annual);
});
