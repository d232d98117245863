import type { Actor } from '@musubi/kernel/db/act.ts';
import { operationsPages } from '@musubi/kernel/operations/pages.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import { readAuthority } from './ceremony.ts';
import { routesOf } from './http/routes.ts';
import { keepListsFresh } from './jobs/lists.ts';
import { rights } from './rights.ts';
import { type Deps, usualTerms } from './service/deps.ts';
import { expectEnrolment } from './service/enrol.ts';
import { operations } from './service/operations.ts';
import { recordOwnCertificates } from './service/repository.ts';
import { publishList } from './service/revoke.ts';
import { StatusCounts } from './service/status-counts.ts';
import { pkiSchema } from './store/register.ts';
import { addPages, nav } from './web/pages.ts';

const settings = z.strictObject({
  /** Where the ceremony put the issuing authority. */
  authorityDirectory: z.string(),
  /** Who may enrol, each by the SHA-256 (hexadecimal) of a one-time token. */
  expected: z
    .array(
      z.strictObject({
        organisation: z.string(),
        system: z.string(),
        tokenHash: z.string().regex(/^[0-9a-f]{64}$/),
        expiresAt: z.iso.datetime(),
      }),
    )
    .default([]),
});

export const definition: SystemDefinition = {
  system: 'government-pki',
  name: { ja: '政府認証基盤', en: 'Government PKI' },
  schemas: [pkiSchema],
  rights,
  async start(host) {
    const { authorityDirectory, expected } = settings.parse(host.config.settings);
    const deps: Deps = {
      ...host.deps,
      issuing: await readAuthority(authorityDirectory),
      identity: host.identity,
      terms: usualTerms,
      statusCounts: new StatusCounts(),
    };
    const job: Actor = { kind: 'job', name: 'start' };
    unwrap(await recordOwnCertificates(deps, job, host.identity));
    for (const { tokenHash, expiresAt, ...party } of expected) {
      const command = {
        ...party,
        tokenHash: Buffer.from(tokenHash, 'hex'),
        expiresAt: Temporal.Instant.from(expiresAt),
      };
      unwrap(await expectEnrolment(deps, job, command));
    }
    unwrap(await publishList(deps, job, null));
    const pages = await host.pages({ nav });
    addPages(pages, deps);
    operationsPages(pages, deps, operations);
    return {
      routes: routesOf(deps),
      pages,
      loops: [
        (signal) => keepListsFresh(deps, signal, (error) => host.onError(error, 'revocation-lists')),
        (signal) =>
          operations.loop(deps, {
            notifications: host.notifications,
            alarms: host.alarms,
            signal,
            onError: (error) => host.onError(error, 'operations'),
          }),
      ],
    };
  },
};
