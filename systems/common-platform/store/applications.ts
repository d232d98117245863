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
           (select o.state from streams.outgoing o where o.message_id = a.message_id) as "messageState"
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
