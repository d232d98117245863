import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface StoredRecord {
  readonly recordId: string;
  readonly orgPersonNumber: string;
  readonly addresseeNumber: string;
  readonly fiscalYear: number;
  readonly version: string;
  readonly restriction: '0' | '1' | '2' | '3' | '4' | '5';
  readonly content: unknown;
  readonly recordedAt: string;
}

/** False where the record is known. The newest of a person's year counts, by the order in which they came. */
export async function insertRecord(tx: Tx, record: StoredRecord, receivedAt: Temporal.Instant): Promise<boolean> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`certificate record ${record.orgPersonNumber}`}, 0))`;
  const rows = await tx`
    insert into convenience_certificates.certificate_record (record_id, org_person_number, addressee_number, fiscal_year, ordinal,
      version, restriction, content, recorded_at, received_at, event_id)
    select ${record.recordId}::uuid, ${record.orgPersonNumber}, ${record.addresseeNumber}, ${record.fiscalYear}::int,
           1 + coalesce((select max(ordinal) from convenience_certificates.certificate_record
                          where org_person_number = ${record.orgPersonNumber} and fiscal_year = ${record.fiscalYear}), 0),
           ${record.version}, ${record.restriction}, ${record.content === null ? null : json(record.content)}::jsonb,
           ${record.recordedAt}::timestamptz, ${receivedAt}::timestamptz, ${tx.eventId}::uuid
    on conflict (record_id) do nothing returning 1`;
  return rows.length === 1;
}

export async function newestRecord(
  tx: Tx,
  orgPersonNumber: string,
  fiscalYear: number,
): Promise<StoredRecord | undefined> {
  const [row] = await tx<StoredRecord>`
    select record_id as "recordId", org_person_number as "orgPersonNumber", addressee_number as "addresseeNumber",
           fiscal_year as "fiscalYear", version, restriction, content, to_json(recorded_at)#>>'{}' as "recordedAt"
      from convenience_certificates.certificate_record
     where org_person_number = ${orgPersonNumber} and fiscal_year = ${fiscalYear} order by ordinal desc limit 1`;
  return row;
}

export async function personOfAddressee(tx: Tx, addresseeNumber: string): Promise<string | undefined> {
  const [row] = await tx<{ org: string }>`
    select org_person_number as org from convenience_certificates.certificate_record
     where addressee_number = ${addresseeNumber} order by received_at desc limit 1`;
  return row?.org;
}

export async function holderOfCard(tx: Tx, certSerial: string): Promise<string | undefined> {
  const [row] = await tx<{ org: string }>`
    select org_person_number as org from convenience_certificates.card where cert_serial = ${certSerial}`;
  return row?.org;
}

export async function insertCard(
  tx: Tx,
  card: { readonly certSerial: string; readonly orgPersonNumber: string; readonly at: Temporal.Instant },
): Promise<boolean> {
  const rows = await tx`
    insert into convenience_certificates.card (cert_serial, org_person_number, registered_at, event_id)
    values (${card.certSerial}, ${card.orgPersonNumber}, ${card.at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** 連携の状況: how many records, when the last one came. */
export async function recordState(
  tx: Tx,
): Promise<{ readonly persons: number; readonly restricted: number; readonly lastReceivedAt: string | null }> {
  const [row] = await tx<{ persons: number; restricted: number; lastReceivedAt: string | null }>`
    select count(*)::int as persons, count(*) filter (where restriction <> '0')::int as restricted,
           to_json(max(received_at))#>>'{}' as "lastReceivedAt"
      from convenience_certificates.certificate_record r
     where not exists (select 1 from convenience_certificates.certificate_record n
                        where n.org_person_number = r.org_person_number and n.fiscal_year = r.fiscal_year and n.ordinal > r.ordinal)`;
  return row ?? { persons: 0, restricted: 0, lastReceivedAt: null };
}
