import { allocateTo } from './allocation.ts';
import { type Items, minus, noItems, plus, taxOf, totalOf } from './items.ts';

/** What a record of a payment says about what it is for. */
export type Reference =
  | { readonly kind: 'convenience'; readonly reference: string; readonly printedYen: number }
  | { readonly kind: 'case'; readonly caseKey: string; readonly confirmation: string }
  | { readonly kind: 'debit'; readonly caseKey: string }
  | {
      readonly kind: 'notice';
      readonly noticeNumber: string;
      readonly fiscalYear: number;
      readonly instalment: number;
      readonly printedYen: number;
    }
  | { readonly kind: 'collector'; readonly designationNumber: string; readonly month: string }
  | { readonly kind: 'withheld'; readonly noticeNumber: string; readonly month: string }
  | { readonly kind: 'unreadable'; readonly text: string; readonly word: string };

export interface Incoming {
  readonly row: number;
  readonly stage: 'preliminary' | 'final' | 'cancellation';
  readonly reference: Reference;
  readonly amount: number;
  readonly paidOn: string;
  readonly place: string;
}

/** A charge as the books have it now. `open` changes while a file is worked through. */
export interface ChargeState {
  readonly chargeId: string;
  readonly personNumber: string;
  readonly dueOn: string;
  readonly bookYear: number;
  open: Items;
  /** Days on which a 速報 was noted that neither 確報 nor 取消 followed. */
  preliminary: number;
}
/** A reference that leads to exactly these charges. */
export interface Resolved {
  readonly charges: readonly ChargeState[];
  /** Amount that the slip was made for; null where the reference has no slip (特別徴収, 年金). */
  readonly slipYen: number | null;
  readonly confirmation: string | null;
  /** A final payment under this very slip is already in the books. */
  readonly paidBefore: boolean;
  /** 納入内訳 that the employer sent for the month and that no payment has used. */
  readonly lists?: readonly PayersList[];
}
/** For which charges how much of a month's payment is, as the employer says. */
export interface PayersList {
  readonly listId: string;
  readonly totalYen: number;
  /** undefined: a line of it names nobody of this month. */
  readonly yenOf: ReadonlyMap<string, number> | undefined;
}

/** Why a record went where it went; stable words that pages show and tests name. */
export type Reason =
  | 'slip-paid'
  | 'slip-paid-partly-open'
  | 'paid-again'
  | 'debit-paid'
  | 'month-paid'
  | 'month-paid-by-list'
  | 'withheld-paid'
  | 'preliminary'
  | 'cancelled-before-final'
  | 'cancelled-after-final'
  | 'cancelled-nothing'
  | 'unknown-reference'
  | 'wrong-confirmation'
  | 'amount-differs'
  | 'unreadable';

export interface Settlement {
  readonly outcome: 'posted' | 'suspense' | 'rejected' | 'noted';
  readonly reason: Reason;
  readonly allocations: readonly { readonly charge: ChargeState; readonly items: Items }[];
  /** What was paid beyond what is open, of the person of the (first) charge. */
  readonly overpaid: number;
  /** The employer's list that it was posted by. */
  readonly listId?: string;
}

const nothing = (outcome: Settlement['outcome'], reason: Reason): Settlement => ({
  outcome,
  reason,
  allocations: [],
  overpaid: 0,
});

/**
 * Decides where one record goes. It goes to charges only where that is certain: the reference leads to them, the confirmation
 * agrees and the amount is what the slip (or the month) was made for. All else stands in suspense for a clerk; nothing is guessed.
 * The states in `resolved` are lessened by what was allocated, so that the next record of the same file sees it.
 */
export function settle(record: Incoming, resolved: Resolved | undefined): Settlement {
  const { reference } = record;
  if (reference.kind === 'unreadable') return nothing(record.stage === 'final' ? 'suspense' : 'rejected', 'unreadable');
  if (resolved === undefined || resolved.charges.length === 0)
    return nothing(record.stage === 'final' ? 'suspense' : 'rejected', 'unknown-reference');
  const [first] = resolved.charges as readonly [ChargeState, ...ChargeState[]];
  if (record.stage === 'preliminary') {
    if (!resolved.paidBefore) first.preliminary += 1;
    return nothing('noted', 'preliminary');
  }
  if (record.stage === 'cancellation') {
    if (resolved.paidBefore) return nothing('rejected', 'cancelled-after-final');
    if (first.preliminary === 0) return nothing('rejected', 'cancelled-nothing');
    first.preliminary -= 1;
    return nothing('noted', 'cancelled-before-final');
  }
  if (reference.kind === 'case' && resolved.confirmation !== null && reference.confirmation !== resolved.confirmation)
    return nothing('suspense', 'wrong-confirmation');
  if ('printedYen' in reference && reference.printedYen !== record.amount) return nothing('suspense', 'amount-differs');
  const open = resolved.charges.reduce((all, c) => all + totalOf(c.open), 0);
  const list = record.amount === open ? undefined : listFor(record.amount, resolved);
  if (list !== undefined) return byList(list, resolved);
  if (resolved.slipYen === null ? record.amount !== open : record.amount !== resolved.slipYen)
    return nothing('suspense', 'amount-differs');
  if (first.preliminary > 0) first.preliminary -= 1;
  let left = record.amount;
  const allocations: { charge: ChargeState; items: Items }[] = [];
  for (const charge of resolved.charges) {
    const part = Math.min(left, totalOf(charge.open));
    if (part === 0) continue;
    const items = allocateTo(charge.open, part);
    charge.open = minus(charge.open, items);
    allocations.push({ charge, items });
    left -= part;
  }
  return { outcome: 'posted', reason: reasonOf(record, resolved, left), allocations, overpaid: left };
}

