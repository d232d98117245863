import type { Tx } from '@musubi/kernel/db/sql.ts';
import { type Items, noItems } from '../domain/items.ts';
import { copyRows, numbersOf } from './copy.ts';
import { momentText, type TiedTable, type Ties } from './ties.ts';

export type EntryKind =
  | 'charge'
  | 'charge-change'
  | 'receipt'
  | 'match'
  | 'correction'
  | 'fee'
  | 'interest'
  | 'appropriation'
  | 'refund-decision'
  | 'refund-paid'
  | 'refund-returned'
  | 'write-off'
  | 'carry-over';
export type Ledger =
  | 'receivable'
  | 'levy'
  | 'cash'
  | 'suspense'
  | 'overpaid'
  | 'refund-payable'
  | 'refund-interest'
  | 'written-off';

/** One line: plus is debit, minus is credit. Lines about a charge have items, others a plain amount. */
export interface Line {
  readonly ledger: Ledger;
  readonly bookYear: number;
  readonly chargeId?: string;
  readonly receiptNo?: number;
  readonly overpaymentNo?: number;
  readonly refundId?: string;
  readonly items?: Items;
  readonly plain?: number;
}
export interface NewEntry {
  readonly kind: EntryKind;
  /** ISO date. */
  readonly validOn: string;
  readonly receiptNo?: number;
  readonly decision: string;
  readonly reverses?: number;
  readonly lines: readonly Line[];
}

const entryTable: TiedTable = {
  name: 'collections.entry',
  columns: ['entry_no', 'kind', 'valid_on', 'recorded_at', 'receipt_no', 'decision', 'reverses', 'event_id'],
  key: ['entry_no'],
};
const postingTable: TiedTable = {
  name: 'collections.posting',
  columns: [
    'entry_no',
    'line',
    'ledger',
    'book_year',
    'charge_id',
    'receipt_no',
    'overpayment_no',
    'refund_id',
    'ward_yen',
    'metropolitan_yen',
    'forest_yen',
    'fee_yen',
    'interest_yen',
    'plain_yen',
    'event_id',
  ],
  key: ['entry_no', 'line'],
};

/**
 * Writes whole entries; the database refuses any that does not balance. Gives their numbers, in order.
 *
 * @param ties where the act ties its rows to the log by roots that it makes itself
 */
export async function writeEntries(
  tx: Tx,
  entries: readonly NewEntry[],
  at: Temporal.Instant,
  ties?: Ties,
): Promise<readonly number[]> {
  const numbers = await numbersOf(tx, 'collections.entry_no', entries.length);
  const recordedAt = momentText(at);
  await copyRows(
    tx,
    'copy collections.entry (entry_no, kind, valid_on, recorded_at, receipt_no, decision, reverses, event_id) from stdin',
    entries.map((entry, i) => ({ entry, no: numbers[i]! })),
    ({ entry, no }) => {
      const cells = [
        no,
        entry.kind,
        entry.validOn,
        recordedAt,
        entry.receiptNo,
        entry.decision,
        entry.reverses,
        tx.eventId,
      ];
      ties?.add(entryTable, cells);
      return cells;
    },
  );
  const lines = entries.flatMap((entry, i) => entry.lines.map((line, n) => ({ line, no: numbers[i]!, n: n + 1 })));
  await copyRows(
    tx,
    `copy collections.posting (entry_no, line, ledger, book_year, charge_id, receipt_no, overpayment_no, refund_id, ward_yen,
       metropolitan_yen, forest_yen, fee_yen, interest_yen, plain_yen, event_id) from stdin`,
    lines,
    ({ line, no, n }) => {
      const { ward, metropolitan, forest, fee, interest } = line.items ?? noItems;
      const plain = line.plain ?? 0;
      const { ledger, bookYear, chargeId, receiptNo, overpaymentNo, refundId } = line;
      const about = [no, n, ledger, bookYear, chargeId, receiptNo, overpaymentNo, refundId];
      const cells = [...about, ward, metropolitan, forest, fee, interest, plain, tx.eventId];
      ties?.add(postingTable, cells, { amount_yen: ward + metropolitan + forest + fee + interest + plain });
      return cells;
    },
  );
  return numbers;
}

/** Tables that an act names when it wrote entries; one root each, as they may be many. */
export const journalFacts = ['collections.entry', 'collections.posting'] as const;
export const journalBatches = { 'collections.entry': null, 'collections.posting': null } as const;

