import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { serve } from '@hono/node-server';
import type { Protections } from '@musubi/contracts/platform/protection-client.ts';
import { noticeFace } from '@musubi/contracts/printing/face.ts';
import { writePrintPart } from '@musubi/contracts/printing/package.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { wellBehaved } from '@musubi/printing/domain/manners.ts';
import { openParts } from '@musubi/printing/service/take-job.ts';
import { aPrinter } from '@musubi/printing/test/a-printer.ts';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { printingNav, registerPrintingPages } from '../printing-module.ts';
import { rights as table } from '../rights.ts';
import { worker } from '../service/assessment/functions.ts';
import { orderNoticeRun } from '../service/assessment/order-run.ts';
import { closeNotices, readNoticeGaps } from '../service/notices/close-notices.ts';
import { faceOf } from '../service/notices/face.ts';
import { noticeRun } from '../service/notices/notice-run.ts';
import { closePrintJob, fetchReport, passProof, readPrintJob } from '../service/printing/follow-job.ts';
import type { PrintDeps } from '../service/printing/functions.ts';
import { preparePrintJob } from '../service/printing/prepare-job.ts';
import { prepareProof } from '../service/printing/proof.ts';
import { openPublicNotice, postPublicNotice, preparePublicNotice } from '../service/printing/public-notice.ts';
import { readReturns, redeliver, registerReturn } from '../service/printing/returned-mail.ts';
import { decidePrintJob, sendJob } from '../service/printing/send-job.ts';
import { insertPrintFile } from '../store/documents.ts';
import { noticePages } from '../web/notices.ts';
import { aPerson, assessAll, chief, clerk, decideAll, type TaxTest, taxTest } from './assessment-setup.ts';
import { office } from './notice-office.ts';

const roles: Record<string, string> = { 'clerk-1': 'levy-clerk', 'chief-1': 'levy-chief' };
const typesetter = await createTypesetter({ templatesFolder: new URL('../documents', import.meta.url).pathname });
after(() => typesetter.close());

interface Neighbour {
  readonly i: number;
  readonly id: string;
  readonly part: number;
  readonly firstPage: number;
  readonly name: string;
  readonly address: string;
}

/** Parts of the order as the run makes them, of sheets that nobody set. */
const sealParts = act('test.seal-parts', {
  right: ['resident-tax', 'notice', 'update'],
  async run(tx, deps: TaxTest['deps'], { orderId, people }: { orderId: string; people: readonly Neighbour[] }) {
    for (const partNo of new Set(people.map(({ part }) => part))) {
      const own = people.filter(({ part }) => part === partNo);
      const documents = own.map(({ i, id, firstPage, name, address }) => {
        const of = { documentId: id, subjectCheck: 'ABC', pages: 1 };
        const face = faceOf(of, { postalCode: '1538573', name, address });
        return { ...of, position: i, firstPage, amountYen: 5_000, sha256: '00'.repeat(32), face };
      });
      const file = writePrintPart({ form: noticeFace, pdf: Buffer.from(`%PDF-1.7 ${partNo}`), documents });
      const { ref } = await deps.sealed.seal(tx, file, {
        kind: 'print-file',
        retentionClass: 'tax-7y',
        purpose: 'resident-tax/test',
      });
      await insertPrintFile(tx, orderId, {
        partNo,
        handling: 'contractor',
        firstPosition: own[0]?.i ?? 0,
        lastPosition: own.at(-1)?.i ?? 0,
        documents: own.length,
        pages: own.length,
        totalYen: 5_000 * own.length,
        sha256: createHash('sha256').update(file).digest(),
        sizeBytes: file.length,
        sealedRef: ref,
        madeAt: deps.machineClock.now(),
      });
    }
    tx.record({ event: 'test.parts', facts: ['resident_tax.print_file'] });
    return ok(undefined);
  },
});

