import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { disclosureSchema } from '@musubi/kernel/disclosure/schema-set.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { createRetention } from '@musubi/kernel/retention/retention.ts';
import { retentionSchema } from '@musubi/kernel/retention/schema-set.ts';
import { keepHouse } from '@musubi/kernel/serve/housekeeping.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import { createOutbox } from '@musubi/kernel/streams/outbox.ts';
import { sealedPayloads } from '@musubi/kernel/streams/sealed-payloads.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { type SealedId, SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { Vault } from '@musubi/kernel/vault/vault.ts';
import { fileObjection, ruleOnObjection } from '../service/reductions/objections.ts';
import { taxRetention as retention } from '../service/retention/tax-retention.ts';
import { residentTaxSchema } from '../store/schema-set.ts';
import { aPerson, assessAll, chargeAll, clerk, decideAll, nobodyProtected, staff } from './assessment-setup.ts';

/* A ward's tax years seven years on: the instance's vault, key store, sealed store and log. */

const job: Actor = { kind: 'job', name: 'retention' };
const keeper = staff('record-keeper');
const chief = staff('levy-chief');

async function aTaxOffice() {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-tax-retention-'));
  const t = await testDatabase([...kernelSchemas, disclosureSchema, retentionSchema, residentTaxSchema]);
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const keyStore = await SqliteKeyStore.open({ directory: path.join(directory, 'store'), keys, keepBackupDays: 14 });
  const { machineClock, newId } = t.deps;
  const vault = new Vault({ keys, machineClock, newId });
  const sealed = new SealedStore({ keyStore, machineClock, newId });
  const sink = auditSink({ instance: 'meguro/resident-tax', random: seededRandom('salts') });
  const deps = {
    ...t.deps,
    audit: vault.audited(sealed.audited(sink)),
    vault,
    sealed,
    keyStore,
    outbox: createOutbox({ ...t.deps, payloads: sealedPayloads(sealed, machineClock) }),
    municipality: unwrap(parseLocalGovernmentCode('131105')),
    collections: 'meguro/collections',
    numberRules: [],
    protections: nobodyProtected,
  };
  return {
    t,
    deps,
    async moveTo(date: Temporal.PlainDate) {
      t.deps.civilClock.set(date);
      await t.owner('insert into serve.civil_date (civil_on, moved_at, event_id) values ($1, now(), $2)', [
        date.toString(),
        newId(),
      ]);
    },
    async [Symbol.asyncDispose]() {
      await t[Symbol.asyncDispose]();
      keyStore[Symbol.dispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
type Office = Awaited<ReturnType<typeof aTaxOffice>>;

/** What the intake leaves besides the rows: the file in the sealed store, and the number of the document in the vault. */
const keepFile = act('test.keep-file', {
  right: ['resident-tax', 'intake', 'update'],
  async run(tx, deps: Office['deps'], { reportId, image }: { reportId: string; image: string }) {
    const file = await deps.sealed.seal(tx, Buffer.from(image), {
      kind: 'intake',
      retentionClass: 'tax-7y',
      purpose: 'resident-tax/intake',
    });
    const number = makeIndividualNumber(seededRandom(image));
    const ref = await deps.vault.put(tx, `report:${reportId}`, number);
    tx.record({ event: 'test.file-kept' });
    return ok({ file: file.ref, ref: unwrap(ok(ref)), digits: number.digits() });
  },
});
const openFile = act('test.open-file', {
  right: ['resident-tax', 'intake', 'read'],
  async run(tx, deps: Office['deps'], ref: string) {
    const opened = await deps.sealed.open(tx, ref as SealedId, 'resident-tax/test');
    tx.record({ event: 'test.file-opened' });
    return ok(opened.ok ? opened.value.toString() : opened.error);
  },
});
const stillSealed = act('test.still-sealed', {
  right: ['resident-tax', 'retention', 'read'],
  async run(tx, deps: Office['deps'], personId: string) {
    const rows = await retention.sealedRowsOf(tx, deps, personId, 'resident-tax/test');
    tx.record({ event: 'test.read-seal' });
    return ok(rows);
  },
});

/** A charged levy of fiscal year 2026 with its file. The file's text is found wherever it stands in clear. */
async function aLevy(w: Office, name: string) {
  const person = unwrap(await aPerson(w.deps, clerk, { name, reports: [{ paidYen: 4_000_000 }] }));
  const reportId = person.reportIds[0]!;
  const kept = unwrap(await keepFile(w.deps, clerk, { reportId, image: `${name}の給与支払報告書` }));
  await w.t.owner('update resident_tax.report set number_ref = $1 where report_id = $2', [kept.ref, reportId]);
  await w.t.owner(
    'update resident_tax.intake set sealed_ref = $1 where intake_id = (select intake_id from resident_tax.report where report_id = $2)',
    [kept.file, reportId],
  );
  return { ...person, ...kept };
}
const countOf = async (w: Office, personId: string): Promise<number> => {
  const [row] = await w.t.owner<{ n: number }>(
    `select ((select count(*) from resident_tax.assessment where person_id = $1) + (select count(*) from resident_tax.charge where person_id = $1)
           + (select count(*) from resident_tax.report_state where person_id = $1) + (select count(*) from resident_tax.notice_number where person_id = $1))::int as n`,
    [personId],
  );
  return row!.n;
};
const keptUntil = async (w: Office, personId: string): Promise<Temporal.PlainDate> => {
  const [row] = await w.t.owner<{ on: string }>(
    `select distinct kept_until::text as "on" from resident_tax.ending_rows('2060-01-01', null, null) where person_id = $1`,
    [personId],
  );
  return Temporal.PlainDate.from(row!.on);
};
const seal = async (w: Office) =>
  unwrap(await runBatch(w.deps, job, retention.sealRun, { on: `${w.deps.civilClock.today()}` }));

test('AC-32 保存期間: 昨日満了した年度分は台帳・原本・番号から消え、審査請求中は理由付きで残り、明日満了する分も残る。消去記録に個人の情報はない', async () => {
  await using w = await aTaxOffice();
  const ended = await aLevy(w, '満了 花子');
  const appealing = await aLevy(w, '審査 一郎');
  const tomorrow = await aLevy(w, '明日 次郎');
  await assessAll(w.deps);
  await decideAll(w.deps);
  await chargeAll(w.deps);
  const last = await keptUntil(w, ended.personId);
  assert.equal(last.toString(), '2034-06-10', 'seven years after the last month of the special collection');
  await w.t.owner(
    `update resident_tax.charge_revision set legal_due_on = legal_due_on + 2
      where charge_id in (select charge_id from resident_tax.charge where person_id = $1)`,
    [tomorrow.personId],
  );
  const [levy] = await w.t.owner<{ id: string }>(
    'select assessment_id as id from resident_tax.assessment where person_id = $1',
    [appealing.personId],
  );
  const day = w.deps.civilClock.today();
  const objection = { assessmentId: levy!.id, knownOn: day, filedOn: day, claim: '所得が違う', lateReason: '' };
  const { objectionId } = unwrap(await fileObjection(w.deps as never, clerk, objection));

  await w.moveTo(last.add({ days: 1 }));
  const end = await seal(w);
  assert.equal(end.state, 'done');
  // The appeal's rows were left out one by one, each with the reason.
  const rejects = await w.t.owner<{ code: string; refs: number }>(
    'select code, count(distinct ref)::int as refs from jobs.reject group by code',
  );
  assert.deepEqual(rejects, [{ code: 'open-appeal', refs: 1 }]);
  assert.ok((await countOf(w, appealing.personId)) > 10);

  const { proposalId, rows } = unwrap(await retention.propose(w.deps, keeper, null));
  assert.ok(rows > 10);
  assert.deepEqual(await retention.approve(w.deps, keeper, { proposalId, decision: 'approved' }), {
    ok: false,
    error: 'approver-is-requester',
  });
  unwrap(await retention.approve(w.deps, chief, { proposalId, decision: 'approved' }));
  assert.deepEqual(await retention.erase(w.deps, keeper, { proposalId }), { ok: false, error: 'cooling' });
  await w.moveTo(last.add({ days: 8 }));
  unwrap(await retention.erase(w.deps, keeper, { proposalId }));
  await keepHouse({ deps: w.deps, keyStore: w.deps.keyStore, onError: (error) => assert.fail(`${error}`) }, new Map());

  // The first: no row, no file that opens, no number, not even sealed.
  assert.equal(await countOf(w, ended.personId), 0);
  assert.notEqual(unwrap(await openFile(w.deps, clerk, ended.file)), '満了 花子の給与支払報告書');
  assert.deepEqual(unwrap(await stillSealed(w.deps, keeper, ended.personId)), []);
  const numbers = await w.t.owner<{ ref: string }>('select number_ref as ref from vault.number');
  assert.ok(!numbers.some((n) => n.ref === ended.ref));
  // The second stands as it was, file and number too; the third is whole in its seal: no list named it.
  assert.equal(unwrap(await openFile(w.deps, clerk, appealing.file)), '審査 一郎の給与支払報告書');
  assert.ok(numbers.some((n) => n.ref === appealing.ref));
  const kept = unwrap(await stillSealed(w.deps, keeper, tomorrow.personId));
  assert.ok(kept.some((r) => r.table === 'resident_tax.assessment'));
  assert.equal(unwrap(await openFile(w.deps, clerk, tomorrow.file)), '明日 次郎の給与支払報告書');
  // What is left of the first says counts and digests.
  const records = JSON.stringify(await w.t.owner('select to_jsonb(e) as e from retention.erasure e'));
  for (const personal of ['満了', ended.personId, ended.digits, ended.ref])
    assert.ok(!records.includes(personal), personal);

  // The ruling ends the appeal: the year goes like any other with the next runs.
  const ruling = { objectionId, outcome: 'withdrawn', ruledOn: w.deps.civilClock.today(), reason: '取下げ' } as const;
  unwrap(await ruleOnObjection(w.deps as never, staff('reviewer'), ruling));
  await w.moveTo(last.add({ days: 9 }));
  await seal(w);
  assert.equal(await countOf(w, appealing.personId), 0);

  // The log: no role of the running system deletes a line of it, and not the owner of the tables either.
  for (const table of ['audit.entry', 'audit.intake_event', 'audit.fact', 'audit.checkpoint'])
    await assert.rejects(w.t.deps.db.pool.query(`delete from ${table}`), /permission denied/, table);
});

test('INC-68 賦課資料の期間が延びた後は、古い表で封緘された年度も延びた期間まで消えず、除外した件数が分かる', async () => {
  await using w = await aTaxOffice();
  const { personId } = await aLevy(w, '延長 子');
  await assessAll(w.deps);
  await decideAll(w.deps);
  await chargeAll(w.deps);
  const last = await keptUntil(w, personId);
  await w.moveTo(last.subtract({ days: 30 }));
  await seal(w);
  const rule = { ground: '地方税法第17条の5・第18条', inForceFrom: '1868-01-01' };
  const lengthened = createRetention({
    ...retention.setup,
    class: {
      ...retention.setup.class,
      rules: [
        { ...rule, version: 1, years: 7 },
        { ...rule, version: 2, years: 9, inForceFrom: '2034-04-01' },
      ],
    },
  });
  await w.moveTo(last.add({ days: 1 }));
  unwrap(await runBatch(w.deps, job, lengthened.sealRun, { on: `${w.deps.civilClock.today()}` }));
  const rows = unwrap(await lengthened.excluded(w.deps, job, null));
  assert.ok(rows > 10, `保存期間の改正対象 ${rows} 件を除外しました`);
  for (const release of [lengthened, retention])
    assert.deepEqual(await release.propose(w.deps, keeper, null), { ok: false, error: 'nothing-due' });
  await w.moveTo(last.add({ years: 2, days: 1 }));
  assert.equal(unwrap(await retention.propose(w.deps, keeper, null)).rows, rows);
});

mechanismTest(
  'retention.no-early-deletion',
  '002-II.6-S3 保存期間の満了前の賦課・課税資料は、表の持ち主であっても消せない',
  async (_t, point) => {
    await using w = await aTaxOffice();
    const { personId } = await aLevy(w, '残る 子');
    await assessAll(w.deps);
    await decideAll(w.deps);
    await chargeAll(w.deps);
    await point.whenOff('systems/resident-tax/store/schema/0016_retention.sql#keep_until_sealed', () =>
      w.t.owner('alter table resident_tax.assessment disable trigger keep_until_sealed'),
    );
    await assert.rejects(w.t.owner('delete from resident_tax.assessment'), /before the end of its term/);
    await w.moveTo(Temporal.PlainDate.from('2034-01-01'));
    await seal(w);
    assert.ok((await countOf(w, personId)) > 10, 'nothing ends within the next sixty days');
    await assert.rejects(
      w.t.owner(`select resident_tax.remove_ended('2034-06-10', array['${personId}'::uuid], '{}')`),
      /not sealed/,
    );
  },
);

test('002-RTX-F10 どの表の行が年度と一緒に消えるかは外部キーで決まり、残る表には年度を越えて残る理由がある', async () => {
  await using w = await aTaxOffice();
  const tables = await w.t.owner<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = 'resident_tax'::regnamespace and c.relkind = 'r' order by 1`,
  );
  const edges = await w.t.owner<{ child: string; parent: string }>(
    `select (select relname from pg_class where oid = child) as child, (select relname from pg_class where oid = parent) as parent
       from resident_tax.references_inside()`,
  );
  const columns = await w.t.owner<{ name: string; columns: string[] }>(
    `select table_name as name, array_agg(column_name::text) as columns from information_schema.columns
      where table_schema = 'resident_tax' group by 1`,
  );
  const has = (name: string, column: string) => columns.find((c) => c.name === name)?.columns.includes(column) ?? false;
  const going = new Set(['report']);
  for (const { name } of tables) if (has(name, 'person_id') && has(name, 'fiscal_year')) going.add(name);
  for (const { child, parent } of edges)
    if (has(child, 'person_id') && !has(child, 'fiscal_year') && has(parent, 'fiscal_year')) going.add(child);
  for (let before = 0; before !== going.size; ) {
    before = going.size;
    for (const { child, parent } of edges) if (going.has(parent)) going.add(child);
  }
  /** Of nobody, of the person beyond a year, of many persons at once without saying who, or of donors who are taxed elsewhere. */
  const staying =
    /^(person|person_state|announced_delivery|intake|intake_.*|load_rejection|batch_order.*|submission|submission_end|print_file|lodging_(batch|attempt|outcome)|special_collector|special_notice|special_notice_(files|step|fetch)|notice_closing|check_list|comparison|levy_input.*|office_list|keying_.*|counter_filing.*|pension_.*|collector.*|print_job.*|migrated_person|denial_notice|denial_notice_step|heir_representative|notice_channel|donation_.*|one_stop_.*)$/;
  assert.deepEqual(
    tables.map((x) => x.name).filter((name) => !going.has(name) && !staying.test(name)),
    [],
  );
  for (const name of [
    'assessment',
    'charge_revision',
    'payment_slip',
    'report_relative',
    'document',
    'certificate_issue',
    'lodging_item',
    'objection',
  ])
    assert.ok(going.has(name), name);
});
