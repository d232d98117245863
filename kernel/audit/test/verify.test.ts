import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestDatabase } from '../../db/testing.ts';
import { unwrap } from '../../result/result.ts';
import { proveEvent, verifyEventProof } from '../event-proof.ts';
import { exportBundle } from '../export.ts';
import { verifyBundle } from '../independent/verify-bundle.mjs';
import { leafHash, rootOf, sha256 } from '../merkle.ts';
import { Sequencer } from '../sequencer.ts';
import { type Defect, type VerifyReport, verifyInstance } from '../verify.ts';
import { assess, assessAll, bulkOrder, clerk, moveHouse, storeResult, testKey, testWard } from './ward.ts';

const key = testKey('musubi/meguro/ward', 1);
const options = { instance: 'meguro/ward', logKey: key };
const verify = (t: TestDatabase, seenElsewhere: string[] = []): Promise<VerifyReport> =>
  verifyInstance(t.db, { ...options, seenElsewhere });

async function filled(seed: string): Promise<TestDatabase & { readonly note: string }> {
  const t = await testWard(seed);
  for (let i = 0; i < 6; i++) unwrap(await assess(t.deps, clerk, { id: `${i}`, yen: 100 * i }));
  await assess(t.deps, clerk, { id: 'none', yen: 1, refuse: true });
  unwrap(await storeResult(t.deps, clerk, { no: 'q-1', items: ['a', 'b', 'c'] }));
  unwrap(await moveHouse(t.deps, clerk, { id: 'p-1', address: '一丁目' }));
  unwrap(await moveHouse(t.deps, clerk, { id: 'p-1', address: '二丁目' }));
  unwrap(await bulkOrder(t.deps, clerk, { people: ['p-1', 'p-2', 'p-3'] }));
  const s = new Sequencer({ db: t.db, machineClock: t.deps.machineClock, signer: key });
  await s.drain();
  return Object.assign(t, { note: (await s.checkpoint()).note });
}

test('design §4.7 verify: an untouched log holds, also with events that wait for their number', async () => {
  await using t = await filled('good');
  unwrap(await assess(t.deps, clerk, { id: 'late', yen: 5 }));
  const report = await verify(t);
  assert.deepEqual(report.defects, []);
  assert.deepEqual(report.checked, {
    events: 11,
    waiting: 1,
    facts: 12,
    expired: 0,
    tiles: 1,
    checkpoints: 1,
    cosignatures: 0,
    factTables: 4,
  });
});

