import { createHash } from 'node:crypto';
import { Encrypter } from 'age-encryption';
import { requestApproval, useApproval } from '../access/approvals/approvals.ts';
import type { ExecuteError } from '../access/approvals/domain.ts';
import type { ActDeps } from '../db/act.ts';
import { json, type Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { SealedId, SealedStore } from '../vault/sealed/sealed-store.ts';
import { type Difference, type FileCount, type HandOverState, mayStep, reconcile, type Slip } from './domain.ts';

export type MediaDeps = Pick<ActDeps, 'newId' | 'machineClock' | 'civilClock'> & { readonly sealed: SealedStore };

/** The approval's kind; rights of approvers are granted on it. */
export const MEDIA_APPROVAL = 'media.hand-over';

export interface HandOverRequest {
  readonly kind: string;
  /** `organisation/system`, or the office where it has no system of its own. */
  readonly receiver: string;
  /** The receiver's age recipient, `age1…`, as its registration says. */
  readonly recipientKey: string;
  readonly ground: string;
  /** Staff id. */
  readonly by: string;
  readonly settleByOn: Temporal.PlainDate;
  readonly files: readonly (FileCount & { readonly ref: SealedId; readonly length: number })[];
}

/** An approval that stands already for what a hand-over carries out: an approved order's. `payload` is what was approved there. */
export interface StandingApproval {
  readonly approvalId: string;
  readonly kind: string;
  readonly payload: unknown;
}

/**
 * Puts a hand-over into the ledger and asks for the second person's approval of exactly this; where an approved order stands behind it, that
 * order's approval is used up by the preparation instead. Facts: media.hand_over, media.file.
 */
export async function requestHandOver(
  tx: Tx,
  deps: MediaDeps,
  request: HandOverRequest,
  standing?: StandingApproval,
): Promise<Result<{ handOverId: string; approvalId: string }, 'no-files' | 'file-name-twice'>> {
  if (request.files.length === 0) return err('no-files');
  if (new Set(request.files.map((f) => f.fileName)).size !== request.files.length) return err('file-name-twice');
  const handOverId = deps.newId();
  const approvalId =
    standing?.approvalId ??
    (await requestApproval(tx, deps, {
      kind: MEDIA_APPROVAL,
      subject: handOverId,
      payload: approvable(handOverId, request),
      by: request.by,
    }));
  await tx`
    insert into media.hand_over (hand_over_id, kind, receiver, recipient_key, ground, approval_id, requested_by, requested_at, settle_by_on, event_id)
    values (${handOverId}, ${request.kind}, ${request.receiver}, ${request.recipientKey}, ${request.ground}, ${approvalId}, ${request.by},
      ${deps.machineClock.now()}, ${request.settleByOn}, ${tx.eventId})`;
  for (const [i, f] of request.files.entries())
    await tx`
      insert into media.file (hand_over_id, file_no, file_name, sealed_ref, length_bytes, records, totals, event_id)
      values (${handOverId}, ${i + 1}, ${f.fileName}, ${f.ref}, ${f.length}, ${f.records}, ${json(f.totals)}, ${tx.eventId})`;
  return ok({ handOverId, approvalId });
}

export interface Prepared {
  readonly slip: Slip;
  /** age files (age-encryption.org/v1): what is written to the medium, and nothing else. */
  readonly files: readonly { readonly fileName: string; readonly bytes: Uint8Array }[];
}
export type PrepareError = 'no-such-hand-over' | 'not-in-this-state' | 'no-such-request' | 'erased' | ExecuteError;

/** Takes the approval, opens the sealed files and encrypts each to the receiver. Opening is recorded as a reveal. Fact: media.step. */
export async function prepareHandOver(
  tx: Tx,
  deps: MediaDeps,
  command: { readonly handOverId: string; readonly by: string; readonly standing?: StandingApproval },
): Promise<Result<Prepared, PrepareError>> {
  const found = await lockHandOver(tx, command.handOverId);
  if (!found) return err('no-such-hand-over');
  const step = mayStep(found.state, 'prepared');
  if (enforced('media.ledger') && !step.ok) return step;
  const { standing } = command;
  if (standing && standing.approvalId !== found.approvalId) return err('no-such-request');
  const approved = await useApproval(tx, deps, {
    approvalId: found.approvalId,
    kind: standing?.kind ?? MEDIA_APPROVAL,
    payload: standing ? standing.payload : approvable(command.handOverId, found),
    by: command.by,
  });
  if (!approved.ok && enforced('media.approval')) return approved;

  const files: { fileName: string; bytes: Uint8Array }[] = [];
  for (const file of found.files) {
    const content = await deps.sealed.open(tx, file.ref, `media/${found.kind}`);
    if (!content.ok) return content;
    const encrypter = new Encrypter();
    encrypter.addRecipient(found.recipientKey);
    files.push({
      fileName: `${file.fileName}.age`,
      bytes: enforced('media.encryption') ? await encrypter.encrypt(content.value) : content.value,
    });
  }
  const slip: Slip = {
    handOverId: command.handOverId,
    kind: found.kind,
    receiver: found.receiver,
    settleByOn: found.settleByOn.toString(),
    files: found.files.map((f, i) => ({
      fileName: `${f.fileName}.age`,
      records: f.records,
      totals: f.totals,
      sha256: createHash('sha256').update(files[i]!.bytes).digest('hex'),
      length: files[i]!.bytes.length,
    })),
    fileCount: files.length,
    recordCount: found.files.reduce((sum, f) => sum + f.records, 0),
  };
  await addStep(tx, deps, found, 'prepared', command.by, {
    files: slip.files.map((f) => [f.fileName, f.sha256, f.length]),
  });
  return ok({ slip, files });
}

export type StepError = 'no-such-hand-over' | 'not-in-this-state';

/** The medium left the house. `handedTo` is the receiver's staff number or the carrier's consignment number. */
export const recordHandedOver = (
  tx: Tx,
  deps: MediaDeps,
  command: { readonly handOverId: string; readonly by: string; readonly handedTo: string },
): Promise<Result<undefined, StepError>> => stepTo(tx, deps, command, 'handed-over', { handedTo: command.handedTo });

/** 突合: what the receiver counted against the slip. Differences are recorded and keep the hand-over open. */
export async function recordCounts(
  tx: Tx,
  deps: MediaDeps,
  command: { readonly handOverId: string; readonly by: string; readonly counted: readonly FileCount[] },
): Promise<Result<{ readonly differences: readonly Difference[] }, StepError>> {
  const found = await lockHandOver(tx, command.handOverId);
  if (!found) return err('no-such-hand-over');
  const stated = found.files.map((f) => ({ ...f, fileName: `${f.fileName}.age` }));
  const differences = reconcile(stated, command.counted);
  const state = differences.length > 0 && enforced('media.slip-counts') ? 'differs' : 'reconciled';
  const step = mayStep(found.state, state);
  if (!step.ok) return step;
  await addStep(tx, deps, found, state, command.by, { differences });
  return ok({ differences });
}

/** 返却. */
export const recordReturned = (
  tx: Tx,
  deps: MediaDeps,
  command: { readonly handOverId: string; readonly by: string },
): Promise<Result<undefined, StepError>> => stepTo(tx, deps, command, 'returned', {});

/** 消去: `certificate` is the number of the receiver's (or our own) certificate of erasure. */
export const recordErased = (
  tx: Tx,
  deps: MediaDeps,
  command: { readonly handOverId: string; readonly by: string; readonly certificate: string },
): Promise<Result<undefined, StepError>> => stepTo(tx, deps, command, 'erased', { certificate: command.certificate });

export interface LedgerLine {
  readonly handOverId: string;
  readonly kind: string;
  readonly receiver: string;
  readonly requestedBy: string;
  readonly state: HandOverState;
  readonly files: number;
  readonly records: number;
  readonly settleByOn: Temporal.PlainDate;
  /** Neither returned nor erased although its day is over. */
  readonly overdue: boolean;
}

/** 授受簿, newest first. Holds nothing personal. */
export async function listLedger(tx: Tx, today: Temporal.PlainDate, limit: number): Promise<LedgerLine[]> {
  const rows = await tx<Omit<LedgerLine, 'settleByOn' | 'overdue'> & { settleByOn: string }>`
    select h.hand_over_id as "handOverId", h.kind, h.receiver, h.requested_by as "requestedBy", h.settle_by_on as "settleByOn",
           coalesce((select s.state from media.step s where s.hand_over_id = h.hand_over_id order by s.step_no desc limit 1), 'requested') as "state",
           (select count(*) from media.file f where f.hand_over_id = h.hand_over_id) as "files",
           (select sum(f.records) from media.file f where f.hand_over_id = h.hand_over_id)::bigint as "records"
      from media.hand_over h order by h.requested_at desc, h.hand_over_id desc limit ${limit}`;
  return rows.map((r) => {
    const settleByOn = Temporal.PlainDate.from(r.settleByOn);
    const settled = r.state === 'returned' || r.state === 'erased';
    return { ...r, settleByOn, overdue: !settled && Temporal.PlainDate.compare(today, settleByOn) > 0 };
  });
}

interface Found extends HandOverRequest {
  readonly handOverId: string;
  readonly approvalId: string;
  readonly state: HandOverState;
  readonly steps: number;
}

/** Waits for its turn on the hand-over, then reads it. */
async function lockHandOver(tx: Tx, handOverId: string): Promise<Found | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`media:${handOverId}`}, 0))`;
  const [row] = await tx<Omit<Found, 'files' | 'settleByOn'> & { settleByOn: string }>`
    select h.hand_over_id as "handOverId", h.kind, h.receiver, h.recipient_key as "recipientKey", h.ground, h.approval_id as "approvalId",
           h.requested_by as "by", h.settle_by_on as "settleByOn",
           (select count(*) from media.step s where s.hand_over_id = h.hand_over_id) as "steps",
           coalesce((select s.state from media.step s where s.hand_over_id = h.hand_over_id order by s.step_no desc limit 1), 'requested') as "state"
      from media.hand_over h where h.hand_over_id = ${handOverId}`;
  if (!row) return undefined;
  const files = await tx<HandOverRequest['files'][number]>`
    select file_name as "fileName", sealed_ref as "ref", length_bytes as "length", records, totals
      from media.file where hand_over_id = ${handOverId} order by file_no`;
  return { ...row, settleByOn: Temporal.PlainDate.from(row.settleByOn), files };
}

async function stepTo(
  tx: Tx,
  deps: MediaDeps,
  command: { readonly handOverId: string; readonly by: string },
  state: HandOverState,
  detail: Readonly<Record<string, unknown>>,
): Promise<Result<undefined, StepError>> {
  const found = await lockHandOver(tx, command.handOverId);
  if (!found) return err('no-such-hand-over');
  const step = mayStep(found.state, state);
  if (enforced('media.ledger') && !step.ok) return step;
  await addStep(tx, deps, found, state, command.by, detail);
  return ok(undefined);
}

async function addStep(
  tx: Tx,
  deps: MediaDeps,
  found: Found,
  state: HandOverState,
  by: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await tx`
    insert into media.step (hand_over_id, step_no, state, by_staff, at, civil_on, detail, event_id)
    values (${found.handOverId}, ${found.steps + 1}, ${state}, ${by}, ${deps.machineClock.now()}, ${deps.civilClock.today()},
      ${json(detail)}, ${tx.eventId})`;
}

/** What the second person approves: everything that will be carried out. */
const approvable = (handOverId: string, r: HandOverRequest): unknown => ({
  handOverId,
  kind: r.kind,
  receiver: r.receiver,
  recipientKey: r.recipientKey,
  ground: r.ground,
  settleByOn: r.settleByOn.toString(),
  files: r.files.map((f) => [
    f.fileName,
    f.ref,
    f.length,
    f.records,
    Object.entries(f.totals).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]),
});
