import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { TellRoot } from '../clients/linkage-root.ts';
import type { Deps } from '../deps.ts';
import { insertTold, type Succession, untoldSuccessions } from '../store/successions.ts';

export type { TellRoot } from '../clients/linkage-root.ts';

const right = ['national-juki', 'succession', 'update'] as const;
const readUntold = look('national-juki.untold-successions', {
  right,
  run: (tx, _deps: Deps, { limit }: { readonly limit: number }): Promise<Succession[]> => untoldSuccessions(tx, limit),
});

interface Outcome {
  readonly succession: Succession;
  readonly result: string;
  readonly bodies: number;
}
const noteTold = act('national-juki.note-succession-told', {
  right,
  async run(tx, deps: Deps, { succession, result, bodies }: Outcome): Promise<Result<undefined, 'already-told'>> {
    const { successionId, holderId } = succession;
    if (!(await insertTold(tx, { successionId, result, bodies }, deps.machineClock.now()))) return err('already-told');
    tx.record({
      event: result === 'taken' ? 'succession.told' : 'succession.refused',
      subject: holderId,
      facts: ['national_juki.succession_told'],
      ground: '番号利用法施行令 第27条',
      recipient: 'ins/linkage-root',
      detail: { successionId, result, bodies },
    });
    return ok(undefined);
  },
});

/**
 * Tells the root of linkage codes of every code that took another's place and was not told yet. Where it cannot be told now, the
 * person's later changes wait behind it and everybody else's go on. Gives how many are left.
 *
 * @law 番号利用法施行令 第27条, 住民基本台帳法 第30条の4
 */
export async function tellSuccessions(
  deps: Deps,
  actor: Actor,
  tell: TellRoot,
): Promise<Result<{ readonly left: number }, 'not-authorised'>> {
  const untold = await readUntold(deps, actor, { limit: 100 });
  if (!untold.ok) return untold;
  const waiting = new Set<string>();
  let left = 0;
  for (const succession of untold.value) {
    const told = waiting.has(succession.holderId) ? err('later') : await tell(changeOf(succession));
    if (!told.ok && told.error === 'later') {
      waiting.add(succession.holderId);
      left += 1;
      continue;
    }
    const outcome = told.ok ? { result: 'taken', bodies: told.value.bodies } : { result: told.error, bodies: 0 };
    const noted = await noteTold(deps, actor, { succession, ...outcome });
    if (!noted.ok && noted.error === 'not-authorised') return err('not-authorised');
  }
  return ok({ left });
}

const changeOf = ({ holderId: _, ...change }: Succession) => change;
