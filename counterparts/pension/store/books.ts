import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface Recipient {
  readonly pensionNumber: string;
  readonly pensionCode: string;
  readonly municipality: string;
  readonly kana: string;
  readonly name: string;
  readonly bornOn: string;
  readonly sex: 'male' | 'female';
  readonly address: string;
  readonly annualYen: number;
  readonly careWithheld: boolean;
}

/** One file of a municipality at a time. */
export async function lockMunicipality(tx: Tx, municipality: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`pension ${municipality}`}, 0))`;
}

/** @returns how many were not known before */
export async function insertRecipients(tx: Tx, rows: readonly Recipient[]): Promise<number> {
  const added = await tx`
    insert into pension.recipient (pension_number, pension_code, municipality, kana, name, born_on, sex, address, annual_yen,
      care_withheld, event_id)
    select r."pensionNumber", r."pensionCode", r.municipality, r.kana, r.name, r."bornOn", r.sex, r.address, r."annualYen",
           r."careWithheld", ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb) as r("pensionNumber" text, "pensionCode" text, municipality text, kana text,
             name text, "bornOn" date, sex text, address text, "annualYen" bigint, "careWithheld" boolean)
    on conflict do nothing returning 1`;
  return added.length;
}

export async function recipientsOf(tx: Tx, municipality: string): Promise<Recipient[]> {
  return tx<Recipient>`
    select pension_number as "pensionNumber", pension_code as "pensionCode", municipality, kana, name, born_on::text as "bornOn", sex,
           address, annual_yen as "annualYen", care_withheld as "careWithheld"
      from pension.recipient where municipality = ${municipality} order by pension_number, pension_code`;
}

export interface ReceivedFile {
  readonly fileName: string;
  readonly sha256: Buffer;
  readonly receipt: string;
}

export async function findReceived(tx: Tx, fileName: string): Promise<ReceivedFile | undefined> {
  const [row] = await tx<ReceivedFile>`
    select file_name as "fileName", sha256, receipt from pension.file_received where file_name = ${fileName}`;
  return row;
}

export async function insertReceived(
  tx: Tx,
  file: {
    readonly fileName: string;
    readonly municipality: string;
    readonly kind: 'orders' | 'stops';
    readonly sha256: Uint8Array;
    readonly receipt: string;
    readonly receivedOn: Temporal.PlainDate;
  },
): Promise<void> {
  await tx`
    insert into pension.file_received (file_name, municipality, kind, sha256, receipt, received_on, event_id)
    values (${file.fileName}, ${file.municipality}, ${file.kind}, ${file.sha256}, ${file.receipt}, ${file.receivedOn}, ${tx.eventId})`;
}

export interface StoredOrder {
  readonly pensionNumber: string;
  readonly pensionCode: string;
  readonly noticeNumber: string;
  readonly month: string;
  readonly amountYen: number;
}

export async function insertOrders(tx: Tx, fileName: string, rows: readonly StoredOrder[]): Promise<void> {
  await tx`
    insert into pension.deduction_order (pension_number, pension_code, notice_number, month, amount_yen, file_name, event_id)
    select r."pensionNumber", r."pensionCode", r."noticeNumber", r.month, r."amountYen", ${fileName}, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb)
        as r("pensionNumber" text, "pensionCode" text, "noticeNumber" text, month text, "amountYen" bigint)`;
}

export async function insertStops(
  tx: Tx,
  fileName: string,
  rows: readonly { readonly pensionNumber: string; readonly pensionCode: string; readonly fromMonth: string }[],
): Promise<void> {
  await tx`
    insert into pension.deduction_stop (pension_number, pension_code, from_month, file_name, event_id)
    select r."pensionNumber", r."pensionCode", r."fromMonth", ${fileName}, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb) as r("pensionNumber" text, "pensionCode" text, "fromMonth" text)
    on conflict do nothing`;
}

export interface OrderInForce extends StoredOrder {
  readonly municipality: string;
  readonly annualYen: number;
  readonly stopped: boolean;
}

/** Orders for the pension of a month that was not paid yet: the newest of each person. */
export async function ordersFor(tx: Tx, month: string): Promise<OrderInForce[]> {
  return tx<OrderInForce>`
    select distinct on (o.pension_number, o.pension_code) o.pension_number as "pensionNumber", o.pension_code as "pensionCode",
           o.notice_number as "noticeNumber", o.month, o.amount_yen as "amountYen", r.municipality, r.annual_yen as "annualYen",
           exists (select 1 from pension.deduction_stop s where s.pension_number = o.pension_number
                    and s.pension_code = o.pension_code and s.from_month <= o.month) as stopped
      from pension.deduction_order o join pension.recipient r using (pension_number, pension_code)
     where o.month = ${month}
       and not exists (select 1 from pension.withheld w where w.pension_number = o.pension_number
                        and w.pension_code = o.pension_code and w.month = o.month)
     order by o.pension_number, o.pension_code, o.order_id desc`;
}

/** Whether any order of this person and a later month stands: what a stop can stop. */
export async function hasOrderFrom(
  tx: Tx,
  key: { readonly pensionNumber: string; readonly pensionCode: string },
  month: string,
): Promise<boolean> {
  const rows = await tx`
    select 1 from pension.deduction_order where pension_number = ${key.pensionNumber} and pension_code = ${key.pensionCode}
       and month >= ${month} limit 1`;
  return rows.length === 1;
}

/** Months with an order that were not paid yet. */
export async function unpaidMonths(tx: Tx): Promise<string[]> {
  const rows = await tx<{ month: string }>`
    select distinct o.month from pension.deduction_order o
     where not exists (select 1 from pension.withheld w where w.pension_number = o.pension_number
                        and w.pension_code = o.pension_code and w.month = o.month) order by 1`;
  return rows.map((row) => row.month);
}

export interface Withheld {
  readonly paymentId: string;
  readonly pensionNumber: string;
  readonly pensionCode: string;
  readonly noticeNumber: string;
  readonly month: string;
  readonly orderedYen: number;
  readonly withheldYen: number;
  readonly reason: '' | 'stopped' | 'pension-short' | 'pension-ended';
}

export async function insertWithheld(tx: Tx, rows: readonly Withheld[]): Promise<void> {
  await tx`
    insert into pension.withheld (payment_id, pension_number, pension_code, notice_number, month, ordered_yen, withheld_yen, reason, event_id)
    select r."paymentId", r."pensionNumber", r."pensionCode", r."noticeNumber", r.month, r."orderedYen", r."withheldYen", r.reason, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb) as r("paymentId" uuid, "pensionNumber" text, "pensionCode" text,
             "noticeNumber" text, month text, "orderedYen" bigint, "withheldYen" bigint, reason text)`;
}

/** What was kept back from the pensions of a month, for a municipality. */
export async function resultsOf(tx: Tx, municipality: string, month: string): Promise<Withheld[]> {
  return tx<Withheld>`
    select w.payment_id as "paymentId", w.pension_number as "pensionNumber", w.pension_code as "pensionCode",
           w.notice_number as "noticeNumber", w.month, w.ordered_yen as "orderedYen", w.withheld_yen as "withheldYen", w.reason
      from pension.withheld w join pension.recipient r using (pension_number, pension_code)
     where r.municipality = ${municipality} and w.month = ${month} order by w.pension_number, w.pension_code`;
}

/** Kept back and not yet paid over, of months before this day's. */
export async function toPayOver(tx: Tx, limit: number): Promise<(Withheld & { readonly municipality: string })[]> {
  return tx<Withheld & { municipality: string }>`
    select w.payment_id as "paymentId", w.pension_number as "pensionNumber", w.pension_code as "pensionCode",
           w.notice_number as "noticeNumber", w.month, w.ordered_yen as "orderedYen", w.withheld_yen as "withheldYen", w.reason,
           r.municipality
      from pension.withheld w join pension.recipient r using (pension_number, pension_code)
     where w.withheld_yen > 0 and not exists (select 1 from pension.paid_over p where p.payment_id = w.payment_id)
     order by w.month, w.payment_id limit ${limit}`;
}

export async function insertPaidOver(tx: Tx, paymentIds: readonly string[], on: Temporal.PlainDate): Promise<void> {
  await tx`
    insert into pension.paid_over (payment_id, paid_on, event_id)
    select id, ${on}::date, ${tx.eventId}::uuid from unnest(${paymentIds}::uuid[]) as id on conflict do nothing`;
}