/** A list says where the money goes only if it is of exactly this sum and asks no more of anybody than is open. */
const listFor = (amount: number, { lists, charges }: Resolved): PayersList | undefined =>
  lists?.find(
    ({ totalYen, yenOf }) =>
      totalYen === amount &&
      yenOf !== undefined &&
      [...yenOf].every(([id, yen]) => charges.some((c) => c.chargeId === id && yen <= totalOf(c.open))),
  );

function byList({ listId, yenOf }: PayersList, { charges }: Resolved): Settlement {
  const allocations = charges.flatMap((charge) => {
    const yen = yenOf?.get(charge.chargeId) ?? 0;
    if (yen === 0) return [];
    const items = allocateTo(charge.open, yen);
    charge.open = minus(charge.open, items);
    return [{ charge, items }];
  });
  return { outcome: 'posted', reason: 'month-paid-by-list', allocations, overpaid: 0, listId };
}

function reasonOf({ reference }: Incoming, { paidBefore }: Resolved, left: number): Reason {
  if (paidBefore) return 'paid-again';
  if (reference.kind === 'debit') return 'debit-paid';
  if (reference.kind === 'collector') return 'month-paid';
  if (reference.kind === 'withheld') return 'withheld-paid';
  return left > 0 ? 'slip-paid-partly-open' : 'slip-paid';
}

/** What a clerk sees beside money in suspense. */
export interface Candidate {
  readonly chargeId: string;
  readonly personNumber: string;
  readonly score: number;
  readonly because: readonly string[];
}
export interface CandidateFacts {
  readonly chargeId: string;
  readonly personNumber: string;
  readonly openYen: number;
  readonly slipYen: number | null;
  readonly noticeNumber: string;
  readonly caseKey: string | null;
  readonly dueOn: string;
}

/** Ranks what the money may be for, with the reasons in words. Ranking never posts anything. */
export function rank(
  record: { readonly amount: number; readonly paidOn: string; readonly referenceText: string },
  facts: readonly CandidateFacts[],
): readonly Candidate[] {
  const digits = record.referenceText.replaceAll(/\D/g, '');
  return facts
    .map((fact) => {
      const because: string[] = [];
      let score = 0;
      const add = (points: number, word: string): void => {
        score += points;
        because.push(word);
      };
      if (fact.openYen === record.amount) add(40, '未納額と同額');
      else if (fact.slipYen === record.amount) add(35, '納付書の額と同額');
      if (digits !== '' && digits.includes(fact.noticeNumber)) add(40, '通知書番号が一致');
      if (fact.caseKey !== null && nearly(digits, fact.caseKey)) add(30, '案件特定キーが1桁違い');
      const days = Math.abs(Temporal.PlainDate.from(fact.dueOn).until(Temporal.PlainDate.from(record.paidOn)).days);
      if (days <= 31) add(10, '納期限に近い');
      return { chargeId: fact.chargeId, personNumber: fact.personNumber, score, because };
    })
    .filter((c) => c.score >= 30)
    .sort((a, b) => b.score - a.score || a.chargeId.localeCompare(b.chargeId));
}

/** Equal length and at most one digit (or two neighbours exchanged) apart. */
function nearly(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const differing = [...a].flatMap((c, i) => (c === b[i] ? [] : [i]));
  if (differing.length <= 1) return true;
  const [i, j] = differing;
  return differing.length === 2 && j === i! + 1 && a[i!] === b[j] && a[j] === b[i!];
}

/** Tax of `open` that is past due on a day. */
export const overdueTax = (c: Pick<ChargeState, 'dueOn' | 'open'>, on: string): number =>
  c.dueOn < on ? taxOf(c.open) : 0;

export const allItems = (parts: readonly { readonly items: Items }[]): Items =>
  parts.reduce((all, { items }) => plus(all, items), noItems);
