import { json, type Tx } from '@musubi/kernel/db/sql.ts';

type Value = string | number | boolean | null;

export interface NewResult {
  readonly inquiryNumber: string;
  readonly permitNumber: string;
  readonly result: string;
  readonly validFrom: string | null;
  readonly items: Readonly<Record<string, Value>>;
  readonly digest: Buffer;
  readonly evidence: string;
  readonly permit: string;
  readonly at: Temporal.Instant;
  readonly on: Temporal.PlainDate;
}

/** 照会結果の不変: written once; the running system may not update it, and the log holds its digest. */
export async function insertResult(tx: Tx, r: NewResult): Promise<void> {
  await tx`
    insert into intermediate_server.inquiry_result
      (inquiry_number, permit_number, result, valid_from, items, digest, evidence, permit, answered_at, answered_on, event_id)
    values (${r.inquiryNumber}, ${r.permitNumber}, ${r.result}, ${r.validFrom}::date, ${json(r.items)}, ${r.digest},
       ${r.evidence}, ${r.permit}, ${r.at}, ${r.on}::date, ${tx.eventId})`;
}