/** Neighbours with the one person's decided levy and a notice each in the same order: what AC-14 counts is envelopes, and setting 300 takes its time. */
async function withNeighbours({ t, deps }: TaxTest, orderId: string, count: number): Promise<void> {
  const people = Array.from({ length: count }, (_, k): Neighbour => {
    const i = k + 2;
    const of = { name: `目黒 ${i}子`, address: `東京都目黒区八雲${i}-1-1` };
    return { i, id: `RTX-2026-${`${i}`.padStart(6, '0')}`, part: k < 150 ? 2 : 3, firstPage: (k % 150) + 1, ...of };
  });
  unwrap(await sealParts(deps, clerk, { orderId, people }));
  await t.owner(
    `create temp table neighbour as select gen_random_uuid() as person_id, gen_random_uuid() as assessment_id, s.*
       from jsonb_to_recordset($1::jsonb) as s(i int, id text, part int, "firstPage" int, name text, address text)`,
    [JSON.stringify(people)],
  );
  const copy = (table: string, changed: string) =>
    t.owner(`insert into resident_tax.${table}
      select (jsonb_populate_record(null::resident_tax.${table}, to_jsonb(x) || ${changed})).* from resident_tax.${table} x cross join neighbour n`);
  await copy(
    'person',
    `jsonb_build_object('person_id', n.person_id, 'org_person_number', lpad(n.i::text, 15, '0'), 'addressee_number', n.i::text)`,
  );
  await copy(
    'person_state',
    `jsonb_build_object('person_id', n.person_id, 'change_id', gen_random_uuid(), 'name', n.name, 'address', n.address)`,
  );
  await copy('assessment', `jsonb_build_object('assessment_id', n.assessment_id, 'person_id', n.person_id)`);
  await copy('assessment_decision', `jsonb_build_object('assessment_id', n.assessment_id)`);
  await t.owner(
    `insert into resident_tax.document (document_id, kind, fiscal_year, serial, assessment_id, person_id, order_id, position, part_no, first_page,
       pages, subject_check, amount_yen, sha256, size_bytes, sealed_ref, issued_on, issued_at, event_id)
     select n.id, 'tax-notice', 2026, n.i, n.assessment_id, n.person_id, $1, n.i, n.part, n."firstPage", 1, 'ABC', 5000,
            decode(repeat('00', 32), 'hex'), 1, gen_random_uuid(), '2026-06-01', now(), gen_random_uuid() from neighbour n`,
    [orderId],
  );
  await t.owner(`insert into resident_tax.document_face (document_id, postal_code, address, name, event_id)
    select n.id, '1538573', n.address, n.name, gen_random_uuid() from neighbour n`);
}

/** A ward with notices of so many people, and the contractor on its line. `guarded`: who the platform says is protected now. */
async function aWard(people: number, neighbours = 0) {
  const x = await taxTest();
  const printer = await aPrinter();
  const guarded = new Set<string>();
  const deps: PrintDeps & typeof x.deps = {
    ...x.deps,
    typesetter,
    subjectCheckKey: new Uint8Array(32).fill(3),
    office,
    identity: printer.ward,
    trust: printer.trust,
    peers: printer.peers,
    printer: 'finance/printing',
    printerCertificate: async () => printer.encryption.chain,
    protections: async () =>
      ok<Protections>({ isProtected: (person) => guarded.has(person), count: guarded.size, asOf: '' }),
  };
  for (let i = 1; i <= people; i++)
    unwrap(
      await aPerson(deps, clerk, {
        name: `目黒 ${i}子`,
        address: `東京都目黒区八雲${i}-1-1`,
        // A levy of one due date: a page a person.
        reports: [{ paidYen: 1_150_000, columns: { ordinaryCollection: true } }],
      }),
    );
  await assessAll(deps);
  await decideAll(deps);
  const { orderId } = unwrap(await orderNoticeRun(deps, clerk, { fiscalYear: 2026 }));
  assert.equal(unwrap(await runBatch(deps, worker, noticeRun, { orderId, fiscalYear: 2026 })).state, 'done');
  if (neighbours > 0) await withNeighbours(x, orderId, neighbours);
  return {
    x,
    deps,
    printer,
    guarded,
    orderId,
    /** The proof of the form, read back and passed. */
    async proven() {
      const proof = unwrap(await prepareProof(deps, clerk, undefined));
      unwrap(await sendJob(deps, clerk, proof));
      assert.deepEqual(unwrap(await fetchReport(deps, clerk, proof)).faults, []);
      unwrap(await passProof(deps, chief, proof));
    },
    async approved() {
      const job = unwrap(await preparePrintJob(deps, clerk, { orderId }));
      unwrap(await decidePrintJob(deps, chief, { jobId: job.jobId, decision: 'approved' }));
      return job;
    },
    async [Symbol.asyncDispose]() {
      await printer[Symbol.asyncDispose]();
      await x[Symbol.asyncDispose]();
    },
  };
}

const gaps = async (deps: PrintDeps) => unwrap(await readNoticeGaps(deps, clerk, { fiscalYear: 2026 })).total;

