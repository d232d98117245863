import { legalAgeOn } from '@musubi/kernel/calendar/age.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

export interface ValidityRequest {
  readonly kind: 'new' | 'renewal';
  readonly patientBornOn: Temporal.PlainDate;
  readonly appliedOn: Temporal.PlainDate;
  readonly from: Temporal.PlainDate;
  /** When the physician diagnosed that the disease has the degree; nothing counts before. */
  readonly diagnosedOn: Temporal.PlainDate;
  /** 入院その他緊急の治療など: up to three months before the application instead of one. */
  readonly unavoidable: boolean;
  /** End of another prefecture's certificate that is still in force. */
  readonly otherUntil: Temporal.PlainDate | undefined;
}

export type ValidityFault = 'starts-too-early' | 'not-a-child' | 'other-certificate-over';

const { compare } = Temporal.PlainDate;
/** From here a certification may begin before the application (児童福祉法 第19条の5, 令和5年10月1日施行). */
const backFrom = Temporal.PlainDate.from('2023-10-01');

/**
 * 有効期間: a year less a day from the first day, or to the end of another prefecture's certificate. New applicants are under 18, who
 * are certified already go on until 20.
 *
 * @law 児童福祉法 第19条の2, 第19条の5; @source requirements 001 MED-X9, A10 (遡りの月数は通知で確認が要る)
 */
export function validityOf(
  asked: ValidityRequest,
): Result<{ readonly from: Temporal.PlainDate; readonly until: Temporal.PlainDate }, ValidityFault> {
  const { from, appliedOn, otherUntil } = asked;
  const earliest = [asked.diagnosedOn, backFrom, appliedOn.subtract({ months: asked.unavoidable ? 3 : 1 })].reduce(
    (latest, day) => (compare(day, latest) > 0 ? day : latest),
  );
  if (compare(from, compare(appliedOn, backFrom) < 0 ? appliedOn : earliest) < 0) return err('starts-too-early');
  if (legalAgeOn(asked.patientBornOn, from) >= (asked.kind === 'new' ? 18 : 20)) return err('not-a-child');
  if (otherUntil !== undefined && compare(otherUntil, from) < 0) return err('other-certificate-over');
  return ok({ from, until: otherUntil ?? from.add({ years: 1 }).subtract({ days: 1 }) });
}
