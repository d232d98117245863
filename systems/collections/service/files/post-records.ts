import { fiscalYearOf } from '@musubi/kernel/calendar/fiscal-year.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Deps } from '../../deps.ts';
import { negative, taxOf } from '../../domain/items.ts';
import { type Incoming, type Reference, type Settlement, settle } from '../../domain/matching.ts';
import type { MatchCount } from '../../domain/unmatched.ts';
import { type LockedState, updateStates } from '../../store/charges.ts';
import { numbersOf } from '../../store/copy.ts';
import { insertOverpayments, insertRecords, type NewOverpayment, type NewRecord } from '../../store/files.ts';
import { type Line, type NewEntry, writeEntries } from '../../store/journal.ts';
import { useRemittances } from '../../store/remittances.ts';
import type { Ties } from '../../store/ties.ts';
import { resolve } from './resolve.ts';

export interface Counts {
  readonly postedYen: number;
  readonly suspenseYen: number;
  readonly rejectedYen: number;
  readonly notedYen: number;
}
/** Sums, and how many records moved money and how many of them wait. */
export interface Posted extends Counts {
  readonly match: MatchCount;
}

/** A record that moves no money though its file lists it: a debit that did not go through. */
export interface Unpaid {
  readonly row: number;
  readonly caseKey: string;
  readonly amount: number;
  readonly on: string;
  readonly place: string;
  readonly outcome: string;
}

/**
 * 消込: settles the records of one file in the file's own transaction. Every record becomes a row with its outcome and reason; every
 * yen that came is in the books before the file counts as taken.
 */
export async function postRecords(
  tx: Tx,
  deps: Deps,
  file: { readonly fileId: string; readonly channel: string; readonly sender: string; readonly businessOn: string },
  incoming: readonly Incoming[],
  unpaid: readonly Unpaid[],
  { ties, writeFile }: { readonly ties: Ties; readonly writeFile: (counts: Counts) => Promise<void> },
): Promise<Posted> {
  const resolution = await resolve(tx, incoming);
  const receiptNos = await numbersOf(tx, 'collections.receipt_no', incoming.length + unpaid.length);
  const rows: NewRecord[] = [];
  const entries: NewEntry[] = [];
  const excess: Excess[] = [];
  const touched = new Map<string, LockedState>();
  const sums = { posted: 0, suspense: 0, rejected: 0, noted: 0 };
  const match = { finals: 0, waiting: 0 };
  const uses: { listId: string; receiptNo: number }[] = [];
  for (const [i, record] of incoming.entries()) {
    const receiptNo = receiptNos[i]!;
    const lead = resolution.of(record);
    const done = settle(record, lead?.resolved);
    sums[done.outcome] += record.amount;
    const slipNo = lead?.slipNo ?? null;
    const first = lead?.resolved.charges[0];
    rows.push(
      rowOf(record, receiptNo, file.fileId, done, slipNo, lead?.resolved.charges.length === 1 ? first : undefined),
    );
    if (first !== undefined) for (const c of lead!.resolved.charges) touched.set(c.chargeId, c as LockedState);
    if (done.outcome === 'posted' || done.outcome === 'suspense') {
      match.finals += 1;
      if (done.outcome === 'suspense') match.waiting += 1;
      if (done.outcome === 'posted' && slipNo !== null) resolution.markPaid(slipNo);
      if (done.listId !== undefined) {
        uses.push({ listId: done.listId, receiptNo });
        resolution.markUsed(done.listId);
      }
      const entry = entryOf(record, receiptNo, file, done);
      entries.push(entry);
      if (done.overpaid > 0)
        excess.push({ at: entries.length - 1, record, receiptNo, done, charge: first as LockedState });
    }
    for (const { charge } of done.allocations) settleDate(charge as LockedState, record.paidOn);
  }
  for (const [i, u] of unpaid.entries()) {
    sums.noted += u.amount;
    const incomingOf: Incoming = {
      row: u.row,
      stage: 'final',
      reference: { kind: 'debit', caseKey: u.caseKey },
      amount: u.amount,
      paidOn: u.on,
      place: u.place,
    };
    const row = rowOf(incomingOf, receiptNos[incoming.length + i]!, file.fileId, unpaidOutcome, null, undefined);
    rows.push({ ...row, reason: `debit-${u.outcome}` });
  }
  const counts: Counts = {
    postedYen: sums.posted,
    suspenseYen: sums.suspense,
    rejectedYen: sums.rejected,
    notedYen: sums.noted,
  };
  await writeFile(counts);
  await enterExcess(tx, file.businessOn, entries, excess);
  await insertRecords(tx, rows, ties);
  await useRemittances(tx, uses);
  await writeEntries(tx, entries, deps.machineClock.now(), ties);
  await updateStates(tx, [...touched.values()]);
  return { ...counts, match };
}

