import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { announceCopyFile, copyFileStatus, putCopyFilePart } from '@musubi/contracts/exchange/copy-files.ts';
import {
  askAnotherBody as askEndpoint,
  beginLinkage as beginEndpoint,
  collectProvision,
  deferredInquiry,
  deliverLinkageCode,
  linkageStatus,
  lodgeCopies,
  provide,
} from '@musubi/contracts/exchange/endpoints.ts';
import {
  addOrderPersons,
  orderInquiries,
  orderResults,
  tellExchangeRecords,
} from '@musubi/contracts/exchange/inquiry-orders.ts';
import { endLinkage as endLinkageEndpoint, noticeLinkage } from '@musubi/contracts/exchange/linkage-life.ts';
import { provisionsOfPerson } from '@musubi/contracts/platform/corrections.ts';
import { sendNotice, tellNoticeStates } from '@musubi/contracts/portal/notices.ts';
import { tellOwnRecords as tellEndpoint } from '@musubi/contracts/portal/records.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { logAnalysisNav } from '@musubi/kernel/log-analysis/pages.ts';
import { logAnalysisSchema } from '@musubi/kernel/log-analysis/schema-set.ts';
import { operationsPages } from '@musubi/kernel/operations/pages.ts';
import { createStatusWatch } from '@musubi/kernel/pki/status-watch.ts';
import { err } from '@musubi/kernel/result/result.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { Deps } from './deps.ts';
import { Gate, usualCapacity } from './domain/gate.ts';
import { UnderWay } from './domain/under-way.ts';
import { runExpiry } from './jobs/expire-results.ts';
import { fileDayKeys } from './keys.ts';
import { startLogAnalysis } from './log-analysis-module.ts';
import { newNetworkState } from './network-state.ts';
import { rights } from './rights.ts';
import { answerInquiry, collectProvided, isSignerEnded } from './service/answer-inquiry.ts';
import { collectWaiting } from './service/ask-another-body.ts';
import { checkFiles } from './service/check-file.ts';
import { announceFile, fileStatus, takePart } from './service/copy-files.ts';
import { askDeferred, askOrDefer, tellDeferred } from './service/defer-inquiry.ts';
import { runCopyRetention } from './service/delete-copies.ts';
import { fetchList, hearWindows, isListStale } from './service/fetch-list.ts';
import { addPersons, readResults, runOrders, takeOrder } from './service/inquiry-orders.ts';
import { endLinkage, takeNotice } from './service/linkage-life.ts';
import { beginLinkage, linkageStates, obtainLinkageCode } from './service/obtain-linkage-code.ts';
import { operations } from './service/operations.ts';
import { runNoticeRetention, takeNotice as takePersonNotice, tellStates } from './service/person-notices.ts';
import { registerCopy } from './service/register-copy.ts';
import { resealCodes } from './service/reseal-codes.ts';
import { tellOwnRecords } from './service/tell-own-records.ts';
import { tellProvisions, tellRecords } from './service/tell-records.ts';
import { addComparisonPages } from './web/comparison-pages.ts';
import { addCongestionPage } from './web/congestion-page.ts';
import { addCopyPages } from './web/copy-pages.ts';
import { addLinkagePages } from './web/linkage-pages.ts';
import { addOrderPages } from './web/order-pages.ts';
import { addPages } from './web/pages.ts';

const settings = z.object({
  network: z.string().default('ins/information-providing-network'),
  portal: z.string().default('portal/mynaportal'),
  root: z.string().default('ins/linkage-root'),
  /** Kind of every body of the exchange, our own too. */
  organisations: z.record(z.string(), z.object({ kind: z.enum(['ward', 'prefecture', 'national-qualification']) })),
  /** Information code → business system that lodges it: {"TKX-0001": "resident-tax"}. */
  owners: z.record(z.string(), z.string()),
  /** 事務手続コード → business system that asks under it: {"MS2-009": "child-chronic"}. */
  askers: z.record(z.string(), z.string()),
  /** Connected for inquiries alone: every provision is refused. */
  inquiryOnly: z.boolean().default(false),
  /** Full years for which a copy stays after its tax year began, or after it was replaced. */
  copyYears: z.int().min(1).default(8),
  /** Information code → bounds, of 10,000, within which a checked file counts without a clerk: {"TKX-0001": {…}}. */
  autoRelease: z
    .record(z.string(), z.object({ rejectedAtMost: z.int().min(0), leftOutAtMost: z.int().min(0) }))
    .default({}),
  /** Inquiries under way at once, in all and to one provider, and those that may wait beyond. */
  capacity: z
    .strictObject({
      underWay: z.int().min(1),
      perProvider: z.int().min(1),
      waiting: z.int().min(0),
    })
    .default(usualCapacity),
});

