import path from 'node:path';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { Deps } from './deps.ts';
import { routesOf } from './http/routes.ts';
import { applicationExpiry } from './jobs/application-expiry.ts';
import { portalKeysFrom } from './keys.ts';
import { rights } from './rights.ts';
import { createPortalSessions } from './service/session.ts';
import { SessionMemory } from './service/session-memory.ts';
import { mynaportalSchema } from './store/schema-set.ts';
import { addAgentPages } from './web/agent-pages.ts';
import { addApplicationPages } from './web/application-pages.ts';
import { addInformationPages } from './web/information-pages.ts';
import { addNoticePages } from './web/notice-pages.ts';
import { addRecordPages } from './web/record-pages.ts';
import { signInScripts } from './web/scripts.ts';
import { addSignInPages } from './web/sign-in-pages.ts';

const peer = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);
const settings = z.strictObject({
  informationProvidingNetwork: peer.default('ins/information-providing-network'),
  jpki: peer.default('jlis/jpki'),
  /** Forms that bodies offer for application on line. */
  procedures: z
    .array(
      z.strictObject({
        organisation: z.string(),
        platform: peer,
        procedure: z.string().regex(/^[A-Z]{2,4}-[0-9]{3}$/),
        formVersion: z.string().regex(/^[0-9]{4}-[0-9]{2}$/),
        title: z.string().min(1),
        purpose: z.string().min(1),
        fields: z
          .array(z.strictObject({ name: z.string().min(1), label: z.string().min(1), required: z.boolean() }))
          .min(1),
      }),
    )
    .default([]),
  /** Bodies that tell records; `ims` defaults to the body's own `intermediate-server`. */
  bodies: z.record(z.string(), z.strictObject({ name: z.string().min(1), ims: peer.optional() })),
});

/** マイナポータル. */
export const definition: SystemDefinition = {
  system: 'mynaportal',
  name: { ja: 'マイナポータル', en: 'Resident portal' },
  schemas: [mynaportalSchema],
  rights,
  async start(host) {
    const read = settings.parse(host.config.settings);
    if (host.config.host === undefined) throw new Error('the portal needs a host name: it has pages');
    const deps: Deps = {
      ...host.deps,
      host,
      keys: await portalKeysFrom(path.join(host.organisation.home, host.config.system, 'keys')),
      town: host.organisation.town,
      origin: `http://${host.config.host}:${host.organisation.publicPort}`, // as the host tells the page kit
      informationProvidingNetwork: read.informationProvidingNetwork,
      jpki: read.jpki,
      bodies: new Map(
        Object.entries(read.bodies).map(([id, { name, ims }]) => [
          id,
          { name, ims: ims ?? `${id}/intermediate-server` },
        ]),
      ),
      procedures: read.procedures,
      shown: new SessionMemory(host.deps.machineClock),
      information: new SessionMemory(host.deps.machineClock),
      notices: new SessionMemory(host.deps.machineClock),
    };
    const pages = await host.pages({
      session: createPortalSessions(deps),
      signInPath: '/sign-in',
      signOutPath: '/sign-out',
      formTargets: [],
      nav: [
        { label: 'やりとり履歴', href: '/records', right: ['mynaportal', 'record', 'read'] },
        { label: '自己情報', href: '/information', right: ['mynaportal', 'information', 'read'] },
        { label: 'お知らせ', href: '/notices', right: ['mynaportal', 'notice', 'update'] },
        { label: '電子申請', href: '/applications', right: ['mynaportal', 'own-application', 'read'] },
        { label: '代理人', href: '/agents', right: ['mynaportal', 'agent', 'read'] },
      ],
    });
    addSignInPages(pages, deps, await signInScripts());
    addRecordPages(pages, deps);
    addInformationPages(pages, deps);
    addNoticePages(pages, deps);
    addApplicationPages(pages, deps);
    addAgentPages(pages, deps);
    return {
      routes: routesOf(deps),
      pages,
      loops: [
        (signal) => applicationExpiry(deps, host.alarms, signal, (error) => host.onError(error, 'application-expiry')),
      ],
    };
  },
};
