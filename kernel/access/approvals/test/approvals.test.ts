import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ActDeps, type Actor, act } from '../../../db/act.ts';
import { testDatabase } from '../../../db/testing.ts';
import { mechanismTest } from '../../../enforcement/testing.ts';
import { ok } from '../../../result/result.ts';
import { decideApproval, listForApproval, requestApproval, useApproval } from '../approvals.ts';
import type { Decision } from '../domain.ts';
import { approvalsSchema } from '../schema.ts';

const staff = (staffId: string): Actor => ({ kind: 'staff', organisation: 'meguro', staffId, sessionId: staffId });
const right = ['test', 'approval', 'update'] as const;
const kind = 'test.hand-over';
const payload = { list: 'L1', count: 3 };

const ask = act('test.ask', {
  right,
  async run(tx, deps: ActDeps, by: string) {
    const id = await requestApproval(tx, deps, { kind, subject: 'case-1', payload, by, validHours: 24 });
    tx.record({ event: 'approval.requested', facts: ['approvals.request'] });
    return ok(id);
  },
});
const decide = act('test.decide', {
  right,
  async run(tx, deps: ActDeps, command: { approvalId: string; by: string; decision: Decision }) {
    const decided = await decideApproval(tx, deps, command);
    if (decided.ok) tx.record({ event: `approval.${command.decision}`, facts: ['approvals.decision'] });
    return decided;
  },
});
const carryOut = act('test.carry-out', {
  right,
  async run(tx, deps: ActDeps, command: { approvalId: string; payload: unknown; kind?: string }) {
    const used = await useApproval(tx, deps, { kind, by: 'asker', ...command });
    if (used.ok) tx.record({ event: 'handed-over', facts: ['approvals.execution'] });
    return used;
  },
});
const inbox = act('test.inbox', {
  right,
  async run(tx, deps: ActDeps, by: string) {
    tx.record({ event: 'inbox.read' });
    return ok(await listForApproval(tx, deps, { kinds: [kind], by, limit: 50 }));
  },
});
const word = (r: { ok: boolean; error?: string }) => (r.ok ? 'ok' : r.error);

async function start() {
  const t = await testDatabase([approvalsSchema]);
  const asked = await ask(t.deps, staff('asker'), 'asker');
  assert.ok(asked.ok);
  return { t, approvalId: asked.value };
}

test('design 6: asked, approved by another person, carried out once exactly as approved', async () => {
  const { t, approvalId } = await start();
  await using _ = t;
  assert.equal(word(await carryOut(t.deps, staff('asker'), { approvalId, payload })), 'not-approved');
  const other = await inbox(t.deps, staff('boss'), 'boss');
  assert.deepEqual(other.ok && other.value.map((a) => [a.approvalId, a.requestedBy, a.subject]), [
    [approvalId, 'asker', 'case-1'],
  ]);
  const own = await inbox(t.deps, staff('asker'), 'asker');
  assert.deepEqual(own.ok && own.value, []);
  assert.equal(word(await decide(t.deps, staff('boss'), { approvalId, by: 'boss', decision: 'approved' })), 'ok');
  assert.equal(
    word(await carryOut(t.deps, staff('asker'), { approvalId, payload: { ...payload, count: 4 } })),
    'differs-from-approved',
  );
  assert.equal(
    word(await carryOut(t.deps, staff('asker'), { approvalId, payload, kind: 'test.other' })),
    'no-such-request',
  );
  const twice = await Promise.all(
    [1, 2].map(() => carryOut(t.deps, staff('asker'), { approvalId, payload: { count: 3, list: 'L1' } })),
  );
  assert.deepEqual(twice.map(word).sort(), ['already-used', 'ok']);
  const empty = await inbox(t.deps, staff('boss'), 'boss');
  assert.deepEqual(empty.ok && empty.value, []);
});

mechanismTest('access.second-person', 'design 6: 自分が申請したものは自分で承認できない', async () => {
  const { t, approvalId } = await start();
  await using _ = t;
  const own = await decide(t.deps, staff('asker'), { approvalId, by: 'asker', decision: 'approved' }).catch(
    () => undefined,
  );
  assert.deepEqual(own, { ok: false, error: 'approver-is-requester' });
});

test("design 6: the schema refuses one's own approval, an approval without a request, and an execution without an approval", async () => {
  const { t, approvalId } = await start();
  await using _ = t;
  const insert = (by: string, asker: string) =>
    t.owner(`insert into approvals.decision values ($1, $2, 'approved', $3, now(), gen_random_uuid())`, [
      approvalId,
      asker,
      by,
    ]);
  await assert.rejects(insert('asker', 'asker'), /check constraint/);
  await assert.rejects(insert('asker', 'someone'), /foreign key/);
  await assert.rejects(
    t.owner(
      `insert into approvals.execution select approval_id, payload_digest, 'approved', 'x', now(), event_id from approvals.request`,
    ),
    /foreign key/,
  );
});

test('design 6: two approving at once: one wins', async () => {
  const { t, approvalId } = await start();
  await using _ = t;
  const both = await Promise.all(
    ['b1', 'b2'].map((by) => decide(t.deps, staff(by), { approvalId, by, decision: 'approved' })),
  );
  assert.deepEqual(both.map(word).sort(), ['already-decided', 'ok']);
});

test('design 6: what was rejected or has expired is neither approved nor carried out', async () => {
  const { t, approvalId } = await start();
  await using _ = t;
  assert.equal(word(await decide(t.deps, staff('boss'), { approvalId, by: 'boss', decision: 'rejected' })), 'ok');
  assert.equal(
    word(await decide(t.deps, staff('b2'), { approvalId, by: 'b2', decision: 'approved' })),
    'already-decided',
  );
  assert.equal(word(await carryOut(t.deps, staff('asker'), { approvalId, payload })), 'rejected');
  const [late, open] = [await ask(t.deps, staff('asker'), 'asker'), await ask(t.deps, staff('asker'), 'asker')];
  assert.ok(late.ok && open.ok);
  assert.equal(
    word(await decide(t.deps, staff('boss'), { approvalId: late.value, by: 'boss', decision: 'approved' })),
    'ok',
  );
  const nextWeek = { ...t.deps, machineClock: { now: () => Temporal.Instant.from('2026-06-08T00:00:00Z') } };
  assert.equal(word(await carryOut(nextWeek, staff('asker'), { approvalId: late.value, payload })), 'expired');
  assert.equal(
    word(await decide(nextWeek, staff('boss'), { approvalId: open.value, by: 'boss', decision: 'approved' })),
    'expired',
  );
  const unknown = '00000000-0000-7000-8000-000000000000';
  assert.equal(
    word(await decide(t.deps, staff('boss'), { approvalId: unknown, by: 'boss', decision: 'approved' })),
    'no-such-request',
  );
});
