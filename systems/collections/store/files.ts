import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { ArrivedFile } from '../domain/files-due.ts';
import type { MatchCount } from '../domain/unmatched.ts';
import { copyRows } from './copy.ts';
import type { TiedTable, Ties } from './ties.ts';

export interface TakenFile {
  readonly fileId: string;
  readonly channel: string;
  readonly sender: string;
  readonly businessOn: string;
  readonly sequence: number;
  readonly records: number;
  readonly totalYen: number;
  readonly postedYen: number;
  readonly suspenseYen: number;
  readonly rejectedYen: number;
  readonly notedYen: number;
}
/** One file of a channel at a time: two deliveries of one file meet here, and the second finds the first. */
export async function lockChannel(tx: Tx, channel: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`collections files ${channel}`}, 0))`;
}
export async function findFile(
  tx: Tx,
  query: { sha256: Uint8Array } | { channel: string; sender: string; businessOn: string; sequence: number },
): Promise<TakenFile | undefined> {
  const sha = 'sha256' in query ? query.sha256 : null;
  const key = 'channel' in query ? query : { channel: null, sender: null, businessOn: null, sequence: null };
  const [row] = await tx<TakenFile>`
    select file_id as "fileId", channel, sender, business_on::text as "businessOn", sequence, records, total_yen as "totalYen",
           posted_yen as "postedYen", suspense_yen as "suspenseYen", rejected_yen as "rejectedYen", noted_yen as "notedYen"
      from collections.payment_file
     where sha256 = ${sha}::bytea
        or (channel = ${key.channel}::text and sender = ${key.sender}::text and business_on = ${key.businessOn}::date
            and sequence = ${key.sequence}::integer)`;
  return row;
}
export async function insertFile(
  tx: Tx,
  file: TakenFile & { sha256: Uint8Array; bytes: number; takenBy: string; takenOn: string; at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into collections.payment_file (file_id, channel, sender, business_on, sequence, sha256, bytes, records, total_yen, posted_yen,
      suspense_yen, rejected_yen, noted_yen, taken_by, taken_on, taken_at, event_id)
    values (${file.fileId}, ${file.channel}, ${file.sender}, ${file.businessOn}::date, ${file.sequence}, ${file.sha256}, ${file.bytes},
      ${file.records}, ${file.totalYen}, ${file.postedYen}, ${file.suspenseYen}, ${file.rejectedYen}, ${file.notedYen},
      ${file.takenBy}, ${file.takenOn}::date, ${file.at}, ${tx.eventId})`;
}
export async function insertRefusal(
  tx: Tx,
  r: {
    refusalId: string;
    channel: string;
    sha256: Uint8Array;
    bytes: number;
    faults: readonly object[];
    by: string;
    on: string;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into collections.file_refusal (refusal_id, channel, sha256, bytes, faults, delivered_by, refused_on, refused_at, event_id)
    values (${r.refusalId}, ${r.channel}, ${r.sha256}, ${r.bytes}, ${json(r.faults)}, ${r.by}, ${r.on}::date, ${r.at}, ${tx.eventId})`;
}

export interface NewRecord {
  readonly receiptNo: number;
  readonly fileId: string;
  readonly row: number;
  readonly stage: string;
  readonly kind: string;
  readonly reference: string;
  readonly amountYen: number;
  readonly paidOn: string;
  readonly place: string;
  readonly outcome: string;
  readonly reason: string;
  readonly slipNo: number | null;
  readonly chargeId: string | null;
}
const recordTable: TiedTable = {
  name: 'collections.payment_record',
  columns: [
    'receipt_no',
    'file_id',
    'row_no',
    'stage',
    'kind',
    'reference',
    'amount_yen',
    'paid_on',
    'place',
    'outcome',
    'reason',
    'slip_no',
    'charge_id',
    'event_id',
  ],
  key: ['receipt_no'],
};
export async function insertRecords(tx: Tx, records: readonly NewRecord[], ties: Ties): Promise<void> {
  await copyRows(
    tx,
    `copy collections.payment_record (receipt_no, file_id, row_no, stage, kind, reference, amount_yen, paid_on, place, outcome, reason,
       slip_no, charge_id, event_id) from stdin`,
    records,
    (r) => {
      const { receiptNo, fileId, row, stage, kind, reference, amountYen, paidOn, place, outcome, reason } = r;
      const about = [receiptNo, fileId, row, stage, kind, reference, amountYen, paidOn, place, outcome, reason];
      const cells = [...about, r.slipNo, r.chargeId, tx.eventId];
      ties.add(recordTable, cells);
      return cells;
    },
  );
}

export interface NewOverpayment {
  readonly overpaymentNo: number;
  readonly personNumber: string;
  readonly chargeId: string;
  readonly receiptNo: number | null;
  readonly cause: 'paid-again' | 'charge-reduced' | 'paid-too-much';
  readonly amountYen: number;
  readonly paidOn: string;
  readonly aroseOn: string;
}
export async function insertOverpayments(tx: Tx, rows: readonly NewOverpayment[]): Promise<void> {
  await copyRows(
    tx,
    `copy collections.overpayment (overpayment_no, person_number, charge_id, receipt_no, cause, amount_yen, paid_on, arose_on, event_id)
       from stdin`,
    rows,
    (o) => [
      o.overpaymentNo,
      o.personNumber,
      o.chargeId,
      o.receiptNo,
      o.cause,
      o.amountYen,
      o.paidOn,
      o.aroseOn,
      tx.eventId,
    ],
  );
}

/** Counts of the channel's newest files before this one: what is usual there. */
export async function usualMatches(tx: Tx, channel: string): Promise<MatchCount> {
  const [row] = await tx<MatchCount>`
    select coalesce(sum(finals), 0)::integer as finals, coalesce(sum(waiting), 0)::integer as waiting
      from (select finals, waiting from collections.file_match where channel = ${channel} and times_normal is null
             order by taken_on desc, file_id desc limit 60) as newest`;
  return row!;
}
export async function insertFileMatch(
  tx: Tx,
  m: MatchCount & { fileId: string; channel: string; takenOn: string; timesNormal: number | null },
): Promise<void> {
  await tx`
    insert into collections.file_match (file_id, channel, taken_on, finals, waiting, times_normal, event_id)
    values (${m.fileId}, ${m.channel}, ${m.takenOn}::date, ${m.finals}, ${m.waiting}, ${m.timesNormal}, ${tx.eventId})`;
}
export interface UnmatchedAlarm extends MatchCount {
  readonly channel: string;
  readonly businessOn: string;
  readonly timesNormal: number;
}
/** Files with far more unplaced records than usual of which some still wait, the newest first. */
export async function unmatchedAlarms(tx: Tx): Promise<readonly UnmatchedAlarm[]> {
  return tx<UnmatchedAlarm>`
    select m.channel, f.business_on::text as "businessOn", m.finals, m.waiting, m.times_normal::float8 as "timesNormal"
      from collections.file_match m join collections.payment_file f using (file_id)
     where m.times_normal is not null
       and exists (select from collections.payment_record r
                    where r.file_id = m.file_id and r.outcome = 'suspense'
                      and (select sum(p.plain_yen) from collections.posting p where p.receipt_no = r.receipt_no and p.ledger = 'suspense') <> 0)
     order by f.business_on desc limit 10`;
}

export async function arrivedFiles(tx: Tx, from: string): Promise<readonly ArrivedFile[]> {
  return tx<ArrivedFile>`
    select channel, sender, business_on::text as "businessOn", sequence from collections.payment_file
     where business_on >= ${from}::date`;
}
export interface FileLine extends TakenFile {
  readonly takenBy: string;
  readonly takenAt: string;
}
export async function listFiles(tx: Tx, query: { offset: number; limit: number }): Promise<readonly FileLine[]> {
  return tx<FileLine>`
    select file_id as "fileId", channel, sender, business_on::text as "businessOn", sequence, records, total_yen as "totalYen",
           posted_yen as "postedYen", suspense_yen as "suspenseYen", rejected_yen as "rejectedYen", noted_yen as "notedYen",
           taken_by as "takenBy", to_json(taken_at)#>>'{}' as "takenAt"
      from collections.payment_file order by taken_at desc, file_id offset ${query.offset} limit ${query.limit}`;
}
export async function countFiles(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`select count(*) as n from collections.payment_file`;
  return row?.n ?? 0;
}
export interface RefusalLine {
  readonly refusalId: string;
  readonly channel: string;
  readonly faults: readonly { rule: string; row?: number; field?: string; message: string }[];
  readonly deliveredBy: string;
  readonly refusedAt: string;
}
export async function listRefusals(tx: Tx, limit: number): Promise<readonly RefusalLine[]> {
  return tx<RefusalLine>`
    select refusal_id as "refusalId", channel, faults, delivered_by as "deliveredBy", to_json(refused_at)#>>'{}' as "refusedAt"
      from collections.file_refusal order by refused_at desc limit ${limit}`;
}
