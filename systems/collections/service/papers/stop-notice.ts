import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { StopGround } from '../../store/office.ts';
import { chargesOfPaper, papersAbout, payersOf, stoppedHold } from '../../store/papers.ts';
import { makePaper, noteOf, type Paper, type PaperRequest } from './make-paper.ts';
import { appealText, dayText, headOf, yearAndPeriod } from './paper-data.ts';
import type { PaperDeps } from './paper-deps.ts';

/** `stop`: 執行停止の通知; `end`: that it was taken back. */
export type StopNotice = 'stop' | 'end';
export interface StopNoticeOf {
  readonly chargeId: string;
  readonly holdId: string;
  readonly notice: StopNotice;
}

const grounds: Readonly<Record<StopGround, string>> = {
  'no-property': '地方税法第15条の7第1項第1号（滞納処分をすることができる財産がないとき）',
  livelihood: '地方税法第15条の7第1項第2号（滞納処分をすることによってその生活を著しく窮迫させるおそれがあるとき）',
  whereabouts: '地方税法第15条の7第1項第3号（その所在及び滞納処分をすることができる財産がともに不明であるとき）',
};
const kinds = { stop: 'stop-notice', end: 'stop-end-notice' } as const;
const titles = { stop: '滞納処分の執行停止通知書', end: '滞納処分の執行停止取消通知書' } as const;
const aboutOf = (holdId: string): string => `hold ${holdId}`;

type Refusal = 'no-such-charge' | 'no-such-hold' | 'not-ended';

const readNotice = act('collections.read-stop-notice', {
  right: ['collections', 'arrears', 'update'],
  async run(tx, deps: PaperDeps, { chargeId, holdId, notice }: StopNoticeOf): Promise<Result<PaperRequest, Refusal>> {
    const [charge] = await chargesOfPaper(tx, { chargeIds: [chargeId] });
    if (charge === undefined) return err('no-such-charge');
    const hold = await stoppedHold(tx, { chargeId, holdId });
    if (hold === undefined) return err('no-such-hold');
    if (notice === 'end' && hold.endedOn === null) return err('not-ended');
    const payer = (await payersOf(tx, [charge.personNumber])).get(charge.personNumber)!;
    tx.record({
      event: 'stop-notice.read',
      subject: charge.personNumber,
      ground: notice === 'stop' ? '地方税法 第15条の7第2項' : '地方税法 第15条の8第2項',
      detail: { hold: holdId, notice },
    });
    const today = deps.civilClock.today().toString();
    return ok({
      kind: kinds[notice],
      title: titles[notice],
      about: aboutOf(holdId),
      personNumber: charge.personNumber,
      addressees: [charge.personNumber],
      name: `${notice === 'stop' ? 'shikko-teishi' : 'shikko-teishi-torikeshi'}-${holdId.slice(0, 8)}.pdf`,
      data: {
        ...headOf(payer, deps.office, titles[notice], today),
        noticeNumber: charge.noticeNumber,
        period: yearAndPeriod(charge),
        dueOn: dayText(charge.dueOn),
        taxYen: charge.openTaxYen,
        feeYen: charge.feeYen,
        interestYen: charge.interestYen,
        stoppedOn: dayText(hold.fromOn),
        legalGround: grounds[hold.ground as StopGround],
        ...(notice === 'stop'
          ? {}
          : { endedOn: dayText(hold.endedOn!), endReason: hold.endReason, appeal: appealText(deps.office) }),
      },
    });
  },
});
const noteNotice = noteOf(['collections', 'arrears', 'update']);

/**
 * 執行停止(取消)通知書: what was stopped, since when, on which ground; and, where it was taken back, when and why. The charge is told as it is open
 * on the day.
 *
 * @law 地方税法 第15条の7第2項, 第15条の8第2項
 */
export async function printStopNotice(
  deps: PaperDeps,
  actor: Actor,
  of: StopNoticeOf,
): Promise<Result<Paper, Refusal | 'unprintable-character' | 'not-authorised' | 'protections-unavailable'>> {
  const read = await readNotice(deps, actor, of);
  return read.ok ? makePaper(deps, actor, read.value, noteNotice) : read;
}

/** Which of the two notices were made of each hold. */
export const readStopNotices = act('collections.read-stop-notices', {
  right: ['collections', 'account', 'read'],
  async run(
    tx,
    _deps: unknown,
    { holdIds }: { readonly holdIds: readonly string[] },
  ): Promise<Result<Readonly<Record<string, readonly StopNotice[]>>, never>> {
    const made = await papersAbout(tx, holdIds.map(aboutOf));
    tx.record({ event: 'stop-notices.listed', detail: { holds: holdIds.length } });
    return ok(
      Object.fromEntries(
        holdIds.map((id) => [
          id,
          (['stop', 'end'] as const).filter((notice) => made.get(aboutOf(id))?.includes(kinds[notice])),
        ]),
      ),
    );
  },
});
