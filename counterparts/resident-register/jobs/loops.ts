import type { Actor } from '@musubi/kernel/db/act.ts';
import { runLoop } from '@musubi/kernel/db/listen.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, type Result } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { birthsChannel, registerBirth } from '../service/births.ts';
import type { Changed } from '../service/change-resident.ts';
import { completeMovedOut } from '../service/change-resident.ts';
import { dueWork } from '../service/due-work.ts';

/** Asks the national server for codes; given by `main.ts`. */
export type ObtainCodes = (
  filingId: string,
) => Promise<Result<{ readonly residentRecordCode: string; readonly individualNumber: IndividualNumber }, string>>;

/** Codes, then the register: a filing that dies between the two gets the same codes next time. */
export async function finishBirth(
  deps: Deps,
  actor: Actor,
  obtain: ObtainCodes,
  filingId: string,
): Promise<Result<Changed, string>> {
  const codes = await obtain(filingId);
  if (!codes.ok) return err(codes.error);
  return registerBirth(deps, actor, { filingId, ...codes.value });
}

const job: Actor = { kind: 'job', name: 'resident-register.due-work' };

/** One round over what is due. Returns how many came to their end. */
export async function doDueWork(deps: Deps, obtain: ObtainCodes): Promise<number> {
  const due = await dueWork(deps, job, { limit: 50 });
  if (!due.ok) throw new Error(`due work: ${due.error}`);
  let done = 0;
  for (const filingId of due.value.filingIds) if ((await finishBirth(deps, job, obtain, filingId)).ok) done += 1;
  for (const personId of due.value.leaving) if ((await completeMovedOut(deps, job, { personId })).ok) done += 1;
  return done;
}

/** Births that wait for codes and 転出予定 whose day has come. */
export const dueWorkLoop =
  (host: Pick<Host, 'notifications' | 'onError'>, deps: Deps, obtain: ObtainCodes) =>
  (signal: AbortSignal): Promise<void> =>
    runLoop({
      notifications: host.notifications,
      channel: birthsChannel,
      signal,
      step: async () => ((await doDueWork(deps, obtain)) > 0 ? 'more' : 'idle'),
      onError: (error) => host.onError(error, 'resident-register.due-work'),
    });
