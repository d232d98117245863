import { deliverLinkageCode } from '@musubi/contracts/exchange/endpoints.ts';
import {
  endApplication,
  fetchApplication,
  listApplications,
  listErasedApplications,
  takeOverApplication,
} from '@musubi/contracts/portal/applications.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import type { Deps } from '../deps.ts';
import { giveApplication, handOver, listErased, listWaiting, noteEnd } from '../service/applications.ts';
import { takeLinkageCode } from '../service/linkage.ts';

export const routesOf = (deps: Deps): readonly Route[] => [
  route(listApplications, ({ body, actor }) => listWaiting(deps, actor, body)),
  route(fetchApplication, ({ body, actor }) => giveApplication(deps, actor, body)),
  route(takeOverApplication, ({ body, actor }) => handOver(deps, actor, body)),
  route(listErasedApplications, ({ body, actor }) => listErased(deps, actor, body)),
  route(endApplication, ({ body, actor }) => noteEnd(deps, actor, body)),
  route(deliverLinkageCode, ({ body, actor }) => takeLinkageCode(deps, actor, body)),
];
