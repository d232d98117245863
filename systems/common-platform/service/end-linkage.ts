import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { endAtServer } from '../clients/peers.ts';
import type { Deps } from '../deps.ts';
import { retrySeconds } from '../domain/linkage.ts';
import { withdrawWanting } from '../store/linkage.ts';
import {
  clearLinkage,
  type DueEnd,
  dueEnds,
  type Endable,
  type EndProposal,
  endable,
  endCounts,
  insertEndDecision,
  insertEndProposal,
  insertEnds,
  openEndProposals,
  settleEnd,
} from '../store/linkage-ends.ts';
import { findNumberRef } from '../store/persons.ts';
import { beginWanting, Facts } from './settle.ts';

export type { Endable, EndProposal };

const kind = 'common-platform.linkage-end';
/** Persons of one list. */
export const endsPerList = 500;

/** The day before which a person must have been removed from the register. */
const beforeOf = (deps: Deps): Temporal.PlainDate =>
  deps.civilClock.today().subtract({ years: deps.settings.linkageKeptYears });

export interface EndsView {
  readonly before: string;
  readonly rows: readonly Endable[];
  readonly total: number;
  readonly open: readonly EndProposal[];
  readonly due: number;
  readonly done: number;
}

/** Whose relation to the organisation is over, what is proposed, and what the intermediate server has yet to do. */
export const showLinkageEnds = act('common-platform.show-linkage-ends', {
  right: ['common-platform', 'linkage-end', 'read'],
  async run(tx, deps: Deps, query: { offset: number; limit: number }): Promise<Result<EndsView, never>> {
    const before = beforeOf(deps);
    const found = await endable(tx, before, query);
    tx.record({
      event: 'linkage-ends.shown',
      subjects: found.rows.map((r) => r.personId),
      detail: { count: found.rows.length },
    });
    return ok({ before: before.toString(), ...found, open: await openEndProposals(tx), ...(await endCounts(tx)) });
  },
});

/** 削除の起案: exactly these persons; another person decides. */
export const proposeLinkageEnds = act('common-platform.propose-linkage-ends', {
  right: ['common-platform', 'linkage-end', 'update'],
  async run(
    tx,
    deps: Deps,
    _command: object,
    actor,
  ): Promise<Result<{ approvalId: string; persons: number }, 'not-staff' | 'nobody' | 'already-proposed'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    if ((await openEndProposals(tx)).length > 0) return err('already-proposed');
    const before = beforeOf(deps);
    const { rows } = await endable(tx, before, { offset: 0, limit: endsPerList });
    if (rows.length === 0) return err('nobody');
    const persons = rows.map((r) => r.personId);
    const subject = deps.newId();
    const approvalId = await requestApproval(tx, deps, {
      kind,
      subject,
      payload: { persons, before: before.toString() },
      by: actor.staffId,
    });
    await insertEndProposal(tx, { approvalId, persons, before, by: actor.staffId, at: deps.machineClock.now() });
    tx.record({
      event: 'linkage-ends.proposed',
      subjects: persons,
      facts: ['common_platform.linkage_end_proposal', 'approvals.request'],
      detail: { approval: approvalId, persons: persons.length },
    });
    return ok({ approvalId, persons: persons.length });
  },
});

