/** What is done to a register's record by hand, outside the notices that feed it. */
export const correctionKinds = { enter: '入力', correct: '訂正', remove: '削除' } as const;
export type CorrectionKind = keyof typeof correctionKinds;

/** 手作業補正の手順: only what stands in a system's list may be named by a correction. */
export interface CorrectionProcedure {
  readonly no: string;
  readonly title: string;
  readonly kinds: readonly CorrectionKind[];
  readonly effectiveFrom: string;
}

export const procedureFor = (
  procedures: readonly CorrectionProcedure[],
  no: string,
  kind: CorrectionKind,
  on: Temporal.PlainDate,
): CorrectionProcedure | undefined =>
  procedures.find((p) => p.no === no && p.kinds.includes(kind) && p.effectiveFrom <= on.toString());

export type CorrectedValues = Readonly<Record<string, string | null>>;

/** A correction from its proposal to the look that is taken at it later. */
export interface CorrectionState {
  readonly correctionId: string;
  readonly kind: CorrectionKind;
  readonly procedureNo: string;
  readonly reason: string;
  readonly document: string;
  readonly before: CorrectedValues;
  readonly after: CorrectedValues;
  readonly proposedBy: string;
  readonly proposedOn: string;
  readonly decision: 'approved' | 'rejected' | null;
  readonly decidedBy: string | null;
  readonly doneBy: string | null;
  readonly doneOn: string | null;
  readonly reviewedBy: string | null;
  readonly byProcedure: boolean | null;
}

export interface CorrectionQuery {
  /** `open`: not carried out; `review`: carried out and not yet looked at again. */
  readonly which: 'open' | 'review' | 'all';
  readonly correctionId?: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** Of what was filled in, the items that a hand may correct. */
export const correctable = <Item extends string>(
  items: Readonly<Record<string, string>>,
  names: Readonly<Record<Item, string>>,
): Partial<Record<Item, string>> =>
  Object.fromEntries(Object.entries(items).filter(([item]) => item in names)) as Partial<Record<Item, string>>;
