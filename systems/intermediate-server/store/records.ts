import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';

/** One line of 情報提供等記録, as this body knows it. */
export interface ExchangeRecord {
  readonly recordId: string;
  readonly inquiryNumber: string | null;
  readonly role: 'asker' | 'provider';
  /** Null where the person could not be told. */
  readonly orgPersonNumber: string | null;
  readonly asker: string;
  readonly provider: string;
  readonly procedure: string;
  readonly informationCode: string;
  readonly items: readonly string[];
  readonly ground: string;
  readonly result: string | null;
  readonly refusal: string | null;
  readonly withheldFromPerson: boolean;
  readonly at: Temporal.Instant;
  readonly on: Temporal.PlainDate;
}

export async function insertRecord(tx: Tx, r: ExchangeRecord): Promise<void> {
  if (!enforced('exchange.records-on-all-sides')) return;
  await tx`
    insert into intermediate_server.exchange_record
      (record_id, inquiry_number, role, org_person_number, asker, provider, procedure, information_code, items, ground,
       result, refusal, withheld_from_person, recorded_at, recorded_on, event_id)
    values (${r.recordId}, ${r.inquiryNumber}, ${r.role}, ${r.orgPersonNumber}, ${r.asker}, ${r.provider}, ${r.procedure},
       ${r.informationCode}, ${r.items}, ${r.ground}, ${r.result}, ${r.refusal}, ${r.withheldFromPerson}, ${r.at},
       ${r.on}::date, ${tx.eventId})`;
}

export interface StoredRecord extends Omit<ExchangeRecord, 'at' | 'on'> {
  readonly at: string;
  readonly eventId: string;
}

/** Records of one person that may be shown to that person. */
export async function recordsOfPerson(tx: Tx, person: string, from: string, until: string): Promise<StoredRecord[]> {
  return tx<StoredRecord>`
    select record_id as "recordId", inquiry_number as "inquiryNumber", role, org_person_number as "orgPersonNumber", asker,
           provider, procedure, information_code as "informationCode", items, ground, result, refusal,
           withheld_from_person as "withheldFromPerson", recorded_at as at, event_id as "eventId"
      from intermediate_server.exchange_record
     where org_person_number = ${person} and recorded_on between ${from}::date and ${until}::date
       and inquiry_number is not null order by recorded_at`;
}

/** For the clerk's view: by inquiry number, or by day; no person is shown. */
export async function findRecords(
  tx: Tx,
  query: { readonly inquiryNumber: string; readonly on: string; readonly limit: number; readonly offset: number },
): Promise<(StoredRecord & { readonly total: number })[]> {
  return tx<StoredRecord & { total: number }>`
    select record_id as "recordId", inquiry_number as "inquiryNumber", role, null as "orgPersonNumber", asker, provider,
           procedure, information_code as "informationCode", items, ground, result, refusal,
           withheld_from_person as "withheldFromPerson", recorded_at as at, event_id as "eventId", count(*) over () as total
      from intermediate_server.exchange_record
     where (${query.inquiryNumber} = '' or inquiry_number::text = ${query.inquiryNumber})
       and (${query.on} = '' or recorded_on::text = ${query.on})
     order by recorded_at desc limit ${query.limit} offset ${query.offset}`;
}

export interface ToldRecord {
  readonly recordId: string;
  readonly inquiryNumber: string | null;
  readonly role: 'asker' | 'provider';
  readonly asker: string;
  readonly provider: string;
  readonly informationCode: string;
  readonly result: string | null;
  readonly refusal: string | null;
  readonly recordedAt: string;
}

/** Records of a span, without persons, for the comparison with the network's. */
export async function recordsBetween(
  tx: Tx,
  q: { readonly from: string; readonly until: string; readonly after: string | null; readonly limit: number },
): Promise<ToldRecord[]> {
  return tx<ToldRecord>`
    select record_id as "recordId", inquiry_number as "inquiryNumber", role, asker, provider, information_code as "informationCode",
           result, refusal, recorded_at as "recordedAt"
      from intermediate_server.exchange_record
     where recorded_at >= ${q.from}::timestamptz and recorded_at < ${q.until}::timestamptz
       and (${q.after}::uuid is null or (recorded_at, record_id) > (
         select r.recorded_at, r.record_id from intermediate_server.exchange_record as r where r.record_id = ${q.after}::uuid))
     order by recorded_at, record_id limit ${q.limit}`;
}

export interface ProvisionTold {
  readonly inquiryNumber: string;
  readonly asker: string;
  readonly procedure: string;
  readonly informationCode: string;
  readonly result: string;
  readonly providedAt: string;
}

/** To whom information about a person was provided, from the records of provision. */
export async function provisionsTo(
  tx: Tx,
  q: { readonly person: string; readonly informationCodes: readonly string[]; readonly from: string },
): Promise<ProvisionTold[]> {
  return tx<ProvisionTold>`
    select inquiry_number as "inquiryNumber", asker, procedure, information_code as "informationCode", result, recorded_at as "providedAt"
      from intermediate_server.exchange_record
     where org_person_number = ${q.person} and role = 'provider' and result is not null and inquiry_number is not null
       and information_code = any (${q.informationCodes}::text[]) and recorded_on >= ${q.from}::date
     order by recorded_at limit 1000`;
}
