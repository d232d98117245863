import {
  compareBuckets,
  compareEntries,
  compareRecords,
  finishRun,
  startRun,
} from '@musubi/contracts/juki/reconciliation.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import type { Deps } from '../deps.ts';
import { finishRun as finish, startRun as start, takeBuckets, takeEntries, takeRecords } from '../service/reconcile.ts';

/** 整合性確認 as a municipality's server leads it. */
export const reconciliationRoutes = (deps: Deps): Route[] => [
  route(startRun, ({ actor, body }) => start(deps, actor, body)),
  route(compareBuckets, ({ actor, body }) => takeBuckets(deps, actor, body)),
  route(compareEntries, ({ actor, body }) => takeEntries(deps, actor, body)),
  route(compareRecords, ({ actor, body }) => takeRecords(deps, actor, body)),
  route(finishRun, ({ actor, body }) => finish(deps, actor, body)),
];
