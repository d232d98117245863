import { kioskChallenge, kioskOutcome, kioskRequest } from '@musubi/contracts/certificates/kofu.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import type { Deps } from '../deps.ts';
import { giveChallenge, requestFromKiosk, stateOutcome } from '../service/kiosk.ts';

export const routes = (deps: Deps): readonly Route[] => [
  route(kioskChallenge, ({ actor }) => giveChallenge(deps, actor, undefined)),
  route(kioskRequest, ({ body, actor }) => requestFromKiosk(deps, actor, body)),
  route(kioskOutcome, ({ params, body, actor }) => stateOutcome(deps, actor, { ...params, ...body })),
];
