import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { reminderActor } from '../service/reminders.ts';
import { countUntoldTraining, tellTraining } from '../service/training.ts';

/** Every minute, so that who was trained this morning works this morning; an event only where there is something to tell. */
export async function keepTraining(deps: Deps, receiver: string): Promise<void> {
  if (unwrap(await countUntoldTraining(deps, reminderActor, null)) > 0)
    unwrap(await tellTraining(deps, reminderActor, { receiver }));
}
