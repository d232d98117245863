import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Delivery, DeliveryOutcome, FiledSummary, Procedure } from '../domain/filing.ts';

export interface NewDelivery {
  readonly deliveryId: string;
  readonly receptionId: string;
  readonly municipality: string;
  readonly records: number;
  readonly fileRef: SealedId;
  readonly fileLength: number;
  readonly availableAt: Temporal.Instant;
}

export async function insertDelivery(tx: Tx, d: NewDelivery): Promise<void> {
  await tx`
    insert into eltax.delivery (delivery_id, reception_id, municipality, records, file_ref, file_length, available_at, event_id)
    values (${d.deliveryId}, ${d.receptionId}, ${d.municipality}, ${d.records}, ${d.fileRef}, ${d.fileLength}, ${d.availableAt},
      ${tx.eventId})`;
}

interface DeliveryRow {
  readonly deliveryId: string;
  readonly receptionNumber: string;
  readonly procedure: Procedure;
  readonly incomeYear: number;
  readonly payerNumber: string;
  readonly payerName: string;
  readonly municipality: string;
  readonly records: number;
  readonly availableAt: string;
  readonly fetchedAt: string | null;
  readonly fetches: number;
  readonly outcome: 'taken-in' | 'returned' | null;
  readonly accepted: number | null;
  readonly rejected: number | null;
  readonly reason: string | null;
}

export const outcomeOf = (
  row: Pick<DeliveryRow, 'outcome' | 'accepted' | 'rejected' | 'reason'>,
): DeliveryOutcome | null => {
  if (row.outcome === null) return null;
  return row.outcome === 'taken-in'
    ? { outcome: 'taken-in', accepted: row.accepted!, rejected: row.rejected! }
    : { outcome: 'returned', reason: row.reason! };
};
const instant = (text: string): string => Temporal.Instant.from(text).toString();

/** One more than `limit` tells whether there are more. */
export async function deliveriesFor(
  tx: Tx,
  municipality: string,
  query: { readonly waitingOnly: boolean; readonly after: string | null; readonly limit: number },
): Promise<Delivery[]> {
  const rows = await tx<DeliveryRow>`
    select d.delivery_id as "deliveryId", r.reception_number as "receptionNumber", r.procedure, r.income_year as "incomeYear",
           r.payer_number as "payerNumber", r.payer_name as "payerName", d.municipality, d.records,
           d.available_at as "availableAt", f.first_at as "fetchedAt", coalesce(f.fetches, 0)::int as fetches,
           o.outcome, o.accepted, o.rejected, o.reason
      from eltax.delivery d join eltax.reception r using (reception_id)
      left join eltax.delivery_outcome o using (delivery_id)
      left join lateral (select min(fetched_at) as first_at, count(*) as fetches
                           from eltax.delivery_fetch where delivery_id = d.delivery_id) f on true
     where d.municipality = ${municipality} and (not ${query.waitingOnly}::boolean or o.delivery_id is null)
       and (${query.after}::uuid is null or d.delivery_id > ${query.after}::uuid)
     order by d.delivery_id limit ${query.limit}`;
  return rows.map((row) => ({
    deliveryId: row.deliveryId,
    receptionNumber: row.receptionNumber,
    procedure: row.procedure,
    incomeYear: row.incomeYear,
    payer: { corporateNumber: row.payerNumber, name: row.payerName },
    municipality: row.municipality,
    records: row.records,
    availableAt: instant(row.availableAt),
    fetchedAt: row.fetchedAt === null ? null : instant(row.fetchedAt),
    fetches: row.fetches,
    outcome: outcomeOf(row),
  }));
}

export interface StoredDelivery {
  readonly deliveryId: string;
  readonly receptionNumber: string;
  readonly receivedAt: string;
  readonly procedure: Procedure;
  readonly incomeYear: number;
  readonly payerNumber: string;
  readonly payerName: string;
  readonly municipality: string;
  readonly records: number;
  readonly summaries: readonly FiledSummary[];
  readonly fileRef: SealedId;
  readonly fileLength: number;
}

