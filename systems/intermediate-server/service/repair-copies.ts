import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { orderErasure } from '@musubi/kernel/vault/sealed/erasure.ts';
import { type SealedId, unitOf } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps } from '../deps.ts';
import type { CopyDifference } from '../domain/compare-copy.ts';
import { copyOn, insertLodging } from '../store/copies.ts';
import {
  type ComparisonStanding,
  comparisons,
  differencesOf,
  insertProposal,
  insertRepair,
  lodgedSince,
} from '../store/copy-comparisons.ts';
import { type CopyFileRow, findFile, lockFile, partsOf } from '../store/copy-files.ts';
import { originalsIn } from './compare-copies.ts';
import { fileObject } from './copy-files.ts';
import { type CheckedCopy, keepCopies } from './register-copy.ts';

export type { ComparisonStanding };

/** Persons whose copies are repaired from a comparison; more than that is a full file's business. */
export const repairedAtMost = 2_000;
const approvalKind = 'intermediate-server.copy-repair';
const differencesIn = ({ missing, surplus, differing }: ComparisonStanding): number => missing + surplus + differing;

/** Comparisons, newest first: counts only. */
export const listComparisons = look('copies.list-comparisons', {
  right: ['intermediate-server', 'copy', 'read'],
  run: (tx, _deps: Deps, { limit, offset }: { limit: number; offset: number }) =>
    comparisons(tx, { fileId: null, limit, offset }),
});

/** One comparison with whom it found; the reading is recorded with the persons. */
export const showComparison = act('copies.show-comparison', {
  right: ['intermediate-server', 'copy', 'read'],
  async run(
    tx,
    _deps: Deps,
    { fileId, limit, offset }: { fileId: string; limit: number; offset: number },
  ): Promise<Result<{ comparison: ComparisonStanding; differences: readonly CopyDifference[] }, 'not-found'>> {
    const [comparison] = await comparisons(tx, { fileId, limit: 1, offset: 0 });
    if (comparison === undefined) return err('not-found');
    const differences = await differencesOf(tx, fileId, { limit, offset });
    tx.record({
      event: 'copies.comparison-shown',
      subjects: differences.map(({ person }) => person),
      items: [comparison.informationCode],
      detail: { fileId, shown: differences.length },
    });
    return ok({ comparison, differences });
  },
});

type RepairFault =
  | 'not-found'
  | 'not-staff'
  | 'nothing-to-repair'
  | 'too-many-differences'
  | 'not-the-latest'
  | 'copies-changed-since';

/** What stands in the way of repairing from this comparison now. */
async function repairable(
  tx: Tx,
  deps: Deps,
  fileId: string,
): Promise<
  Result<{ comparison: ComparisonStanding; file: CopyFileRow; differences: readonly CopyDifference[] }, RepairFault>
> {
  await lockFile(tx, fileId);
  const [comparison] = await comparisons(tx, { fileId, limit: 1, offset: 0 });
  const file = await findFile(tx, fileId);
  if (comparison === undefined || file === undefined) return err('not-found');
  if (differencesIn(comparison) === 0 || comparison.repaired !== null) return err('nothing-to-repair');
  if (differencesIn(comparison) > repairedAtMost) return err('too-many-differences');
  if (!comparison.isLatest || comparison.comparedOn !== deps.civilClock.today().toString())
    return err('not-the-latest');
  const differences = await differencesOf(tx, fileId, { limit: repairedAtMost, offset: 0 });
  const persons = differences.map(({ person }) => person);
  if (await lodgedSince(tx, file, persons, comparison.comparedAt)) return err('copies-changed-since');
  return ok({ comparison, file, differences });
}

/** What is approved: this comparison with exactly these persons. */
const payloadOf = (fileId: string, differences: readonly CopyDifference[]) => ({
  fileId,
  differences: differences.map(({ person, kind }) => `${person} ${kind}`),
});

/** 副本の修正の起案: from the originals of this comparison, for the persons whom it found. */
export const proposeRepair = act('copies.propose-repair', {
  right: ['intermediate-server', 'copy', 'update'],
  async run(
    tx,
    deps: Deps,
    { fileId, reason }: { fileId: string; reason: string },
    actor,
  ): Promise<Result<{ approvalId: string }, RepairFault | 'proposed-already'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const standing = await repairable(tx, deps, fileId);
    if (!standing.ok) return standing;
    const { comparison, differences } = standing.value;
    if (comparison.proposal?.open) return err('proposed-already');
    const approvalId = await requestApproval(tx, deps, {
      kind: approvalKind,
      subject: fileId,
      payload: payloadOf(fileId, differences),
      by: actor.staffId,
    });
    await insertProposal(tx, { approvalId, fileId, reason });
    tx.record({
      event: 'copies.repair-proposed',
      items: [comparison.informationCode],
      facts: ['intermediate_server.copy_repair_proposal', 'approvals.request'],
      detail: { fileId, approvalId, differences: differences.length },
    });
    return ok({ approvalId });
  },
});

