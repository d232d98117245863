import {
  cardAuthorities,
  cardRevocationList,
  certificateStatus,
  issueTrainingCard,
  linkCardHolder as linkCardHolderEndpoint,
  revokeCard,
} from '@musubi/contracts/portal/card.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { issueCard } from '../service/issue-card.ts';
import { type LinkageWay, linkCardHolder } from '../service/link-card-holder.ts';
import { revoke } from '../service/revoke.ts';
import { certificateState, currentList } from '../service/status.ts';

export const routesOf = (deps: Deps, way: LinkageWay): readonly Route[] => [
  route(cardAuthorities, async () =>
    ok({
      signature: deps.authorities.signature.certificate.toString('base64'),
      userAuthentication: deps.authorities['user-authentication'].certificate.toString('base64'),
    }),
  ),
  route(certificateStatus, ({ body, actor }) => certificateState(deps, actor, body)),
  route(cardRevocationList, async ({ params, actor }) => {
    const found = await currentList(deps, actor, params);
    if (!found.ok) return found;
    return found.value === undefined ? err('no-list-yet') : ok(found.value);
  }),
  route(linkCardHolderEndpoint, ({ body, actor }) => linkCardHolder(deps, way, actor, body)),
  route(issueTrainingCard, ({ body, actor }) => issueCard(deps, actor, body)),
  route(revokeCard, ({ body, actor }) => revoke(deps, actor, body)),
];
