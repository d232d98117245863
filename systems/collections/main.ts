import { chargeBatches, charges } from '@musubi/contracts/collections/charge.ts';
import type { NavEntry } from '@musubi/kernel/pages/app.ts';
import { bind, type Host, type Instance, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from './deps.ts';
import { routes } from './http/routes.ts';
import { interestLoop } from './jobs/interest-loop.ts';
import { rights } from './rights.ts';
import { collectionsSchema } from './schema-set.ts';
import { applyCharge, applyChargeBatch } from './service/charges/apply-charge.ts';
import { readSettings } from './settings.ts';
import { accountPages } from './web/accounts.ts';
import { filePages } from './web/files.ts';
import { refundPages } from './web/refunds.ts';
import { reminderPages } from './web/reminders.ts';
import { suspensePages } from './web/suspense.ts';

export const definition: SystemDefinition = {
  system: 'collections',
  name: { ja: '収納消込システム', en: 'Collection of taxes' },
  schemas: [collectionsSchema],
  rights,
  start,
};

export const nav: readonly NavEntry[] = [
  { label: '収納状況照会', href: '/', right: ['collections', 'account', 'read'] },
  { label: '収納データ', href: '/files', right: ['collections', 'file', 'read'] },
  { label: '仮受の照合', href: '/suspense', right: ['collections', 'suspense', 'read'] },
  { label: '督促', href: '/reminders', right: ['collections', 'reminder', 'read'] },
  { label: '還付・充当', href: '/refunds', right: ['collections', 'refund', 'read'] },
  { label: '日次締め・決算', href: '/day', right: ['collections', 'closing', 'read'] },
];

async function start(host: Host): Promise<Instance> {
  const { bodyCode, schedules, reminderFeeYen, interestRestSeconds } = readSettings(host);
  const deps: Deps = { ...host.deps, bodyCode, schedules, reminderFeeYen };
  const pages = await host.pages({ nav });
  accountPages(pages, deps);
  filePages(pages, deps);
  suspensePages(pages, deps);
  reminderPages(pages, deps);
  refundPages(pages, deps);
  // A revision that has not come yet is on its way: the sender comes again.
  const notNow = { notNow: ['revision-missing'] as const };
  return {
    routes: routes(deps),
    handlers: [
      bind(handle(charges, applyCharge, notNow), deps),
      bind(handle(chargeBatches, applyChargeBatch, notNow), deps),
    ],
    pages,
    loops: [
      (signal) =>
        interestLoop(deps, {
          signal,
          restSeconds: interestRestSeconds,
          onError: (error) => host.onError(error, 'collections.interest'),
        }),
    ],
  };
}
