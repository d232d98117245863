import { createHash } from 'node:crypto';
import { Encrypter } from 'age-encryption';
import { requestApproval, useApproval } from '../access/approvals/approvals.ts';
import type { ExecuteError } from '../access/approvals/domain.ts';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { MediaDeps } from './media.ts';

/*
 * Copies outside the schedule (failure handling, renewal of equipment): a ticket says why, from where to where and to whom it is encrypted, a second
 * person approves it, it serves once, and it stays open until a work report with the copy's digest closes it. Scheduled backups are the
 * instance's own job and need none. Facts: media.copy_ticket, media.copy_made, media.copy_closing.
 */

export const COPY_APPROVAL = 'media.copy';

export interface CopyTicket {
  readonly reason: string;
  readonly fromPlace: string;
  readonly toPlace: string;
  /** Age key of who restores it: the copy is never in clear. */
  readonly recipientKey: string;
  readonly dueOn: Temporal.PlainDate;
  readonly by: string;
}

export async function requestCopy(
  tx: Tx,
  deps: MediaDeps,
  ticket: CopyTicket,
): Promise<Result<{ readonly ticketId: string; readonly approvalId: string }, 'reason-missing' | 'not-an-age-key'>> {
  if (ticket.reason.trim() === '') return err('reason-missing');
  if (!/^age1[a-z0-9]{30,3990}$/.test(ticket.recipientKey)) return err('not-an-age-key');
  const ticketId = deps.newId();
  const approvalId = await requestApproval(tx, deps, {
    kind: COPY_APPROVAL,
    subject: ticketId,
    payload: approvable(ticketId, ticket),
    by: ticket.by,
  });
  await tx`
    insert into media.copy_ticket (ticket_id, reason, from_place, to_place, recipient_key, due_on, approval_id, requested_by, requested_at, event_id)
    values (${ticketId}, ${ticket.reason}, ${ticket.fromPlace}, ${ticket.toPlace}, ${ticket.recipientKey}, ${ticket.dueOn}, ${approvalId},
      ${ticket.by}, ${deps.machineClock.now()}, ${tx.eventId})`;
  return ok({ ticketId, approvalId });
}

export type CopyError = 'no-such-ticket' | 'no-such-request' | ExecuteError;

/** Makes the copy under its ticket: `content` is read only after the approval was used up, and leaves encrypted. */
export async function makeCopy(
  tx: Tx,
  deps: MediaDeps,
  command: { readonly ticketId: string; readonly by: string },
  content: () => Promise<Uint8Array>,
): Promise<Result<{ readonly bytes: Uint8Array; readonly sha256: string }, CopyError>> {
  const ticket = await lockTicket(tx, command.ticketId);
  if (!ticket) return err('no-such-ticket');
  const used = await useApproval(tx, deps, {
    approvalId: ticket.approvalId,
    kind: COPY_APPROVAL,
    payload: approvable(command.ticketId, ticket),
    by: command.by,
  });
  if (enforced('backup.approved-only') && !used.ok) return used;
  const encrypter = new Encrypter();
  encrypter.addRecipient(ticket.recipientKey);
  const bytes = await encrypter.encrypt(await content());
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await tx`
    insert into media.copy_made (ticket_id, sha256, bytes, made_by, made_at, event_id)
    values (${command.ticketId}, ${sha256}, ${bytes.length}, ${command.by}, ${deps.machineClock.now()}, ${tx.eventId})`;
  return ok({ bytes, sha256 });
}

/** Closes a ticket: the work report's number, and the digest of what arrived, which must be that of what left. */
export async function closeCopy(
  tx: Tx,
  deps: MediaDeps,
  command: { readonly ticketId: string; readonly report: string; readonly arrivedSha256: string; readonly by: string },
): Promise<Result<undefined, 'no-such-ticket' | 'not-made' | 'report-missing' | 'digest-differs' | 'already-closed'>> {
  const ticket = await lockTicket(tx, command.ticketId);
  if (!ticket) return err('no-such-ticket');
  const [made] = await tx<{ sha256: string }>`select sha256 from media.copy_made where ticket_id = ${command.ticketId}`;
  if (!made) return err('not-made');
  if (command.report.trim() === '') return err('report-missing');
  if (enforced('backup.approved-only') && made.sha256 !== command.arrivedSha256) return err('digest-differs');
  const closed = await tx`
    insert into media.copy_closing (ticket_id, report, closed_by, closed_at, event_id)
    values (${command.ticketId}, ${command.report}, ${command.by}, ${deps.machineClock.now()}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return closed.length === 0 ? err('already-closed') : ok(undefined);
}

export interface OpenCopy {
  readonly ticketId: string;
  readonly reason: string;
  readonly toPlace: string;
  readonly dueOn: Temporal.PlainDate;
  readonly isMade: boolean;
  /** Made or not, it was to be reported by its day. */
  readonly overdue: boolean;
}

/** Tickets that no report has closed, the oldest first. */
export async function openCopies(tx: Tx, today: Temporal.PlainDate): Promise<OpenCopy[]> {
  const rows = await tx<Omit<OpenCopy, 'dueOn' | 'overdue'> & { dueOn: string }>`
    select t.ticket_id as "ticketId", t.reason, t.to_place as "toPlace", t.due_on::text as "dueOn",
           exists (select 1 from media.copy_made m where m.ticket_id = t.ticket_id) as "isMade"
      from media.copy_ticket t
     where not exists (select 1 from media.copy_closing c where c.ticket_id = t.ticket_id)
     order by t.requested_at, t.ticket_id limit 200`;
  return rows.map((row) => {
    const dueOn = Temporal.PlainDate.from(row.dueOn);
    return { ...row, dueOn, overdue: Temporal.PlainDate.compare(today, dueOn) > 0 };
  });
}

async function lockTicket(
  tx: Tx,
  ticketId: string,
): Promise<(CopyTicket & { readonly approvalId: string }) | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`media:copy:${ticketId}`}, 0))`;
  const [row] = await tx<Omit<CopyTicket, 'dueOn'> & { dueOn: string; approvalId: string }>`
    select reason, from_place as "fromPlace", to_place as "toPlace", recipient_key as "recipientKey", due_on::text as "dueOn",
           approval_id as "approvalId", requested_by as "by"
      from media.copy_ticket where ticket_id = ${ticketId}`;
  return row && { ...row, dueOn: Temporal.PlainDate.from(row.dueOn) };
}

const approvable = (ticketId: string, t: CopyTicket): unknown => ({
  ticketId,
  reason: t.reason,
  from: t.fromPlace,
  to: t.toPlace,
  recipientKey: t.recipientKey,
  dueOn: t.dueOn.toString(),
});