export const schema = { name: 'intermediate-server', directory: new URL('./store/schema/', import.meta.url) };
const job: Actor = { kind: 'job', name: 'intermediate-server' };

/** 中間サーバー. */
export const definition: SystemDefinition = {
  system: 'intermediate-server',
  name: { ja: '中間サーバー', en: 'Intermediate server' },
  schemas: [schema, logAnalysisSchema],
  rights,
  async start(host) {
    const read = settings.parse(host.config.settings);
    const deps: Deps = {
      ...host.deps,
      self: host.organisation.organisation,
      identity: host.identity,
      trust: host.trust,
      peers: host.peers,
      underWay: new UnderWay(),
      network: read.network,
      portal: read.portal,
      root: read.root,
      kinds: new Map(Object.entries(read.organisations).map(([id, { kind }]) => [id, kind])),
      owners: new Map(Object.entries(read.owners)),
      askers: new Map(Object.entries(read.askers)),
      statuses: createStatusWatch({ ...host.deps, peers: host.peers, trust: host.trust }),
      gate: new Gate(read.capacity),
      dayKeys: fileDayKeys(path.join(host.organisation.home, host.config.system, 'inquiry-keys')),
      sealed: host.sealed,
      pageKeys: new Map(),
      copyYears: read.copyYears,
      inquiryOnly: read.inquiryOnly,
      autoRelease: new Map(Object.entries(read.autoRelease)),
      lists: new Map(),
      heard: newNetworkState(),
    };
    const pages = await host.pages({
      nav: [
        { label: '登録状況', href: '/', right: ['intermediate-server', 'statistics', 'read'] },
        { label: '職員確認待ち', href: '/held', right: ['intermediate-server', 'held-provision', 'read'] },
        { label: '副本', href: '/copies', right: ['intermediate-server', 'copy', 'read'] },
        { label: '副本の突合', href: '/comparisons', right: ['intermediate-server', 'copy', 'read'] },
        { label: '副本の照会', href: '/copy-of-person', right: ['intermediate-server', 'copy', 'update'] },
        { label: '一括照会', href: '/orders', right: ['intermediate-server', 'statistics', 'read'] },
        { label: '混雑の状況', href: '/congestion', right: ['intermediate-server', 'operations', 'read'] },
        { label: '符号の事案', href: '/linkage-cases', right: ['intermediate-server', 'linkage-case', 'read'] },
        { label: '記録', href: '/records', right: ['intermediate-server', 'record', 'read'] },
        { label: '運用の状況', href: '/operations', right: ['intermediate-server', 'operations', 'read'] },
        ...logAnalysisNav('intermediate-server'),
      ],
    });
    addPages(pages, deps);
    addCopyPages(pages, deps);
    addComparisonPages(pages, deps);
    addLinkagePages(pages, deps);
    addOrderPages(pages, deps);
    addCongestionPage(pages, deps);
    operationsPages(pages, deps, operations);
    const analysis = startLogAnalysis(host, pages, deps);
    const every =
      (ms: number, firstMs: number, where: string, step: (signal: AbortSignal) => Promise<unknown>) =>
      async (signal: AbortSignal) => {
        for (let wait = firstMs; !signal.aborted; wait = ms) {
          await delay(wait, undefined, { signal }).catch(() => {});
          if (!signal.aborted) await step(signal).catch((error) => host.onError(error, where));
        }
      };
    let listOf = '';
    let [turnedAway, rounds] = [-1, 0];
    /** Ends the pause of the loop that checks files: a file became whole. */
    let wake = new AbortController();
    return {
      routes: [
        route(beginEndpoint, ({ body, actor }) => beginLinkage(deps, actor, body)),
        route(linkageStatus, ({ body, actor }) => linkageStates(deps, actor, body)),
        route(deliverLinkageCode, ({ body, actor }) => obtainLinkageCode(deps, actor, body)),
        route(noticeLinkage, ({ body, actor }) => takeNotice(deps, actor, body)),
        route(endLinkageEndpoint, ({ body, actor }) => endLinkage(deps, actor, body)),
        route(lodgeCopies, ({ body, actor }) => registerCopy(deps, actor, body)),
        route(announceCopyFile, ({ body, actor }) => announceFile(deps, actor, body)),
        route(putCopyFilePart, async ({ body, actor }) => {
          const taken = await takePart(deps, actor, body);
          if (!taken.ok) return taken;
          const { missing, outOfTie } = taken.value;
          if (outOfTie > 0) return err('rows-not-of-their-persons');
          if (missing === 0) wake.abort();
          return { ok: true, value: { missing } };
        }),
        route(copyFileStatus, ({ body, actor }) => fileStatus(deps, actor, body)),
        route(orderInquiries, ({ body, actor }) => takeOrder(deps, actor, body)),
        route(addOrderPersons, ({ body, actor }) => addPersons(deps, actor, body)),
        route(orderResults, ({ body, actor }) => readResults(deps, actor, body)),
        route(tellExchangeRecords, ({ body, actor }) => tellRecords(deps, actor, body)),
        route(provisionsOfPerson, ({ body, actor }) => tellProvisions(deps, actor, body)),
        route(askEndpoint, ({ body, actor }) => askOrDefer(deps, actor, body)),
        route(deferredInquiry, ({ body, actor }) => tellDeferred(deps, actor, body)),
        route(provide, async ({ body, actor }) => {
          const [listIsStale, signerEnded] = await Promise.all([isListStale(deps), isSignerEnded(deps, body)]);
          const answered = await answerInquiry(deps, actor, { ...body, listIsStale, signerEnded });
          if (!answered.ok) return answered;
          return 'refusal' in answered.value ? err(answered.value.refusal) : { ok: true, value: answered.value };
        }),
        route(collectProvision, ({ body, actor }) => collectProvided(deps, actor, body)),
        route(sendNotice, ({ body, actor }) => takePersonNotice(deps, actor, body)),
        route(tellNoticeStates, ({ body, actor }) => tellStates(deps, actor, body)),
        route(tellEndpoint, ({ body, actor }) => tellOwnRecords(deps, actor, body)),
      ],
      pages,
      loops: [
        // The day's list is fetched when the civil day changes, and until it is there.
        every(5_000, 0, 'permission-list', async () => {
          const today = deps.civilClock.today().toString();
          if (listOf === today) return;
          const fetched = await fetchList(deps, job);
          if (fetched.ok) listOf = today;
          else if (fetched.error !== 'unavailable')
            host.alarms.raise('permission-list-refused', { word: fetched.error });
        }),
        every(60_000, 0, 'announced-windows', () => hearWindows(deps)),
        async (signal) => {
          while (!signal.aborted) {
            wake = new AbortController();
            await checkFiles(deps, job, { signal, onError: (error) => host.onError(error, 'check-file') }).catch(
              (error) => host.onError(error, 'check-files'),
            );
            if (!signal.aborted)
              await delay(30_000, undefined, { signal: AbortSignal.any([signal, wake.signal]) }).catch(() => {});
          }
        },
        every(30_000, 10_000, 'collect-held', () => collectWaiting(deps, job)),
        every(2_000, 5_000, 'deferred-inquiries', async (signal) => {
          // Where nobody was turned away since, what is left waits for a provider that was silent.
          rounds += 1;
          if (turnedAway === deps.gate.turnedAway && rounds % 15 !== 0) return;
          turnedAway = deps.gate.turnedAway;
          await askDeferred(deps, job, signal);
        }),
        every(60_000, 20_000, 'inquiry-orders', (signal) => runOrders(deps, job, signal)),
        every(3_600_000, 120_000, 'reseal-codes', () => resealCodes(deps, job)),
        every(3_600_000, 60_000, 'expire-results', () => runExpiry(deps)),
        every(3_600_000, 95_000, 'erase-notices', () => runNoticeRetention(deps, job)),
        (signal) =>
          operations.loop(deps, {
            notifications: host.notifications,
            alarms: host.alarms,
            signal,
            onError: (error) => host.onError(error, 'operations'),
          }),
        analysis.loop,
        every(3_600_000, 90_000, 'expire-copies', () => runCopyRetention(deps, job)),
      ],
    };
  },
};
