import { setTimeout as delay } from 'node:timers/promises';
import type { ActDeps } from '../db/act.ts';
import { mediaUseCases } from './acts.ts';
import type { MediaDeps } from './media.ts';
import { isRoundMissed } from './stock-taking.ts';

/** How often the day's reminders are looked for; each medium is told of once a day. */
const everyMs = 60 * 60 * 1000;

export interface MediaAlarms {
  raise(word: string, detail: Readonly<Record<string, string | number>>): void;
}

/** Tells of media that are not back, and of a week without a stock-taking. The system's jobs hold ['media', 'update']. */
export async function mediaReminderLoop(
  system: string,
  deps: ActDeps & MediaDeps,
  loop: { readonly alarms: MediaAlarms; readonly signal: AbortSignal; onError(error: unknown): void },
): Promise<void> {
  const media = mediaUseCases(system);
  const actor = { kind: 'job', name: 'media-reminder' } as const;
  const remind = async (): Promise<void> => {
    const told = await media.remind(deps, actor, undefined);
    if (told.ok && told.value.reminded.length > 0)
      loop.alarms.raise('media.overdue', { count: told.value.reminded.length });
    const weeks = await media.weeks(deps, actor, { limit: 4 });
    if (weeks.ok && isRoundMissed(weeks.value)) loop.alarms.raise('media.stock-taking-missed', {});
  };
  while (!loop.signal.aborted) {
    await remind().catch(loop.onError);
    await delay(everyMs, undefined, { signal: loop.signal }).catch(() => {});
  }
}
