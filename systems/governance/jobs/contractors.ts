import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { countUntoldContractors, tellContractors } from '../service/contractor-standing.ts';
import { reminderActor } from '../service/reminders.ts';

/** Every minute: who was ordered to work this morning works this morning, and whose order ended is out. */
export async function keepContractors(deps: Deps, receiver: string): Promise<void> {
  if (unwrap(await countUntoldContractors(deps, reminderActor, null)) > 0)
    unwrap(await tellContractors(deps, reminderActor, { receiver }));
}
