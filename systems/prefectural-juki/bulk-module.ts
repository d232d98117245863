import { addMediaPages } from '@musubi/kernel/media/pages.ts';
import { mediaPrinter } from '@musubi/kernel/media/print.ts';
import { mediaReminderLoop } from '@musubi/kernel/media/reminder-loop.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from './deps.ts';
import { lookRecipientNames } from './service/bulk-orders.ts';
import { addBulkPages } from './web/bulk.ts';
import { addOutputPages } from './web/outputs.ts';

/** 一括提供, 大量出力 and the media office of this server: pages, the reminder of what is overdue, the printer. */
export function startBulk(host: Host, deps: Deps) {
  const printer = mediaPrinter();
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
    loop: (signal: AbortSignal) =>
      mediaReminderLoop('prefectural-juki', deps, {
        alarms: host.alarms,
        signal,
        onError: (error) => host.onError(error, 'media reminder'),
      }),
    stop: () => printer[Symbol.asyncDispose](),
  };
}
