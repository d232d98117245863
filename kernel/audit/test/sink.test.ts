import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ActDeps, act } from '../../db/act.ts';
import type { TestDatabase } from '../../db/testing.ts';
import { ok, unwrap } from '../../result/result.ts';
import { copyTied } from '../copy-tied.ts';
import { leafHash, rootOf } from '../merkle.ts';
import { commitmentTo, rootOverCommitments } from '../sink.ts';
import { type ColumnValue, JsonDocument, momentInJson, TiedRows } from '../tied-rows.ts';
import { assess, bulkOrder, clerk, moveHouse, resident, storeResult, testWard } from './ward.ts';

let t: TestDatabase;
before(async () => {
  t = await testWard('sink');
});
after(() => t[Symbol.asyncDispose]());

interface Body {
  readonly event: string;
  readonly outcome: string;
  readonly refusal?: string;
  readonly subject?: string;
  readonly subjects?: { count: number; root: string };
  readonly actor: Record<string, string>;
  readonly facts?: readonly { table: string; count: number; root: string }[];
}
const lastEvent = async (): Promise<{ eventId: string; text: string; body: Body }> => {
  const rows = await t.owner<{ event_id: string; body: string }>(
    'select event_id, body from audit.intake_event order by intake_no desc limit 1',
  );
  return { eventId: rows[0]!.event_id, text: rows[0]!.body, body: JSON.parse(rows[0]!.body) };
};

test('design §4.7: an act leaves one canonical event in its own transaction, tied to the rows it wrote', async () => {
  unwrap(await storeResult(t.deps, clerk, { no: 'q-1', items: ['b', 'a'] }));
  const { eventId, text, body } = await lastEvent();
  assert.deepEqual(Object.keys(body), Object.keys(body).toSorted());
  assert.equal(text, JSON.stringify(body));
  const facts = await t.owner<{ fact_key: string; digest: Buffer }>(
    'select fact_key, digest from audit.fact where event_id = $1 order by fact_key',
    [eventId],
  );
  assert.deepEqual(
    facts.map((f) => f.fact_key),
    ['q-1/a', 'q-1/b'],
  );
  const leaves = facts.map((f) => leafHash(`ward.inquiry_result\n${f.fact_key}\n${f.digest.toString('hex')}\n`));
  assert.deepEqual(body.facts, [{ count: 2, root: rootOf(leaves).toString('hex'), table: 'ward.inquiry_result' }]);
});

test('design §4.7: the event names the person only by a salted commitment', async () => {
  unwrap(await assess(t.deps, clerk, { id: '77', yen: 1_000 }));
  const { eventId, text, body } = await lastEvent();
  assert.ok(!text.includes('person-77'));
  const [row] = await t.owner<{ subject: string; salt: Buffer; commitment: Buffer }>(
    'select subject, salt, commitment from audit.subject where event_id = $1',
    [eventId],
  );
  assert.equal(row?.subject, 'person-77');
  assert.equal(commitmentTo(row!.salt, row!.subject).toString('hex'), body.subject);
});

test('design §4.7: a resident who acts stands in the event by a commitment too', async () => {
  unwrap(await storeResult(t.deps, resident, { no: 'q-2', items: ['a'] }));
  const { text, body } = await lastEvent();
  assert.ok(!text.includes('person-9'));
  assert.match(body.actor.subject!, /^[0-9a-f]{64}$/);
});

test('design §2.6: a refusal undoes the facts and leaves its event', async () => {
  assert.equal((await assess(t.deps, clerk, { id: '78', yen: 1, refuse: true })).ok, false);
  const { eventId, body } = await lastEvent();
  assert.deepEqual([body.outcome, body.refusal, body.facts], ['refused', 'no-income', undefined]);
  assert.equal((await t.owner('select 1 from audit.fact where event_id = $1', [eventId])).length, 0);
});

