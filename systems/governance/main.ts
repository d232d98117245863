import { runLoop } from '@musubi/kernel/db/listen.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { Deps } from './deps.ts';
import { useFigureRoute } from './http/use-figures.ts';
import { keepReminders } from './jobs/reminders.ts';
import { rights } from './rights.ts';
import { governanceSchema } from './store/schema-set.ts';
import { addPages } from './web/pages.ts';

const settings = z.strictObject({});

export const definition: SystemDefinition = {
  system: 'governance',
  name: { ja: '個人情報保護管理システム', en: 'Governance registers' },
  schemas: [governanceSchema],
  rights,
  async start(host) {
    settings.parse(host.config.settings ?? {});
    const deps: Deps = { ...host.deps, alarms: host.alarms };
    const done = { on: '' };
    return {
      routes: [useFigureRoute(deps)],
      pages: await addPages(host, deps),
      loops: [
        (signal) =>
          runLoop({
            notifications: host.notifications,
            channel: 'governance',
            signal,
            idleMs: 60_000,
            onError: (error) => host.onError(error, 'governance-reminders'),
            async step() {
              await keepReminders(deps, done);
              return 'idle';
            },
          }),
      ],
    };
  },
};
