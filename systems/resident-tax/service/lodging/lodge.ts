import { type LodgedCopy, lodgeCopies, lodgedCopy } from '@musubi/contracts/exchange/endpoints.ts';
import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { type ActDeps, type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { PartyId } from '@musubi/kernel/pki/party.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { addressees } from '../../store/assessment-sources.ts';
import { getAssessments } from '../../store/assessments.ts';
import * as store from '../../store/lodging.ts';
import { assessOne } from '../assessment/assess-one.ts';
import { decidedChannel } from '../assessment/decide.ts';
import { lodgingRead, lodgingUpdate, nameOf } from '../assessment/functions.ts';
import { agrees } from '../assessment/read.ts';
import { copyItems, taxInformation } from './copy.ts';

export interface LodgingDeps extends ActDeps {
  readonly peers: Pick<PeerClient, 'call'>;
  /** Instance id of the organisation's common platform: `meguro/common-platform`. */
  readonly commonPlatform: PartyId;
}

const largestBatch = 500;
const lodger: Actor = { kind: 'job', name: 'resident-tax.lodging' };
const ground = '番号利用法 第19条第8号, 第21条の2';

/** Puts up to 500 copies into a batch that from then on stays as it is, until it is answered. */
const prepareBatch = act('resident-tax.prepare-copies', {
  right: lodgingUpdate,
  async run(tx, deps: ActDeps) {
    await store.lockLodging(tx);
    const due = await store.toLodge(tx, largestBatch);
    const persons = await addressees(
      tx,
      due.map((one) => one.personId),
    );
    const assessments = new Map(
      (
        await getAssessments(
          tx,
          due.map((one) => one.assessmentId),
        )
      ).map((one) => [one.assessmentId, one]),
    );
    const rows = due.map(({ assessmentId, personId, decidedOn }, i): store.LodgingRow => {
      const assessment = assessments.get(assessmentId);
      const person = persons.get(personId);
      if (!assessment || !person) throw new Error('a decided levy without its facts');
      const explained = assessOne(assessment.input);
      // A copy of a levy that does not agree with its own facts would spread the damage: stop here, loudly.
      if (!agrees(assessment, explained)) throw new Error(`the levy ${assessmentId} does not agree with its facts`);
      const copy = {
        informationCode: taxInformation,
        condition: { taxYear: assessment.fiscalYear },
        validFrom: decidedOn,
        items: copyItems(explained),
        // 支援措置: a clerk looks before anything goes out (002 AC-21).
        autoReplyBlocked: person.addressProtected,
        withheldFromPerson: false,
      } satisfies Omit<LodgedCopy, 'row' | 'orgPersonNumber'>;
      return { rowNo: i + 1, assessmentId, copy };
    });
    if (rows.length === 0) return err('nothing-to-lodge');
    const batchId = deps.newId();
    await store.insertBatch(tx, {
      batchId,
      contentDigest: fingerprint(rows.map((row) => [row.rowNo, row.assessmentId, row.copy])),
      preparedAt: deps.machineClock.now(),
      rows,
    });
    tx.record({
      event: 'copies.prepared',
      ground,
      items: [taxInformation],
      subjects: due.map((one) => one.personId),
      facts: ['resident_tax.lodging_batch', 'resident_tax.lodging_item'],
      detail: { batch: batchId, copies: rows.length },
    });
    return ok({ batchId });
  },
});

/** Reads the batch to be sent; leaving the system's boundary is recorded before it happens, with whom it concerns. */
const sendBatch = act('resident-tax.send-copies', {
  right: lodgingUpdate,
  async run(tx, deps: LodgingDeps, { batchId }: { readonly batchId: string }) {
    const [batch] = await store.listBatches(tx, { batchId });
    if (!batch || batch.accepted !== null) return err('not-open');
    const rows = await store.rowsOf(tx, batchId);
    const digest = fingerprint(rows.map((row) => [row.rowNo, row.assessmentId, row.copy]));
    if (!digest.equals(batch.contentDigest)) return err('batch-altered');
    tx.record({
      event: 'copies.sent',
      ground,
      items: [taxInformation],
      recipient: deps.commonPlatform,
      subjects: rows.map((row) => row.personId),
      detail: { batch: batchId, attempt: batch.attempts + 1 },
    });
    return ok(
      rows.map((row) => lodgedCopy.parse({ ...row.copy, row: row.rowNo, orgPersonNumber: row.orgPersonNumber })),
    );
  },
});

const recordAttempt = act('resident-tax.copies-not-answered', {
  right: lodgingUpdate,
  async run(tx, deps: ActDeps, { batchId, word }: { readonly batchId: string; readonly word: string }) {
    await store.lockBatch(tx, batchId);
    const [batch] = await store.listBatches(tx, { batchId });
    if (!batch || batch.accepted !== null) return err('not-open');
    await store.insertAttempt(tx, { batchId, attemptNo: batch.attempts + 1, word, at: deps.machineClock.now() });
    tx.record({
      event: 'copies.not-answered',
      facts: ['resident_tax.lodging_attempt'],
      detail: { batch: batchId, word },
    });
    return ok(undefined);
  },
});

interface Answer {
  readonly accepted: number;
  readonly rejected: readonly { readonly row: number; readonly code: string }[];
}

const recordOutcome = act('resident-tax.copies-answered', {
  right: lodgingUpdate,
  async run(tx, deps: ActDeps, { batchId, answer }: { readonly batchId: string; readonly answer: Answer }) {
    await store.lockBatch(tx, batchId);
    const [batch] = await store.listBatches(tx, { batchId });
    if (!batch) return err('not-open');
    // Answered meanwhile by another worker's repeat: the receiver gave both the same answer.
    if (batch.accepted !== null) return err('already-answered');
    if (!isBalanced(batch.copies, answer)) return err('out-of-balance');
    await store.insertOutcome(tx, { batchId, ...answer, at: deps.machineClock.now() });
    tx.record({
      event: 'copies.answered',
      facts: ['resident_tax.lodging_outcome', ...(answer.rejected.length > 0 ? ['resident_tax.lodging_reject'] : [])],
      detail: { batch: batchId, accepted: answer.accepted, rejected: answer.rejected.length },
    });
    return ok(undefined);
  },
});

/** In = accepted + rejected, each rejected row one of ours and named once. */
export function isBalanced(copies: number, { accepted, rejected }: Answer): boolean {
  const rows = new Set(rejected.map((r) => r.row));
  return (
    accepted + rejected.length === copies &&
    rows.size === rejected.length &&
    rejected.every(({ row }) => row >= 1 && row <= copies)
  );
}

/** Seconds to the next try after `attempts` without an answer: 5, 10, 20 … at most 300. */
export const pauseAfter = (attempts: number): number => Math.min(300, 5 * 2 ** Math.max(0, attempts - 1));

/**
 * One step of 副本登録: sends the oldest batch that waits for an answer, else prepares the next one and sends it. A batch goes out
 * again under its own id and with its own content until it is answered, so that nothing is lodged twice or lost.
 */
export async function lodgeNext(deps: LodgingDeps): Promise<'more' | 'idle'> {
  const open = await lookAtBatches(deps, lodger, { open: true });
  if (!open.ok) throw new Error(open.error);
  // One after the other: a copy that waits must not overtake the newer one of the same person.
  const [waiting] = open.value;
  if (waiting && !isDue(waiting, deps.machineClock.now())) return 'idle';
  const batchId = waiting?.batchId ?? (await prepared(deps));
  if (batchId === undefined) return 'idle';
  const copies = await sendBatch(deps, lodger, { batchId });
  if (!copies.ok) {
    if (copies.error === 'not-open') return 'more';
    throw new Error(`copies of batch ${batchId}: ${copies.error}`);
  }
  const request = { batchId, system: 'resident-tax', kind: 'difference' as const, copies: copies.value };
  const answer = await deps.peers.call(lodgeCopies, deps.commonPlatform, {}, request);
  const done = answer.ok ? await recordOutcome(deps, lodger, { batchId, answer: answer.value }) : answer;
  if (done.ok || done.error === 'already-answered') return 'more';
  await recordAttempt(deps, lodger, { batchId, word: done.error });
  return 'idle';
}

async function prepared(deps: LodgingDeps): Promise<string | undefined> {
  const any = await lookAtWaiting(deps, lodger, undefined);
  // A refusal would be recorded each time the loop looks; so it looks first.
  if (!any.ok || !any.value) return undefined;
  const made = await prepareBatch(deps, lodger, undefined);
  return made.ok ? made.value.batchId : undefined;
}

function isDue(batch: store.LodgingBatch, now: Temporal.Instant): boolean {
  if (batch.lastAttemptAt === null) return true;
  const last = Temporal.Instant.from(batch.lastAttemptAt.replace(' ', 'T'));
  return Temporal.Instant.compare(last.add({ seconds: pauseAfter(batch.attempts) }), now) <= 0;
}

export const lookAtBatches = look('resident-tax.look-at-copies', {
  right: lodgingRead,
  run: (tx: Tx, _deps: ActDeps, query: { readonly open: boolean }) => store.listBatches(tx, query),
});

const lookAtWaiting = look('resident-tax.look-at-waiting-copies', {
  right: lodgingRead,
  run: async (tx: Tx, _deps: ActDeps, _query: undefined) => (await store.toLodge(tx, 1)).length > 0,
});

/** Rejected copies to work on; they lead to persons, so reading is recorded. */
export const listLodgingRejects = act('resident-tax.list-copy-rejects', {
  right: lodgingRead,
  async run(tx, _deps: ActDeps, { limit }: { readonly limit: number }) {
    const rows = await store.openRejects(tx, limit);
    tx.record({ event: 'copies.rejects-read', subjects: rows.map((row) => row.personId) });
    return ok(rows as readonly store.LodgingReject[]);
  },
});

/** The cause is removed: the copy goes out again, in a new batch. */
export const releaseCopy = act('resident-tax.release-copy', {
  right: lodgingUpdate,
  async run(tx, deps: ActDeps, command: { readonly batchId: string; readonly rowNo: number }, actor) {
    const released = await store.insertRelease(tx, {
      ...command,
      releasedBy: nameOf(actor),
      releasedAt: deps.machineClock.now(),
    });
    if (!released) return err('no-open-reject');
    await tx`select pg_notify(${decidedChannel}, '')`;
    tx.record({
      event: 'copy.released',
      facts: ['resident_tax.lodging_release'],
      detail: { batch: command.batchId, row: command.rowNo },
    });
    return ok(undefined);
  },
});
