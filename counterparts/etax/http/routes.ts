import { tellDeniedDependants } from '@musubi/contracts/tax-return/denied-dependants.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import type { Deps } from '../deps.ts';
import { takeDenials } from '../service/take-denials.ts';

/** The line from the municipalities. */
export const routes = (deps: Deps): readonly Route[] => [
  route(tellDeniedDependants, ({ body, actor }) => takeDenials(deps, actor, body)),
];
