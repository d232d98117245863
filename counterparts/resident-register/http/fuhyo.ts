import {
  registerFuhyoBuckets,
  registerFuhyoRecords,
  registerFuhyoResult,
} from '@musubi/contracts/fuhyo/reconciliation.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import type { Deps } from '../deps.ts';
import { showFuhyoBuckets, showFuhyoRecords, takeFuhyoResult } from '../service/fuhyo-reconciliation.ts';

/** 附票の整合性確認, asked by this ward's own network server. */
export const fuhyoRoutes = (deps: Deps): Route[] => [
  route(registerFuhyoBuckets, ({ actor, body }) => showFuhyoBuckets(deps, actor, body)),
  route(registerFuhyoRecords, ({ actor, body }) => showFuhyoRecords(deps, actor, body)),
  route(registerFuhyoResult, ({ actor, body }) => takeFuhyoResult(deps, actor, body)),
];
