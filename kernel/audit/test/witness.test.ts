import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestDatabase } from '../../db/testing.ts';
import { unwrap } from '../../result/result.ts';
import { expireMonth } from '../expiry.ts';
import { exportBundle } from '../export.ts';
import { verifyBundle } from '../independent/verify-bundle.mjs';
import { cosignedAt, parseCheckpoint } from '../note.ts';
import { Sequencer } from '../sequencer.ts';
import { quorumState, type SubmitterConfig, submitTo, type Witness } from '../submitter.ts';
import { verifyInstance } from '../verify.ts';
import { cosign, type WitnessDeps } from '../witness.ts';
import { addCheckpointRequest, addCheckpointResponse } from '../witness-endpoint.ts';
import { assess, clerk, job, testKey, testWard } from './ward.ts';

const key = testKey('musubi/meguro/ward', 1);
const peer = { kind: 'system', organisation: 'meguro', system: 'ward', certificate: 'c' } as const;
const never = new AbortController().signal;
const witnessDeps = (t: TestDatabase, n: number): WitnessDeps => ({
  ...t.deps,
  signer: testKey(`witness/w${n}`, 10 + n),
  logKey: (origin) => (origin === key.name ? key.publicKey : undefined),
});
const witnessOf = (deps: WitnessDeps, organisation: string): Witness => ({
  ...deps.signer,
  organisation,
  send: async (request) => addCheckpointResponse.parse(await cosign(deps, peer, addCheckpointRequest.parse(request))),
});
const grow = async (t: TestDatabase, ids: readonly string[]) => {
  for (const id of ids) unwrap(await assess(t.deps, clerk, { id, yen: 100 }));
  const s = new Sequencer({ db: t.db, machineClock: t.deps.machineClock, signer: key });
  await s.drain();
  return s.checkpoint();
};
const events = async (t: TestDatabase) =>
  (await t.owner<{ e: string }>(`select body::jsonb ->> 'event' as e from audit.intake_event order by intake_no`)).map(
    (r) => r.e,
  );

test('C2SP tlog-witness: two other organisations cosign, first contact is an event, later ones are not', async () => {
  await using t = await testWard('log');
  await using w1 = await testWard('w1');
  await using w2 = await testWard('w2');
  const config: SubmitterConfig = {
    db: t.db,
    machineClock: t.deps.machineClock,
    organisation: 'meguro',
    witnesses: [witnessOf(witnessDeps(w1, 1), 'tokyo'), witnessOf(witnessDeps(w2, 2), 'j-lis')],
  };
  const first = await grow(t, ['1', '2', '3']);
  assert.equal((await quorumState(config)).state, 'waiting');
  assert.equal(await submitTo(config, config.witnesses[0]!, never), 'cosigned');
  assert.equal((await quorumState(config)).state, 'waiting');
  assert.equal(await submitTo(config, config.witnesses[1]!, never), 'cosigned');
  assert.deepEqual(await quorumState(config), { state: 'good', sealedSize: 3 });
  assert.equal(await submitTo(config, config.witnesses[0]!, never), 'nothing-new');
  assert.deepEqual(await events(w1), ['audit.witness-first-contact']);
  const [line] = await t.owner<{ line: string }>(`select line from audit.cosignature where witness = 'witness/w1'`);
  assert.ok(cosignedAt(line!.line, parseCheckpoint(first.note)!.text, config.witnesses[0]!));
  assert.equal(cosignedAt(line!.line, parseCheckpoint(first.note)!.text, config.witnesses[1]!), undefined);

  await grow(t, ['4', '5']);
  assert.equal(await submitTo(config, config.witnesses[0]!, never), 'cosigned');
  assert.deepEqual(await events(w1), ['audit.witness-first-contact']);
  const report = await verifyInstance(t.db, { instance: 'meguro/ward', logKey: key, witnesses: config.witnesses });
  assert.deepEqual([report.ok, report.checked.cosignatures], [true, 3]);
  let bundle = '';
  await exportBundle(t.db, { instance: 'meguro/ward', logKey: key, witnesses: config.witnesses }, (l) => {
    bundle += l;
  });
  assert.deepEqual([verifyBundle(bundle).faults, verifyBundle(bundle).summary.cosignatures], [[], 3]);
  await t.owner(
    `update audit.cosignature set line = (select line from audit.cosignature where witness = 'witness/w2') where witness = 'witness/w1'`,
  );
  assert.ok(
    (await verifyInstance(t.db, { instance: 'meguro/ward', logKey: key, witnesses: config.witnesses })).defects.every(
      (d) => d.kind === 'cosignature-invalid',
    ),
  );
});

