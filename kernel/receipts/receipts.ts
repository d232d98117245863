import type { CivilClock, MachineClock } from '../clocks/clock.ts';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import type { NewId } from '../ids/uuid.ts';
import { err, ok, type Result } from '../result/result.ts';

/* 収受簿: what entered, and what it was used for. Each function runs inside the calling system's act. */

export interface ReceiptDeps {
  readonly civilClock: CivilClock;
  readonly machineClock: MachineClock;
  readonly newId: NewId;
}

export const receiptChannels = { counter: '窓口', post: '郵送', bag: '交換便', online: '電子申請' } as const;
export type ReceiptChannel = keyof typeof receiptChannels;

export interface Receipt {
  readonly receiptNumber: string;
  readonly receivedOn: string;
  readonly sender: string;
  readonly documents: readonly string[];
  readonly sheets: number;
  readonly channel: ReceiptChannel;
  /** Office that has the papers. */
  readonly holder: string;
  readonly registeredBy: string;
  /** What it was used for; null while nobody has. */
  readonly matter: string | null;
  /** The bag in which it travels, not yet taken over. */
  readonly bag: string | null;
}

/** The next number of a series in a year, without gaps: `R2026-00001`. */
export async function nextNumber(tx: Tx, series: string, year: number): Promise<string> {
  const [row] = await tx<{ last: number }>`
    insert into receipts.counter (series, year, last) values (${series}, ${year}, 1)
    on conflict (series, year) do update set last = receipts.counter.last + 1 returning last`;
  return `${series}${year}-${String(row!.last).padStart(5, '0')}`;
}

/**
 * Enters documents that came in. Facts: receipts.receipt.
 * @source 001 II.6-04, III.2-R2-05: number, date, from whom, kinds, count, channel, holder
 */
export async function registerReceipt(
  tx: Tx,
  deps: ReceiptDeps,
  r: {
    readonly receivedOn: Temporal.PlainDate;
    readonly sender: string;
    readonly documents: readonly string[];
    readonly sheets: number;
    readonly channel: ReceiptChannel;
    readonly holder: string;
    readonly by: string;
  },
): Promise<Result<{ readonly receiptNumber: string }, 'documents-missing' | 'received-in-future'>> {
  if (r.documents.length === 0 || r.sheets < r.documents.length) return err('documents-missing');
  if (Temporal.PlainDate.compare(r.receivedOn, deps.civilClock.today()) > 0) return err('received-in-future');
  const receiptNumber = await nextNumber(tx, 'R', r.receivedOn.year);
  await tx`
    insert into receipts.receipt (receipt_number, received_on, sender, documents, sheets, channel, holder, registered_by,
      registered_at, event_id)
    values (${receiptNumber}, ${r.receivedOn}, ${r.sender}, ${r.documents}::text[], ${r.sheets}, ${r.channel}, ${r.holder}, ${r.by},
      ${deps.machineClock.now()}, ${tx.eventId})`;
  return ok({ receiptNumber });
}

/**
 * Uses a receipt for a matter: nothing is done with a paper that is not in the ledger, travels in a bag, or was used for something
 * else. Facts: receipts.use. A repeat for the same matter is one use.
 */
export async function useReceipt(
  tx: Tx,
  deps: ReceiptDeps,
  u: { readonly receiptNumber: string; readonly matter: string; readonly by: string },
): Promise<Result<'used' | 'used-before', 'not-in-receipt-ledger' | 'receipt-in-bag' | 'receipt-used'>> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`receipts:${u.receiptNumber}`}, 0))`;
  const [receipt] = await receipts(tx, { receiptNumber: u.receiptNumber, offset: 0, limit: 1 });
  if (receipt === undefined) return enforced('input.receipt-ledger') ? err('not-in-receipt-ledger') : ok('used-before');
  if (receipt.matter !== null) return receipt.matter === u.matter ? ok('used-before') : err('receipt-used');
  if (receipt.bag !== null) return err('receipt-in-bag');
  await tx`
    insert into receipts.use (receipt_number, matter, used_by, used_at, event_id)
    values (${u.receiptNumber}, ${u.matter}, ${u.by}, ${deps.machineClock.now()}, ${tx.eventId})`;
  return ok('used');
}

export interface ReceiptQuery {
  readonly receiptNumber?: string;
  /** Those that nobody used and that lie where they came in. */
  readonly onlyOpen?: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** The ledger, the newest first. The holder is the office that took the last bag over. */
export async function receipts(tx: Tx, query: ReceiptQuery): Promise<Receipt[]> {
  const { receiptNumber = null, onlyOpen = false, offset, limit } = query;
  return tx<Receipt>`
    select r.receipt_number as "receiptNumber", r.received_on::text as "receivedOn", r.sender, r.documents, r.sheets, r.channel,
           coalesce((select b.to_office from receipts.bag_item i join receipts.bag b using (bag_number)
                       join receipts.bag_outcome o on o.bag_number = b.bag_number and o.outcome = 'taken-over'
                      where i.receipt_number = r.receipt_number order by o.at desc limit 1), r.holder) as holder,
           r.registered_by as "registeredBy", u.matter,
           (select i.bag_number from receipts.bag_item i
             where i.receipt_number = r.receipt_number and not exists (
               select from receipts.bag_outcome o where o.bag_number = i.bag_number and o.outcome = 'taken-over')
             limit 1) as bag
      from receipts.receipt r left join receipts.use u using (receipt_number)
     where (${receiptNumber}::text is null or r.receipt_number = ${receiptNumber}::text)
       and (not ${onlyOpen}::boolean or u.matter is null)
     order by r.received_on desc, r.receipt_number desc limit ${limit} offset ${offset}`;
}

export async function countReceipts(tx: Tx, onlyOpen: boolean): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from receipts.receipt r left join receipts.use u using (receipt_number)
     where not ${onlyOpen}::boolean or u.matter is null`;
  return row!.n;
}