test('AC-14 002-RTX-F6.3 納税通知書300通の印刷: 承認のない出力は渡らず、作成302・破損2・発送300で完了し、合わない報告では完了しない。返戻は通知済から外れる', async () => {
  await using w = await aWard(1, 299);
  const { deps, printer } = w;
  await w.proven();
  const job = unwrap(await preparePrintJob(deps, clerk, { orderId: w.orderId }));
  assert.deepEqual([job.documents, job.heldBack], [300, 0]);

  // Refused without an approved output request, and the requester does not approve it.
  assert.deepEqual(await sendJob(deps, clerk, job), { ok: false, error: 'not-approved' });
  assert.deepEqual(await decidePrintJob(deps, clerk, { jobId: job.jobId, decision: 'approved' }), {
    ok: false,
    error: 'approver-is-requester',
  });
  assert.deepEqual(await printer.t.owner("select 1 from printing.job where purpose = 'bulk'"), []);
  unwrap(await decidePrintJob(deps, chief, { jobId: job.jobId, decision: 'approved' }));

  // The answer of the first part is lost: sent again, it is the same job with the same parts.
  printer.line.lost = 2;
  assert.deepEqual(await sendJob(deps, clerk, job), { ok: false, error: 'peer-timeout' });
  printer.line.lost = 0;
  unwrap(await sendJob(deps, clerk, job));
  assert.deepEqual(await sendJob(deps, clerk, job), { ok: false, error: 'already-sent' });

  // What the contractor holds: 300 records under the job's id, with the digests that the ward approved.
  const { parts } = unwrap(await readPrintJob(deps, clerk, job));
  assert.equal(parts.length, 3);
  const contents = await printer.t.owner<{ content: string }>(
    'select content from printing.part_content where job_id = $1 order by part_no',
    [job.jobId],
  );
  const held = openParts(
    printer.deps,
    contents.map((row) => row.content),
  ).flatMap((part) => part.documents);
  assert.equal(new Set(held.map((one) => one.documentId)).size, 300);
  assert.equal(new Set(held.map((one) => one.face.address)).size, 300);
  assert.deepEqual(
    (
      await printer.t.owner<{ parts: { sha256: string }[] }>('select parts from printing.job where job_id = $1', [
        job.jobId,
      ])
    )[0]?.parts.map((part) => part.sha256),
    parts.map((part) => part.sha256),
  );

  // Each set that does not add up blocks: a spoiled one too few, one that did not go out.
  const differs = { ok: false, error: 'counts-differ' };
  for (const [manners, faults] of [
    [{ spoiled: 2, unreported: 1 }, ['printed-less-spoiled-is-not-dispatched']],
    [{ spoiled: 2, heldBack: 1 }, ['printed-less-spoiled-is-not-dispatched', 'dispatched-is-not-ordered']],
    [{ spoiled: 0, heldBack: 1, unreported: -1 }, ['dispatched-is-not-ordered']],
  ] as const) {
    printer.deps.manners = { ...wellBehaved, ...manners };
    assert.deepEqual(unwrap(await fetchReport(deps, clerk, job)).faults, faults);
    assert.deepEqual(await closePrintJob(deps, clerk, job), differs);
  }
  printer.deps.manners = { ...wellBehaved, spoiled: 2 };
  assert.deepEqual(unwrap(await fetchReport(deps, clerk, job)).faults, []);
  assert.deepEqual(unwrap(await closePrintJob(deps, clerk, job)), { erased: true });
  const { job: ended } = unwrap(await readPrintJob(deps, clerk, job));
  assert.deepEqual([ended.printed, ended.spoiled, ended.dispatched, ended.erased], [302, 2, 300, true]);
  assert.deepEqual(await printer.t.owner('select 1 from printing.part_content where job_id = $1', [job.jobId]), []);

  // Undelivered: registered once, out of "notified" until it is delivered after all.
  unwrap(await closeNotices(deps, clerk, { fiscalYear: 2026 }));
  const documentId = 'RTX-2026-000007';
  const { returnId } = unwrap(await registerReturn(deps, clerk, { documentId, reason: 'unknown-address' }));
  assert.deepEqual(await registerReturn(deps, clerk, { documentId, reason: 'moved' }), {
    ok: false,
    error: 'already-returned',
  });
  assert.equal(await gaps(deps), 1);
  assert.deepEqual(await closeNotices(deps, clerk, { fiscalYear: 2026 }), { ok: false, error: 'notices-missing' });
  assert.deepEqual(await redeliver(deps, clerk, { returnId, method: 'mail', note: '' }), {
    ok: false,
    error: 'same-address',
  });
  unwrap(await redeliver(deps, clerk, { returnId, method: 'hand', note: '窓口で本人に交付' }));
  assert.equal(await gaps(deps), 0);
});

