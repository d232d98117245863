import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface ApplicationLine {
  readonly receiptNumber: string;
  readonly organisation: string;
  readonly procedure: string;
  readonly formVersion: string;
  readonly sha256: string;
  readonly acceptedAt: string;
  readonly eraseAfter: string;
  /** 10 while only accepted. */
  readonly status: '10' | '20' | '40' | '50' | '90';
  readonly held: boolean;
}

/** False where the receipt number is taken. */
export async function insertApplication(
  tx: Tx,
  row: {
    receiptNumber: string;
    accountId: string;
    organisation: string;
    platform: string;
    procedure: string;
    formVersion: string;
    sha256: Buffer;
    envelope: string;
    on: Temporal.PlainDate;
    at: Temporal.Instant;
    eraseAfter: Temporal.PlainDate;
  },
): Promise<boolean> {
  const made = await tx`
    insert into mynaportal.application
      (receipt_number, account_id, organisation, platform, procedure, form_version, content_sha256, accepted_on, accepted_at,
       erase_after, event_id)
    values (${row.receiptNumber}, ${row.accountId}, ${row.organisation}, ${row.platform}, ${row.procedure}, ${row.formVersion},
      ${row.sha256}, ${row.on}, ${row.at}, ${row.eraseAfter}, ${tx.eventId})
    on conflict do nothing returning 1`;
  if (made.length === 0) return false;
  await tx`insert into mynaportal.application_envelope (receipt_number, envelope) values (${row.receiptNumber}, ${row.envelope})`;
  return true;
}

/** Applications of one account (the newest first), of one platform that wait (the oldest first), or one by its number. */
export async function applications(
  tx: Tx,
  query: { accountId?: string; waitingFor?: string; receiptNumber?: string; limit: number },
): Promise<ApplicationLine[]> {
  const { accountId = null, waitingFor = null, receiptNumber = null, limit } = query;
  return tx<ApplicationLine>`
    select a.receipt_number as "receiptNumber", a.organisation, a.procedure, a.form_version as "formVersion",
           encode(a.content_sha256, 'hex') as sha256, to_json(a.accepted_at)#>>'{}' as "acceptedAt",
           a.erase_after::text as "eraseAfter",
           coalesce((select max(s.status) from mynaportal.application_status s where s.receipt_number = a.receipt_number), '10') as status,
           exists (select 1 from mynaportal.application_envelope e where e.receipt_number = a.receipt_number) as held
      from mynaportal.application a
     where (${accountId}::uuid is null or a.account_id = ${accountId}::uuid)
       and (${receiptNumber}::uuid is null or a.receipt_number = ${receiptNumber}::uuid)
       and (${waitingFor}::text is null or (a.platform = ${waitingFor}
            and exists (select 1 from mynaportal.application_envelope e where e.receipt_number = a.receipt_number)))
     order by case when ${waitingFor}::text is null then -extract(epoch from a.accepted_at) else extract(epoch from a.accepted_at) end
     limit ${limit}`;
}

/** Sealed to the platform that asks; nobody else's. */
export async function findEnvelope(tx: Tx, receiptNumber: string, platform: string): Promise<string | undefined> {
  const [row] = await tx<{ envelope: string }>`
    select e.envelope from mynaportal.application_envelope e join mynaportal.application a using (receipt_number)
     where e.receipt_number = ${receiptNumber} and a.platform = ${platform}`;
  return row?.envelope;
}

export async function isFor(tx: Tx, receiptNumber: string, platform: string): Promise<boolean> {
  const rows = await tx`
    select 1 from mynaportal.application where receipt_number = ${receiptNumber} and platform = ${platform}`;
  return rows.length === 1;
}

export async function eraseEnvelopes(tx: Tx, receiptNumbers: readonly string[]): Promise<number> {
  const gone = await tx`
    delete from mynaportal.application_envelope where receipt_number = any (${receiptNumbers}::uuid[]) returning 1`;
  return gone.length;
}

