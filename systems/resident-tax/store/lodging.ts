import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface ToLodge {
  readonly assessmentId: string;
  readonly personId: string;
  readonly decidedOn: string;
}

/** One preparer at a time, so that no levy stands in two batches. */
export async function lockLodging(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('resident-tax lodging', 0))`;
}

/**
 * Levies in force whose copy was never put in a batch, or whose rejected copy a clerk released. The oldest decisions first. Where
 * the ward has no right to tax there is no copy, unless an earlier one has to be ended.
 */
export async function toLodge(tx: Tx, limit: number): Promise<ToLodge[]> {
  return tx<ToLodge>`
    select a.assessment_id as "assessmentId", a.person_id as "personId", d.decided_on::text as "decidedOn"
      from resident_tax.assessment_decision d join resident_tax.assessment a using (assessment_id)
     where not exists (select 1 from resident_tax.assessment n join resident_tax.assessment_decision using (assessment_id)
                        where n.person_id = a.person_id and n.fiscal_year = a.fiscal_year and n.version > a.version)
       and (a.status <> 'not-taxable' or exists (
             select 1 from resident_tax.lodging_item i join resident_tax.assessment o using (assessment_id)
              where o.person_id = a.person_id and o.fiscal_year = a.fiscal_year and o.version < a.version))
       and not exists (select 1 from resident_tax.lodging_item i
                        where i.assessment_id = a.assessment_id
                          and not exists (select 1 from resident_tax.lodging_release r
                                           where r.batch_id = i.batch_id and r.row_no = i.row_no))
     order by d.decided_at, a.assessment_id limit ${limit}`;
}

/** Levies in force of the year that have a copy by law, in the order of the persons' numbers. */
export async function originals(
  tx: Tx,
  query: { readonly fiscalYear: number; readonly after: string | null; readonly limit: number },
): Promise<(ToLodge & { readonly orgPersonNumber: string })[]> {
  return tx<ToLodge & { orgPersonNumber: string }>`
    select a.assessment_id as "assessmentId", a.person_id as "personId", d.decided_on::text as "decidedOn",
           p.org_person_number as "orgPersonNumber"
      from resident_tax.assessment_decision d join resident_tax.assessment a using (assessment_id) join resident_tax.person p using (person_id)
     where a.fiscal_year = ${query.fiscalYear} and a.status <> 'not-taxable'
       and (${query.after}::text is null or p.org_person_number > ${query.after})
       and not exists (select 1 from resident_tax.assessment n join resident_tax.assessment_decision using (assessment_id)
                        where n.person_id = a.person_id and n.fiscal_year = a.fiscal_year and n.version > a.version)
     order by p.org_person_number limit ${query.limit}`;
}

export interface LodgingRow {
  readonly rowNo: number;
  readonly assessmentId: string;
  readonly copy: Readonly<Record<string, unknown>>;
}

export async function insertBatch(
  tx: Tx,
  batch: {
    readonly batchId: string;
    readonly contentDigest: Uint8Array;
    readonly preparedAt: Temporal.Instant;
    readonly rows: readonly LodgingRow[];
  },
): Promise<void> {
  await tx`
    insert into resident_tax.lodging_batch (batch_id, copies, content_digest, prepared_at, event_id)
    values (${batch.batchId}, ${batch.rows.length}, ${batch.contentDigest}, ${batch.preparedAt}, ${tx.eventId})`;
  await tx`
    insert into resident_tax.lodging_item (batch_id, row_no, assessment_id, copy, event_id)
    select ${batch.batchId}::uuid, r."rowNo", r."assessmentId", r.copy, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(batch.rows)}::jsonb) as r("rowNo" int, "assessmentId" uuid, copy jsonb)`;
}

export interface LodgingBatch {
  readonly batchId: string;
  readonly copies: number;
  readonly contentDigest: Buffer;
  readonly preparedAt: string;
  readonly accepted: number | null;
  readonly rejected: number | null;
  readonly attempts: number;
  readonly lastWord: string | null;
  readonly lastAttemptAt: string | null;
}

export async function listBatches(
  tx: Tx,
  where: { readonly batchId?: string; readonly open?: boolean; readonly limit?: number },
): Promise<LodgingBatch[]> {
  return tx<LodgingBatch>`
    select b.batch_id as "batchId", b.copies, b.content_digest as "contentDigest", b.prepared_at::text as "preparedAt",
           o.accepted, o.rejected, coalesce(t.attempt_no, 0) as attempts, t.word as "lastWord", t.at::text as "lastAttemptAt"
      from resident_tax.lodging_batch b
      left join resident_tax.lodging_outcome o using (batch_id)
      left join lateral (select attempt_no, word, at from resident_tax.lodging_attempt x
                          where x.batch_id = b.batch_id order by attempt_no desc limit 1) t on true
     where (${where.batchId ?? null}::uuid is null or b.batch_id = ${where.batchId ?? null})
       and (${where.open ?? false} = false or o.batch_id is null)
     order by case when ${where.open ?? false} then b.prepared_at end, b.prepared_at desc, b.batch_id
     limit ${where.limit ?? 50}`;
}

/** The batch's copies with the number of the person that each is about, in their order. */
export async function rowsOf(
  tx: Tx,
  batchId: string,
): Promise<(LodgingRow & { readonly personId: string; readonly orgPersonNumber: string })[]> {
  return tx<LodgingRow & { personId: string; orgPersonNumber: string }>`
    select i.row_no as "rowNo", i.assessment_id as "assessmentId", i.copy, p.person_id as "personId",
           p.org_person_number as "orgPersonNumber"
      from resident_tax.lodging_item i join resident_tax.assessment a using (assessment_id) join resident_tax.person p using (person_id)
     where i.batch_id = ${batchId} order by i.row_no`;
}

export async function lockBatch(tx: Tx, batchId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`resident-tax lodging ${batchId}`}, 0))`;
}