/** The second person: exactly the proposed list is ordered to end, or none of it. Who returned to the register meanwhile stays. */
export const decideLinkageEnds = act('common-platform.decide-linkage-ends', {
  right: ['common-platform', 'linkage-end-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { approvalId: string; approve: boolean },
    actor,
  ): Promise<
    Result<
      { ended: number; stayed: number },
      'not-staff' | 'no-such-request' | 'already-decided' | 'approver-is-requester' | 'expired'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const [found] = await openEndProposals(tx, command.approvalId);
    if (!found) return err('no-such-request');
    const { approvalId, persons } = found;
    const by = actor.staffId;
    const decision = command.approve ? 'approved' : 'rejected';
    const decided = await decideApproval(tx, deps, { approvalId, decision, by });
    if (!decided.ok) return decided;
    const at = deps.machineClock.now();
    await insertEndDecision(tx, { approvalId, approved: command.approve, by, at });
    const facts = ['common_platform.linkage_end_decision', 'approvals.decision'];
    if (!command.approve) {
      tx.record({ event: 'linkage-ends.rejected', facts, detail: { approval: approvalId } });
      return ok({ ended: 0, stayed: persons.length });
    }
    const payload = { persons, before: found.beforeOn };
    const used = await useApproval(tx, deps, { approvalId, kind, payload, by });
    if (!used.ok) return err('no-such-request');
    const before = Temporal.PlainDate.from(found.beforeOn);
    const still = new Set((await endable(tx, before, { offset: 0, limit: 100_000 })).rows.map((r) => r.personId));
    const going = persons.filter((p) => still.has(p));
    for (const personId of going) await withdrawWanting(tx, personId);
    if (going.length > 0)
      await insertEnds(
        tx,
        going.map((personId) => ({ endId: deps.newId(), personId })),
        { reason: 'deleted', orderedBy: approvalId, on: deps.civilClock.today(), at },
      );
    tx.record({
      event: 'linkage-ends.ordered',
      subjects: going,
      facts: [...facts, 'approvals.execution', ...(going.length > 0 ? ['common_platform.linkage_end'] : [])],
      recipient: deps.settings.intermediateServer,
      detail: { approval: approvalId, ended: going.length, stayed: persons.length - going.length },
    });
    return ok({ ended: going.length, stayed: persons.length - going.length });
  },
});

const listDue = look('common-platform.list-due-linkage-ends', {
  right: ['common-platform', 'withdrawal', 'update'],
  run: (tx, deps: Deps, _query: object) => dueEnds(tx, deps.machineClock.now(), 100),
});

const noteEnd = act('common-platform.note-linkage-end', {
  right: ['common-platform', 'withdrawal', 'update'],
  async run(tx, deps: Deps, { due, word }: { due: DueEnd; word: string | null }): Promise<Result<null, never>> {
    const at = deps.machineClock.now();
    const nextTryAt = word === null ? at : at.add({ seconds: retrySeconds(due.tries) });
    const settled = await settleEnd(tx, { endId: due.endId, done: word === null, word, nextTryAt, at });
    const facts = new Facts();
    if (settled && word === null) {
      await clearLinkage(tx, due.personId, due.reason === 'deleted' ? 'ended' : 'wrong-person');
      // With the right number a code is sought anew; who has none, or ended in another, has no need.
      if (due.reason === 'wrong-person' && (await findNumberRef(tx, due.personId)) !== undefined)
        await beginWanting(tx, deps, due.personId, facts);
    }
    tx.record({
      event: word === null ? 'linkage.ended' : 'linkage.end-postponed',
      subject: due.personId,
      recipient: deps.settings.intermediateServer,
      facts: facts.list,
      detail: { end: due.endId, reason: due.reason, ...(word === null ? {} : { word }) },
    });
    return ok(null);
  },
});

/**
 * One round: codes and copies end at the intermediate server, each by its own request, repeated until it is done.
 * @source design §3 (erasure by person), incidents INC-53
 * @returns how many had their turn
 */
export async function endLinkages(deps: Deps, actor: Actor): Promise<Result<number, 'not-authorised'>> {
  const due = await listDue(deps, actor, {});
  if (!due.ok) return due;
  for (const one of due.value) {
    const { endId: requestId, orgPersonNumber, reason } = one;
    const answer = await endAtServer(deps.peers, deps.settings.intermediateServer, {
      requestId,
      orgPersonNumber,
      reason,
    });
    const noted = await noteEnd(deps, actor, { due: one, word: answer.ok ? null : answer.error });
    if (!noted.ok) return noted;
  }
  return ok(due.value.length);
}
