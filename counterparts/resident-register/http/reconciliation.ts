import {
  correctDifference,
  registerBuckets,
  registerEntries,
  registerRecords,
} from '@musubi/contracts/juki/reconciliation.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import type { Deps } from '../deps.ts';
import { sendCorrection, showBuckets, showEntries, showRecords } from '../service/reconcile.ts';

/** The register's side of 整合性確認, for the ward's own server of the network. */
export const reconciliationRoutes = (deps: Deps): Route[] => [
  route(registerBuckets, ({ actor, body }) => showBuckets(deps, actor, body)),
  route(registerEntries, ({ actor, body }) => showEntries(deps, actor, body)),
  route(registerRecords, ({ actor, body }) => showRecords(deps, actor, body)),
  route(correctDifference, ({ actor, body }) => sendCorrection(deps, actor, body)),
];
