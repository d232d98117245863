import { fingerprint } from '../../crypto/digest.ts';
import type { ActDeps } from '../../db/act.ts';
import type { Tx } from '../../db/sql.ts';
import { enforced } from '../../enforcement/enforcement.ts';
import { err, ok, type Result } from '../../result/result.ts';
import { type Asked, type DecideError, type Decision, decide, type ExecuteError, mayExecute } from './domain.ts';

type Deps = Pick<ActDeps, 'newId' | 'machineClock'>;

/** What is to be approved. `payload` is everything that will be carried out, as data; only its digest is kept. */
export interface ApprovalRequest {
  /** `media.hand-over` */
  readonly kind: string;
  /** Internal id of what it is about. */
  readonly subject: string;
  readonly payload: unknown;
  /** Staff id. */
  readonly by: string;
  /** Default 7 days. */
  readonly validHours?: number;
}

/** Call inside an act, which records; the rows are facts (`approvals.request`). */
export async function requestApproval(tx: Tx, deps: Deps, request: ApprovalRequest): Promise<string> {
  const approvalId = deps.newId();
  const at = deps.machineClock.now();
  await tx`
    insert into approvals.request
      (approval_id, kind, subject, payload_digest, requested_by, requested_at, expires_at, event_id)
    values (${approvalId}, ${request.kind}, ${request.subject}, ${fingerprint(request.payload)}, ${request.by}, ${at},
      ${at.add({ hours: request.validHours ?? 168 })}, ${tx.eventId})`;
  return approvalId;
}

/** Approves or rejects; the first of two people at once wins. The fact is `approvals.decision`. */
export async function decideApproval(
  tx: Tx,
  deps: Deps,
  command: { readonly approvalId: string; readonly decision: Decision; readonly by: string },
): Promise<Result<Asked, 'no-such-request' | DecideError>> {
  const asked = await lockRequest(tx, command.approvalId);
  if (!asked) return err('no-such-request');
  const at = deps.machineClock.now();
  const decided = decide(asked, command.by, at);
  // The schema holds it too (decided_by <> requested_by); here it is told as a word.
  if (!decided.ok && (decided.error !== 'approver-is-requester' || enforced('access.second-person'))) return decided;
  await tx`
    insert into approvals.decision (approval_id, requested_by, decision, decided_by, decided_at, event_id)
    values (${command.approvalId}, ${asked.requestedBy}, ${command.decision}, ${command.by}, ${at}, ${tx.eventId})`;
  return ok(asked);
}

/**
 * Takes the approval for what is about to be carried out in this very act: it must be approved, in time, of this kind,
 * not used before, and byte for byte what was approved. The fact is `approvals.execution`.
 */
export async function useApproval(
  tx: Tx,
  deps: Deps,
  command: { readonly approvalId: string; readonly kind: string; readonly payload: unknown; readonly by: string },
): Promise<Result<Asked, 'no-such-request' | ExecuteError>> {
  const asked = await lockRequest(tx, command.approvalId);
  if (!asked || asked.kind !== command.kind) return err('no-such-request');
  const at = deps.machineClock.now();
  const allowed = mayExecute(asked, fingerprint(command.payload), at);
  if (!allowed.ok) return allowed;
  await tx`
    insert into approvals.execution (approval_id, payload_digest, executed_by, executed_at, event_id)
    values (${command.approvalId}, ${asked.payloadDigest}, ${command.by}, ${at}, ${tx.eventId})`;
  return ok(asked);
}

/** Would `useApproval` take it now? For work that begins under an approval and uses it up at its end. */
export async function checkApproval(
  tx: Tx,
  deps: Deps,
  query: { readonly approvalId: string; readonly kind: string; readonly payload: unknown },
): Promise<Result<Asked, 'no-such-request' | ExecuteError>> {
  const asked = await lockRequest(tx, query.approvalId);
  if (!asked || asked.kind !== query.kind) return err('no-such-request');
  const allowed = mayExecute(asked, fingerprint(query.payload), deps.machineClock.now());
  return allowed.ok ? ok(asked) : allowed;
}

/** The approval inbox of one person: what is open, in time, and was not asked by themselves; the oldest first. */
export async function listForApproval(
  tx: Tx,
  deps: Deps,
  query: { readonly kinds: readonly string[]; readonly by: string; readonly limit: number },
): Promise<Asked[]> {
  const rows = await tx<Row>`
    select r.approval_id as "approvalId", r.kind, r.subject, r.payload_digest as "payloadDigest",
           r.requested_by as "requestedBy", r.requested_at as "requestedAt", r.expires_at as "expiresAt",
           null as decision, false as executed
      from approvals.request r
     where r.kind = any (${query.kinds}::text[]) and r.requested_by <> ${query.by} and r.expires_at > ${deps.machineClock.now()}
       and not exists (select 1 from approvals.decision d where d.approval_id = r.approval_id)
     order by r.requested_at, r.approval_id limit ${query.limit}`;
  return rows.map(toAsked);
}

type Row = Omit<Asked, 'requestedAt' | 'expiresAt' | 'decision'> & {
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly decision: Decision | null;
};

/**
 * Waits for its turn first and reads in a statement of its own, so that a decision just made is seen. An advisory lock,
 * because a row lock would need the right to update, and nobody may update here.
 */
async function lockRequest(tx: Tx, approvalId: string): Promise<Asked | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`approvals ${approvalId}`}, 0))`;
  const [row] = await tx<Row>`
    select r.approval_id as "approvalId", r.kind, r.subject, r.payload_digest as "payloadDigest",
           r.requested_by as "requestedBy", r.requested_at as "requestedAt", r.expires_at as "expiresAt",
           d.decision, exists (select 1 from approvals.execution x where x.approval_id = r.approval_id) as executed
      from approvals.request r left join approvals.decision d using (approval_id)
     where r.approval_id = ${approvalId}`;
  return row && toAsked(row);
}

const instantOf = (text: string): Temporal.Instant => Temporal.Instant.from(text.replace(' ', 'T'));
const toAsked = (row: Row): Asked => ({
  ...row,
  decision: row.decision ?? undefined,
  requestedAt: instantOf(row.requestedAt),
  expiresAt: instantOf(row.expiresAt),
});
