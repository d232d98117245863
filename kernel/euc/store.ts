import { json, type Tx } from '../db/sql.ts';
import type { Query } from './source.ts';

export interface SavedQuery {
  readonly queryId: string;
  readonly name: string;
  readonly query: Query;
  readonly savedBy: string;
}

export async function insertSaved(tx: Tx, row: SavedQuery & { readonly at: Temporal.Instant }): Promise<void> {
  await tx`insert into euc.saved_query (query_id, name, query, saved_by, saved_at, event_id)
    values (${row.queryId}, ${row.name}, ${json(row.query)}, ${row.savedBy}, ${row.at}, ${tx.eventId})`;
}

/** The newest of each name. */
export async function savedQueries(tx: Tx, query: { queryId?: string }): Promise<SavedQuery[]> {
  const { queryId = null } = query;
  return tx<SavedQuery>`
    select q.query_id as "queryId", q.name, q.query, q.saved_by as "savedBy"
      from (select distinct on (name) * from euc.saved_query
             where ${queryId}::uuid is null or query_id = ${queryId}::uuid order by name, saved_at desc) q
     order by q.name limit 200`;
}

export interface Extraction {
  readonly extractionId: string;
  readonly title: string;
  readonly purpose: string;
  readonly query: Query;
  readonly counted: number;
  readonly approvalId: string | null;
  readonly askedBy: string;
  readonly askedOn: string;
  readonly askedAt: string;
  readonly decision: 'approved' | 'rejected' | null;
  readonly rows: number | null;
  readonly sealedRef: string | null;
  readonly madeOn: string | null;
}

export async function insertExtraction(
  tx: Tx,
  row: Pick<Extraction, 'extractionId' | 'title' | 'purpose' | 'query' | 'counted' | 'approvalId' | 'askedBy'> & {
    readonly on: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into euc.extraction
      (extraction_id, title, purpose, query, counted, approval_id, asked_by, asked_on, asked_at, event_id)
    values (${row.extractionId}, ${row.title}, ${row.purpose}, ${json(row.query)}, ${row.counted}, ${row.approvalId}::uuid,
      ${row.askedBy}, ${row.on}, ${row.at}, ${tx.eventId})`;
}

export async function extractions(
  tx: Tx,
  query: { extractionId?: string; offset: number; limit: number },
): Promise<Extraction[]> {
  const { extractionId = null, offset, limit } = query;
  return tx<Extraction>`
    select e.extraction_id as "extractionId", e.title, e.purpose, e.query, e.counted, e.approval_id as "approvalId",
           e.asked_by as "askedBy", e.asked_on::text as "askedOn", to_json(e.asked_at)#>>'{}' as "askedAt", d.decision,
           o.rows, o.sealed_ref as "sealedRef", o.made_on::text as "madeOn"
      from euc.extraction e left join approvals.decision d using (approval_id) left join euc.output o using (extraction_id)
     where ${extractionId}::uuid is null or e.extraction_id = ${extractionId}::uuid
     order by e.asked_at desc, e.extraction_id offset ${offset} limit ${limit}`;
}

export async function countExtractions(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`select count(*) as n from euc.extraction`;
  return row?.n ?? 0;
}

/** One output for each extraction: two at once wait for each other here. */
export async function lockExtraction(tx: Tx, extractionId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`euc ${extractionId}`}, 0))`;
}

export async function insertOutput(
  tx: Tx,
  row: {
    extractionId: string;
    sealedRef: string;
    rows: number;
    sha256: Buffer;
    by: string;
    on: Temporal.PlainDate;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into euc.output (extraction_id, sealed_ref, rows, sha256, made_by, made_on, made_at, event_id)
    values (${row.extractionId}, ${row.sealedRef}, ${row.rows}, ${row.sha256}, ${row.by}, ${row.on}, ${row.at}, ${tx.eventId})`;
}

export async function insertHandedOut(
  tx: Tx,
  row: { handedId: string; extractionId: string; form: 'csv' | 'xlsx'; to: string; at: Temporal.Instant },
): Promise<void> {
  await tx`insert into euc.handed_out (handed_id, extraction_id, form, handed_to, handed_at, event_id)
    values (${row.handedId}, ${row.extractionId}, ${row.form}, ${row.to}, ${row.at}, ${tx.eventId})`;
}

export async function insertCameBack(
  tx: Tx,
  row: { returnId: string; extractionId: string; differing: number; by: string; at: Temporal.Instant },
): Promise<void> {
  await tx`insert into euc.came_back (return_id, extraction_id, differing, taken, brought_by, brought_at, event_id)
    values (${row.returnId}, ${row.extractionId}, ${row.differing}, ${row.differing === 0}, ${row.by}, ${row.at}, ${tx.eventId})`;
}

export interface Carried {
  readonly handOverId: string;
  readonly extractionId: string;
  readonly receiver: string;
  readonly rows: number;
  readonly gone: number;
  readonly come: number;
  readonly approvalId: string;
  readonly asOf: string;
  readonly askedBy: string;
  readonly decision: 'approved' | 'rejected' | null;
  /** Written on its medium. */
  readonly used: boolean;
}

export async function insertCarried(
  tx: Tx,
  row: Omit<Carried, 'decision' | 'used'> & { readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into euc.carried
      (hand_over_id, extraction_id, receiver, rows, gone, come, approval_id, as_of, asked_by, asked_at, event_id)
    values (${row.handOverId}, ${row.extractionId}, ${row.receiver}, ${row.rows}, ${row.gone}, ${row.come}, ${row.approvalId},
      ${row.asOf}, ${row.askedBy}, ${row.at}, ${tx.eventId})`;
}

/** Hand-overs of one extraction, the newest first. */
export async function carriedOf(tx: Tx, query: { extractionId: string; handOverId?: string }): Promise<Carried[]> {
  return tx<Carried>`
    select c.hand_over_id as "handOverId", c.extraction_id as "extractionId", c.receiver, c.rows, c.gone, c.come,
           c.approval_id as "approvalId", c.as_of::text as "asOf", c.asked_by as "askedBy", d.decision,
           x.approval_id is not null as used
      from euc.carried c left join approvals.decision d using (approval_id) left join approvals.execution x using (approval_id)
     where c.extraction_id = ${query.extractionId}
       and (${query.handOverId ?? null}::uuid is null or c.hand_over_id = ${query.handOverId ?? null}::uuid)
     order by c.asked_at desc limit 50`;
}
