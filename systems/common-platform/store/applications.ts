import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface ApplicationLine {
  readonly receiptNumber: string;
  readonly procedure: string;
  readonly formVersion: string;
  readonly state: 'accepted' | 'quarantined';
  readonly why: string | null;
  readonly receiver: string | null;
  readonly personId: string | null;
  readonly takenAt: string;
  readonly acknowledged: boolean;
  /** Of the stream's message: waiting, numbered, applied, refused, parked. */
  readonly messageState: string | null;
  /** What the business made of it, and whether the portal knows. */
  readonly outcome: 'completed' | 'declined' | null;
  readonly told: boolean;
}

/** The newest first; one by its number. */
export async function applications(
  tx: Tx,
  query: { receiptNumber?: string; state?: 'accepted' | 'quarantined'; offset: number; limit: number },
): Promise<ApplicationLine[]> {
  const { receiptNumber = null, state = null, offset, limit } = query;
  return tx<ApplicationLine>`
    select a.receipt_number as "receiptNumber", a.procedure, a.form_version as "formVersion", a.state, a.why, a.receiver,
           a.person_id as "personId", to_json(a.taken_at)#>>'{}' as "takenAt",
           exists (select 1 from common_platform.application_acknowledged k where k.receipt_number = a.receipt_number) as acknowledged,
           (select o.state from streams.outgoing o where o.message_id = a.message_id) as "messageState",
           (select e.outcome from common_platform.application_end e where e.receipt_number = a.receipt_number) as outcome,
           exists (select 1 from common_platform.application_end_told t where t.receipt_number = a.receipt_number) as told
      from common_platform.application a
     where (${receiptNumber}::uuid is null or a.receipt_number = ${receiptNumber}::uuid)
       and (${state}::text is null or a.state = ${state})
     order by a.taken_at desc, a.receipt_number offset ${offset} limit ${limit}`;
}

export async function countApplications(tx: Tx, state: 'accepted' | 'quarantined' | undefined): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*) as n from common_platform.application where ${state ?? null}::text is null or state = ${state ?? null}`;
  return row?.n ?? 0;
}

/** False where it was taken before. */
export async function insertApplication(
  tx: Tx,
  row: {
    receiptNumber: string;
    procedure: string;
    formVersion: string;
    sealedRef: string;
    sha256: Buffer;
    why: string | null;
    serial: string | null;
    personId: string | null;
    receiver: string | null;
    messageId: string | null;
    portalAcceptedAt: string;
    on: Temporal.PlainDate;
    at: Temporal.Instant;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into common_platform.application
      (receipt_number, procedure, form_version, sealed_ref, content_sha256, state, why, certificate_serial, person_id, receiver,
       message_id, portal_accepted_at, taken_on, taken_at, event_id)
    values (${row.receiptNumber}, ${row.procedure}, ${row.formVersion}, ${row.sealedRef}, ${row.sha256},
      ${row.why === null ? 'accepted' : 'quarantined'}, ${row.why}, ${row.serial}, ${row.personId}::uuid, ${row.receiver},
      ${row.messageId}::uuid, ${row.portalAcceptedAt}::timestamptz, ${row.on}, ${row.at}, ${tx.eventId})
    on conflict (receipt_number) do nothing returning 1`;
  return rows.length === 1;
}

export async function insertAcknowledged(tx: Tx, receiptNumber: string, at: Temporal.Instant): Promise<void> {
  await tx`insert into common_platform.application_acknowledged (receipt_number, acknowledged_at, event_id)
    values (${receiptNumber}, ${at}, ${tx.eventId}) on conflict do nothing`;
}

export const applicationsChannel = 'common_platform_applications';

/** False where an end stands already. */
export async function insertEnd(
  tx: Tx,
  row: { readonly receiptNumber: string; readonly outcome: 'completed' | 'declined'; readonly at: Temporal.Instant },
): Promise<boolean> {
  const rows = await tx`
    insert into common_platform.application_end (receipt_number, outcome, ended_at, event_id)
    values (${row.receiptNumber}, ${row.outcome}, ${row.at}, ${tx.eventId})
    on conflict (receipt_number) do nothing returning pg_notify(${applicationsChannel}, '')`;
  return rows.length === 1;
}

/** Ends that the portal does not know yet, of applications whose hand-over it knows; the oldest first. */
export async function untoldEnds(
  tx: Tx,
): Promise<{ readonly receiptNumber: string; readonly outcome: 'completed' | 'declined' }[]> {
  return tx<{ receiptNumber: string; outcome: 'completed' | 'declined' }>`
    select e.receipt_number as "receiptNumber", e.outcome from common_platform.application_end e
      join common_platform.application_acknowledged k using (receipt_number)
     where not exists (select 1 from common_platform.application_end_told t where t.receipt_number = e.receipt_number)
     order by e.ended_at, e.receipt_number limit 100`;
}

export async function insertEndTold(tx: Tx, receiptNumber: string, at: Temporal.Instant): Promise<void> {
  await tx`insert into common_platform.application_end_told (receipt_number, told_at, event_id)
    values (${receiptNumber}, ${at}, ${tx.eventId}) on conflict do nothing`;
}