/** Only where it is for this municipality: another body's delivery does not exist for the caller. Waits for its turn on it. */
export async function lockDelivery(
  tx: Tx,
  deliveryId: string,
  municipality: string,
): Promise<StoredDelivery | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`eltax/delivery/${deliveryId}`}, 0))`;
  const [row] = await tx<StoredDelivery>`
    select d.delivery_id as "deliveryId", r.reception_number as "receptionNumber", r.received_at as "receivedAt", r.procedure,
           r.income_year as "incomeYear", r.payer_number as "payerNumber", r.payer_name as "payerName", d.municipality, d.records,
           r.summaries, d.file_ref as "fileRef", d.file_length as "fileLength"
      from eltax.delivery d join eltax.reception r using (reception_id)
     where d.delivery_id = ${deliveryId} and d.municipality = ${municipality}`;
  return row && { ...row, receivedAt: instant(row.receivedAt) };
}

export async function insertFetch(
  tx: Tx,
  fetch: { fetchId: string; deliveryId: string; by: string; at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into eltax.delivery_fetch (fetch_id, delivery_id, fetched_by, fetched_at, event_id)
    values (${fetch.fetchId}, ${fetch.deliveryId}, ${fetch.by}, ${fetch.at}, ${tx.eventId})`;
}

export async function wasFetched(tx: Tx, deliveryId: string): Promise<boolean> {
  const rows = await tx`select 1 from eltax.delivery_fetch where delivery_id = ${deliveryId} limit 1`;
  return rows.length === 1;
}

export async function findOutcome(
  tx: Tx,
  deliveryId: string,
): Promise<{ readonly outcome: DeliveryOutcome; readonly statedAt: Temporal.Instant } | undefined> {
  const [row] = await tx<Pick<DeliveryRow, 'outcome' | 'accepted' | 'rejected' | 'reason'> & { statedAt: string }>`
    select outcome, accepted, rejected, reason, stated_at as "statedAt"
      from eltax.delivery_outcome where delivery_id = ${deliveryId}`;
  return row && { outcome: outcomeOf(row)!, statedAt: Temporal.Instant.from(row.statedAt) };
}

export async function insertOutcome(
  tx: Tx,
  deliveryId: string,
  outcome: DeliveryOutcome,
  by: string,
  at: Temporal.Instant,
): Promise<void> {
  const taken = outcome.outcome === 'taken-in' ? outcome : undefined;
  const reason = outcome.outcome === 'returned' ? outcome.reason : null;
  await tx`
    insert into eltax.delivery_outcome (delivery_id, outcome, accepted, rejected, reason, stated_by, stated_at, event_id)
    values (${deliveryId}, ${outcome.outcome}, ${taken?.accepted ?? null}, ${taken?.rejected ?? null}, ${reason}, ${by}, ${at},
      ${tx.eventId})`;
}

export interface BalanceRow {
  readonly state: 'waiting' | 'taken-in' | 'returned';
  readonly packages: number;
  readonly records: number;
  readonly accepted: number;
  readonly rejected: number;
}

export async function balanceOf(
  tx: Tx,
  municipality: string,
  procedure: string,
  incomeYear: number,
): Promise<{ readonly rows: readonly BalanceRow[]; readonly underExamination: number }> {
  const rows = await tx<BalanceRow>`
    select coalesce(o.outcome, 'waiting') as state, count(*)::int as packages, sum(d.records)::int as records,
           coalesce(sum(o.accepted), 0)::int as accepted, coalesce(sum(o.rejected), 0)::int as rejected
      from eltax.delivery d join eltax.reception r using (reception_id) left join eltax.delivery_outcome o using (delivery_id)
     where d.municipality = ${municipality} and r.procedure = ${procedure} and r.income_year = ${incomeYear}
     group by 1`;
  const [open] = await tx<{ n: number }>`
    select count(*)::int as n from eltax.reception r
     where r.procedure = ${procedure} and r.income_year = ${incomeYear}
       and not exists (select from eltax.examination e where e.reception_id = r.reception_id)`;
  return { rows, underExamination: open!.n };
}

export interface PartRow {
  readonly municipality: string;
  readonly records: number;
  readonly state: 'waiting' | 'fetched' | 'taken-in' | 'returned';
  readonly accepted: number | null;
  readonly rejected: number | null;
  readonly reason: string | null;
}

export async function partsOf(tx: Tx, receptionId: string): Promise<PartRow[]> {
  return tx<PartRow>`
    select d.municipality, d.records, o.accepted, o.rejected, o.reason,
           coalesce(o.outcome, case when exists (select from eltax.delivery_fetch f where f.delivery_id = d.delivery_id)
                                    then 'fetched' else 'waiting' end) as state
      from eltax.delivery d left join eltax.delivery_outcome o using (delivery_id)
     where d.reception_id = ${receptionId} order by d.municipality`;
}
