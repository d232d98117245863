import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { NumberRef } from '@musubi/kernel/vault/vault.ts';
import type { NewReport } from './intake-reports.ts';

export interface UnfiledDocument
  extends Pick<
    NewReport,
    | 'reportId'
    | 'kind'
    | 'rowNumber'
    | 'incomeYear'
    | 'submissionKind'
    | 'filedOn'
    | 'payerName'
    | 'payerNumber'
    | 'name'
    | 'kana'
    | 'bornOn'
    | 'address'
    | 'columns'
  > {
  readonly receptionNumber: string;
  /** Number of the document at its sender. */
  readonly referenceNo: string | null;
  readonly numberRef: NumberRef | null;
  readonly payerNumberRef: NumberRef | null;
  readonly relatives: readonly {
    readonly kind: 'spouse' | 'dependant' | 'young';
    readonly name: string | null;
    readonly residence: string | null;
    readonly bornOn: string | null;
    readonly numberRef: NumberRef | null;
  }[];
}

/** One that hands over at a time. */
export async function lockFilings(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('resident-tax document filings', 0))`;
}

/** Documents that the images do not have yet, in the order of the intake. */
export const unfiledDocuments = (tx: Tx, limit: number): Promise<UnfiledDocument[]> =>
  documentsAsFiled(tx, { reportId: null, limit });

/** One document, whether the images have it or not. */
export async function unfiledDocument(tx: Tx, reportId: string): Promise<UnfiledDocument | undefined> {
  const [found] = await documentsAsFiled(tx, { reportId, limit: 1 });
  return found;
}

async function documentsAsFiled(
  tx: Tx,
  by: { readonly reportId: string | null; readonly limit: number },
): Promise<UnfiledDocument[]> {
  return tx<UnfiledDocument>`
    select r.report_id as "reportId", r.kind, i.reception_no as "receptionNumber", r.row_number as "rowNumber",
           r.income_year as "incomeYear", r.submission_kind as "submissionKind", r.filed_on::text as "filedOn",
           r.payer_name as "payerName", r.payer_number as "payerNumber", r.name, r.kana, r.born_on::text as "bornOn", r.address,
           r.columns, r.reference_no as "referenceNo", r.number_ref as "numberRef", r.payer_number_ref as "payerNumberRef",
           coalesce((select jsonb_agg(jsonb_build_object('kind', v.kind, 'name', v.name, 'residence', v.residence,
               'bornOn', v.born_on::text, 'numberRef', v.number_ref) order by v.relative_no)
              from resident_tax.report_relative v where v.report_id = r.report_id), '[]'::jsonb) as relatives
      from resident_tax.report r join resident_tax.intake i using (intake_id)
      left join resident_tax.document_filing f on f.report_id = r.report_id
     where (f.report_id is null or r.report_id = ${by.reportId}::uuid)
       and (${by.reportId}::uuid is null or r.report_id = ${by.reportId}::uuid)
     order by i.received_at, r.intake_id, r.row_number limit ${by.limit}`;
}

export async function insertFilings(
  tx: Tx,
  rows: readonly { readonly reportId: string; readonly messageId: string }[],
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into resident_tax.document_filing (report_id, message_id, handed_at, event_id)
    select f."reportId", f."messageId", ${at}::timestamptz, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb) as f("reportId" uuid, "messageId" uuid)`;
}
