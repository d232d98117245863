import type { RightsTable } from '@musubi/kernel/access/rights.ts';
import type { NavEntry, PageApp } from '@musubi/kernel/pages/app.ts';
import { investigationRead, outgoingRead } from './service/other-bodies/functions.ts';
import { type InvestigationPageDeps, investigationPages } from './web/investigation-pages.ts';
import { outgoingPages } from './web/outgoing-pages.ts';

/**
 * 照会, 住基ネット照会, 住登外課税 and what goes to other municipalities: who writes a letter or lists a package never lets it go. The network
 * is asked by few, who hold a right of its own (住民基本台帳法 第30条の24).
 */
export const otherBodiesRights: Omit<RightsTable, 'system' | 'residents'> = {
  peers: [],
  staff: {
    'levy-clerk': [
      ['investigation', 'update'],
      ['outside-person', 'update'],
      ['outgoing', 'update'],
    ],
    'levy-chief': [
      ['investigation', 'read'],
      ['outgoing', 'read'],
      ['outgoing-approval', 'update'],
    ],
    'tax-viewer': [
      ['investigation', 'read'],
      ['outgoing', 'read'],
    ],
    'network-inquirer': [
      ['matching', 'read'],
      ['investigation', 'read'],
      ['network-inquiry', 'update'],
    ],
  },
  jobs: [['outgoing', 'update']],
};

export const otherBodiesNav: readonly NavEntry[] = [
  { label: '照会', href: '/investigations', right: investigationRead },
  { label: '他団体への送付', href: '/outgoing', right: outgoingRead },
];

export function registerOtherBodiesPages(app: PageApp, deps: InvestigationPageDeps): void {
  investigationPages(app, deps);
  outgoingPages(app, deps);
}