test('INC-30 帳票の版: 委託先のプログラムが旧版のままなら試し刷りが欄ごとに見つけ、合格するまで一通も印刷に渡らない', async () => {
  await using w = await aWard(1);
  const { deps, printer } = w;
  const job = await w.approved();
  assert.deepEqual(await sendJob(deps, clerk, job), { ok: false, error: 'no-passed-proof' });

  // A version that is not in stock is refused at once.
  const proof = unwrap(await prepareProof(deps, clerk, undefined));
  const forms = printer.deps.forms as Record<string, number>;
  forms['tax-notice-face'] = 1;
  assert.deepEqual(await sendJob(deps, clerk, proof), { ok: false, error: 'unknown-form' });
  forms['tax-notice-face'] = 2;

  // The stock is right and the program is not: every box that is wrong is named, and nobody can pass it.
  printer.deps.manners = { ...wellBehaved, oldProgram: true };
  unwrap(await sendJob(deps, clerk, proof));
  assert.deepEqual(
    unwrap(await fetchReport(deps, clerk, proof)).faults.toSorted(),
    ['敬称', '文書番号', '照合符号'].toSorted(),
  );
  assert.deepEqual(await passProof(deps, chief, proof), { ok: false, error: 'proof-differs' });
  assert.deepEqual(await sendJob(deps, clerk, job), { ok: false, error: 'no-passed-proof' });
  const [failed] = await w.x.t.owner<{ n: number }>(
    'select count(*)::int as n from audit.intake_event where body like \'%"proof.failed"%\'',
  );
  assert.equal(failed?.n, 1);

  // Put right, it is read back again; its maker does not pass it.
  printer.deps.manners = wellBehaved;
  assert.deepEqual(unwrap(await fetchReport(deps, clerk, proof)).faults, []);
  assert.deepEqual(await passProof(deps, clerk, proof), { ok: false, error: 'approver-is-requester' });
  unwrap(await passProof(deps, chief, proof));
  unwrap(await sendJob(deps, clerk, job));
});

test('INC-45 AC-14 印刷に渡す前: 支援措置の対象となった人と住所の変わった人の通知は引き抜かれ、通知済にならない', async () => {
  await using w = await aWard(4);
  const { deps } = w;
  await w.proven();
  const [guarded, moved] = await w.x.t.owner<{ org: string; id: string }>(
    'select org_person_number as org, person_id as id from resident_tax.person order by 1 limit 2',
  );
  // Approved before the platform knew: the transfer itself is refused.
  const early = await w.approved();
  w.guarded.add(guarded?.org ?? '');
  assert.deepEqual(await sendJob(deps, clerk, early), { ok: false, error: 'addresses-changed-since' });

  await w.x.t.owner('update resident_tax.person_state set address = $2 where person_id = $1', [
    moved?.id,
    '東京都品川区東品川1-1-1',
  ]);
  const job = await w.approved();
  assert.deepEqual([job.documents, job.heldBack], [2, 2]);
  unwrap(await sendJob(deps, clerk, job));
  const [content] = await w.printer.t.owner<{ content: string }>(
    'select content from printing.part_content where job_id = $1',
    [job.jobId],
  );
  const [part] = openParts(w.printer.deps, [content?.content ?? '']);
  assert.equal(part?.documents.length, 2);
  assert.equal(await gaps(deps), 2);
  const { rows } = unwrap(await readReturns(deps, clerk, { openOnly: true, limit: 9, offset: 0 }));
  assert.deepEqual(
    rows.map((row) => row.reason),
    ['held-back', 'held-back'],
  );
  // The moved person's goes to the new address; a protected one never by mail from here.
  const of = (id: string | undefined) => rows.find((row) => row.personId === id)?.returnId ?? '';
  unwrap(await redeliver(deps, clerk, { returnId: of(moved?.id), method: 'mail', note: '' }));
  unwrap(await redeliver(deps, clerk, { returnId: of(guarded?.id), method: 'hand', note: '本人に手渡し' }));
  assert.equal(await gaps(deps), 0);

  // A platform that does not answer lets nothing go.
  const silent: PrintDeps = { ...deps, protections: async () => ({ ok: false, error: 'protections-unavailable' }) };
  assert.deepEqual(await preparePrintJob(silent, clerk, { orderId: w.orderId }), {
    ok: false,
    error: 'protections-unavailable',
  });
});

