import { reportUseFigure } from '@musubi/contracts/governance/use-figures.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { takeUseFigure } from '../service/reminders.ts';

/** A system tells its own figures only: the certificate says which it is. */
export const useFigureRoute = (deps: Deps): Route =>
  route(reportUseFigure, async ({ body, actor }) => {
    if (body.system !== actor.system) return err('wrong-system');
    const taken = await takeUseFigure(deps, actor, body);
    return taken.ok ? ok({ taken: true as const }) : taken;
  });
