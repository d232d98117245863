import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';

/** How the newest inquiry of a case ended, if it has. */
export interface InquiryEnd {
  readonly requestId: string;
  /** `00` data; `10` and others none; `60` a clerk over there still decides; null not answered. */
  readonly result: string | null;
  readonly refusal: string | null;
}

/** Refusals after which asking again brings nothing: the network cannot give the information. */
const finalRefusals = new Set(['not-on-list', 'own-list-refuses', 'no-such-person']);

/**
 * Why a certificate may be asked of the applicant: the newest inquiry ended without data. Undefined where nothing was asked, an
 * answer is to come, the refusal is for a moment, or the network gave the data.
 * @law 番号利用法 第22条第2項 (書面の提出の省略); @source 001 II.6, scenario 14
 */
export function certificateReason(
  newestFirst: readonly InquiryEnd[],
): { readonly requestId: string; readonly reason: string } | undefined {
  const [newest] = newestFirst;
  if (newest === undefined) return undefined;
  const { requestId, result, refusal } = newest;
  const withoutData = refusal !== null ? finalRefusals.has(refusal) : result !== null && !['00', '60'].includes(result);
  const given = newestFirst.some((i) => i.refusal === null && i.result === '00');
  if (enforced('input.last-resort-certificate') && (!withoutData || given)) return undefined;
  return { requestId, reason: refusal ?? `result-${result ?? '00'}` };
}