test('INC-35 公示送達: 必要な事項だけが載り、新しい住所が分かった人は掲示できず、掲示は別の職員が見たとおりのもの', async () => {
  await using w = await aWard(2);
  const { deps } = w;
  await w.proven();
  unwrap(await sendJob(deps, clerk, await w.approved()));
  const returned = async (documentId: string) =>
    unwrap(await registerReturn(deps, clerk, { documentId, reason: 'unknown-address' })).returnId;
  const [found, lost] = [await returned('RTX-2026-000001'), await returned('RTX-2026-000002')];
  const ground = '住民票の調査、現地調査を行ったが居所不明';
  assert.deepEqual(await preparePublicNotice(deps, clerk, { returnId: lost, ground: ' ' }), {
    ok: false,
    error: 'no-ground',
  });
  const early = unwrap(await preparePublicNotice(deps, clerk, { returnId: found, ground }));
  const { publicationId } = unwrap(await preparePublicNotice(deps, clerk, { returnId: lost, ground }));

  const seen = async (id: string) => unwrap(await openPublicNotice(deps, chief, { publicationId: id })).pdf;
  const pdf = await seen(publicationId);
  const document = await getDocument({ data: Uint8Array.from(pdf), verbosity: 0 }).promise;
  const { items } = await (await document.getPage(1)).getTextContent();
  const text = items.map((item) => ('str' in item ? item.str : '')).join('');
  assert.match(text, /目黒 [12]子.*納税通知書/u);
  for (const tooMuch of ['八雲', '1538573', '円', 'RTX-2026', '照会']) assert.ok(!text.includes(tooMuch), tooMuch);
  assert.ok(!Buffer.from(pdf).toString('latin1').includes('RTX-2026'));

  const digest = async (id: string) =>
    (
      await w.x.t.owner<{ d: string }>(
        "select encode(sha256, 'hex') as d from resident_tax.public_notice where publication_id = $1",
        [id],
      )
    )[0]?.d ?? '';
  const command = { publicationId, seenSha256: await digest(publicationId) };
  assert.deepEqual(await postPublicNotice(deps, clerk, command), { ok: false, error: 'approver-is-requester' });
  assert.deepEqual(await postPublicNotice(deps, chief, { ...command, seenSha256: 'f'.repeat(64) }), {
    ok: false,
    error: 'differs-from-seen',
  });

  // The new address arrives between preparation and posting.
  await w.x.t.owner(`update resident_tax.person_state set address = '東京都品川区東品川1-1-1' where name = '目黒 1子'`);
  assert.deepEqual(
    await postPublicNotice(deps, chief, {
      publicationId: early.publicationId,
      seenSha256: await digest(early.publicationId),
    }),
    {
      ok: false,
      error: 'new-address-known',
    },
  );
  assert.deepEqual(unwrap(await postPublicNotice(deps, chief, command)), { servedOn: '2026-06-08' });
  assert.deepEqual(await postPublicNotice(deps, chief, command), { ok: false, error: 'already-posted' });
  // Served when seven days have passed, not before.
  assert.equal(await gaps(deps), 2);
  w.x.t.deps.civilClock.set('2026-06-08');
  assert.equal(await gaps(deps), 1);
});

