import { readConvenienceCode } from '@musubi/contracts/payment-slip/convenience-code.ts';
import { readElQr } from '@musubi/contracts/payment-slip/el-qr.ts';
import type { RegisteredText } from '@musubi/kernel/documents/unprintable.ts';

/** One figure of the calculation with the article it rests on. */
export interface NoticeLine {
  readonly label: string;
  /** 地方税法 第314条の3第1項 */
  readonly ground: string;
  /** Whole yen; a deduction is negative. */
  readonly yen: number;
}

/**
 * What `tax-notice.typ` prints: the notice of ordinary collection (納税通知書), with the particulars the law asks for.
 * Dates and years are texts as they are to be read.
 *
 * @law 地方税法 第1条第1項第6号 (納税通知書の記載事項), 第319条の2 (交付)
 */
export interface TaxNotice {
  readonly kind: 'levy' | 'change' | 'reduction';
  /** 通知書番号 */
  readonly noticeNumber: string;
  /** 令和8年度 */
  readonly fiscalYear: string;
  /** 令和8年6月10日 */
  readonly issuedOn: string;
  readonly addressee: { readonly postalCode: string; readonly address: RegisteredText; readonly name: RegisteredText };
  readonly issuer: { readonly office: string; readonly title: string; readonly name: RegisteredText };
  /** 賦課の根拠となった法律および条例の規定 */
  readonly purpose: string;
  readonly totalYen: number;
  readonly withheldYen: number;
  readonly ordinaryYen: number;
  /** 減免: what was remitted of the year, one a decision. */
  readonly remissions: readonly { readonly label: string; readonly decidedOn: string; readonly yen: number }[];
  readonly instalments: readonly { readonly label: string; readonly dueOn: string; readonly yen: number }[];
  /** What is kept back from each pension; absent where nothing is. */
  readonly pensionMonths?: readonly { readonly label: string; readonly yen: number }[];
  readonly paymentMethod: string;
  /** What was notified before, and each figure that changed since; null where this is the first notice. */
  readonly change: {
    readonly beforeYen: number;
    readonly reason: string;
    readonly figures: readonly { readonly label: string; readonly before: number; readonly now: number }[];
  } | null;
  /** 納付書, one a due date whose slip is new. */
  readonly slips: readonly NoticeSlip[];
  readonly calculation: readonly NoticeLine[];
  readonly delinquency: string;
  readonly appeal: string;
  readonly contact: { readonly office: string; readonly telephone: string; readonly address: string };
}

/** One payment slip: the same payment as digits, as eL-QR and, where stores take it, as a bar. */
export interface NoticeSlip {
  /** 第1期 */
  readonly label: string;
  readonly dueOn: string;
  readonly payableUntil: string;
  readonly yen: number;
  /** What the drawn codes say, in digits: compared with what is printed beside them before anything is set (INC-33). */
  readonly codes: {
    readonly instalment: number;
    readonly noticeNumber: string;
    readonly dueOn: string;
    readonly payableUntil: string;
    readonly elQr: string;
    readonly store: string | null;
  };
  /** eL番号 as it is typed. */
  readonly elNumber: string;
  /** A PNG of one bit a module; printed without smoothing. */
  readonly qr: Uint8Array;
  readonly store: { readonly bars: Uint8Array; readonly lines: readonly [string, string] } | null;
}

/** The file in this folder that prints a `TaxNotice`. */
export const taxNoticeTemplate = 'tax-notice.typ';

/**
 * How many sheets a notice has: the letter with the first slip, then three slips to a sheet. A notice of a change has a table of what
 * changed, as long as that is: its sheets are counted.
 */
export const sheetsOf = ({
  change,
  slips,
}: Pick<TaxNotice, 'change' | 'slips'>): { readonly expectedPages?: number } =>
  change === null ? { expectedPages: 1 + Math.ceil(Math.max(0, slips.length - 1) / 3) } : {};

/** The sums that a notice must show: asserted before it is set, because paper cannot be taken back. */
export function taxNoticeFaults(
  notice: TaxNotice,
): readonly (
  | 'instalments-do-not-add-up'
  | 'total-does-not-add-up'
  | 'negative-instalment'
  | 'slip-without-its-instalment'
  | 'slip-codes-differ'
)[] {
  const sum = notice.instalments.reduce((acc, part) => acc + part.yen, 0);
  const remitted = notice.remissions.reduce((acc, remission) => acc + remission.yen, 0);
  return [
    ...(sum === notice.ordinaryYen ? [] : (['instalments-do-not-add-up'] as const)),
    ...(notice.withheldYen + notice.ordinaryYen + remitted === notice.totalYen
      ? []
      : (['total-does-not-add-up'] as const)),
    ...(notice.instalments.every((part) => part.yen >= 0) ? [] : (['negative-instalment'] as const)),
    ...(notice.slips.every((slip) =>
      notice.instalments.some(
        (part) => part.label === slip.label && part.yen === slip.yen && part.dueOn === slip.dueOn,
      ),
    )
      ? []
      : (['slip-without-its-instalment'] as const)),
    ...(notice.slips.every((slip) => codesAgree(slip, notice.noticeNumber)) ? [] : (['slip-codes-differ'] as const)),
  ];
}

/** Both codes read as a payer's device reads them: amount, period, dates and notice number are those that stand in print. */
function codesAgree({ yen, codes }: NoticeSlip, noticeNumber: string): boolean {
  const qr = readElQr(codes.elQr);
  if (!qr.ok || codes.noticeNumber !== noticeNumber) return false;
  const { amountYen, instalment, dueOn, payableUntil } = qr.value;
  const printed = [yen, codes.instalment, codes.dueOn, codes.payableUntil];
  const read = [amountYen, instalment, dueOn.toString(), payableUntil.toString()];
  if (!read.every((value, i) => value === printed[i])) return false;
  if (codes.store === null) return true;
  const bar = readConvenienceCode(codes.store);
  return (
    bar.ok &&
    bar.value.amountYen === yen &&
    bar.value.payableUntil?.toString() === codes.payableUntil &&
    bar.value.reference.slice(4, 16) === `${`${codes.instalment}`.padStart(2, '0')}${noticeNumber}`
  );
}

/**
 * 教示: against what, to whom, within which time an appeal can be made. The wording is the office's to confirm.
 *
 * @law 行政不服審査法 第82条第1項 (教示), 第18条第1項 (三月); 行政事件訴訟法 第46条第1項 (教示), 第14条 (六月); 地方税法 第19条の12 (審査請求と訴訟)
 */
export function appealNotice(mayor: string, defendant: string): string {
  return `この通知書に記載された賦課決定に不服がある場合は、この通知書を受け取った日の翌日から起算して3か月以内に、${mayor}に対して審査請求をすることができます。賦課決定の取消しの訴えは、審査請求に対する裁決があったことを知った日の翌日から起算して6か月以内に、${defendant}を被告として（${mayor}が代表者となります。）提起することができます。取消しの訴えは、審査請求に対する裁決を経た後でなければ提起することができません。ただし、審査請求があった日から3か月を経過しても裁決がないとき、著しい損害を避けるため緊急の必要があるとき、その他裁決を経ないことにつき正当な理由があるときは、裁決を経ないで提起することができます。`;
}
