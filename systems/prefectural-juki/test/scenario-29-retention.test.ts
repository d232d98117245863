import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Sequencer } from '@musubi/kernel/audit/sequencer.ts';
import { verifyInstance } from '@musubi/kernel/audit/verify.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { screenshotPdf } from '@musubi/kernel/pages/testing.ts';
import { holdCeremony, issueIdentity } from '@musubi/kernel/pki/authority.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { createRetention, type RetentionRule, retentionTemplates } from '@musubi/kernel/retention/retention.ts';
import { logSigner, rawPublicKey } from '@musubi/kernel/serve/audit-loops.ts';
import { keepHouse } from '@musubi/kernel/serve/housekeeping.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import fc from 'fast-check';
import { type KeepingDeps, registerRetention as retention } from '../service/retention.ts';
import {
  aRegister,
  instance,
  job,
  keeper,
  manager,
  type Person,
  type RetentionWorld,
  removedBy,
} from './retention-world.ts';

const seal = async (w: RetentionWorld) =>
  unwrap(await runBatch(w.deps, job, retention.sealRun, { on: w.deps.civilClock.today().toString() }));

/** Everything that stands in the database, as its superuser would copy it. */
async function everything(w: RetentionWorld): Promise<string> {
  const tables = await w.t.owner<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'`,
  );
  let all = '';
  for (const { name } of tables)
    for (const { row } of await w.t.owner<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`))
      all += `${row}\n`;
  return all;
}

const openNumber = act('test.open-number', {
  right: ['prefectural-juki', 'notice', 'update'],
  async run(tx, deps: RetentionWorld['deps'], ref: string) {
    tx.record({ event: 'number.opened' });
    return ok((await deps.vault.reveal(tx, numberRef(ref), 'test/open')).digits());
  },
});
const opened = async (w: RetentionWorld, { row }: Person): Promise<string> =>
  unwrap(await openNumber(w.deps, job, row.number_ref));

/** 猶予期間: the days between approval and erasure. */
const cooled = (w: RetentionWorld) => w.moveTo(w.deps.civilClock.today().add({ days: 7 }).toString());

async function erased(w: RetentionWorld): Promise<readonly string[]> {
  const { proposalId } = unwrap(await retention.propose(w.deps, keeper, null));
  unwrap(await retention.approve(w.deps, manager, { proposalId, decision: 'approved' }));
  await cooled(w);
  const { erasures } = unwrap(await retention.erase(w.deps, keeper, { proposalId }));
  const errors: unknown[] = [];
  await keepHouse({ deps: w.deps, keyStore: w.deps.keyStore, onError: (e) => void errors.push(e) }, new Map());
  assert.deepEqual(errors, []);
  return erasures;
}

const rowsOf = async (w: RetentionWorld, person: Person): Promise<number> => {
  const [row] = await w.t.owner<{ n: string }>(
    `select (select count(*) from prefectural_juki.identification where person_id = $1)
          + (select count(*) from prefectural_juki.identification_history where person_id = $1) as n`,
    [person.personId],
  );
  return Number(row!.n);
};

test('003 scenario 29 JPS-X8 保存期間: 満了した行だけが消え、復元した控えからも読めず、証明書が残り、現在の行は残る (住基法施行令30条の6)', async () => {
  await using w = await aRegister('2026-06-01');
  const staying = await w.person('残子');
  const moved = await w.person('動子');
  const dead = await w.person('亡子');
  const later = await w.person('遅子');
  await w.moveTo('2026-06-10');
  await w.change(moved, { address: '東京都目黒区駒場一丁目', change_reason: 'moved-within' });
  await w.link(dead, await w.change(dead, removedBy('removed-ex-officio')), staying);
  await w.moveTo('2026-08-20');
  await w.change(later, removedBy('moved-out-abroad'));

  // 2176-06-10 is the last day on which the rows that were superseded on 2026-06-10 are kept.
  await w.moveTo('2176-04-10');
  assert.equal((await seal(w)).state, 'done');
  assert.deepEqual([await rowsOf(w, moved), await rowsOf(w, dead)], [2, 2], 'sixty-one days before nothing moves');
  await w.moveTo('2176-04-12');
  await seal(w);
  assert.deepEqual(
    [await rowsOf(w, staying), await rowsOf(w, moved), await rowsOf(w, dead), await rowsOf(w, later)],
    [1, 1, 0, 2],
  );
  // What is kept can still be read, for a purpose, from the seal.
  const read = act('test.read-sealed', {
    right: ['prefectural-juki', 'disclosure', 'read'],
    async run(tx, deps: typeof w.deps, personId: string) {
      const rows = await retention.sealedRowsOf(tx, deps, personId, 'disclosure/record');
      tx.record({ event: 'record.read', subject: personId });
      return ok(rows.map((r) => (r.record as { address: string }).address));
    },
  });
  assert.deepEqual(
    unwrap(await read(w.deps, keeper, dead.personId)).length,
    3,
    'two versions, and to whom the record was linked',
  );
  assert.deepEqual(await w.t.owner('select 1 from prefectural_juki.duplicate_link'), []);
  assert.deepEqual(unwrap(await read(w.deps, keeper, moved.personId)), ['東京都目黒区動子一丁目']);
  assert.deepEqual(await retention.propose(w.deps, keeper, null), err('nothing-due'));

  // A backup that is taken now holds neither name nor number in clear, and stays unreadable after the erasure.
  await w.moveTo('2176-06-10');
  await seal(w);
  const backup = await everything(w);
  const chunks = await w.t.owner<{ ref: string; chunk_no: number; bytes: Buffer }>('select * from sealed.chunk');
  for (const trace of ['亡子', dead.number, dead.code, '動子一丁目'])
    assert.ok(!backup.includes(trace), `${trace} stands in the backup`);
  assert.ok(backup.includes('残子') && backup.includes('駒場一丁目'));
  assert.deepEqual(
    await retention.propose(w.deps, keeper, null),
    err('nothing-due'),
    'on the last day itself nothing is due',
  );

  await w.moveTo('2176-06-11');
  const { proposalId, rows } = unwrap(await retention.propose(w.deps, keeper, null));
  assert.equal(rows, 4);
  assert.deepEqual(await retention.erase(w.deps, keeper, { proposalId }), err('not-approved'));
  assert.deepEqual(
    await retention.approve(w.deps, keeper, { proposalId, decision: 'approved' }),
    err('approver-is-requester'),
  );
  unwrap(await retention.approve(w.deps, manager, { proposalId, decision: 'approved' }));
  assert.deepEqual(await retention.erase(w.deps, keeper, { proposalId }), err('cooling'));
  await cooled(w);
  const done = unwrap(await retention.erase(w.deps, keeper, { proposalId }));
  assert.equal(done.rows, 4);
  assert.deepEqual(await retention.erase(w.deps, keeper, { proposalId }), err('already-used'));
  await keepHouse({ deps: w.deps, keyStore: w.deps.keyStore, onError: (e) => assert.fail(String(e)) }, new Map());

  // The backup restored: its chunks come back, the key does not.
  for (const c of chunks)
    await w.t.owner('insert into sealed.chunk values ($1, $2, $3) on conflict do nothing', [
      c.ref,
      c.chunk_no,
      c.bytes,
    ]);
  await w.t.owner('delete from retention.erasure');
  assert.deepEqual(unwrap(await read(w.deps, keeper, dead.personId)), []);
  assert.deepEqual([await rowsOf(w, staying), await rowsOf(w, moved), await rowsOf(w, later)], [1, 1, 2]);
});

test('003-II.6-A11 消去証明書は、鍵の控えと封緘前の控えがすべて失効する日を示す', async () => {
  await using w = await aRegister('2026-06-01');
  const dead = await w.person('亡子');
  await w.change(dead, removedBy('death'));
  await w.moveTo('2176-06-02'); // the clock jumped: sealed and due on the same day
  await seal(w);
  const [erasureId] = await erased(w);
  const typesetter = await createTypesetter({ templatesFolder: fileURLToPath(retentionTemplates) });
  try {
    const deps = { ...w.deps, typesetter };
    const made = unwrap(await retention.certificate(deps, keeper, { erasureId: erasureId!, authority: '東京都知事' }));
    // Backups of the database hold the rows in clear for 35 days from the sealing: longer than those of the keys.
    assert.equal(made.completeFrom, '2176-07-08');
    await screenshotPdf(made.pdf, 'retention-certificate');
  } finally {
    await typesetter.close();
  }
});

test('design §4.7 the log still verifies after rows were sealed and erased, and names a row that went without it', async () => {
  await using w = await aRegister('2026-06-01');
  const ceremony = await holdCeremony(systemMachineClock.now());
  const validity = {
    from: systemMachineClock.now().subtract({ hours: 1 }),
    until: systemMachineClock.now().add({ hours: 24 }),
  };
  const identity = await issueIdentity(
    ceremony.issuing,
    { organisation: 'tokyo', system: 'prefectural-juki' },
    validity,
  );
  const signer = logSigner(identity);
  const sequencer = new Sequencer({
    db: w.t.db,
    machineClock: systemMachineClock,
    signer: signer,
  });
  const dead = await w.person('亡子');
  const other = await w.person('別子');
  await w.link(dead, await w.change(dead, removedBy('removed-ex-officio')), other);
  await assert.rejects(w.t.owner('delete from prefectural_juki.duplicate_link'), /before the end of its term/);
  await w.moveTo('2176-06-02');
  await seal(w);
  await erased(w);
  await sequencer.drain();
  await sequencer.checkpoint();
  const verify = () =>
    verifyInstance(w.t.db, { instance, logKey: { name: signer.name, publicKey: rawPublicKey(identity.log.key) } });
  assert.deepEqual((await verify()).defects, []);
  await w.t.owner('alter table prefectural_juki.identification disable trigger keep_current');
  await w.t.owner('delete from prefectural_juki.identification where person_id = $1', [other.personId]);
  assert.equal((await verify()).ok, false);
});

test('消去の停止: 係争中の方の行は封緘されず、作業一覧に残る', async () => {
  await using w = await aRegister('2026-06-01');
  const held = await w.person('争子');
  await w.change(held, removedBy('death'));
  const { holdId } = unwrap(await retention.hold(w.deps, keeper, { subject: held.personId, reason: '訴訟' }));
  await w.moveTo('2176-06-02');
  const end = await seal(w);
  assert.equal(await rowsOf(w, held), 2);
  const rejects = await w.t.owner<{ code: string; ref: string }>(
    'select code, ref from jobs.reject where run_id = $1',
    [end.runId],
  );
  assert.deepEqual([...new Set(rejects.map((r) => `${r.code} ${r.ref}`))], [`held ${held.personId}`]);
  unwrap(await retention.release(w.deps, manager, { holdId, reason: '判決確定' }));
  await w.moveTo('2176-06-03');
  await seal(w);
  assert.equal(await rowsOf(w, held), 0);
});

mechanismTest(
  'retention.no-early-deletion',
  '003-II.6-A08 期間内の行は、どの役割によっても消せない',
  async (_t, point) => {
    await using w = await aRegister('2026-06-01');
    const staying = await w.person('残子');
    await w.change(staying, { address: '東京都目黒区駒場一丁目' });
    await point.whenOff('systems/prefectural-juki/store/schema/0006_retention.sql#retention', async () => {
      await w.t.owner('drop trigger keep_history on prefectural_juki.identification_history');
      await w.t.owner('drop trigger keep_current on prefectural_juki.identification');
    });
    const refused = { code: 'MR001' };
    await assert.rejects(
      w.t.owner('delete from prefectural_juki.identification_history where person_id = $1', [staying.personId]),
      refused,
    );
    await assert.rejects(
      w.t.owner('delete from prefectural_juki.identification where person_id = $1', [staying.personId]),
      refused,
    );
    assert.equal(await rowsOf(w, staying), 2);
  },
);

mechanismTest(
  'access.deceased-same',
  '003-III.7-R1-A14 001-III.7-R1-36 亡くなった方の番号と記録は、生存の方と同じ暗号化・記録・権限・保存期間で守られる',
  async (_t, point) => {
    await using w = await aRegister('2026-06-01');
    const living = await w.person('存子');
    const dead = await w.person('亡子');
    const moved = await w.person('転子');
    await w.change(dead, removedBy('death'));
    await w.change(moved, removedBy('moved-out'));
    await point.whenOff('systems/prefectural-juki/store/schema/0006_retention.sql#retention', () =>
      w.t.owner('drop trigger keep_current on prefectural_juki.identification'),
    );
    const refs = [living, dead, moved].map((p) => p.row.number_ref);
    // Encrypted alike, under the same key.
    const kept = await w.t.owner<{ key: number; length: number }>(
      'select key_version as key, length(ciphertext) as length from vault.number where number_ref = any($1)',
      [refs],
    );
    assert.equal(kept.length, 3);
    assert.equal(new Set(kept.map((k) => `${k.key} ${k.length}`)).size, 1);
    // Opened only within an act, each use recorded.
    for (const p of [living, dead]) assert.equal(await opened(w, p), p.number);
    const uses = await w.t.owner<{ n: number }>(
      `select count(*)::int as n from vault.use where number_ref = any($1) and operation = 'reveal' group by number_ref`,
      [refs.slice(0, 2)],
    );
    assert.deepEqual(
      uses.map((u) => u.n),
      [1, 1],
    );
    for (const ref of refs)
      await assert.rejects(w.deps.db.pool.query('delete from vault.number where number_ref = $1', [ref]), {
        code: '42501',
      });
    // Nobody takes the row away before its day, and the day is the same whatever ended it.
    for (const p of [living, dead, moved])
      await assert.rejects(
        w.t.owner('delete from prefectural_juki.identification where person_id = $1', [p.personId]),
        { code: 'MR001' },
      );
    const ends = await w.t.owner<{ on: string }>(
      `select kept_until::text as on from prefectural_juki.ending_rows('2176-06-01') where person_id = any($1) and record->>'deleted_flag' = 'true'`,
      [[dead.personId, moved.personId]],
    );
    assert.deepEqual(
      ends.map((e) => e.on),
      ['2176-06-01', '2176-06-01'],
    );
  },
);

test('003 scenario 29 a manual delete before the date is refused: the sealed object too, at the database', async () => {
  await using w = await aRegister('2026-06-01');
  const dead = await w.person('亡子');
  await w.change(dead, removedBy('death'));
  await w.moveTo('2176-05-01');
  await seal(w);
  const [sealing] = await w.t.owner<{ ref: string }>('select ref from retention.sealing limit 1');
  await assert.rejects(
    w.t.owner(
      `insert into sealed.erasure (erasure_id, unit, ground, event_id, ordered_at, ordered_on) values (gen_random_uuid(), $1, 'x', gen_random_uuid(), now(), '2176-05-01')`,
      [`object:${sealing!.ref}`],
    ),
    { code: 'MR001' },
  );
});

const ruleOf = (version: number, years: number, inForceFrom: string): RetentionRule => ({
  version,
  years,
  inForceFrom,
  ground: `令第30条の6（第${version}版）`,
});
/** The same release with another table of terms. */
const released = (rules: readonly RetentionRule[]) =>
  createRetention<KeepingDeps>({ ...retention.setup, class: { ...retention.setup.class, rules } });

mechanismTest(
  'retention.expiry-run',
  'INC-68 延ばされた期間は前からの記録にも及び、古い表のプログラムでも消えず、別に数えて知らせ、二人目の承認と猶予期間のあとに消える',
  async () => {
    await using w = await aRegister('2026-06-01');
    await w.change(await w.person('亡子'), removedBy('death'));
    const later = await w.person('遅子');
    await w.moveTo('2026-08-02');
    await w.change(later, removedBy('moved-out'));
    const old = released([ruleOf(1, 150, '2002-08-05')]);
    const current = released([ruleOf(1, 150, '2002-08-05'), ruleOf(2, 160, '2100-04-01')]);
    const run = async (release: typeof old) =>
      unwrap(await runBatch(w.deps, job, release.sealRun, { on: w.deps.civilClock.today().toString() }));

    // H7: the old table seals what it takes for over; the next day the new one runs, and finds later rows that it leaves where they are.
    await w.moveTo('2176-06-02');
    await run(old);
    await w.moveTo('2176-06-03');
    const end = await run(current);
    const rejects = await w.t.owner<{ step: number; n: number }>(
      `select step_no as step, count(*)::int as n from jobs.reject where run_id = $1 and code = 'rule-changed' group by 1 order by 1`,
      [end.runId],
    );
    assert.deepEqual(rejects, [
      { step: 1, n: 2 },
      { step: 2, n: 1 },
    ]);
    assert.equal(await rowsOf(w, later), 2, 'not even sealed');
    assert.equal(unwrap(await current.excluded(w.deps, job, null)), 4, '保存期間の改正対象 4 件を除外しました');
    const events = await w.t.owner(`select 1 from audit.intake_event where body like '%purge.excluded%'`);
    assert.equal(events.length, 1);
    const { sealed } = unwrap(await current.overview(w.deps, keeper, null));
    assert.deepEqual(
      sealed.map((x) => [x.keptUntil, x.endsOn, x.rule, x.ruleVersion]),
      [['2176-06-01', '2186-06-01', '令第30条の6（第2版）', 2]],
    );
    // What the database knows holds for the old table too, and for whoever goes round the program.
    assert.deepEqual(await current.propose(w.deps, keeper, null), err('nothing-due'));
    assert.deepEqual(await old.propose(w.deps, keeper, null), err('nothing-due'));
    const round = `insert into sealed.erasure (erasure_id, unit, ground, event_id, ordered_at, ordered_on)
      select gen_random_uuid(), 'object:' || ref, 'x', gen_random_uuid(), now(), '2176-06-03' from retention.sealing`;
    await assert.rejects(w.t.owner(round), { code: 'MR001' });

    // The last day by the longest rule runs; the day after it goes, approved by another person, once the cooling is over.
    await w.moveTo('2186-06-01');
    assert.deepEqual(await current.propose(w.deps, keeper, null), err('nothing-due'));
    await w.moveTo('2186-06-02');
    const { proposalId, rows } = unwrap(await current.propose(w.deps, keeper, null));
    assert.equal(rows, 2);
    unwrap(await current.approve(w.deps, manager, { proposalId, decision: 'approved' }));
    await w.moveTo('2186-06-08');
    assert.deepEqual(await current.erase(w.deps, keeper, { proposalId }), err('cooling'));
    await w.moveTo('2186-06-09');
    assert.equal(unwrap(await current.erase(w.deps, keeper, { proposalId })).rows, 2);
  },
);

test('INC-68 縮められた期間は前に受けた記録には及ばず、係争中のものは除かれ、どの日・どの改正でも施行中の最長の満了日より前に終わらない', async () => {
  await using w = await aRegister('2026-06-01');
  await w.change(await w.person('亡子'), removedBy('death'));
  const shortened = released([ruleOf(1, 150, '2002-08-05'), ruleOf(2, 100, '2050-04-01')]);
  // Reckoned by the new, shorter table: the row was filed under the longer one.
  await w.t.owner(
    `insert into retention.rule values ('x', 1, 150, 'g', '2002-08-05', gen_random_uuid()), ('x', 2, 100, 'g', '2050-04-01', gen_random_uuid())`,
  );
  const longest = async (kind: string, keptUntil: string, years: number, on: string) =>
    (
      await w.t.owner<{ ends: string; version: number }>(
        'select ends_on::text as ends, version from retention.longest_end($1, $2, $3, $4)',
        [kind, keptUntil, years, on],
      )
    )[0]!;
  assert.deepEqual(await longest('x', '2126-06-01', 100, '2126-06-02'), { ends: '2176-06-01', version: 1 });
  assert.deepEqual(await longest('x', '2160-06-01', 100, '2160-06-02'), { ends: '2160-06-01', version: 2 });
  assert.deepEqual(await longest('none', '2126-02-28', 100, '2126-06-02'), { ends: '2126-02-28', version: null });
  await w.moveTo('2176-06-02');
  unwrap(await runBatch(w.deps, job, shortened.sealRun, { on: '2176-06-02' }));
  assert.equal(unwrap(await shortened.propose(w.deps, keeper, null)).rows, 2);
  // A release that tells a past rule otherwise may do nothing here.
  const forged = released([ruleOf(1, 5, '2002-08-05')]);
  await assert.rejects(forged.propose(w.deps, keeper, null), /written down otherwise/);

  let kind = 0;
  const day = fc.integer({ min: 0, max: 80_000 }).map((n) => Temporal.PlainDate.from('1950-01-01').add({ days: n }));
  const rule = fc.record({ years: fc.integer({ min: 1, max: 150 }), from: day });
  await fc.assert(
    fc.asyncProperty(fc.array(rule, { minLength: 1, maxLength: 4 }), day, day, async (made, filed, on) => {
      const name = `p${++kind}`;
      const rules = made.toSorted((a, b) => Temporal.PlainDate.compare(a.from, b.from));
      for (const [i, r] of rules.entries())
        await w.t.owner(`insert into retention.rule values ($1, $2, $3, 'g', $4, gen_random_uuid())`, [
          name,
          i + 1,
          r.years,
          r.from.toString(),
        ]);
      const { years } = rules[0]!;
      const reckoned = filed.add({ years });
      const { ends } = await longest(name, reckoned.toString(), years, on.toString());
      const inForce = rules.filter((r, i) => {
        const until = rules[i + 1]?.from;
        // A leap day may move the filing by one when it is reckoned back; the rule of that day counts then.
        return (
          Temporal.PlainDate.compare(r.from, on) <= 0 &&
          (until === undefined || Temporal.PlainDate.compare(until, filed) > 0)
        );
      });
      for (const r of inForce) assert.ok(ends >= filed.add({ years: r.years }).toString(), 'before the longest end');
      const last = inForce
        .map((r) => filed.add({ years: r.years, days: 1 }).toString())
        .toSorted()
        .at(-1);
      assert.ok(ends <= (last ?? reckoned.toString()), 'beyond it without a reason');
    }),
    { numRuns: 150, seed: 68 },
  );
});

mechanismTest(
  'retention.expiry-run',
  '003-III.7-R3-A01 満了日の当日はまだ消去の対象にならず、翌日に対象となる',
  async () => {
    await using w = await aRegister('2026-06-01');
    await w.change(await w.person('亡子'), removedBy('death'));
    await w.moveTo('2176-06-01');
    await seal(w);
    assert.deepEqual(await retention.propose(w.deps, keeper, null), err('nothing-due'));
    await w.moveTo('2176-06-02');
    assert.equal(unwrap(await retention.propose(w.deps, keeper, null)).rows, 2);
  },
);

mechanismTest('retention.approved-list', '003-II.6-A11 別の職員が承認した一覧のとおりにしか消去されない', async () => {
  await using w = await aRegister('2026-06-01');
  const dead = await w.person('亡子');
  await w.change(dead, removedBy('death'));
  await w.moveTo('2176-06-02');
  await seal(w);
  const { proposalId } = unwrap(await retention.propose(w.deps, keeper, null));
  const refused = await retention.erase(w.deps, keeper, { proposalId }).catch(() => 'no guard, only the database');
  assert.deepEqual(refused, err('not-approved'));
  unwrap(await retention.approve(w.deps, manager, { proposalId, decision: 'approved' }));
  await cooled(w);
  assert.equal(unwrap(await retention.erase(w.deps, keeper, { proposalId })).rows, 2);
});