test('AC-14 画面: 試し刷りから承認、引渡し、報告、完了、返戻、公示送達までを二人の職員が進める', async () => {
  await using w = await aWard(1);
  const { deps } = w;
  const rights = createRights(table, 'meguro', { rolesOf: async (_tx, actor) => [roles[actor.staffId] ?? ''] });
  const session = (actor: typeof clerk): PageSession => ({
    actor,
    displayName: '税務 一郎',
    position: '税務課',
    csrfSecret: new Uint8Array(32).fill(1),
  });
  const sessions: Record<string, PageSession> = { clerk: session(clerk), chief: session(chief) };
  const app = createPageApp({
    system: { id: 'resident-tax', name: '個人住民税システム', gloss: 'Resident tax' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: { read: async (request) => sessions[/who=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? ''] },
    mayOpen: (actor, right) => rights.allows(undefined as never, actor, right),
    stylesheet: await buildStylesheet(),
    random: systemRandom,
    nav: printingNav,
    onError: (error) => console.error(error),
  });
  const pageDeps = { ...deps, rights };
  noticePages(app, pageDeps);
  registerPrintingPages(app, pageDeps);
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((done) => server.once('listening', done));
  const origin = `http://rtx.meguro.localhost:${(server.address() as AddressInfo).port}`;
  try {
    await withPage(async (page, context) => {
      const as = async (who: string, path = page.url()) => {
        await context.addCookies([{ name: 'who', value: who, url: origin }]);
        await page.goto(path.startsWith('http') ? path : origin + path);
      };
      const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
      const sees = (text: string) => page.getByText(text).first().waitFor();
      const looked = async (name: string) => {
        await expectAccessible(page);
        await screenshot(page, `resident-tax-${name}`);
      };
      await as('clerk', '/print-jobs');
      await sees('印刷委託はありません');
      await press('試し刷りを準備する');
      await press('委託先に渡す');
      await press('作業報告を読み取る');
      await sees('合格待ち');
      assert.equal(await page.getByRole('button', { name: '合格とする' }).count(), 0);
      await as('chief');
      await press('合格とする');
      await sees('試し刷りを合格としました');

      await as('clerk', `/notice-runs/${w.orderId}`);
      await press('印刷を準備し、承認に回す');
      await sees('承認待ち');
      assert.equal(await page.getByRole('button', { name: '委託先に渡す' }).count(), 0);
      await as('chief');
      await press('出力を承認する');
      await sees('承認しました');
      await as('clerk');
      await press('委託先に渡す');
      await sees('委託先に渡しました');
      w.printer.deps.manners = { ...wellBehaved, heldBack: 1, spoiled: 1 };
      await press('作業報告を読み取る');
      await sees('発送数が依頼数と合いません');
      await looked('print-job-differs');
      w.printer.deps.manners = { ...wellBehaved, spoiled: 2 };
      await press('作業報告を読み取る');
      await press('完了する');
      await sees('受領済');
      await looked('print-job');
      await page.goto(`${origin}/print-jobs`);
      await looked('print-jobs');

      await page.goto(`${origin}/returned-mail`);
      await page.getByLabel('文書番号').fill('RTX-2026-000001');
      await page.getByLabel('宛所に尋ねあたらず').check();
      await press('返戻を登録する');
      await sees('通知済から外れています');
      await page.getByLabel('調査の経過').fill('現地調査を行ったが居所不明');
      await press('公示送達を起案');
      await sees('公示の承認待ち');
      await looked('returned-mail');
      await as('chief', '/returned-mail');
      await page.getByRole('link', { name: '掲示の承認へ' }).click();
      await looked('publication');
      await press('確認した文書を掲示する');
      await sees('2026-06-08に送達');
    });
  } finally {
    await new Promise<void>((done) => server.close(() => done()));
  }
});

mechanismTest('dispatch.lot-counts', 'AC-14 発送数が依頼数と合わない印刷は完了できない', async () => {
  await using w = await aWard(1);
  await w.proven();
  const job = await w.approved();
  unwrap(await sendJob(w.deps, clerk, job));
  w.printer.deps.manners = { ...wellBehaved, unreported: -1 };
  unwrap(await fetchReport(w.deps, clerk, job));
  assert.deepEqual(await closePrintJob(w.deps, clerk, job), { ok: false, error: 'counts-differ' });
});

mechanismTest('media.approval', 'AC-14 承認のない印刷データは委託先に渡らない', async () => {
  await using w = await aWard(1);
  await w.proven();
  const job = unwrap(await preparePrintJob(w.deps, clerk, { orderId: w.orderId }));
  assert.deepEqual(await sendJob(w.deps, clerk, job), { ok: false, error: 'not-approved' });
});

mechanismTest('dispatch.address-from-register', 'INC-35 登録の住所が変わった人への文書は公示できない', async () => {
  await using w = await aWard(1);
  await w.proven();
  unwrap(await sendJob(w.deps, clerk, await w.approved()));
  const documentId = 'RTX-2026-000001';
  const { returnId } = unwrap(await registerReturn(w.deps, clerk, { documentId, reason: 'unknown-address' }));
  await w.x.t.owner(`update resident_tax.person_state set address = '東京都品川区東品川1-1-1'`);
  assert.deepEqual(await preparePublicNotice(w.deps, clerk, { returnId, ground: '居所不明' }), {
    ok: false,
    error: 'new-address-known',
  });
});
