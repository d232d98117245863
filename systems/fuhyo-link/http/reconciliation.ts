import { compareFuhyoBuckets, finishFuhyoRun, startFuhyoRun } from '@musubi/contracts/fuhyo/reconciliation.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import type { Deps } from '../deps.ts';
import { finishRun, startRun, takeBuckets } from '../service/reconcile.ts';

/** 整合性確認 as a municipality's server leads it. */
export const reconciliationRoutes = (deps: Deps): Route[] => [
  route(startFuhyoRun, ({ actor, body }) => startRun(deps, actor, body)),
  route(compareFuhyoBuckets, ({ actor, body }) => takeBuckets(deps, actor, body)),
  route(finishFuhyoRun, ({ actor, body }) => finishRun(deps, actor, body)),
];
