import type { Actor } from '@musubi/kernel/db/act.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { certificateEndpoint, crlEndpoint, enrolEndpoint, revokeEndpoint } from '@musubi/kernel/pki/contract.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../service/deps.ts';
import { enrol } from '../service/enrol.ts';
import { certificateOf, currentList } from '../service/repository.ts';
import { revoke } from '../service/revoke.ts';

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
  route(revokeEndpoint, ({ body, actor }) => revoke(deps, actor, body)),
];
