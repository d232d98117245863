import { deliverLinkageCode } from '@musubi/contracts/exchange/endpoints.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import type { Deps } from '../deps.ts';
import { takeLinkageCode } from '../service/linkage.ts';

export const routesOf = (deps: Deps): readonly Route[] => [
  route(deliverLinkageCode, ({ body, actor }) => takeLinkageCode(deps, actor, body)),
];
