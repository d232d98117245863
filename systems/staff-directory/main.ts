import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { contractorStandings } from '@musubi/contracts/governance/contractor-standing.ts';
import { trainingStandings } from '@musubi/contracts/governance/training.ts';
import { createPassing } from '@musubi/kernel/access/passing.ts';
import { fiscalYearEnd, passwordPolicy } from '@musubi/kernel/access/password.ts';
import { bind, type Host, type Instance, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import { z } from 'zod';
import { systemSessions } from './clients/system-sessions.ts';
import type { Deps } from './deps.ts';
import { rights } from './rights.ts';
import { townActor } from './service/actors.ts';
import { takeContractorStanding } from './service/contractors.ts';
import { importTownPerson } from './service/import-town.ts';
import { takeTrainingStanding } from './service/training.ts';
import { staffDirectorySchema } from './store/schema-set.ts';
import { mountIdReviewPages } from './web/id-review-pages.ts';
import { mountLogin } from './web/login-pages.ts';
import { createProvider, providerKeys } from './web/provider.ts';
import { browserScripts } from './web/scripts.ts';
import { mountSessionPages } from './web/session-pages.ts';
import { mountStaffPages, navigation } from './web/staff-pages.ts';

const townStaff = z.strictObject({
  staffId: z.string(),
  displayName: z.string(),
  position: z.string().default(''),
  kind: z.enum(['employee', 'contractor']).default('employee'),
  /** Roles at this organisation's systems. */
  roles: z.array(z.strictObject({ system: z.string(), role: z.string() })).default([]),
});

const settings = z.strictObject({
  /** 'required': only enrolled terminals sign in. */
  terminals: z.enum(['required', 'recorded']).optional(),
  /** Roles that people of a contractor may hold; all others are refused to them. */
  contractorRoles: z.array(z.strictObject({ system: z.string(), role: z.string() })).default([]),
  /** Invented people of a town; refused elsewhere. */
  townStaff: z.array(townStaff).default([]),
  /** JSON: staff id → password, or one text for all. */
  townPasswordFile: z.string().optional(),
});

export const definition: SystemDefinition = {
  system: 'staff-directory',
  name: { ja: '職員認証基盤', en: 'Staff directory' },
  schemas: [staffDirectorySchema],
  rights,
  start,
};

async function start(host: Host): Promise<Instance> {
  const { organisation, config } = host;
  const given = settings.parse(config.settings);
  const { signIn } = organisation;
  if (!signIn || config.host === undefined)
    throw new Error('the staff directory needs signIn and a host name in its configuration');
  const issuer = new URL(signIn.issuer);
  if (issuer.hostname !== config.host) throw new Error("signIn.issuer is not the directory's own host");

  const deps: Deps = {
    ...host.deps,
    outbox: host.outbox,
    alarms: host.alarms,
    passing: createPassing(host.deps),
    organisation: organisation.organisation,
    systems: organisation.instances.map((i) => i.system).filter((system) => system !== config.system),
    contractorRoles: given.contractorRoles,
    policy: passwordPolicy,
    webauthn: { rpId: config.host, rpName: `${organisation.name.ja} 職員認証基盤`, origin: issuer.origin },
    town: organisation.town,
    terminals: given.terminals ?? (organisation.town ? 'recorded' : 'required'),
  };
  if (given.townStaff.length > 0) await importTown(deps, given);

  const provider = createProvider({
    issuer: signIn.issuer,
    clientSecret: (await readFile(signIn.clientSecretFile, 'utf8')).trim(),
    keys: await providerKeys(path.join(organisation.home, config.system, 'sign-in-keys.json')),
    clients: organisation.instances.flatMap((i) =>
      i.host === undefined
        ? []
        : [{ system: i.system, origin: `${issuer.protocol}//${i.host}${issuer.port === '' ? '' : `:${issuer.port}`}` }],
    ),
    deps,
  });
  provider.on('server_error', (_ctx, error) => host.onError(error, 'openid-provider'));

  const clients = organisation.instances.flatMap((i) =>
    i.host === undefined ? [] : [`${issuer.protocol}//${i.host}${issuer.port === '' ? '' : `:${issuer.port}`}`],
  );
  // A form of the sign-in leads back to the system that asked for it.
  const pages = await host.pages({ nav: navigation, formTargets: clients });
  const scripts = browserScripts();
  scripts.mount(pages);
  mountLogin(pages, { deps, provider, scripts });
  mountStaffPages(pages, { deps, scripts });
  mountIdReviewPages(pages, deps);
  mountSessionPages(pages, deps, systemSessions(host, organisation.organisation));

  const answerProvider = provider.callback();
  const answerPages = getRequestListener(pages.fetch, { overrideGlobalObjects: false });
  return {
    handlers: [
      bind(handle(trainingStandings, takeTrainingStanding), deps),
      bind(handle(contractorStandings, takeContractorStanding), deps),
    ],
    pages,
    web(request, response) {
      const isProviders = /^\/(oidc\/|\.well-known\/)/.test(request.url ?? '');
      void (isProviders ? answerProvider(request, response) : answerPages(request, response));
    },
  };
}

async function importTown(deps: Deps, given: z.infer<typeof settings>): Promise<void> {
  if (!deps.town || given.townPasswordFile === undefined)
    throw new Error('townStaff needs a town and townPasswordFile');
  const text = (await readFile(given.townPasswordFile, 'utf8')).trim();
  const passwords: unknown = text.startsWith('{') ? JSON.parse(text) : undefined;
  const validUntil = fiscalYearEnd(deps.civilClock.today()).toString();
  for (const { roles, ...person } of given.townStaff) {
    const password = passwords === undefined ? text : z.record(z.string(), z.string()).parse(passwords)[person.staffId];
    if (password === undefined) throw new Error(`townPasswordFile has no password for ${person.staffId}`);
    const imported = await importTownPerson(deps, townActor, {
      person: { ...person, grants: roles, password },
      validUntil,
    });
    if (!imported.ok) throw new Error(`townStaff: ${imported.error}`);
  }
}