test('design §4.7: a bulk order is one event that commits to the root over its persons', async () => {
  const people = Array.from({ length: 37 }, (_, i) => `person-${i}`);
  unwrap(await bulkOrder(t.deps, clerk, { people }));
  const { eventId, body } = await lastEvent();
  const rows = await t.owner<{ commitment: Buffer }>(
    `select commitment from audit.subject where event_id = $1 and role = 'member' order by ord`,
    [eventId],
  );
  assert.deepEqual(body.subjects, {
    count: 37,
    root: rootOverCommitments(rows.map((r) => r.commitment)).toString('hex'),
  });
});

test('design §2.5: the digest of a row does not change when the row moves to history', async () => {
  unwrap(await moveHouse(t.deps, clerk, { id: 'p-1', address: '目黒一丁目' }));
  unwrap(await moveHouse(t.deps, clerk, { id: 'p-1', address: '目黒二丁目' }));
  await t.owner(`update ward.resident_history set memo = 'erasable' where person_id = 'p-1'`);
  assert.deepEqual(await t.owner(`select * from audit.fact_differences('ward.resident')`), []);
});

test('design §2.5: a column added later, still null, changes no digest', async () => {
  await t.owner('alter table ward.assessment add column note text');
  assert.deepEqual(await t.owner(`select * from audit.fact_differences('ward.assessment')`), []);
});

test('design §4.7: what is null inside a stored document is part of its digest, what is null in a row is not', async () => {
  const event = '01890000-0000-7000-8000-000000000001';
  const digestOf = async (content: string): Promise<string> => {
    await t.owner(`delete from ward.form`);
    await t.owner(`insert into ward.form values ('1', $1, null, $2)`, [content, event]);
    const rows = await t.owner<{ d: string }>(
      `select encode(digest, 'hex') as d from audit.fact_digests('ward.form', $1)`,
      [event],
    );
    return rows[0]!.d;
  };
  assert.notEqual(await digestOf('{"a": {"b": null}}'), await digestOf('{"a": {}}'));
  await t.owner(`insert into ward.form values ('2', '{"a": null}', null, $1)`, [event]);
  const tied = await t.owner<{ tie: string }>(`select audit.tie('ward.form', $1) as tie`, [event]);
  assert.equal((JSON.parse(tied[0]!.tie) as { count: number }).count, 2);
  assert.deepEqual(await t.owner(`select * from audit.fact_differences('ward.form')`), []);
  await t.owner(`with f as (delete from ward.form) delete from audit.fact where fact_table = 'ward.form'`);
});

test('the digest does not depend on the settings of the session', async () => {
  const digest = async () =>
    (
      await t.owner<{
        d: string;
      }>(`select encode(digest, 'hex') as d from audit.fact_digests('ward.assessment', null) union all
    select encode(digest, 'hex') from audit.fact_digests('ward.inquiry_result', null) order by 1`)
    ).map((r) => r.d);
  const plain = await digest();
  await t.owner(`set timezone = 'Asia/Tokyo'`);
  await t.owner(`set bytea_output = 'escape'`);
  assert.deepEqual(await digest(), plain);
});

test('the running system may append to the log and nothing else', async () => {
  const app = async (statement: string) => t.db.pool.query(statement);
  for (const table of [
    'entry',
    'intake_event',
    'fact',
    'subject',
    'tile',
    'head',
    'checkpoint',
    'expiry',
    'fact_table',
    'policy',
  ]) {
    await assert.rejects(app(`delete from audit.${table}`), /permission denied/, table);
  }
  await assert.rejects(
    app(`insert into audit.intake_event (event_id, body) values (gen_random_uuid(), '{}')`),
    /permission denied/,
  );
  await assert.rejects(app(`update audit.entry set body = ''`), /permission denied/);
  await assert.rejects(app(`select audit.append_hashes(0, '{}')`), /permission denied/);
  await assert.rejects(app(`select audit.declare_fact_table('ward.assessment')`), /permission denied/);
});

test('an event that names a table which does not exist cannot commit', async () => {
  const count = async () => (await t.owner<{ n: number }>('select count(*)::int as n from audit.intake_event'))[0]!.n;
  const before = await count();
  await assert.rejects(
    t.deps.db.pool.query(
      `select audit.intake(gen_random_uuid(), '{"facts":', '}', '{ward.nothing}', '{}', '{}', '{}', '{}', '{}')`,
    ),
    /does not exist/,
  );
  assert.equal(await count(), before);
});

