import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { findPerson, personStates } from '../../store/persons.ts';

/** Why a clerk may have to see the number itself. */
export const numberReasons = {
  matching: '課税資料の突合の確認',
  'paper-form': '番号を記載した書面の作成・確認',
  correction: '番号の誤りの調査',
} as const;
export type NumberReason = keyof typeof numberReasons;

export interface ShowNumber {
  readonly personId: string;
  readonly reason: NumberReason | undefined;
  /** Number of the paper or case that asks for it. */
  readonly document: string;
}

/**
 * 個人番号の表示: for those who hold the right, for a stated reason, one person at a time. The event names person, reason and
 * paper, and stands before the number is on any screen.
 *
 * @law 番号利用法 第9条第1項, 第12条
 */
export const showNumber = act('resident-tax.show-number', {
  right: ['resident-tax', 'individual-number', 'read'],
  async run(
    tx,
    deps: Pick<Deps, 'vault'> & Deps,
    { personId, reason, document }: ShowNumber,
  ): Promise<Result<{ readonly name: string; readonly digits: string }, 'no-such-person' | 'reason-missing'>> {
    const isStated = reason !== undefined && Object.hasOwn(numberReasons, reason) && document.trim() !== '';
    if (enforced('access.purpose-stated') && !isStated) return err('reason-missing');
    const person = await findPerson(tx, personId);
    const now = (await personStates(tx, personId)).find((s) => s.version === person?.currentVersion);
    if (now === undefined) return err('no-such-person');
    const number = await deps.vault.reveal(tx, now.numberRef, 'resident-tax/show');
    tx.record({
      event: 'number.shown',
      subject: personId,
      items: ['individual-number'],
      ground: '番号利用法 第9条第1項',
      detail: { reason: reason ?? '', document: document.trim().slice(0, 60) },
    });
    return ok({ name: now.name, digits: number.digits() });
  },
});
