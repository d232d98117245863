/** A document as far as its place among others of the same person and year is concerned. */
export interface Placed {
  readonly reportId: string;
  readonly kind: string;
  readonly submissionKind: 'new' | 'added' | 'correction' | 'cancellation';
  readonly payerNumber: string | null;
  readonly payerName: string;
  /** The sender's own numbers: of this document, and of the one that it says it replaces. */
  readonly referenceNo: string | null;
  readonly replacesNo: string | null;
  readonly filedOn: string | null;
}

/** One that counts already: linked, no cancellation, not replaced. */
export type Standing = Omit<Placed, 'submissionKind' | 'replacesNo'>;

export type PlaceQuestion = 'original-missing' | 'original-unclear' | 'same-payer-again' | 'filed-on-one-day';

/** What a document means beside those that count: a question for a clerk, the one it replaces, or the one that replaces it. */
export interface Place {
  readonly question?: PlaceQuestion;
  readonly replaces?: string;
  readonly replacedBy?: string;
}

const isReturn = (kind: string): boolean => kind === 'tax-return' || kind === 'ward-return';

/**
 * The place of a document among the standing ones of the same person and income year. A correction or cancellation takes the place
 * of exactly one document of its kind and sender (or of the one it names); a further first report of one sender is a clerk's
 * question (W11). Of two returns of one kind the one filed later counts (K05); filed on one day, nobody guesses.
 *
 * @law 国税通則法 第18条, 第19条 (later return before the due date; amended return), 地方税法 第317条の2, 第317条の6
 */
export function placeAmong(report: Placed, standing: readonly Standing[]): Place {
  const others = standing.filter((other) => other.reportId !== report.reportId && concernsTheSame(report, other));
  const amends = report.submissionKind === 'correction' || report.submissionKind === 'cancellation';
  if (amends) {
    const named =
      report.replacesNo === null ? others : others.filter((other) => other.referenceNo === report.replacesNo);
    const [only] = named;
    if (only === undefined) return { question: 'original-missing' };
    return named.length > 1 ? { question: 'original-unclear' } : { replaces: only.reportId };
  }
  const [only] = others;
  if (report.submissionKind !== 'new' || only === undefined) return {};
  if (!isReturn(report.kind)) return { question: 'same-payer-again' };
  if (others.length > 1) return { question: 'original-unclear' };
  if (report.filedOn === null || only.filedOn === null || report.filedOn === only.filedOn)
    return { question: 'filed-on-one-day' };
  return report.filedOn > only.filedOn ? { replaces: only.reportId } : { replacedBy: only.reportId };
}

/** A person has one return of a kind, and one report of each sender. */
function concernsTheSame(report: Placed, other: Standing): boolean {
  if (report.kind !== other.kind) return false;
  if (isReturn(report.kind)) return true;
  if (report.payerNumber !== null || other.payerNumber !== null) return report.payerNumber === other.payerNumber;
  return report.payerName === other.payerName;
}