test('design §2.6: an event that cannot be written, in the database or before it, leaves nothing of its act', async () => {
  await using t = await testWard('unwritable');
  for (const facts of ['ward.no_such_table', 'not a table’s name'])
    await assert.rejects(
      act<ActDeps, null, null, never>('ward.unwritable', {
        right: ['ward', 'assessment', 'update'],
        async run(tx) {
          await tx`insert into ward.assessment (assessment_id, levy_yen, event_id) values ('lost', 1, ${tx.eventId})`;
          tx.record({ event: 'assessment.decided', facts: [facts] });
          return ok(null);
        },
      })(t.deps, clerk, null),
    );
  const [left] = await t.owner<{ n: number }>('select count(*)::int as n from ward.assessment');
  assert.equal(left!.n, 0);
});

test('design §4.7: rows that the program ties itself have the root that the database makes of them, whatever they hold', async () => {
  const moment = momentInJson(Temporal.Instant.from('2026-06-01T10:00:00.123456789+09:00'));
  const values = [
    ...['', '\u{2000b}野家　"太郎"', 'a\\b\t\n\r\b\f\u0001\u007f\u2028', moment, '2026-06-01'],
    ...[0, -7, 9_999_999_999, true, false, null, [], ['a', '"b"']],
  ] as const;
  const tied = new TiedRows('ward.odd');
  const rows = values.map((value, i) => {
    const row: Record<string, ColumnValue> = { id: `k${i}`, value, status: 'x', aza_code: '', address: '東京都' };
    tied.add(`k${i}/x`, row);
    return row;
  });
  const [made] = await t.owner<{ root: string }>(
    `select encode(audit.merkle_root(array_agg(audit.fact_leaf('ward.odd', (j ->> 'id') || '/x',
              sha256(convert_to(jsonb_strip_nulls(j)::text, 'UTF8'))) order by (j ->> 'id') || '/x' collate "C")), 'hex') as root
       from jsonb_array_elements($1::jsonb) as j`,
    [JSON.stringify(rows)],
  );
  assert.deepEqual(tied.tie(), { count: values.length, root: made!.root });
  const [stored] = await t.owner<{ moment: string }>(
    `select (to_jsonb('2026-06-01T10:00:00.123456789+09:00'::timestamptz at time zone 'UTC') #>> '{}') || '+00:00' as moment`,
  );
  assert.equal(stored!.moment, moment);
});

test('design §4.7: rows that are copied in are tied as the database would tie them, by one root or each by name', async () => {
  await t.owner(`create table ward.copied (id text primary key, note text, born date, at timestamptz, refs uuid[], parts bigint[], mark bytea,
    document jsonb, event_id uuid not null)`);
  await t.owner('create table ward.copied_by_name (like ward.copied including all)');
  for (const table of ['ward.copied', 'ward.copied_by_name']) {
    await t.owner(`grant select, insert on ${table} to public`);
    // One of the two leaves a column out, as a text that retention erases.
    const excluded = table === 'ward.copied' ? '{mark}' : '{}';
    await t.owner('select audit.declare_fact_table($1, null, $2::text[])', [table, excluded]);
  }
  const notes = ['', '\\N', 'a\\b\t\n\r"{},', '東京\u{2000b}', null] as const;
  const rows = notes.map((note, i) => ({
    id: `k${i}`,
    note,
    born: i === 1 ? null : '2000-02-29',
    at: momentInJson(Temporal.Instant.from('2026-06-01T10:00:00.123456789+09:00')),
    refs: i === 0 ? [] : ['019e807b-41f0-7c26-ba49-51e764953cbe'],
    parts: [14_900, 0],
    mark: '\\x00ff5c',
    document: new JsonDocument({
      b: 1,
      aa: { z: null, y: undefined, on: Temporal.PlainDate.from('2026-06-01') },
      a: [note, true, -0],
    }),
  }));
  const copyThem = act<ActDeps, null, null, never>('ward.copy', {
    right: ['ward', 'assessment', 'update'],
    async run(tx) {
      const batches = {
        'ward.copied': await copyTied(tx, 'ward.copied', ['id'], rows, { excluded: ['mark'] }),
        'ward.copied_by_name': await copyTied(tx, 'ward.copied_by_name', ['id'], rows, { named: true }),
      };
      tx.record({ event: 'assessment.decided', facts: Object.keys(batches), batches });
      return ok(null);
    },
  });
  unwrap(await copyThem(t.deps, clerk, null));
  const { eventId, body } = await lastEvent();
  for (const { table, count, root } of body.facts!) {
    const [made] = await t.owner<{ root: string }>(
      `select encode(audit.merkle_root(array_agg(audit.fact_leaf($1, d.fact_key, d.digest) order by d.fact_key collate "C")), 'hex') as root
         from audit.fact_digests($1, $2) as d`,
      [table, eventId],
    );
    assert.deepEqual([count, root], [notes.length, made!.root], table);
    assert.deepEqual(await t.owner('select * from audit.fact_differences($1)', [table]), []);
  }
  await t.owner(`update ward.copied_by_name set parts[1] = 1 where id = 'k3'`);
  assert.deepEqual(await t.owner(`select fact_key, fault from audit.fact_differences('ward.copied_by_name')`), [
    { fact_key: 'k3', fault: 'altered' },
  ]);
});

