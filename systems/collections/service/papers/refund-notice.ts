import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { type RefundCause, refundCauses } from '../../domain/interest.ts';
import { appropriationsOf, chargesOfPaper, payersOf, refundDetails } from '../../store/papers.ts';
import { refunds } from '../../store/refunds.ts';
import { makePaper, noteOf, type Paper, type PaperRequest } from './make-paper.ts';
import { appealText, dayText, headOf, yearAndPeriod } from './paper-data.ts';
import type { PaperDeps } from './paper-deps.ts';

const readNotice = act('collections.read-refund-notice', {
  right: ['collections', 'refund-approval', 'update'],
  async run(
    tx,
    deps: PaperDeps,
    { refundId }: { readonly refundId: string },
  ): Promise<Result<PaperRequest, 'no-such-refund' | 'not-decided'>> {
    const [refund] = await refunds(tx, { refundId });
    const details = await refundDetails(tx, refundId);
    if (refund === undefined || details === undefined) return err('no-such-refund');
    if (refund.decidedOn === null) return err('not-decided');
    const lines = await appropriationsOf(tx, refund.overpaymentNo);
    const ids = [...new Set([details.chargeId, ...lines.map((l) => l.chargeId)])];
    const charges = new Map((await chargesOfPaper(tx, { chargeIds: ids })).map((c) => [c.chargeId, c]));
    const payer = (await payersOf(tx, [refund.personNumber])).get(refund.personNumber)!;
    tx.record({
      event: 'refund-notice.read',
      subject: refund.personNumber,
      ground: '地方税法 第17条, 第17条の2',
      detail: { refund: refundId },
    });
    const title = refund.appropriatedYen === 0 ? '過誤納金還付通知書' : '過誤納金還付・充当通知書';
    const percent = (tenths: number): string => `${Math.trunc(tenths / 10)}.${tenths % 10}`;
    return ok({
      kind: 'refund-notice',
      title,
      about: `refund ${refundId}`,
      personNumber: refund.personNumber,
      addressees: [refund.personNumber],
      name: `kampu-${refundId}.pdf`,
      data: {
        ...headOf(payer, deps.office, title, refund.decidedOn),
        action: refund.appropriatedYen === 0 ? '還付することに決定' : '還付・充当することに決定',
        decidedOn: dayText(refund.decidedOn),
        period: yearAndPeriod(charges.get(details.chargeId)!),
        cause: refundCauses[refund.cause as RefundCause],
        principalYen: refund.principalYen,
        interestYen: refund.interestYen,
        appropriatedYen: refund.appropriatedYen,
        paidOutYen: refund.paidOutYen,
        segments: details.segments.map((s) => ({
          period: `${dayText(s.from)}から${dayText(s.to)}まで`,
          days: s.days,
          baseYen: s.baseYen,
          rate: percent(s.rate),
          yen: s.yen,
        })),
        appropriations: lines.map(({ chargeId, ...rest }) => ({
          period: yearAndPeriod(charges.get(chargeId)!),
          ...rest,
        })),
        appeal: appealText(deps.office),
      },
    });
  },
});
const noteNotice = noteOf(['collections', 'refund-approval', 'update']);

/** 還付・充当通知書 of a decided refund. @law 地方税法 第17条, 第17条の2第5項 */
export async function printRefundNotice(
  deps: PaperDeps,
  actor: Actor,
  query: { readonly refundId: string },
): Promise<
  Result<
    Paper,
    'no-such-refund' | 'not-decided' | 'unprintable-character' | 'not-authorised' | 'protections-unavailable'
  >
> {
  const read = await readNotice(deps, actor, query);
  return read.ok ? makePaper(deps, actor, read.value, noteNotice) : read;
}
