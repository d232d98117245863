import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ServerType, serve } from '@hono/node-server';
import { roleMay } from '@musubi/kernel/access/rights.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { nav } from '../main.ts';
import { rights } from '../rights.ts';
import { accountPages } from '../web/accounts.ts';
import { arrearsPages } from '../web/arrears.ts';
import { cashPages } from '../web/cash.ts';
import { debitResultPages } from '../web/debit-results.ts';
import { employerMonthPages } from '../web/employer-months.ts';
import { filePages } from '../web/files.ts';
import { refundPages } from '../web/refunds.ts';
import { reminderPages } from '../web/reminders.ts';
import { suspensePages } from '../web/suspense.ts';
import { clerk, type Town } from './a-town.ts';

type Staff = Extract<Actor, { kind: 'staff' }>;
const roleOf = (staffId: string): string => staffId.replace(/-\d+$/, '');

export interface Site extends AsyncDisposable {
  readonly url: string;
  /** Who is signed in; may be changed between requests. */
  as: Staff;
  readonly faults: unknown[];
}

/** Serves the pages of a town's collections to a browser, with the rights of the table. */
export async function aSite(w: Town): Promise<Site> {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-collections-'));
  const faults: unknown[] = [];
  const site = { url: '', as: clerk as Staff, faults };
  const app = createPageApp({
    system: { id: 'collections', name: '収納消込システム', gloss: 'Collection of taxes' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    nav,
    session: {
      read: async () => ({ actor: site.as, displayName: site.as.staffId, csrfSecret: new Uint8Array(32).fill(7) }),
    },
    mayOpen: async (actor, right) => actor.kind === 'staff' && roleMay(rights, roleOf(actor.staffId), right),
    stylesheet: await buildStylesheet({
      sources: [path.join(import.meta.dirname, '../web')],
      cacheFolder: path.join(directory, 'css'),
    }),
    random: systemRandom,
    onError: (error) => faults.push(error),
  });
  for (const pages of [
    accountPages,
    arrearsPages,
    cashPages,
    debitResultPages,
    employerMonthPages,
    filePages,
    suspensePages,
    reminderPages,
    refundPages,
  ])
    pages(app, w.deps);
  let web: ServerType | undefined;
  await new Promise<void>((resolve) => {
    web = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve());
  });
  site.url = `http://col.meguro.localhost:${(web!.address() as AddressInfo).port}`;
  return Object.assign(site, {
    async [Symbol.asyncDispose]() {
      web?.close();
      await rm(directory, { recursive: true, force: true });
    },
  });
}