test('design §4.7: acts that share a transaction each leave the event that they would leave alone, and a changed row is found', async () => {
  await using own = await testWard('together');
  const ids = ['t1', 't2', 't3'];
  for (const each of await Promise.all([
    ...ids.map((id, i) => assess(own.deps, clerk, { id, yen: 100 + i })),
    storeResult(own.deps, resident, { no: 'q-3', items: ['b', 'a', 'c'] }),
    storeResult(own.deps, clerk, { no: 'q-4', items: [] }),
  ]))
    unwrap(each);
  const events = await own.owner<{ event_id: string; body: string; xmin: string }>(
    'select event_id, body, xmin::text from audit.intake_event order by intake_no',
  );
  const bodies = events.map((row) => JSON.parse(row.body) as Body);
  assert.equal(events.length, 5);
  // Three of one act in one transaction, two of the other in another.
  assert.equal(new Set(events.map((row) => row.xmin)).size, 2);
  const leavesOf = async (eventId: string): Promise<Buffer[]> => {
    const facts = await own.owner<{ fact_table: string; fact_key: string; digest: Buffer }>(
      'select fact_table, fact_key, digest from audit.fact where event_id = $1 order by fact_key collate "C"',
      [eventId],
    );
    return facts.map((f) => leafHash(`${f.fact_table}\n${f.fact_key}\n${f.digest.toString('hex')}\n`));
  };
  for (const [i, body] of bodies.entries()) {
    assert.equal(events[i]!.body, JSON.stringify(body));
    const leaves = await leavesOf(events[i]!.event_id);
    assert.deepEqual(body.facts, [
      { count: leaves.length, root: rootOf(leaves).toString('hex'), table: body.facts![0]!.table },
    ]);
    const [subject] = await own.owner<{ subject: string; salt: Buffer }>(
      `select subject, salt from audit.subject where event_id = $1 and role = 'subject'`,
      [events[i]!.event_id],
    );
    assert.equal(commitmentTo(subject!.salt, subject!.subject).toString('hex'), body.subject);
  }
  assert.deepEqual(bodies.map((body) => body.facts![0]!.count).toSorted(), [0, 1, 1, 1, 3]);
  assert.deepEqual(bodies.map((body) => body.actor.kind).toSorted(), ['resident', 'staff', 'staff', 'staff', 'staff']);
  const differences = () =>
    own.owner<{ fact_key: string; fault: string }>(
      `select fact_key, fault from audit.fact_differences('ward.assessment')`,
    );
  assert.deepEqual(await differences(), []);
  await own.owner(`update ward.assessment set levy_yen = 1 where assessment_id = 't2'`);
  assert.deepEqual(await differences(), [{ fact_key: 't2', fault: 'altered' }]);
});