const tamperings: readonly (readonly [string, string, readonly Partial<Defect>[]])[] = [
  [
    'an altered audit row',
    `update audit.entry set body = replace(body, '"yen":200', '"yen":900') where leaf_index = 2`,
    [{ kind: 'entry-altered', sequence: 2 }],
  ],
  [
    'an altered inquiry result',
    `update ward.inquiry_result set value = 'x' where item = 'b'`,
    [{ kind: 'fact-altered', table: 'ward.inquiry_result', key: 'q-1/b' }],
  ],
  [
    'an altered assessment amount',
    `update ward.assessment set levy_yen = 1 where assessment_id = '3'`,
    [{ kind: 'fact-altered', table: 'ward.assessment', key: '3' }],
  ],
  [
    'a deleted fact row',
    `delete from ward.assessment where assessment_id = '3'`,
    [{ kind: 'fact-missing', table: 'ward.assessment', key: '3' }],
  ],
  [
    'an altered history row',
    `update ward.resident_history set address = 'x'`,
    [{ kind: 'fact-altered', table: 'ward.resident_history' }],
  ],
  [
    'a fact row that claims an event',
    `insert into ward.assessment select 'new', 9, decided_at, event_id from ward.assessment where assessment_id = '1'`,
    [{ kind: 'fact-extra', table: 'ward.assessment', key: 'new' }],
  ],
  [
    'an altered fact with its digest altered too',
    `with a as (update ward.assessment set levy_yen = 7 where assessment_id = '4' returning 1) update audit.fact set digest = sha256('x') where fact_table = 'ward.assessment' and fact_key = '4'`,
    [
      { kind: 'fact-digests-altered', sequence: 4 },
      { kind: 'fact-altered', key: '4' },
    ],
  ],
  [
    'a deleted audit row',
    `delete from audit.entry where leaf_index = 5`,
    [
      { kind: 'entry-missing', sequence: 5 },
      { kind: 'fact-digests-orphaned', key: '5' },
    ],
  ],
  [
    'an inserted audit row',
    `insert into audit.entry select 11, gen_random_uuid(), body, sequenced_at from audit.entry where leaf_index = 6`,
    [
      { kind: 'entry-inserted', sequence: 11 },
      { kind: 'entry-malformed', sequence: 11 },
    ],
  ],
  [
    'a truncated log',
    `with e as (delete from audit.entry where leaf_index = 10), s as (delete from audit.subject where role = 'member'), h as (update audit.head set size = 10) update audit.tile set width = 10, hashes = substring(hashes from 1 for 320)`,
    [{ kind: 'log-truncated', sequence: 11 }],
  ],
  [
    'a swapped tile',
    `update audit.tile set hashes = substring(hashes from 33 for 32) || substring(hashes from 1 for 32) || substring(hashes from 65)`,
    [
      { kind: 'tile-altered', sequence: 0 },
      { kind: 'tile-altered', sequence: 1 },
    ],
  ],
  [
    'a body altered together with its leaf',
    `with b as (update audit.entry set body = replace(body, 's-1', 's-2') where leaf_index = 0 returning sha256('\\x00'::bytea || convert_to(body, 'UTF8')) as h) update audit.tile set hashes = b.h || substring(hashes from 33) from b`,
    [{ kind: 'root-mismatch', sequence: 11 }],
  ],
  [
    'a person exchanged',
    `update audit.subject set subject = 'person-other' where subject = 'person-1'`,
    [{ kind: 'subject-altered', sequence: 1 }],
  ],
  [
    'a person removed',
    `delete from audit.subject where subject = 'person-1'`,
    [{ kind: 'subject-missing', sequence: 1 }],
  ],
  [
    'an erasure that no event names',
    `select audit.erase_subject('person-1', gen_random_uuid())`,
    [{ kind: 'erasure-without-event' }],
  ],
  [
    'an altered checkpoint',
    `update audit.checkpoint set note = replace(note, E'\\n11\\n', E'\\n10\\n')`,
    [{ kind: 'checkpoint-altered', sequence: 11 }],
  ],
];
for (const [what, statement, expected] of tamperings) {
  test(`design §4.7 verify: names ${what}`, async () => {
    await using t = await filled(what);
    await t.owner(statement);
    const { ok, defects } = await verify(t);
    assert.equal(ok, false);
    assert.deepEqual(
      defects.map((d) => d.kind),
      expected.map((e) => e.kind),
    );
    for (const [i, e] of expected.entries()) assert.deepEqual({ ...defects[i], ...e }, defects[i]);
  });
}

test('design §4.7 verify: a log cut back with its own checkpoints is caught by one that a witness kept', async () => {
  await using t = await filled('cut');
  await t.owner(`delete from audit.checkpoint`);
  await t.owner(`delete from audit.entry where leaf_index = 10`);
  await t.owner(`delete from audit.subject where role = 'member'`);
  await t.owner(`update audit.head set size = 10`);
  await t.owner(`update audit.tile set width = 10, hashes = substring(hashes from 1 for 320)`);
  assert.equal((await verify(t)).ok, true);
  assert.deepEqual(
    (await verify(t, [t.note])).defects.map((d) => d.kind),
    ['log-truncated'],
  );
});

test('design §4.4: the person gets a proof of one record, which needs neither database nor trust in the sender', async () => {
  await using t = await filled('proof');
  const [row] = await t.owner<{ event_id: string }>('select event_id from audit.entry where leaf_index = 3');
  const proof = unwrap(await proveEvent(t.db, row!.event_id, { withOpening: true }));
  const proven = unwrap(verifyEventProof(proof, key));
  assert.equal(proven.event.event, 'assessment.decided');
  assert.equal(proven.subject, 'person-3');
  const broken = (change: object) => verifyEventProof({ ...proof, ...change }, key);
  assert.deepEqual(broken({ body: proof.body.replace('300', '301') }), { ok: false, error: 'not-in-the-log' });
  assert.deepEqual(broken({ leafIndex: 4 }), { ok: false, error: 'not-in-the-log' });
  assert.deepEqual(broken({ opening: { ...proof.opening, subject: 'person-4' } }), {
    ok: false,
    error: 'wrong-opening',
  });
  assert.deepEqual(verifyEventProof(proof, testKey('musubi/meguro/ward', 2)), { ok: false, error: 'wrong-signature' });
  await t.owner(`select audit.erase_subject('person-3', event_id) from audit.entry where leaf_index = 10`);
  const after = unwrap(await proveEvent(t.db, row!.event_id, { withOpening: true }));
  assert.equal(after.opening, undefined);
  assert.equal(unwrap(verifyEventProof(after, key)).subject, undefined);
  assert.equal((await verify(t)).ok, true);
  assert.deepEqual(await proveEvent(t.db, t.deps.newId()), { ok: false, error: 'no-such-event' });
});

