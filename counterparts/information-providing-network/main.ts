import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  announcedWindows,
  collectAnswer,
  fetchPermissionList,
  inquire as inquireEndpoint,
  obtainProcessingNumber,
} from '@musubi/contracts/exchange/endpoints.ts';
import { permissionList } from '@musubi/contracts/exchange/messages.ts';
import { askOwnRecords as askOwnRecordsEndpoint } from '@musubi/contracts/portal/records.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { operationsPages } from '@musubi/kernel/operations/pages.ts';
import { createStatusWatch } from '@musubi/kernel/pki/status-watch.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { Deps } from './deps.ts';
import { recordKeyFrom } from './keys.ts';
import { rights } from './rights.ts';
import { askOwnRecords } from './service/ask-own-records.ts';
import { compareSinceLast } from './service/compare-records.ts';
import { collect, inquire } from './service/inquire.ts';
import { issueProcessingNumber } from './service/issue-processing-number.ts';
import { operations } from './service/operations.ts';
import { publishList, readList } from './service/publish-list.ts';
import { showWindows } from './service/windows.ts';
import { addBodyPages } from './web/body-pages.ts';
import { addComparisonPages } from './web/comparison-pages.ts';
import { addKeyPages } from './web/key-pages.ts';
import { addListDraftPages } from './web/list-draft-pages.ts';
import { addPages } from './web/pages.ts';
import { addWindowPages } from './web/window-pages.ts';

const settings = z.object({
  /** Bodies that ask and provide; `ims` defaults to the body's own `intermediate-server`. */
  organisations: z.record(
    z.string(),
    z.object({ kind: z.enum(['ward', 'prefecture', 'national-qualification']), ims: z.string().optional() }),
  ),
  root: z.string().default('ins/linkage-root'),
  portal: z.string().default('portal/mynaportal'),
  /** JSON files of the versions to publish, those of days to come too; the product's own where none is named. */
  permissionList: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
});

export const schema = {
  name: 'information-providing-network',
  directory: new URL('./store/schema/', import.meta.url),
};
const ownList = (): string =>
  fileURLToPath(import.meta.resolve('@musubi/contracts/exchange/permission-list/2026-04-01.json'));
/** The three records are compared each hour. */
const compareEveryMs = 3_600_000;
const job: Actor = { kind: 'job', name: 'information-providing-network' };
const starter: Actor = { kind: 'job', name: 'start' };

/** 情報提供ネットワークシステム (コアシステム). */
export const definition: SystemDefinition = {
  system: 'information-providing-network',
  name: { ja: '情報提供ネットワークシステム', en: 'Information Providing Network System' },
  schemas: [schema],
  rights,
  async start(host) {
    const read = settings.parse(host.config.settings);
    const deps: Deps = {
      ...host.deps,
      identity: host.identity,
      trust: host.trust,
      peers: host.peers,
      statuses: createStatusWatch({ ...host.deps, peers: host.peers, trust: host.trust }),
      certificateOf: host.certificateOf,
      root: read.root,
      portal: read.portal,
      bodies: new Map(
        Object.entries(read.organisations).map(([id, { kind, ims }]) => [
          id,
          { kind, ims: ims ?? `${id}/intermediate-server` },
        ]),
      ),
      recordKey: await recordKeyFrom(path.join(host.organisation.home, host.config.system, 'record-key')),
      underWay: new Set(),
      lists: new Map(),
    };
    for (const file of [read.permissionList ?? ownList()].flat()) {
      const list = permissionList.parse(JSON.parse(await readFile(file, 'utf8')));
      unwrap(await publishList(deps, starter, list));
    }

    const pages = await host.pages({
      nav: [
        { label: '照会の件数', href: '/', right: ['information-providing-network', 'statistics', 'read'] },
        { label: '記録', href: '/records', right: ['information-providing-network', 'record', 'read'] },
        { label: '記録の突合', href: '/comparisons', right: ['information-providing-network', 'comparison', 'read'] },
        { label: '照会許可用照合リスト', href: '/list', right: ['information-providing-network', 'list', 'read'] },
        { label: '照合リストの改定', href: '/list-drafts', right: ['information-providing-network', 'list', 'read'] },
        { label: '符号の鍵', href: '/keys', right: ['information-providing-network', 'body-key', 'update'] },
        { label: '接続機関', href: '/bodies', right: ['information-providing-network', 'statistics', 'read'] },
        {
          label: '計画停止・障害',
          href: '/maintenance',
          right: ['information-providing-network', 'maintenance', 'update'],
        },
        { label: '運用の状況', href: '/operations', right: ['information-providing-network', 'operations', 'read'] },
      ],
    });
    addPages(pages, deps);
    addListDraftPages(pages, deps);
    operationsPages(pages, deps, operations);
    addComparisonPages(pages, deps);
    addKeyPages(pages, deps);
    addWindowPages(pages, deps);
    addBodyPages(pages, deps);
    return {
      routes: [
        route(obtainProcessingNumber, ({ body, actor }) => issueProcessingNumber(deps, actor, body)),
        route(inquireEndpoint, ({ body, actor }) => inquire(deps, actor, body)),
        route(collectAnswer, ({ body, actor }) => collect(deps, actor, body)),
        route(askOwnRecordsEndpoint, ({ body, actor }) => askOwnRecords(deps, actor, body)),
        route(fetchPermissionList, async ({ body, actor }) => {
          const found = await readList(deps, actor, { on: Temporal.PlainDate.from(body.onDate) });
          if (!found.ok) return found;
          const { list, next } = found.value;
          return list === undefined ? err('no-list') : ok({ list: list.signed, next });
        }),
        route(announcedWindows, async ({ actor }) => {
          const windows = await showWindows(deps, actor, null);
          return windows.ok ? ok({ windows: [...windows.value] }) : windows;
        }),
      ],
      pages,
      loops: [
        (signal) =>
          operations.loop(deps, {
            notifications: host.notifications,
            alarms: host.alarms,
            signal,
            onError: (error) => host.onError(error, 'operations'),
          }),
        async (signal) => {
          while (!signal.aborted) {
            await delay(compareEveryMs, undefined, { signal }).catch(() => {});
            if (signal.aborted) return;
            const done = await compareSinceLast(deps, job).catch((error) => host.onError(error, 'compare-records'));
            const bad = done?.found.filter(({ kind }) => kind !== 'not-taken').length ?? 0;
            if (bad > 0) host.alarms.raise('records-disagree', { disagreements: bad });
          }
        },
      ],
    };
  },
};
