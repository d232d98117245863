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
import { codesWanted, completePending, givePendingUp } from '../service/pending-changes.ts';

/** Asks the national server for codes; given by `main.ts`. Without `about`: for a birth. */
export type ObtainCodes = (
  requestId: string,
  about?: {
    readonly ground: 'first-entry' | 'code-change' | 'number-change';
    readonly residentRecordCode?: string | undefined;
  },
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

/** Words of the network that asking again does not change. */
const final: ReadonlySet<string> = new Set(['no-such-code', 'request-reused', 'not-your-register']);
/** Refusals of the register after which a filing has to be made anew. */
const over: ReadonlySet<string> = new Set([
  'changed-meanwhile',
  'not-allowed-in-state',
  'number-held-by-another',
  'no-such-household',
  'different-address',
  'two-heads',
  'expired',
  'no-such-person',
]);

/** A change or entry that waits for codes: asked for under its own id, so that a repeat gets the same ones. */
export async function finishPending(
  deps: Deps,
  actor: Actor,
  obtain: ObtainCodes,
  pendingId: string,
): Promise<Result<Changed, string>> {
  const about = await codesWanted(deps, actor, { pendingId });
  if (!about.ok) return about;
  const codes = await obtain(pendingId, about.value);
  const done = codes.ok ? await completePending(deps, actor, { pendingId, ...codes.value }) : codes;
  if (!done.ok && (codes.ok ? over : final).has(done.error))
    await givePendingUp(deps, actor, { pendingId, word: done.error });
  return done.ok ? done : err(done.error);
}

/** One round over what is due. Returns how many came to their end. */
export async function doDueWork(deps: Deps, obtain: ObtainCodes): Promise<number> {
  const due = await dueWork(deps, job, { limit: 50 });
  if (!due.ok) throw new Error(`due work: ${due.error}`);
  let done = 0;
  for (const filingId of due.value.filingIds) if ((await finishBirth(deps, job, obtain, filingId)).ok) done += 1;
  for (const id of due.value.pendingIds) if ((await finishPending(deps, job, obtain, id)).ok) done += 1;
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
