import type { Tx } from '@musubi/kernel/db/sql.ts';

/** One file of a collector at a time. */
export async function lockCollector(tx: Tx, code: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`banks collector ${code}`}, 0))`;
}

export interface Counted {
  readonly records: number;
  readonly totalYen: number;
}
export async function findDebitFile(tx: Tx, sha256: Uint8Array): Promise<Counted | undefined> {
  const [row] = await tx<Counted>`
    select records, total_yen as "totalYen" from banks.debit_file where sha256 = ${sha256}`;
  return row;
}
export interface DebitLine {
  readonly customerNumber: string;
  readonly amountYen: number;
  readonly outcome: string;
}
export async function insertDebitFile(
  tx: Tx,
  f: Counted & {
    fileId: string;
    collectorCode: string;
    bank: string;
    debitOn: string;
    sha256: Uint8Array;
    content: Uint8Array;
  },
  debits: readonly DebitLine[],
): Promise<void> {
  await tx`
    insert into banks.debit_file (file_id, collector_code, bank, debit_on, sha256, content, records, total_yen, event_id)
    values (${f.fileId}, ${f.collectorCode}, ${f.bank}, ${f.debitOn}::date, ${f.sha256}, ${f.content}, ${f.records}, ${f.totalYen},
      ${tx.eventId})`;
  await tx`
    insert into banks.debit (collector_code, customer_number, file_id, amount_yen, outcome, event_id)
    select ${f.collectorCode}, number, ${f.fileId}, yen, outcome, ${tx.eventId}
      from unnest(${debits.map((d) => d.customerNumber)}::text[], ${debits.map((d) => d.amountYen)}::bigint[],
             ${debits.map((d) => d.outcome)}::text[]) as u (number, yen, outcome)`;
}
/** Of these numbers, those that some file has used already. */
export async function knownDebits(
  tx: Tx,
  collectorCode: string,
  numbers: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx<{ number: string }>`
    select customer_number as number from banks.debit
     where collector_code = ${collectorCode} and customer_number = any (${numbers}::text[])`;
  return new Set(rows.map((row) => row.number));
}
export interface StoredDebitFile {
  readonly fileId: string;
  readonly content: Uint8Array;
  readonly sent: number;
}
export async function debitFileOfDay(
  tx: Tx,
  q: { collectorCode: string; debitOn: string; bank: string },
): Promise<StoredDebitFile | undefined> {
  const [row] = await tx<StoredDebitFile>`
    select f.file_id as "fileId", f.content, (select count(*) from banks.result_sent s where s.file_id = f.file_id) as sent
      from banks.debit_file f
     where f.collector_code = ${q.collectorCode} and f.debit_on = ${q.debitOn}::date and f.bank = ${q.bank}
     order by f.file_id desc limit 1`;
  return row;
}
export async function outcomesOfFile(tx: Tx, fileId: string): Promise<readonly DebitLine[]> {
  return tx<DebitLine>`
    select customer_number as "customerNumber", amount_yen as "amountYen", outcome from banks.debit where file_id = ${fileId}`;
}
export async function insertSent(tx: Tx, s: { sentId: string; fileId: string; bytes: number }): Promise<void> {
  await tx`
    insert into banks.result_sent (sent_id, file_id, bytes, event_id) values (${s.sentId}, ${s.fileId}, ${s.bytes}, ${tx.eventId})`;
}

export async function findTransferFile(tx: Tx, sha256: Uint8Array): Promise<Counted | undefined> {
  const [row] = await tx<Counted>`
    select records, total_yen as "totalYen" from banks.transfer_file where sha256 = ${sha256}`;
  return row;
}
export interface TransferLine {
  readonly customerCode: string;
  readonly amountYen: number;
  readonly outcome: 'paid' | 'no-account' | 'name-differs';
}
export async function knownTransfers(
  tx: Tx,
  senderCode: string,
  codes: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx<{ code: string }>`
    select customer_code as code from banks.transfer
     where sender_code = ${senderCode} and customer_code = any (${codes}::text[])`;
  return new Set(rows.map((row) => row.code));
}
export async function insertTransferFile(
  tx: Tx,
  f: Counted & { fileId: string; senderCode: string; payOn: string; sha256: Uint8Array },
  transfers: readonly TransferLine[],
): Promise<void> {
  await tx`
    insert into banks.transfer_file (file_id, sender_code, pay_on, sha256, records, total_yen, event_id)
    values (${f.fileId}, ${f.senderCode}, ${f.payOn}::date, ${f.sha256}, ${f.records}, ${f.totalYen}, ${tx.eventId})`;
  await tx`
    insert into banks.transfer (sender_code, customer_code, file_id, amount_yen, outcome, event_id)
    select ${f.senderCode}, code, ${f.fileId}, yen, outcome, ${tx.eventId}
      from unnest(${transfers.map((t) => t.customerCode)}::text[], ${transfers.map((t) => t.amountYen)}::bigint[],
             ${transfers.map((t) => t.outcome)}::text[]) as u (code, yen, outcome)`;
}
export async function transfersOfDay(
  tx: Tx,
  q: { senderCode: string; payOn: string },
): Promise<readonly TransferLine[]> {
  return tx<TransferLine>`
    select t.customer_code as "customerCode", t.amount_yen as "amountYen", t.outcome
      from banks.transfer t join banks.transfer_file f using (file_id)
     where f.sender_code = ${q.senderCode} and f.pay_on = ${q.payOn}::date order by t.customer_code`;
}
