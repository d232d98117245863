import { type ReadList, readListFile } from '@musubi/contracts/exchange/list-file.ts';
import type { PermissionRow } from '@musubi/contracts/exchange/messages.ts';
import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type ListChange, listChanges } from '../domain/compare-lists.ts';
import { insertDraft, type ListDraft, listDrafts } from '../store/list-drafts.ts';
import { findList, listOn } from '../store/lists.ts';
import { publishInto } from './publish-list.ts';

export type { ListChange, ListDraft, ReadList };

const approvalKind = 'information-providing-network.list-version';
const payloadOf = ({ version, publishedOn, rows }: Pick<ListDraft, 'version' | 'publishedOn' | 'rows'>) => ({
  version,
  publishedOn,
  rows,
});

interface Draft {
  readonly version: string;
  readonly publishedOn: string;
  readonly reason: string;
  readonly rows: readonly PermissionRow[];
}
type DraftFault = 'not-staff' | 'version-used' | 'not-a-day-to-come' | 'nothing-changes';

const keepDraft = act('list.draft', {
  right: ['information-providing-network', 'list', 'update'],
  async run(tx, deps: Deps, draft: Draft, actor): Promise<Result<{ draftId: string }, DraftFault>> {
    if (actor.kind !== 'staff') return err('not-staff');
    if ((await findList(tx, draft.version)) !== undefined) return err('version-used');
    // Servers get the next version ahead of its day; one that counted from today would leave them behind.
    if (draft.publishedOn <= deps.civilClock.today().toString()) return err('not-a-day-to-come');
    const before = await listOn(tx, Temporal.PlainDate.from(draft.publishedOn), deps.lists);
    const changes = listChanges(before?.rows ?? [], draft.rows).length;
    if (changes === 0) return err('nothing-changes');
    const draftId = deps.newId();
    const approvalId = await requestApproval(tx, deps, {
      kind: approvalKind,
      subject: draftId,
      payload: payloadOf(draft),
      by: actor.staffId,
    });
    await insertDraft(tx, { ...draft, draftId, approvalId }, deps.machineClock.now());
    tx.record({
      event: 'list.drafted',
      facts: ['information_providing_network.list_draft', 'approvals.request'],
      detail: { draftId, version: draft.version, publishedOn: draft.publishedOn, rows: draft.rows.length, changes },
    });
    return ok({ draftId });
  },
});

/** 照合リストの案: the file is read and checked as a whole before anything is kept of it. */
export async function draftList(
  deps: Deps,
  actor: Actor,
  { file, ...draft }: Omit<Draft, 'rows'> & { readonly file: Uint8Array },
): Promise<Result<{ draftId: string }, DraftFault | 'not-authorised' | { readonly faults: ReadList['faults'] }>> {
  const { rows, faults } = await readListFile(file);
  return faults.length > 0 ? err({ faults }) : keepDraft(deps, actor, { ...draft, rows });
}

/** Drafts, newest first. */
export const showDrafts = look('list.drafts', {
  right: ['information-providing-network', 'list', 'read'],
  run: (tx, _deps: Deps, _query: null) => listDrafts(tx, null),
});

/** One draft with what it changes against the version that would count on its day. */
export const showDraft = look('list.show-draft', {
  right: ['information-providing-network', 'list', 'read'],
  async run(
    tx,
    deps: Deps,
    { draftId }: { draftId: string },
  ): Promise<{ draft: ListDraft; against: string | undefined; changes: readonly ListChange[] } | undefined> {
    const [draft] = await listDrafts(tx, draftId);
    if (draft === undefined) return undefined;
    const day = Temporal.PlainDate.from(draft.publishedOn);
    const before = await listOn(tx, draft.decision === 'approved' ? day.subtract({ days: 1 }) : day, deps.lists);
    return { draft, against: before?.version, changes: listChanges(before?.rows ?? [], draft.rows) };
  },
});

/** 照合リストの公表の承認: another person's approval signs and publishes the version in the same act. */
export const decideDraft = act('list.decide-draft', {
  right: ['information-providing-network', 'list-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    { draftId, approve }: { draftId: string; approve: boolean },
    actor,
  ): Promise<
    Result<{ version: string }, 'not-found' | 'not-staff' | 'approval-refused' | 'version-used' | 'not-a-day-to-come'>
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const by = actor.staffId;
    const [draft] = await listDrafts(tx, draftId);
    if (draft === undefined) return err('not-found');
    const { approvalId, version, publishedOn } = draft;
    const decision = approve ? 'approved' : 'rejected';
    if (!(await decideApproval(tx, deps, { approvalId, decision, by })).ok) return err('approval-refused');
    if (!approve) {
      tx.record({ event: 'list.draft-rejected', facts: ['approvals.decision'], detail: { draftId, version } });
      return ok({ version });
    }
    if (publishedOn <= deps.civilClock.today().toString()) return err('not-a-day-to-come');
    const payload = payloadOf(draft);
    if (!(await useApproval(tx, deps, { approvalId, kind: approvalKind, payload, by })).ok)
      return err('approval-refused');
    if (!(await publishInto(tx, deps, { ...payload, rows: [...draft.rows] }))) return err('version-used');
    tx.record({
      event: 'list.published',
      facts: ['information_providing_network.list_version', 'approvals.decision', 'approvals.execution'],
      detail: { draftId, version, publishedOn, rows: draft.rows.length },
    });
    return ok({ version });
  },
});
