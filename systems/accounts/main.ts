import { receivedApplications } from '@musubi/contracts/platform/applications.ts';
import type { NavEntry } from '@musubi/kernel/pages/app.ts';
import { bind, type Host, type Instance, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import { bankLine } from './clients/bank-line.ts';
import { collectionsClient } from './clients/collections.ts';
import { publicMoney } from './clients/public-money.ts';
import { zenginDirectory } from './clients/zengin-directory.ts';
import type { Deps } from './deps.ts';
import { rights } from './rights.ts';
import { accountsSchema } from './schema-set.ts';
import { takeApplication } from './service/applications.ts';
import { readSettings } from './settings.ts';
import { applicationPages } from './web/applications.ts';
import { bankPages } from './web/bank-work.ts';
import { branchPages } from './web/branches.ts';
import { mandatePages } from './web/mandates.ts';

export const definition: SystemDefinition = {
  system: 'accounts',
  name: { ja: '口座管理システム', en: 'Bank accounts' },
  schemas: [accountsSchema],
  rights,
  start,
};

export const nav: readonly NavEntry[] = [
  { label: '口座情報', href: '/', right: ['accounts', 'mandate', 'read'] },
  { label: '電子申請', href: '/applications', right: ['accounts', 'application', 'read'] },
  { label: '支店の統廃合', href: '/branches', right: ['accounts', 'mandate', 'read'] },
  { label: '口座振替', href: '/debits', right: ['accounts', 'debit', 'read'] },
  { label: '還付金の振込', href: '/transfers', right: ['accounts', 'transfer', 'read'] },
];

async function start(host: Host): Promise<Instance> {
  const { collections, collector, lines, trainingBank, platform, publicMoney: row } = readSettings(host);
  const deps: Deps = {
    ...host.deps,
    outbox: host.outbox,
    platform,
    collections: collectionsClient(host.peers, collections),
    collector,
    banks: zenginDirectory({ training: trainingBank }),
    line: bankLine(host.peers, lines, collector.code),
    publicMoney: row && publicMoney(host.peers, row, () => host.deps.civilClock.today()),
  };
  const pages = await host.pages({ nav });
  mandatePages(pages, deps);
  applicationPages(pages, deps);
  branchPages(pages, deps);
  bankPages(pages, deps);
  return { handlers: [bind(handle(receivedApplications, takeApplication), deps)], pages };
}