test('design §4.7: no quorum of two other organisations for ten minutes is an alarm; the own organisation does not count', async () => {
  await using t = await testWard('alarm');
  await using w = await testWard('alarm-w');
  const own = witnessOf(witnessDeps(w, 1), 'meguro');
  await grow(t, ['1']);
  const config: SubmitterConfig = {
    db: t.db,
    machineClock: t.deps.machineClock,
    organisation: 'meguro',
    witnesses: [own],
  };
  assert.equal(await submitTo(config, own, never), 'cosigned');
  assert.equal((await quorumState(config)).state, 'waiting');
  const later = { now: () => t.deps.machineClock.now().add({ minutes: 11 }) };
  assert.equal((await quorumState({ ...config, machineClock: later })).state, 'alarm');
});

test('C2SP tlog-witness: refuses an unknown log, a wrong signature, a wrong size and a fork, and keeps the fork as evidence', async () => {
  await using t = await testWard('log-r');
  await using w = await testWard('w-r');
  const deps = witnessDeps(w, 1);
  const first = await grow(t, ['1', '2', '3']);
  const ask = (more: object) => cosign(deps, peer, { oldSize: 0, proof: [], checkpoint: first.note, ...more });
  assert.deepEqual(
    await cosign({ ...deps, logKey: () => undefined }, peer, { oldSize: 0, proof: [], checkpoint: first.note }),
    { outcome: 'unknown-log' },
  );
  assert.deepEqual(await ask({ checkpoint: first.note.replace('\n3\n', '\n4\n') }), { outcome: 'bad-signature' });
  assert.deepEqual(await ask({ checkpoint: 'x' }), { outcome: 'bad-request' });
  assert.deepEqual(await ask({ oldSize: 9 }), { outcome: 'bad-request' });
  assert.equal((await ask({})).outcome, 'cosigned');
  assert.deepEqual(await ask({}), { outcome: 'other-size', size: 3 });
  assert.equal((await ask({ oldSize: 3 })).outcome, 'cosigned'); // the same checkpoint again
  await using fork = await testWard('fork-r');
  const other = await grow(fork, ['9', '8', '7', '6']);
  assert.deepEqual(await ask({ oldSize: 3, checkpoint: other.note }), { outcome: 'inconsistent' });
  assert.deepEqual(await events(w), ['audit.witness-first-contact', 'audit.witness-conflict']);
  const [conflict] = await w.owner<{ seen_note: string; shown_note: string }>(
    'select seen_note, shown_note from audit.witness_conflict',
  );
  assert.deepEqual([conflict?.seen_note, conflict?.shown_note], [first.note, other.note]);
});

test('C2SP tlog-witness: two requests at once never move the witness back', async () => {
  await using t = await testWard('log-2');
  await using w = await testWard('w-2');
  const witness = witnessOf(witnessDeps(w, 1), 'tokyo');
  const notes = [await grow(t, ['1']), await grow(t, ['2'])];
  await Promise.all(notes.map((c) => witness.send({ oldSize: 0, proof: [], checkpoint: c.note }, never)));
  const config: SubmitterConfig = {
    db: t.db,
    machineClock: t.deps.machineClock,
    organisation: 'meguro',
    witnesses: [witness],
  };
  await submitTo(config, witness, never);
  assert.deepEqual(await w.owner('select size::int from audit.witnessed'), [{ size: 2 }]);
  assert.deepEqual(await events(w), ['audit.witness-first-contact']);
});

test('design §4.7: a closed month expires after its term, its leaf hashes and proofs stay, and the range is named', async () => {
  await using t = await testWard('expiry', { now: '2019-01-31T23:00:00Z' });
  await t.owner(`select audit.ensure_partitions('2019-01-15', 2)`);
  await grow(t, ['1', '2', '3']);
  const month = Temporal.PlainYearMonth.from('2019-01');
  assert.deepEqual(await expireMonth(t.deps, job, { month }), { ok: false, error: 'nothing-to-expire' });
  let now = Temporal.Instant.from('2026-06-01T00:00:00Z');
  const later = {
    ...t.deps,
    machineClock: {
      now: () => {
        now = now.add({ seconds: 1 });
        return now;
      },
    },
  };
  assert.deepEqual(unwrap(await expireMonth(later, job, { month })), { upTo: 3, erased: 3 });
  const s = new Sequencer({ db: t.db, machineClock: later.machineClock, signer: key });
  await s.drain();
  await s.checkpoint();
  const options = { instance: 'meguro/ward', logKey: key };
  assert.deepEqual((await verifyInstance(t.db, options)).defects, []);
  assert.deepEqual(await t.owner(`select to_regclass('audit.entry_201901') as t`), [{ t: null }]);
  let bundle = '';
  await exportBundle(t.db, options, (line) => {
    bundle += line;
  });
  assert.deepEqual(verifyBundle(bundle).faults, []);
  await t.owner('delete from audit.entry where leaf_index = 3');
  assert.deepEqual(
    (await verifyInstance(t.db, options)).defects.map((d) => d.kind),
    ['entry-missing'],
  );
});