interface Excess {
  readonly at: number;
  readonly record: Incoming;
  readonly receiptNo: number;
  readonly done: Settlement;
  readonly charge: LockedState;
}
const unpaidOutcome: Settlement = { outcome: 'noted', reason: 'preliminary', allocations: [], overpaid: 0 };

function settleDate(charge: LockedState, paidOn: string): void {
  if (taxOf(charge.open) > 0) return;
  if (charge.settledOn === null || charge.settledOn < paidOn) charge.settledOn = paidOn;
}

/** What is kept of a reference: its own text, so that a clerk can compare it with the paper. */
function referenceText(r: Reference): string {
  switch (r.kind) {
    case 'case':
      return `${r.caseKey} ${r.confirmation}`;
    case 'debit':
      return r.caseKey;
    case 'convenience':
      return r.reference;
    case 'notice':
      return `${r.noticeNumber} ${r.fiscalYear} ${r.instalment}`;
    case 'collector':
      return `${r.designationNumber} ${r.month}`;
    case 'withheld':
      return `${r.noticeNumber} ${r.month}`;
    case 'unreadable':
      return r.text;
  }
}

const rowOf = (
  record: Incoming,
  receiptNo: number,
  fileId: string,
  done: Settlement,
  slipNo: number | null,
  charge: { readonly chargeId: string } | undefined,
): NewRecord => ({
  receiptNo,
  fileId,
  row: record.row,
  stage: record.stage,
  kind: record.reference.kind,
  reference: referenceText(record.reference),
  amountYen: record.amount,
  paidOn: record.paidOn,
  place: record.place,
  outcome: done.outcome,
  reason: done.reason,
  slipNo,
  chargeId: charge?.chargeId ?? null,
});

const years = new Map<string, number>();
/** 会計年度 of a day; the same few days come a million times. */
export function bookYearOf(day: string): number {
  let year = years.get(day);
  if (year === undefined) {
    year = fiscalYearOf(Temporal.PlainDate.from(day));
    if (years.size > 10_000) years.clear();
    years.set(day, year);
  }
  return year;
}

function entryOf(
  record: Incoming,
  receiptNo: number,
  file: { readonly channel: string; readonly sender: string; readonly businessOn: string },
  done: Settlement,
): NewEntry {
  const bookYear = bookYearOf(record.paidOn);
  const lines: Line[] = [{ ledger: 'cash', bookYear, plain: record.amount }];
  for (const { charge, items } of done.allocations)
    lines.push({ ledger: 'receivable', bookYear: charge.bookYear, chargeId: charge.chargeId, items: negative(items) });
  if (done.outcome === 'suspense') lines.push({ ledger: 'suspense', bookYear, receiptNo, plain: -record.amount });
  return {
    kind: 'receipt',
    validOn: record.paidOn,
    receiptNo,
    decision: `file:${file.channel} ${file.sender} ${file.businessOn} row ${record.row}`,
    lines,
  };
}

/** Each overpayment is a claim of its own, tied to the receipt it came with. */
async function enterExcess(tx: Tx, businessOn: string, entries: NewEntry[], excess: readonly Excess[]): Promise<void> {
  const numbers = await numbersOf(tx, 'collections.receipt_no', excess.length);
  const rows: NewOverpayment[] = [];
  for (const [i, { at, record, receiptNo, done, charge }] of excess.entries()) {
    const overpaymentNo = numbers[i]!;
    const entry = entries[at]!;
    const line: Line = {
      ledger: 'overpaid',
      bookYear: bookYearOf(record.paidOn),
      overpaymentNo,
      plain: -done.overpaid,
    };
    entries[at] = { ...entry, lines: [...entry.lines, line] };
    rows.push({
      overpaymentNo,
      personNumber: charge.personNumber,
      chargeId: charge.chargeId,
      receiptNo,
      cause: done.reason === 'paid-again' ? 'paid-again' : 'paid-too-much',
      amountYen: done.overpaid,
      paidOn: record.paidOn,
      aroseOn: businessOn,
    });
  }
  await insertOverpayments(tx, rows);
}