/**
 * 副本の修正の承認: another person's approval carries the repair out in the same act. What the originals say is lodged for whom the copy was
 * missing or differed; a copy without an original ends today.
 */
export const decideRepair = act('copies.decide-repair', {
  right: ['intermediate-server', 'copy-repair', 'update'],
  async run(
    tx,
    deps: Deps,
    { fileId, approve }: { fileId: string; approve: boolean },
    actor,
  ): Promise<
    Result<{ lodged: number; ended: number }, RepairFault | 'not-proposed' | 'approval-refused' | 'file-erased'>
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const by = actor.staffId;
    const standing = await repairable(tx, deps, fileId);
    if (!standing.ok) return standing;
    const { comparison, file, differences } = standing.value;
    const { proposal, informationCode } = comparison;
    if (proposal === null || !proposal.open) return err('not-proposed');
    const { approvalId } = proposal;
    const decision = approve ? 'approved' : 'rejected';
    if (!(await decideApproval(tx, deps, { approvalId, decision, by })).ok) return err('approval-refused');
    if (!approve) {
      tx.record({
        event: 'copies.repair-rejected',
        items: [informationCode],
        facts: ['approvals.decision'],
        detail: { fileId, approvalId },
      });
      return ok({ lodged: 0, ended: 0 });
    }
    const payload = payloadOf(fileId, differences);
    if (!(await useApproval(tx, deps, { approvalId, kind: approvalKind, payload, by })).ok)
      return err('approval-refused');

    const copies = await repairsOf(tx, deps, file, differences);
    if (copies === undefined) return err('file-erased');
    const at = deps.machineClock.now();
    const batchId = deps.newId();
    const digest = fingerprint(payload);
    await insertLodging(tx, batchId, {
      ...{ digest, system: file.system, accepted: copies.length, rejected: [], at },
      kind: 'difference',
    });
    const tables = await keepCopies(tx, deps, batchId, copies, at);
    const ended = copies.filter(({ items }) => items === null).length;
    const lodged = copies.length - ended;
    await insertRepair(tx, { fileId, approvalId, batchId, lodged, ended });
    for (const { content } of await partsOf(tx, fileId))
      await orderErasure(tx, deps, unitOf(content as SealedId, fileObject), 'copies-repaired');
    tx.record({
      event: 'copies.repaired',
      subjects: differences.map(({ person }) => person),
      items: [informationCode],
      facts: [
        ...['intermediate_server.lodging', ...tables, 'intermediate_server.copy_repair'],
        ...['approvals.decision', 'approvals.execution'],
      ],
      detail: { fileId, approvalId, batchId, lodged, ended },
    });
    return ok({ lodged, ended });
  },
});

/** Undefined where the originals are no longer there. */
async function repairsOf(
  tx: Tx,
  deps: Deps,
  file: CopyFileRow,
  differences: readonly CopyDifference[],
): Promise<CheckedCopy[] | undefined> {
  const { informationCode, condition } = file;
  const kinds = new Map(differences.map(({ person, kind }) => [person, kind]));
  const today = deps.civilClock.today();
  const copies: CheckedCopy[] = differences
    .filter(({ kind }) => kind === 'surplus')
    .map(({ person }) => ({
      orgPersonNumber: person,
      ...{ informationCode, condition, validFrom: today.toString(), items: null },
      ...{ autoReplyBlocked: false, withheldFromPerson: false },
    }));
  for (let part = 1; part <= file.parts; part++) {
    const read = await originalsIn(tx, deps, file, part);
    if (!read.ok) return undefined;
    for (const row of read.value) {
      if (!kinds.has(row.orgPersonNumber)) continue;
      const standing = await copyOn(tx, {
        person: row.orgPersonNumber,
        informationCode,
        condition,
        on: today.toString(),
      });
      // Behind a version that speaks from a later day the repair would not count.
      const validFrom =
        standing !== undefined && standing.validFrom > row.validFrom ? standing.validFrom : row.validFrom;
      copies.push({ ...row, informationCode, condition, validFrom });
    }
  }
  return copies;
}
