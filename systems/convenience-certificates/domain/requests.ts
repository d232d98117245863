import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/** 発行制限区分 → what the store is told. @source format convenience-issuance §3.1, N03 */
export const resultOfRestriction = { '1': '20', '2': '11', '3': '31', '4': '21', '5': '12' } as const;

export type Refusal = {
  readonly result: '10' | '11' | '12' | '20' | '21' | '30' | '31' | '40' | '90';
  readonly reason: string;
};

/** 6:30–23:00, not from 29 December to 3 January. Japan standard time. @source format convenience-issuance §2 */
export function isServiceTime(at: Temporal.Instant): boolean {
  const { hour, minute, month, day } = at.toZonedDateTimeISO('Asia/Tokyo');
  if ((month === 12 && day >= 29) || (month === 1 && day <= 3)) return false;
  const minutes = hour * 60 + minute;
  return minutes >= 6 * 60 + 30 && minutes < 23 * 60;
}

/** Minutes for which a check of the card's certificate holds (N01). */
const checkHoldsMinutes = 5;
const taxCertificate = '04';
/** The present year and the four before (N02). */
const yearsBack = 4;

/** What can be judged of a request before any person is looked up. */
export function judgeRequest(
  request: { readonly certType: string; readonly taxYear: number; readonly certificateCheckedAt: Temporal.Instant },
  at: Temporal.Instant,
  today: Temporal.PlainDate,
  keepsServiceHours = true,
): Result<null, Refusal> {
  if (keepsServiceHours && !isServiceTime(at)) return err({ result: '40', reason: 'outside-service-hours' });
  const age = request.certificateCheckedAt.until(at).total('minutes');
  if (age > checkHoldsMinutes || age < -1) return err({ result: '90', reason: 'certificate-check-too-old' });
  if (request.certType !== taxCertificate) return err({ result: '10', reason: 'kind-not-offered' });
  if (request.taxYear > today.year || request.taxYear < today.year - yearsBack)
    return err({ result: '10', reason: 'year-not-offered' });
  return ok(null);
}
