import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface ApplicationIncident {
  readonly receiptNumber: string;
  readonly procedure: string;
  readonly acceptedAt: string;
  readonly erasedOn: string;
  readonly foundOn: string;
  readonly done: string | null;
  readonly closedBy: string | null;
  readonly closedAt: string | null;
}

/** The receipt number that was noted last: the portal's list goes on behind it. */
export async function newestIncident(tx: Tx): Promise<string | null> {
  const [row] = await tx<{ receipt: string | null }>`
    select max(receipt_number::text) as receipt from common_platform.application_incident`;
  return row?.receipt ?? null;
}

export async function insertIncidents(
  tx: Tx,
  rows: readonly Pick<ApplicationIncident, 'receiptNumber' | 'procedure' | 'acceptedAt' | 'erasedOn'>[],
  on: Temporal.PlainDate,
  at: Temporal.Instant,
): Promise<number> {
  const made = await tx`
    insert into common_platform.application_incident (receipt_number, procedure, accepted_at, erased_on, found_on, found_at, event_id)
    select r, p, a, e, ${on}::date, ${at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.receiptNumber)}::uuid[], ${rows.map((r) => r.procedure)}::text[],
                  ${rows.map((r) => r.acceptedAt)}::timestamptz[], ${rows.map((r) => r.erasedOn)}::date[]) as x(r, p, a, e)
    on conflict do nothing returning 1`;
  return made.length;
}

/** Open ones first, the oldest before the newer. */
export async function applicationIncidents(
  tx: Tx,
  query: { readonly open?: boolean; readonly offset: number; readonly limit: number },
): Promise<{ readonly rows: ApplicationIncident[]; readonly total: number; readonly open: number }> {
  const { open = false } = query;
  const rows = await tx<ApplicationIncident>`
    select i.receipt_number as "receiptNumber", i.procedure, to_json(i.accepted_at)#>>'{}' as "acceptedAt",
           i.erased_on::text as "erasedOn", i.found_on::text as "foundOn", c.done, c.closed_by as "closedBy",
           to_json(c.closed_at)#>>'{}' as "closedAt"
      from common_platform.application_incident i left join common_platform.application_incident_close c using (receipt_number)
     where not ${open}::boolean or c.receipt_number is null
     order by c.receipt_number is not null, i.erased_on, i.receipt_number offset ${query.offset} limit ${query.limit}`;
  const [counts] = await tx<{ total: number; open: number }>`
    select count(*)::int as total, (count(*) filter (where c.receipt_number is null))::int as open
      from common_platform.application_incident i left join common_platform.application_incident_close c using (receipt_number)`;
  return { rows, total: open ? counts!.open : counts!.total, open: counts!.open };
}

/** `none`: there is no such incident; `before`: somebody closed it. */
export async function insertIncidentClose(
  tx: Tx,
  row: { readonly receiptNumber: string; readonly done: string; readonly by: string; readonly at: Temporal.Instant },
): Promise<'closed' | 'before' | 'none'> {
  const found =
    await tx`select 1 from common_platform.application_incident where receipt_number = ${row.receiptNumber}`;
  if (found.length === 0) return 'none';
  const made = await tx`
    insert into common_platform.application_incident_close (receipt_number, done, closed_by, closed_at, event_id)
    values (${row.receiptNumber}, ${row.done}, ${row.by}, ${row.at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return made.length === 1 ? 'closed' : 'before';
}
