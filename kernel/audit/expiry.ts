import { type Act, type ActDeps, act } from '../db/act.ts';
import { err, ok, type Result } from '../result/result.ts';

export interface ExpireMonth {
  /** The closed month up to and with which bodies go. */
  readonly month: Temporal.PlainYearMonth;
}
export interface Expired {
  /** Bodies below this number are gone; their leaf hashes stay in the tiles. */
  readonly upTo: number;
  readonly erased: number;
}

/**
 * Erases the bodies of a closed month (and what is older) after their term. The event `audit.expired` names the range,
 * so that what was expired is told from what was cut away. Refuses a month whose term is not over.
 */
export const expireMonth: Act<ActDeps, ExpireMonth, Expired, 'nothing-to-expire'> = act('audit.expire-month', {
  right: ['audit', 'expiry', 'update'],
  async run(tx, deps: ActDeps, { month }: ExpireMonth): Promise<Result<Expired, 'nothing-to-expire'>> {
    const first = month.toPlainDate({ day: 1 });
    const at = deps.machineClock.now();
    const [row] = await tx<{
      upTo: number | null;
    }>`select audit.expirable_up_to(${first}::date, ${at}::timestamptz) as "upTo"`;
    const upTo = row?.upTo ?? null;
    if (upTo === null) return err('nothing-to-expire');
    const [done] = await tx<{
      erased: number;
    }>`select audit.expire(${first}::date, ${upTo}, ${tx.eventId}::uuid, ${at}::timestamptz) as erased`;
    tx.record({ event: 'audit.expired', detail: { month: month.toString(), from: 0, upTo, erased: done!.erased } });
    return ok({ upTo, erased: done!.erased });
  },
});
