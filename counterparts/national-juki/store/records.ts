import { momentInJson, type TiedRows } from '@musubi/kernel/audit/tied-rows.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import { type NumberRef, numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Status } from '../domain/judge.ts';

export interface CodeHolder {
  readonly holderId: string;
  readonly residentRecordCode: string;
  readonly numberRef: NumberRef;
  readonly municipalityCode: string | null;
  readonly ground: 'birth' | 'first-entry' | 'initial-load';
  readonly requestDigest: Buffer | null;
}

export interface StoredRecord {
  readonly holderId: string;
  readonly residentRecordCode: string;
  readonly status: Status;
  readonly name: string;
  readonly birthDate: string;
  readonly sex: string;
  readonly address: string;
  readonly changeReason: string;
  readonly changedOn: string;
  readonly municipalityCode: string;
  readonly reportedBy: string;
  readonly changeId: string;
}

/**
 * Holders of these codes, by the code asked for, locked in an order of their own, so that two loads at once cannot deadlock.
 * A code that took the place of another one leads to the same holder; `residentRecordCode` is the one given first.
 */
export async function lockHolders(tx: Tx, codes: readonly string[]): Promise<Map<string, CodeHolder>> {
  const rows = await tx<CodeHolder & { asked: string }>`
    select h.holder_id as "holderId", h.resident_record_code as "residentRecordCode", coalesce(
             (select r.number_ref from national_juki.replacement r join national_juki.replacement_in_force f using (replacement_id)
               where r.holder_id = h.holder_id and r.ground = 'number-change' order by f.since_at desc limit 1),
             h.number_ref) as "numberRef",
           h.municipality_code as "municipalityCode", h.ground, h.request_digest as "requestDigest", c.asked
      from (select resident_record_code as asked, holder_id from national_juki.code_holder where resident_record_code = any(${codes}::text[])
            union all
            select new_code, holder_id from national_juki.replacement where new_code = any(${codes}::text[])) as c
      join national_juki.code_holder h using (holder_id)
     order by h.resident_record_code for update of h`;
  return new Map(rows.map(({ asked, ...r }) => [asked, { ...r, numberRef: numberRef(r.numberRef) }]));
}

/** By holder. Call after `lockHolders`. */
export async function recordsOf(tx: Tx, holderIds: readonly string[]): Promise<Map<string, StoredRecord>> {
  const rows = await tx<StoredRecord & object>`
    select holder_id as "holderId", resident_record_code as "residentRecordCode", status, name, birth_date::text as "birthDate", sex,
           address, change_reason as "changeReason", changed_on::text as "changedOn", municipality_code as "municipalityCode",
           reported_by as "reportedBy", change_id as "changeId"
      from national_juki.record where holder_id = any(${holderIds}::uuid[])`;
  return new Map(rows.map((r) => [r.holderId, r]));
}

export interface Replacement {
  readonly replacementId: string;
  readonly holderId: string;
  readonly ground: 'code-change' | 'number-change';
  readonly newCode: string | null;
  readonly numberRef: NumberRef;
  readonly requestDigest: Buffer;
}

export async function replacementOf(tx: Tx, assignedTo: string, requestId: string): Promise<Replacement | undefined> {
  const [row] = await tx<Replacement & object>`
    select replacement_id as "replacementId", holder_id as "holderId", ground, new_code as "newCode", number_ref as "numberRef",
           request_digest as "requestDigest"
      from national_juki.replacement where assigned_to = ${assignedTo} and request_id = ${requestId}`;
  return row && { ...row, numberRef: numberRef(row.numberRef) };
}

/** False where the new code is given already: the caller makes another. */
export async function insertReplacement(
  tx: Tx,
  r: Omit<Replacement, 'requestDigest'> & {
    readonly assignedTo: string;
    readonly requestId: string;
    readonly requestDigest: Uint8Array;
  },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into national_juki.replacement (replacement_id, holder_id, ground, new_code, number_ref, assigned_to, request_id,
      request_digest, assigned_at, event_id)
    select ${r.replacementId}, ${r.holderId}, ${r.ground}, ${r.newCode}::text, ${r.numberRef}, ${r.assignedTo}, ${r.requestId},
           ${r.requestDigest}, ${at}, ${tx.eventId}
     where not exists (select 1 from national_juki.code_holder where resident_record_code = ${r.newCode}::text)
    on conflict (new_code) do nothing returning 1`;
  return rows.length === 1;
}

export async function putInForce(tx: Tx, replacementId: string, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into national_juki.replacement_in_force (replacement_id, since_at, event_id) values (${replacementId}, ${at}, ${tx.eventId})
    on conflict (replacement_id) do nothing`;
}

