/** Kinds of document that the portal passes on. */
export type Procedure = 'salary-payment-report' | 'pension-payment-report' | 'tax-return' | 'one-stop-notice';

/** 総括表 of one destination, as the payer states it. */
export interface FiledSummary {
  readonly designationNumber: string | null;
  readonly municipality: string;
  readonly specialCollection: number;
  readonly ordinaryCollectionLeft: number;
  readonly ordinaryCollectionOther: number;
  readonly total: number;
}

/** What a municipality says became of a package. */
export type DeliveryOutcome =
  | { readonly outcome: 'taken-in'; readonly accepted: number; readonly rejected: number }
  | { readonly outcome: 'returned'; readonly reason: string };

/** One package as its municipality sees it; instants as ISO text. */
export interface Delivery {
  readonly deliveryId: string;
  readonly receptionNumber: string;
  readonly procedure: Procedure;
  readonly incomeYear: number;
  readonly payer: { readonly corporateNumber: string; readonly name: string };
  readonly municipality: string;
  readonly records: number;
  readonly availableAt: string;
  readonly fetchedAt: string | null;
  readonly fetches: number;
  readonly outcome: DeliveryOutcome | null;
}
