import {
  registerCard as registerCardEndpoint,
  reportOutcome,
  requestCertificate,
  settlement,
} from '@musubi/contracts/certificates/kofu.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import type { StoreDeps } from '../deps.ts';
import { registerCard } from '../service/records.ts';
import { answerRequest, noteOutcome, readSettlement } from '../service/requests.ts';

export const routes = (deps: StoreDeps): readonly Route[] => [
  route(requestCertificate, ({ body, actor }) => answerRequest(deps, actor, body)),
  route(reportOutcome, ({ params, body, actor }) => noteOutcome(deps, actor, { ...params, ...body })),
  route(settlement, ({ body, actor }) => readSettlement(deps, actor, body)),
  route(registerCardEndpoint, ({ body, actor }) => registerCard(deps, actor, body)),
];
