import { type Items, taxOf } from './items.ts';

/** To whom the letters of a run go: to who pays by slip, or to who pays over for others (特別徴収義務者, 年金保険者). */
export type AddressedTo = 'payers' | 'collectors';

/** What is known of a charge when somebody is about to be reminded of it. */
export interface ReminderFacts {
  readonly chargeId: string;
  readonly dueOn: string;
  readonly open: Items;
  /** A 速報 that neither 確報 nor 取消 followed. */
  readonly preliminary: boolean;
  /** Money in suspense of the same amount as is open (or as its slip), paid by the cut-off or after. */
  readonly candidateInSuspense: boolean;
  /** 猶予, 執行停止, 分納: nobody is to be reminded while it lasts. */
  readonly held: boolean;
  /** A debit is under way whose result is not known. */
  readonly debitOpen: boolean;
  readonly reminded: boolean;
  /** Collected by an employer or a pension insurer: reminders go to them by another run. */
  readonly byCollector: boolean;
  /** Who pays over for the payer now; null in 普通徴収. */
  readonly designationNumber: string | null;
  /** Asked only of collectors: whether anybody knows where to write to. */
  readonly addressKnown?: boolean;
  /** Asked only where the head of the section let a run pass although files are missing. */
  readonly preliminaryInWindow?: boolean;
}

export type NoReminder =
  | 'nothing-open'
  | 'not-due'
  | 'preliminary-receipt'
  | 'candidate-in-suspense'
  | 'held'
  | 'debit-open'
  | 'already-reminded'
  | 'by-collector'
  | 'by-slip'
  | 'no-address'
  /** Files are missing, and of this payer a 速報 is known in the days that they would hold. */
  | 'preliminary-in-window';

/**
 * Whether a letter may be made. Any doubt about a payment keeps the letter back.
 *
 * @param paidUntil the cut-off: payments up to this day are all in the books
 * @law 地方税法 第329条第1項 (督促: 納期限後20日以内)
 * @source INC-36, INC-37
 */
export function mayRemind(facts: ReminderFacts, paidUntil: string, to: AddressedTo = 'payers'): NoReminder | undefined {
  if (taxOf(facts.open) === 0) return 'nothing-open';
  if (facts.dueOn >= paidUntil) return 'not-due';
  if (facts.byCollector !== (to === 'collectors')) return facts.byCollector ? 'by-collector' : 'by-slip';
  if (facts.reminded) return 'already-reminded';
  if (facts.preliminary) return 'preliminary-receipt';
  if (facts.preliminaryInWindow === true) return 'preliminary-in-window';
  if (facts.candidateInSuspense) return 'candidate-in-suspense';
  if (facts.held) return 'held';
  if (facts.debitOpen) return 'debit-open';
  if (facts.addressKnown === false) return 'no-address';
  return undefined;
}

/** Why a letter that was made is taken back before it goes out. */
export type Withdrawal = NoReminder | 'amount-changed' | 'collector-changed' | 'part-changed';

/** What a letter says of one charge. */
export interface Said {
  readonly open: Items;
  /** The collector that the letter goes to; null where it goes to the payer. */
  readonly designationNumber: string | null;
}

/** The second look at a letter, when it is released and again before it goes to the post. */
export function stillTrue(letter: Said, now: ReminderFacts, paidUntil: string): Withdrawal | undefined {
  const to = letter.designationNumber === null ? 'payers' : 'collectors';
  const why = mayRemind({ ...now, reminded: false }, paidUntil, to);
  if (why !== undefined) return why;
  if (letter.designationNumber !== null && letter.designationNumber !== now.designationNumber)
    return 'collector-changed';
  return taxOf(letter.open) === taxOf(now.open) ? undefined : 'amount-changed';
}

/** A collector's letter asks one sum for all of its people: where a part of it is no longer true, none of it goes out. */
export function wholeLetters(
  rows: readonly { readonly designationNumber: string | null; readonly why: Withdrawal | undefined }[],
): readonly (Withdrawal | undefined)[] {
  const broken = new Set(rows.flatMap((r) => (r.why === undefined ? [] : [r.designationNumber])));
  return rows.map(({ designationNumber, why }) =>
    why === undefined && designationNumber !== null && broken.has(designationNumber) ? 'part-changed' : why,
  );
}