test('design §4.7 export: the independent verifier accepts the bundle and fails on every tampering with a line', async () => {
  await using t = await filled('bundle');
  unwrap(await assess(t.deps, clerk, { id: 'more', yen: 7 }));
  const s = new Sequencer({ db: t.db, machineClock: t.deps.machineClock, signer: key });
  await s.drain();
  await s.checkpoint();
  let text = '';
  await exportBundle(t.db, options, (line) => {
    text += line;
  });
  assert.ok(!text.includes('person-'));
  const pinned = new Map([[key.name, Buffer.from(key.publicKey).toString('base64')]]);
  assert.deepEqual(verifyBundle(text, { pinned }), {
    faults: [],
    summary: { origin: key.name, events: 12, checkpoints: 2, cosignatures: 0, unpinned: [] },
  });
  const lines = text.trimEnd().split('\n');
  const fails = (changed: readonly string[], what: string): void =>
    assert.notDeepEqual(verifyBundle(changed.join('\n'), { pinned }).faults, [], what);
  for (const i of lines.keys()) fails(lines.toSpliced(i, 1), `line ${i} removed`);
  for (const i of lines.keys()) fails(lines.toSpliced(i, 0, lines[i]!), `line ${i} doubled`);
  for (const [i, line] of lines.entries()) {
    const record = JSON.parse(line);
    for (const [name, value] of Object.entries(record)) {
      if (name === 'cosignatures' || name === 'witnesses') continue;
      const other =
        typeof value === 'number'
          ? value + 1
          : typeof value === 'string'
            ? (value.startsWith('a') ? 'b' : 'a') + value.slice(1)
            : Array.isArray(value)
              ? [...value, '00'.repeat(32)]
              : { name: 'x', publicKey: 'AA' };
      fails(lines.with(i, JSON.stringify({ ...record, [name]: other })), `line ${i} ${name}`);
    }
  }
  const forged = new Map([[key.name, Buffer.from(testKey('x', 9).publicKey).toString('base64')]]);
  assert.notDeepEqual(verifyBundle(text, { pinned: forged }).faults, []);
  assert.notDeepEqual(verifyBundle(lines.slice(0, -1).join('\n'), { pinned }).faults, []);
});

test('design §4.7 many rows tied by one root: verified as a whole, exported row by row, erased one by one', async () => {
  for (const [seed, root] of [
    ['batch-log', null],
    ['batch-act', 'stated'],
  ] as const) {
    await using t = await filled(seed);
    const ids = Array.from({ length: 300 }, (_, i) => `bulk-${i}`);
    const stated =
      root === null
        ? null
        : {
            count: ids.length,
            root: rootOf(
              ids.toSorted().map((id) => {
                const row = `{"event_id": "${eventIdOfBatch}", "levy_yen": 7, "decided_at": "2026-06-01T00:00:00+00:00", "assessment_id": "${id}"}`;
                return leafHash(`ward.assessment\n${id}\n${sha256(row).toString('hex')}\n`);
              }),
            ).toString('hex'),
          };
    unwrap(await assessAll({ ...t.deps, newId: () => eventIdOfBatch }, clerk, { ids, stated }));
    const s = new Sequencer({ db: t.db, machineClock: t.deps.machineClock, signer: key });
    await s.drain();
    const { note } = await s.checkpoint();
    assert.deepEqual((await verify(t)).defects, []);
    const [stored] = await t.owner<{ n: number }>(
      `select count(*)::int as n from audit.fact where fact_key like 'bulk-%'`,
    );
    assert.equal(stored!.n, 0);

    const lines: string[] = [];
    await exportBundle(t.db, { instance: 'meguro/ward', logKey: key }, (line) => void lines.push(line));
    const pinned = new Map([[key.name, Buffer.from(key.publicKey).toString('base64')]]);
    assert.deepEqual(verifyBundle(lines.join(''), { pinned, checkpoints: [note] }).faults, []);

    await t.owner(
      `select audit.facts_erased('ward.assessment', '{bulk-17,bulk-3}', (select event_id from audit.entry limit 1), array['${eventIdOfBatch}'::uuid])`,
    );
    await t.owner(`delete from ward.assessment where assessment_id in ('bulk-17', 'bulk-3')`);
    assert.deepEqual((await verify(t)).defects, []);
    await t.owner(`update ward.assessment set levy_yen = 8 where assessment_id = 'bulk-200'`);
    assert.deepEqual((await verify(t)).defects, [
      { kind: 'fact-batch-altered', instance: 'meguro/ward', eventId: eventIdOfBatch, table: 'ward.assessment' },
    ]);
    await t.owner(`update audit.fact_batch set count = 1`);
    assert.ok((await verify(t)).defects.some((d) => d.kind === 'fact-digests-altered'));
  }
});
const eventIdOfBatch = '01970000-0000-7000-8000-000000000001';
