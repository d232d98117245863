import type { Actor } from '@musubi/kernel/db/act.ts';
import type { Notifications } from '@musubi/kernel/db/listen.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { awaitingExamination, examineReception } from '../service/examine.ts';

const job: Actor = { kind: 'job', name: 'examination' };

/** Examines what waits; a reception that breaks the examination is reported and does not stop the others. Gives how many. */
export async function examineWaiting(deps: Deps, onError: (error: unknown) => void): Promise<number> {
  let done = 0;
  for (const receptionId of unwrap(await awaitingExamination(deps, job, 100))) {
    try {
      if ((await examineReception(deps, job, { receptionId })).ok) done++;
    } catch (error) {
      onError(error);
    }
  }
  return done;
}

export async function runExamination(
  deps: Deps,
  notifications: Notifications,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  await notifications.hear('eltax_received');
  while (!signal.aborted) {
    let done = 0;
    try {
      done = await examineWaiting(deps, onError);
    } catch (error) {
      onError(error);
    }
    if (done < 100) await notifications.wait('eltax_received', signal);
  }
}