export interface Difference {
  readonly chargeId: string;
}
/** Charges (of a book year) whose running state is not what the books say; none, unless somebody tampered. */
export async function differences(tx: Tx, bookYear: number | null = null): Promise<readonly Difference[]> {
  return tx<Difference>`
    select coalesce(s.charge_id, b.charge_id) as "chargeId"
      from collections.charge_state s full join collections.state_from_books b using (charge_id)
     where (${bookYear}::smallint is null or s.book_year = ${bookYear}::smallint)
       and (s.ward_open, s.metropolitan_open, s.forest_open, s.fee_open, s.interest_open)
           is distinct from (coalesce(b.ward_open, 0), coalesce(b.metropolitan_open, 0), coalesce(b.forest_open, 0),
             coalesce(b.fee_open, 0), coalesce(b.interest_open, 0))
     limit 1000`;
}

export interface LedgerBalance {
  readonly ledger: Ledger;
  readonly bookYear: number;
  readonly ward: number;
  readonly metropolitan: number;
  readonly forest: number;
  readonly fee: number;
  readonly interest: number;
  readonly plain: number;
  readonly total: number;
}
/** Balances as they held on `validOn` by what was known at `knownAt`. */
export async function balancesAsOf(tx: Tx, validOn: string, knownAt: string): Promise<readonly LedgerBalance[]> {
  return tx<LedgerBalance>`
    select ledger, book_year as "bookYear", sum(ward_yen)::bigint as ward, sum(metropolitan_yen)::bigint as metropolitan,
           sum(forest_yen)::bigint as forest, sum(fee_yen)::bigint as fee, sum(interest_yen)::bigint as interest,
           sum(plain_yen)::bigint as plain, sum(amount_yen)::bigint as total
      from collections.posting p join collections.entry e using (entry_no)
     where e.valid_on <= ${validOn}::date and e.recorded_at <= ${knownAt}::timestamptz
     group by ledger, book_year order by ledger, book_year`;
}
export interface ChargeBalance extends Items {
  readonly chargeId: string;
}
/** What was open of a person's charges on `validOn` by what was known at `knownAt`. */
export async function openAsOf(
  tx: Tx,
  personNumber: string,
  validOn: string,
  knownAt: string,
): Promise<readonly ChargeBalance[]> {
  return tx<ChargeBalance>`
    select p.charge_id as "chargeId", sum(ward_yen)::bigint as ward, sum(metropolitan_yen)::bigint as metropolitan,
           sum(forest_yen)::bigint as forest, sum(fee_yen)::bigint as fee, sum(interest_yen)::bigint as interest
      from collections.charge c join collections.posting p using (charge_id) join collections.entry e using (entry_no)
     where c.person_number = ${personNumber} and p.ledger = 'receivable'
       and e.valid_on <= ${validOn}::date and e.recorded_at <= ${knownAt}::timestamptz
     group by p.charge_id order by p.charge_id`;
}

export interface JournalLine {
  readonly entryNo: number;
  readonly kind: EntryKind;
  readonly validOn: string;
  readonly decision: string;
  readonly receiptNo: number | null;
  readonly ledger: Ledger;
  readonly bookYear: number;
  readonly chargeId: string | null;
  readonly ward: number;
  readonly metropolitan: number;
  readonly forest: number;
  readonly fee: number;
  readonly interest: number;
  readonly plain: number;
}
/** The journal from its beginning, in blocks, line by line. */
export function journalInBlocks(tx: Tx, size: number): AsyncIterable<JournalLine[]> {
  return tx.cursor<JournalLine>(size)`
    select p.entry_no as "entryNo", e.kind, e.valid_on::text as "validOn", e.decision, e.receipt_no as "receiptNo", p.ledger,
           p.book_year as "bookYear", p.charge_id as "chargeId", p.ward_yen as ward, p.metropolitan_yen as metropolitan,
           p.forest_yen as forest, p.fee_yen as fee, p.interest_yen as interest, p.plain_yen as plain
      from collections.posting p join collections.entry e using (entry_no) order by p.entry_no, p.line`;
}

/** The path of a charge's money: every entry that touched it, oldest first. */
export async function linesOfCharges(tx: Tx, chargeIds: readonly string[]): Promise<readonly JournalLine[]> {
  return tx<JournalLine>`
    select p.entry_no as "entryNo", e.kind, e.valid_on::text as "validOn", e.decision, e.receipt_no as "receiptNo", p.ledger,
           p.book_year as "bookYear", p.charge_id as "chargeId", p.ward_yen as ward, p.metropolitan_yen as metropolitan,
           p.forest_yen as forest, p.fee_yen as fee, p.interest_yen as interest, p.plain_yen as plain
      from collections.posting p join collections.entry e using (entry_no)
     where p.charge_id = any (${chargeIds}::uuid[]) and p.ledger = 'receivable'
     order by e.valid_on, p.entry_no, p.line`;
}
