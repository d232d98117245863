import { setTimeout as delay } from 'node:timers/promises';
import { mediaUseCases } from '@musubi/kernel/media/acts.ts';
import { addMediaPages } from '@musubi/kernel/media/pages.ts';
import { mediaPrinter } from '@musubi/kernel/media/print.ts';
import { isRoundMissed } from '@musubi/kernel/media/stock-taking.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from './deps.ts';
import { lookRecipientNames } from './service/bulk-orders.ts';
import { addBulkPages } from './web/bulk.ts';
import { addOutputPages } from './web/outputs.ts';

/** How often the day's reminders are looked for; each medium is told of once a day. */
const reminderEveryMs = 60 * 60 * 1000;

/** 一括提供, 大量出力 and the media office of this server: pages, the reminder of what is overdue, the printer. */
export function startBulk(host: Host, deps: Deps) {
  const printer = mediaPrinter();
  const media = mediaUseCases('prefectural-juki');
  const remind = async (): Promise<void> => {
    const actor = { kind: 'job', name: 'media-reminder' } as const;
    const told = await media.remind(deps, actor, undefined);
    if (told.ok && told.value.reminded.length > 0)
      host.alarms.raise('media.overdue', { count: told.value.reminded.length });
    const weeks = await media.weeks(deps, actor, { limit: 4 });
    if (weeks.ok && isRoundMissed(weeks.value)) host.alarms.raise('media.stock-taking-missed', {});
  };
  return {
    addPages(app: PageApp): void {
      addBulkPages(app, deps, (error) => host.onError(error, 'bulk order'));
      addOutputPages(app, deps);
      addMediaPages(app, deps, {
        system: 'prefectural-juki',
        office: host.organisation.name.ja,
        printer,
        departments: async (p) => {
          const names = await lookRecipientNames(deps, p.session.actor, undefined);
          return names.ok ? names.value : [];
        },
      });
    },
    async loop(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        await remind().catch((error: unknown) => host.onError(error, 'media reminder'));
        await delay(reminderEveryMs, undefined, { signal }).catch(() => {});
      }
    },
    stop: () => printer[Symbol.asyncDispose](),
  };
}