/** Replacements given for these holders, for a notice to be held against. */
export async function replacementsFor(
  tx: Tx,
  holderIds: readonly string[],
): Promise<{ replacementId: string; holderId: string; newCode: string | null }[]> {
  return tx`select replacement_id as "replacementId", holder_id as "holderId", new_code as "newCode"
    from national_juki.replacement where holder_id = any(${holderIds}::uuid[])`;
}

export interface NewHolder {
  readonly holderId: string;
  readonly residentRecordCode: string;
  readonly numberRef: NumberRef;
  readonly assignedTo: string | null;
  readonly municipalityCode: string | null;
  readonly requestId: string | null;
  readonly requestDigest: Uint8Array | null;
  readonly ground: CodeHolder['ground'];
}

/** Returns false where the code is already given: the caller makes another. */
export async function insertHolder(tx: Tx, h: NewHolder, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into national_juki.code_holder (holder_id, resident_record_code, number_ref, assigned_to, municipality_code,
      request_id, request_digest, ground, assigned_at, event_id)
    values (${h.holderId}, ${h.residentRecordCode}, ${h.numberRef}, ${h.assignedTo}, ${h.municipalityCode}, ${h.requestId},
      ${h.requestDigest}, ${h.ground}, ${at}, ${tx.eventId})
    on conflict (resident_record_code) do nothing returning 1`;
  return rows.length === 1;
}

/** For the first load: codes that were in use before this system. */
export async function insertLoadedHolders(
  tx: Tx,
  holders: readonly Pick<NewHolder, 'holderId' | 'residentRecordCode' | 'numberRef'>[],
  at: Temporal.Instant,
  tied: TiedRows,
): Promise<void> {
  const rows = holders.map((h) => ({
    holder_id: h.holderId,
    resident_record_code: h.residentRecordCode,
    number_ref: h.numberRef,
    ground: 'initial-load',
    assigned_at: momentInJson(at),
    event_id: tx.eventId,
  }));
  await tx`
    insert into national_juki.code_holder
    select * from jsonb_populate_recordset(null::national_juki.code_holder, ${json(rows)})`;
  for (const row of rows) tied.add(row.holder_id, row);
}

/** Closes what stood and writes what stands now, each record in the same statement as its history; tied as a batch. */
export async function writeRecords(
  tx: Tx,
  records: readonly StoredRecord[],
  at: Temporal.Instant,
  tied: TiedRows,
): Promise<void> {
  if (records.length === 0) return;
  await tx`
    with gone as (delete from national_juki.record where holder_id = any(${records.map((r) => r.holderId)}::uuid[]) returning *)
    insert into national_juki.record_history select gone.*, ${tx.eventId}::uuid, ${at}::timestamptz from gone`;
  const rows = records.map((r) => ({
    holder_id: r.holderId,
    resident_record_code: r.residentRecordCode,
    status: r.status,
    name: r.name,
    birth_date: r.birthDate,
    sex: r.sex,
    address: r.address,
    change_reason: r.changeReason,
    changed_on: r.changedOn,
    municipality_code: r.municipalityCode,
    reported_by: r.reportedBy,
    change_id: r.changeId.toLowerCase(),
    recorded_at: momentInJson(at),
    event_id: tx.eventId,
  }));
  await tx`
    insert into national_juki.record
    select * from jsonb_populate_recordset(null::national_juki.record, ${json(rows)})`;
  for (const row of rows) tied.add(`${row.holder_id}/${row.change_id}`, row);
}

export async function holderOfRequest(tx: Tx, assignedTo: string, requestId: string): Promise<CodeHolder | undefined> {
  const [row] = await tx<CodeHolder & object>`
    select holder_id as "holderId", resident_record_code as "residentRecordCode", number_ref as "numberRef",
           municipality_code as "municipalityCode", ground, request_digest as "requestDigest"
      from national_juki.code_holder where assigned_to = ${assignedTo} and request_id = ${requestId}`;
  return row && { ...row, numberRef: numberRef(row.numberRef) };
}

export async function holderOfNumber(tx: Tx, ref: NumberRef): Promise<CodeHolder | undefined> {
  const [row] = await tx<CodeHolder & object>`
    select holder_id as "holderId", resident_record_code as "residentRecordCode", number_ref as "numberRef",
           municipality_code as "municipalityCode", ground, request_digest as "requestDigest"
      from national_juki.code_holder where number_ref = ${ref}`;
  return row && { ...row, numberRef: numberRef(row.numberRef) };
}