/** Of two who say its end the second sees what the first said. */
export async function lockStatuses(tx: Tx, receiptNumber: string): Promise<string[]> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`application ${receiptNumber}`}, 0))`;
  const rows = await tx<{ status: string }>`
    select status from mynaportal.application_status where receipt_number = ${receiptNumber}`;
  return rows.map(({ status }) => status);
}

export async function insertStatus(
  tx: Tx,
  receiptNumber: string,
  status: '20' | '40' | '50' | '90',
  at: Temporal.Instant,
): Promise<void> {
  await tx`insert into mynaportal.application_status (receipt_number, status, status_at, event_id)
    values (${receiptNumber}, ${status}, ${at}, ${tx.eventId}) on conflict do nothing`;
}

export interface Overdue {
  readonly receiptNumber: string;
  readonly platform: string;
}

/** Applications whose last day is over and which nobody took over. */
export async function overdueApplications(tx: Tx, today: Temporal.PlainDate): Promise<Overdue[]> {
  return tx<Overdue>`
    select a.receipt_number as "receiptNumber", a.platform from mynaportal.application a join mynaportal.application_envelope e using (receipt_number)
     where a.erase_after < ${today} order by a.accepted_at limit 1000`;
}

/** One incident an application: its receipt number and whose it was. */
export async function insertIncidents(
  tx: Tx,
  rows: readonly Overdue[],
  on: Temporal.PlainDate,
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into mynaportal.application_incident (receipt_number, platform, opened_on, opened_at, event_id)
    select r, p, ${on}::date, ${at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.receiptNumber)}::uuid[], ${rows.map((r) => r.platform)}::text[]) as x(r, p)
    on conflict do nothing`;
}

export interface ErasedApplication {
  readonly receiptNumber: string;
  readonly procedure: string;
  readonly acceptedAt: string;
  readonly erasedOn: string;
}

/** Incidents of one platform in the order of their receipt numbers, which are given by time. */
export async function incidentsOf(
  tx: Tx,
  query: { readonly platform: string; readonly after: string | null; readonly limit: number },
): Promise<ErasedApplication[]> {
  return tx<ErasedApplication>`
    select i.receipt_number as "receiptNumber", a.procedure, to_json(a.accepted_at)#>>'{}' as "acceptedAt",
           i.opened_on::text as "erasedOn"
      from mynaportal.application_incident i join mynaportal.application a using (receipt_number)
     where i.platform = ${query.platform} and (${query.after}::uuid is null or i.receipt_number > ${query.after}::uuid)
     order by i.receipt_number limit ${query.limit}`;
}

/** Applications that still wait, with the days on which they were told of. */
export async function waitingApplications(tx: Tx): Promise<
  {
    readonly receiptNumber: string;
    readonly platform: string;
    readonly acceptedOn: string;
    readonly alerted: number[];
  }[]
> {
  return tx<{ receiptNumber: string; platform: string; acceptedOn: string; alerted: number[] }>`
    select a.receipt_number as "receiptNumber", a.platform, a.accepted_on::text as "acceptedOn",
           array(select x.open_day from mynaportal.application_alert x where x.receipt_number = a.receipt_number) as alerted
      from mynaportal.application a join mynaportal.application_envelope e using (receipt_number)
     order by a.accepted_at limit 5000`;
}

/** Those that were not told of before. */
export async function insertAlerts(
  tx: Tx,
  rows: readonly { readonly receiptNumber: string; readonly openDay: 3 | 4 }[],
  on: Temporal.PlainDate,
): Promise<number> {
  const made = await tx`
    insert into mynaportal.application_alert (receipt_number, open_day, alerted_on, event_id)
    select r, d, ${on}::date, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.receiptNumber)}::uuid[], ${rows.map((r) => r.openDay)}::integer[]) as x(r, d)
    on conflict do nothing returning 1`;
  return made.length;
}
