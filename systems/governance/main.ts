import { runLoop } from '@musubi/kernel/db/listen.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { Deps } from './deps.ts';
import { declaredItems } from './domain/declared-items.ts';
import { useFigureRoute } from './http/use-figures.ts';
import { keepContractors } from './jobs/contractors.ts';
import { keepReminders } from './jobs/reminders.ts';
import { keepTraining } from './jobs/training.ts';
import { rights } from './rights.ts';
import { governanceSchema } from './store/schema-set.ts';
import { addPages } from './web/pages.ts';

const settings = z.strictObject({
  /** Who holds the rights: told of trainings that lapse and are recorded, and of what contractors' people may do. */
  staffDirectory: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)
    .optional(),
});

export const definition: SystemDefinition = {
  system: 'governance',
  name: { ja: '個人情報保護管理システム', en: 'Governance registers' },
  schemas: [governanceSchema],
  rights,
  async start(host) {
    const { staffDirectory } = settings.parse(host.config.settings ?? {});
    const declared = [...host.catalogues].map(([system, catalogue]) => declaredItems(system, catalogue));
    const deps: Deps = { ...host.deps, alarms: host.alarms, outbox: host.outbox, declared };
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
              if (staffDirectory !== undefined) {
                await keepTraining(deps, staffDirectory);
                await keepContractors(deps, staffDirectory);
              }
              return 'idle';
            },
          }),
      ],
    };
  },
};
