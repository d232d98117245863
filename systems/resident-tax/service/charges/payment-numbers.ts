import { mod10Weight3 } from '@musubi/contracts/payment-slip/check-digits.ts';
import type { Random } from '@musubi/kernel/random/random.ts';
import type { NewSlip } from '../../store/charges.ts';

/** 税目 of the inhabitant tax in the ward's own numbers. */
const taxItem = '01';
const twoDigits = (value: number): string => `${value % 100}`.padStart(2, '0');

/** 通知書番号: year, serial, check digit. @param serial 1 to 9,999,999, given once */
export function noticeNumberOf(fiscalYear: number, serial: number): string {
  const body = `${twoDigits(fiscalYear)}${`${serial}`.padStart(7, '0')}`;
  return body + mod10Weight3(body);
}

export interface SlipOf {
  readonly fiscalYear: number;
  readonly instalment: number;
  readonly revision: number;
  readonly noticeNumber: string;
  readonly dueOn: Temporal.PlainDate;
}

/**
 * Numbers of one slip. They say what is paid and nothing of who pays: no number of a person stands in them.
 *
 * @param body code of the ward without its check digit
 * @param serial 1 to 999,999,999, given once and never again
 * @source formats: el-qr §3, §4
 */
export function slipOf(of: SlipOf, body: string, serial: number, random: Random): NewSlip {
  const period = twoDigits(of.instalment);
  return {
    caseKey: `${body}${of.fiscalYear}${period}${`${serial}`.padStart(9, '0')}`,
    confirmationNumber: `${random.below(1_000_000)}`.padStart(6, '0'),
    convenienceReference: `${taxItem}${twoDigits(of.fiscalYear)}${period}${of.noticeNumber}${`${of.revision}`.padStart(5, '0')}`,
    payableUntil: payableUntil(of).toString(),
  };
}

/** 支払期限: to the end of the fiscal year, for what falls due late two months after its due date. */
function payableUntil({ fiscalYear, dueOn }: SlipOf): Temporal.PlainDate {
  const yearEnd = Temporal.PlainDate.from({ year: fiscalYear + 1, month: 3, day: 31 });
  const later = dueOn.add({ months: 2 });
  return Temporal.PlainDate.compare(later, yearEnd) > 0 ? later : yearEnd;
}
