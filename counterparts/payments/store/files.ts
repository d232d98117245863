import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface FileKey {
  readonly bodyCode: string;
  readonly channel: string;
  readonly businessOn: string;
}
/** The newest business day that a till has a file of; undefined before its first. */
export async function lastFileOn(tx: Tx, till: { bodyCode: string; channel: string }): Promise<string | undefined> {
  const [row] = await tx<{ on: string | null }>`
    select max(business_on)::text as "on" from payments.file
     where body_code = ${till.bodyCode} and channel = ${till.channel}`;
  return row?.on ?? undefined;
}
export async function insertFile(
  tx: Tx,
  f: FileKey & { content: Uint8Array; records: number; totalYen: number },
): Promise<void> {
  await tx`
    insert into payments.file (body_code, channel, business_on, content, records, total_yen, event_id)
    values (${f.bodyCode}, ${f.channel}, ${f.businessOn}::date, ${f.content}, ${f.records}, ${f.totalYen}, ${tx.eventId})`;
}

export interface OpenFile extends FileKey {
  readonly content: Uint8Array;
  /** Whole deliveries that the ward answered. */
  readonly taken: number;
  /** All tries, cut ones too. */
  readonly tries: number;
}
/** Files with fewer whole deliveries than `copies`, the oldest first. */
export async function undelivered(tx: Tx, query: { copies: number; limit: number }): Promise<readonly OpenFile[]> {
  return tx<OpenFile>`
    select f.body_code as "bodyCode", f.channel, f.business_on::text as "businessOn", f.content,
           count(d.delivery_id) filter (where d.outcome <> 'refused') as taken, count(d.delivery_id) as tries
      from payments.file f left join payments.delivery d using (body_code, channel, business_on)
     group by f.body_code, f.channel, f.business_on
    having count(d.delivery_id) filter (where d.outcome <> 'refused') < ${query.copies}
     order by f.business_on, f.channel limit ${query.limit}`;
}
export async function insertDelivery(
  tx: Tx,
  d: FileKey & { deliveryId: string; bytes: number; outcome: 'taken' | 'repeated' | 'refused'; triedOn: string },
): Promise<void> {
  await tx`
    insert into payments.delivery (delivery_id, body_code, channel, business_on, bytes, outcome, tried_on, event_id)
    values (${d.deliveryId}, ${d.bodyCode}, ${d.channel}, ${d.businessOn}::date, ${d.bytes}, ${d.outcome}, ${d.triedOn}::date,
      ${tx.eventId})`;
}
export interface FileState {
  readonly channel: string;
  readonly businessOn: string;
  readonly records: number;
  readonly totalYen: number;
  readonly delivered: boolean;
  readonly tries: number;
}
export async function fileStates(tx: Tx, query: { bodyCode: string; from: string }): Promise<readonly FileState[]> {
  return tx<FileState>`
    select f.channel, f.business_on::text as "businessOn", f.records, f.total_yen as "totalYen",
           bool_or(coalesce(d.outcome, 'refused') <> 'refused') as delivered, count(d.delivery_id) as tries
      from payments.file f left join payments.delivery d using (body_code, channel, business_on)
     where f.body_code = ${query.bodyCode} and f.business_on >= ${query.from}::date
     group by f.body_code, f.channel, f.business_on order by f.business_on, f.channel`;
}
