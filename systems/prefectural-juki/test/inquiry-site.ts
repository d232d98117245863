import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { serve } from '@hono/node-server';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { rights } from '../rights.ts';
import { addPages } from '../web/pages.ts';
import { addProvidePages } from '../web/provide.ts';
import { type InquiryWorld, operator } from './inquiry-world.ts';

/** The pages of the business terminal over HTTP; whoever `site.as` is has every role of the system. */
export async function inquirySite(w: InquiryWorld) {
  const site = { as: operator as Actor, url: '', faults: [] as unknown[] };
  const stylesheet = await buildStylesheet({ sources: [path.join(import.meta.dirname, '../web')] });
  const app = await addPages(
    {
      pages: async (options = {}) =>
        createPageApp({
          system: {
            id: rights.system,
            name: '住民基本台帳ネットワーク都道府県サーバ',
            gloss: 'Prefectural resident register server',
          },
          organisation: { id: 'tokyo', name: '東京都', gloss: 'Tokyo Metropolis' },
          environment: trainingTown,
          session: {
            read: async () => ({
              actor: site.as,
              displayName: site.as.kind === 'staff' ? site.as.staffId : '',
              csrfSecret: new Uint8Array(32).fill(7),
            }),
          },
          mayOpen: async () => true,
          stylesheet,
          random: systemRandom,
          onError: (error) => site.faults.push(error),
          ...options,
        }),
    },
    w.deps,
  );
  addProvidePages(app, w.deps);
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  site.url = `http://jps.tokyo.localhost:${(server.address() as AddressInfo).port}`;
  return Object.assign(site, {
    async [Symbol.asyncDispose]() {
      server.close();
    },
  });
}
