import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chargeBatches, charges } from '@musubi/contracts/collections/charge.ts';
import { protectionsNow } from '@musubi/contracts/platform/protection-client.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { subjectCheckKeyIn } from '@musubi/kernel/documents/subject-check-key.ts';
import type { NavEntry } from '@musubi/kernel/pages/app.ts';
import { bind, type Host, type Instance, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import { routes } from './http/routes.ts';
import { interestLoop } from './jobs/interest-loop.ts';
import { rights } from './rights.ts';
import { collectionsSchema } from './schema-set.ts';
import { applyCharge, applyChargeBatch } from './service/charges/apply-charge.ts';
import type { PaperDeps } from './service/papers/paper-deps.ts';
import { readSettings } from './settings.ts';
import { accountPages } from './web/accounts.ts';
import { arrearsPages } from './web/arrears.ts';
import { cashPages } from './web/cash.ts';
import { debitResultPages } from './web/debit-results.ts';
import { employerMonthPages } from './web/employer-months.ts';
import { filePages } from './web/files.ts';
import { paperPages } from './web/papers.ts';
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
  { label: '窓口現金', href: '/cash', right: ['collections', 'cash', 'read'] },
  { label: '収納データ', href: '/files', right: ['collections', 'file', 'read'] },
  { label: '口座振替の結果', href: '/debit-results', right: ['collections', 'file', 'read'] },
  { label: '仮受の照合', href: '/suspense', right: ['collections', 'suspense', 'read'] },
  { label: '督促', href: '/reminders', right: ['collections', 'reminder', 'read'] },
  { label: '還付・充当', href: '/refunds', right: ['collections', 'refund', 'read'] },
  { label: '消滅する徴収金', href: '/ending-claims', right: ['collections', 'write-off', 'read'] },
  { label: '日次締め・決算', href: '/day', right: ['collections', 'closing', 'read'] },
];

async function start(host: Host): Promise<Instance> {
  const settings = readSettings(host);
  const { bodyCode, schedules, reminderFeeYen, refundLimitYen, interestRestSeconds, office, protections } = settings;
  const typesetter = lazyTypesetter({ templatesFolder: fileURLToPath(new URL('./documents/', import.meta.url)) });
  const deps: PaperDeps = {
    ...host.deps,
    bodyCode,
    schedules,
    reminderFeeYen,
    refundLimitYen,
    pensionInsurer: settings.pensionInsurer,
    office,
    protections:
      protections === undefined
        ? undefined
        : (persons) => protectionsNow({ peers: host.peers, platform: protections, system: 'collections' }, persons),
    typesetter,
    subjectCheckKey: await subjectCheckKeyIn(path.join(host.organisation.home, host.config.system)),
  };
  const pages = await host.pages({ nav });
  accountPages(pages, deps);
  arrearsPages(pages, deps);
  cashPages(pages, deps);
  filePages(pages, deps);
  debitResultPages(pages, deps);
  suspensePages(pages, deps);
  employerMonthPages(pages, deps);
  reminderPages(pages, deps);
  refundPages(pages, deps);
  paperPages(pages, deps);
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
    stop: () => typesetter.close(),
  };
}
