import { type TrainingStanding, trainingStandings } from '@musubi/contracts/governance/training.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { attendances, handlers, isTrained, trainingYearOf } from '../domain/registers/assurance.ts';
import { allOf, lockRegisters } from '../store/entries.ts';
import { insertTold, type Told, toldLapsed } from '../store/training.ts';

const right = ['governance', 'reminder', 'update'] as const;

/** What the directory does not know yet: who lapsed since, and who of those that lapsed has the training now. */
async function untold(tx: Tx, today: Temporal.PlainDate): Promise<Told[]> {
  const [designated, attended, lapsed] = [
    await allOf(tx, handlers.id, 'designated'),
    await allOf(tx, attendances.id, 'recorded'),
    await toldLapsed(tx),
  ];
  const known = new Map(lapsed.map((t) => [t.staffId, t]));
  const told = new Map<string, Told>();
  for (const handler of designated) {
    const staffId = handler.values.staffId ?? '';
    const fiscalYear = trainingYearOf(handler, today);
    if (!known.has(staffId) && !isTrained(staffId, fiscalYear, attended))
      told.set(staffId, { staffId, fiscalYear, standing: 'lapsed' });
  }
  // Whoever is no handler any more stays without rights until trained: the end of a designation restores nothing.
  for (const { staffId, fiscalYear } of lapsed) {
    const years = designated.filter((h) => h.values.staffId === staffId).map((h) => trainingYearOf(h, today));
    const needed = Math.max(fiscalYear, ...years);
    if (isTrained(staffId, needed, attended)) told.set(staffId, { staffId, fiscalYear: needed, standing: 'recorded' });
  }
  return [...told.values()];
}

export const countUntoldTraining = look('governance.count-untold-training', {
  right,
  run: async (tx, deps: Deps, _query: null): Promise<number> => (await untold(tx, deps.civilClock.today())).length,
});

/** 研修の要件の通知 to the staff directory: rights rest where the training lapsed, and return when it is recorded. */
export const tellTraining = act('governance.tell-training', {
  right,
  async run(tx, deps: Deps, { receiver }: { readonly receiver: string }): Promise<Result<number, never>> {
    await lockRegisters(tx);
    const today = deps.civilClock.today();
    const changes = await untold(tx, today);
    for (const told of changes) {
      await insertTold(tx, told, today.toString(), deps.machineClock.now());
      const message: TrainingStanding = { ...told, on: today.toString() };
      await deps.outbox.enqueue(tx, { receiver, family: trainingStandings, subject: told.staffId, message });
    }
    tx.record({
      event: 'training.told',
      ...(changes.length > 0 ? { facts: ['governance.training_told'] } : {}),
      detail: {
        lapsed: changes.filter((t) => t.standing === 'lapsed').length,
        recorded: changes.filter((t) => t.standing === 'recorded').length,
      },
    });
    return ok(changes.length);
  },
});
