import { requestLinkageCode } from '@musubi/contracts/exchange/endpoints.ts';
import { assignCodes } from '@musubi/contracts/juki/assignment.ts';
import type { CallError } from '@musubi/kernel/http/client.ts';
import type { AnyEndpoint, ResponseOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { err, type Result } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { noteAssignmentRelay, noteLinkageRelay } from '../service/relay.ts';

/** Within the open request, without keeping what passes: only ciphertext for the national server and back. */
export function relayRoutes(host: Pick<Host, 'peers'>, deps: Deps): Route[] {
  return [
    route(requestLinkageCode, async ({ body, actor }) => {
      const permitted = await noteLinkageRelay(deps, actor, { requestId: body.requestId });
      if (!permitted.ok) return permitted;
      const answered = await host.peers.call(requestLinkageCode, deps.nationalJuki, {}, body);
      return own(requestLinkageCode, answered);
    }),
    route(assignCodes, async ({ body, actor }) => {
      const permitted = await noteAssignmentRelay(deps, actor, { requestId: body.requestId });
      if (!permitted.ok) return permitted;
      const answered = await host.peers.call(assignCodes, deps.prefecturalJuki, {}, body);
      return own(assignCodes, answered);
    }),
  ];
}

/** A refusal among the endpoint's own words goes back as it came; anything else on the way is `unavailable`. */
function own<E extends AnyEndpoint>(
  endpoint: E,
  answered: Result<ResponseOf<E>, CallError<E>>,
): Result<ResponseOf<E>, WordOf<E> | 'unavailable'> {
  if (answered.ok) return answered;
  return err(Object.hasOwn(endpoint.errors, answered.error) ? (answered.error as WordOf<E>) : 'unavailable');
}