export async function insertAttempt(
  tx: Tx,
  attempt: {
    readonly batchId: string;
    readonly attemptNo: number;
    readonly word: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.lodging_attempt (batch_id, attempt_no, word, at, event_id)
    values (${attempt.batchId}, ${attempt.attemptNo}, ${attempt.word}, ${attempt.at}, ${tx.eventId})`;
}

export async function insertOutcome(
  tx: Tx,
  outcome: {
    readonly batchId: string;
    readonly accepted: number;
    readonly rejected: readonly { readonly row: number; readonly code: string }[];
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.lodging_outcome (batch_id, accepted, rejected, at, event_id)
    values (${outcome.batchId}, ${outcome.accepted}, ${outcome.rejected.length}, ${outcome.at}, ${tx.eventId})`;
  await tx`
    insert into resident_tax.lodging_reject (batch_id, row_no, code, event_id)
    select ${outcome.batchId}::uuid, row_no, code, ${tx.eventId}::uuid
      from unnest(${outcome.rejected.map((r) => r.row)}::int[], ${outcome.rejected.map((r) => r.code)}::text[]) as r(row_no, code)`;
}

export interface LodgingReject {
  readonly batchId: string;
  readonly rowNo: number;
  readonly code: string;
  readonly assessmentId: string;
  readonly personId: string;
  readonly addresseeNumber: string;
}
/** Rejected copies that nobody released yet. */
export async function openRejects(tx: Tx, limit: number): Promise<LodgingReject[]> {
  return tx<LodgingReject>`
    select x.batch_id as "batchId", x.row_no as "rowNo", x.code, i.assessment_id as "assessmentId", a.person_id as "personId",
           p.addressee_number as "addresseeNumber"
      from resident_tax.lodging_reject x
      join resident_tax.lodging_item i using (batch_id, row_no)
      join resident_tax.assessment a using (assessment_id)
      join resident_tax.person p using (person_id)
     where not exists (select 1 from resident_tax.lodging_release r where r.batch_id = x.batch_id and r.row_no = x.row_no)
     order by x.batch_id, x.row_no limit ${limit}`;
}

export async function insertRelease(
  tx: Tx,
  release: {
    readonly batchId: string;
    readonly rowNo: number;
    readonly releasedBy: string;
    readonly releasedAt: Temporal.Instant;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into resident_tax.lodging_release (batch_id, row_no, released_by, released_at, event_id)
    select batch_id, row_no, ${release.releasedBy}, ${release.releasedAt}::timestamptz, ${tx.eventId}::uuid
      from resident_tax.lodging_reject where batch_id = ${release.batchId} and row_no = ${release.rowNo}
    on conflict do nothing returning 1`;
  return rows.length === 1;
}
