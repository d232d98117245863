import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { StoredRecord } from './records.ts';

export interface InquiryRecord {
  readonly asker: string;
  readonly inquiryId: string;
  readonly ground: string;
  readonly keyKind: string;
  readonly items: readonly string[];
  readonly result: 'given' | 'not-identified';
  readonly hitCount: number;
  readonly holderId: string | null;
}

/** False where this asker's inquiry number already has its record. */
export async function insertInquiry(tx: Tx, r: InquiryRecord, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into national_juki.inquiry_record
      (asker, inquiry_id, ground, key_kind, items, result, hit_count, holder_id, answered_at, event_id)
    values (${r.asker}, ${r.inquiryId}, ${r.ground}, ${r.keyKind}, ${r.items}, ${r.result}, ${r.hitCount}, ${r.holderId}, ${at},
      ${tx.eventId})
    on conflict (asker, inquiry_id) do nothing returning 1`;
  return rows.length === 1;
}

/** Addresses of earlier versions stand beside, for those who have moved since. */
export interface Found extends StoredRecord {
  readonly formerAddresses: readonly string[];
}

export async function foundByCodes(tx: Tx, codes: readonly string[]): Promise<Found[]> {
  return tx<Found & object>`
    select holder_id as "holderId", resident_record_code as "residentRecordCode", status, name, birth_date as "birthDate", sex,
           address, change_reason as "changeReason", changed_on as "changedOn", municipality_code as "municipalityCode",
           reported_by as "reportedBy", change_id as "changeId",
           array(select distinct h.address from national_juki.record_history h where h.holder_id = r.holder_id) as "formerAddresses"
      from national_juki.record r where resident_record_code = any(${codes}::text[])`;
}

export async function foundByHolders(tx: Tx, holderIds: readonly string[]): Promise<Found[]> {
  return tx<Found & object>`
    select holder_id as "holderId", resident_record_code as "residentRecordCode", status, name, birth_date as "birthDate", sex,
           address, change_reason as "changeReason", changed_on as "changedOn", municipality_code as "municipalityCode",
           reported_by as "reportedBy", change_id as "changeId",
           array(select distinct h.address from national_juki.record_history h where h.holder_id = r.holder_id) as "formerAddresses"
      from national_juki.record r where holder_id = any(${holderIds}::uuid[])`;
}

/** Everybody born on that day. The name is compared by the caller: the eight items hold no key of it. */
export async function foundByBirthDate(tx: Tx, birthDate: string): Promise<Found[]> {
  return tx<Found & object>`
    select holder_id as "holderId", resident_record_code as "residentRecordCode", status, name, birth_date as "birthDate", sex,
           address, change_reason as "changeReason", changed_on as "changedOn", municipality_code as "municipalityCode",
           reported_by as "reportedBy", change_id as "changeId",
           array(select distinct h.address from national_juki.record_history h where h.holder_id = r.holder_id) as "formerAddresses"
      from national_juki.record r where birth_date = ${birthDate}::date`;
}
