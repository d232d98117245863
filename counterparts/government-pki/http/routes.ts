import type { Actor } from '@musubi/kernel/db/act.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import {
  certificateEndpoint,
  crlEndpoint,
  enrolEndpoint,
  renewEndpoint,
  statusEndpoint,
} from '@musubi/kernel/pki/contract.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../service/deps.ts';
import { enrol } from '../service/enrol.ts';
import { renew } from '../service/renew.ts';
import { certificateOf, currentList } from '../service/repository.ts';
import { statusOf } from '../service/status.ts';

/** Whoever asks without having to say who they are. */
export const anyone: Actor = { kind: 'system', organisation: '-', system: '-', certificate: '-' };

export const routesOf = (deps: Deps): readonly Route[] => [
  route(enrolEndpoint, ({ body }) => enrol(deps, anyone, body)),
  route(certificateEndpoint, async ({ params }) => {
    const found = await certificateOf(deps, anyone, params);
    if (!found.ok) return found;
    return found.value === undefined ? err('no-such-certificate') : ok({ chain: [...found.value] });
  }),
  route(crlEndpoint, async () => {
    const found = await currentList(deps, anyone, null);
    if (!found.ok) return found;
    return found.value === undefined ? err('no-list-yet') : ok(found.value);
  }),
  // Any member, named by the certificate that opened the connection.
  route(renewEndpoint, async ({ body, actor }) => {
    if (actor.kind !== 'system') return err('not-enrolled');
    const { organisation, system, certificate } = actor;
    return renew(deps, anyone, { ...body, party: { organisation, system }, shown: certificate });
  }),
  route(statusEndpoint, async ({ body }) => {
    const status = await statusOf(deps, anyone, body);
    return status.ok ? ok({ status: status.value }) : status;
  }),
];
