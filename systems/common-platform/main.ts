import { applicationOutcomes } from '@musubi/contracts/platform/applications.ts';
import { platformResidentChanges, platformResidentLoads } from '@musubi/contracts/platform/persons.ts';
import { duringServiceHours } from '@musubi/kernel/access/service-hours.ts';
import { eucPages } from '@musubi/kernel/euc/pages.ts';
import { eucSchema } from '@musubi/kernel/euc/schema-set.ts';
import { addMediaPages, mediaNav } from '@musubi/kernel/media/pages.ts';
import { mediaPrinter } from '@musubi/kernel/media/print.ts';
import { mediaReminderLoop } from '@musubi/kernel/media/reminder-loop.ts';
import { operationsPages } from '@musubi/kernel/operations/pages.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { bind, type Host, type Instance, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import { type Deps, settings as settingsSchema } from './deps.ts';
import { routes } from './http/routes.ts';
import { applicationLoop } from './jobs/application-loop.ts';
import { linkageLoop } from './jobs/linkage-loop.ts';
import { protectionLoop } from './jobs/protection-loop.ts';
import { withdrawalLoop } from './jobs/withdrawal-loop.ts';
import { relayed, rights } from './rights.ts';
import { commonPlatformSchema } from './schema-set.ts';
import { registerTransferRules } from './service/change-rules.ts';
import { registerTaskBindings } from './service/check-binding.ts';
import { takeApplicationOutcome } from './service/end-application.ts';
import { extraction } from './service/extractions.ts';
import { operations } from './service/operations.ts';
import { takeResidentChange } from './service/take-resident-change.ts';
import { takeResidentLoad } from './service/take-resident-load.ts';
import { applicationIncidentPages } from './web/application-incidents.ts';
import { applicationPages } from './web/applications.ts';
import { correctionPages } from './web/corrections.ts';
import { emergencyPages } from './web/emergencies.ts';
import { fileLinkageNav, fileLinkagePages } from './web/file-linkage.ts';
import { heldRecordPages } from './web/held-records.ts';
import { linkageEndPages } from './web/linkage-ends.ts';
import { numberNoticePages } from './web/number-notice.ts';
import { outsidePersonPages } from './web/outside-persons.ts';
import { personPages } from './web/persons.ts';
import { protectionPages } from './web/protections.ts';
import { transferRulePages } from './web/transfer-rules.ts';
import { transferPages } from './web/transfers.ts';
import { userBindingPages } from './web/user-bindings.ts';

export const definition: SystemDefinition = {
  system: 'common-platform',
  name: { ja: '共通連携基盤', en: 'Common platform' },
  schemas: [eucSchema, commonPlatformSchema],
  rights,
  start,
};

async function start(host: Host): Promise<Instance> {
  const settings = settingsSchema.parse(host.config.settings);
  if ((settings.mode === 'ward') !== (settings.register !== undefined))
    throw new Error('common-platform: a ward names its register, a prefecture has none');
  const { vault, sealed, outbox, peers, identity } = host;
  const deps: Deps = {
    ...host.deps,
    rights: duringServiceHours(host.deps.rights, settings.serviceHours, {
      machineClock: host.deps.machineClock,
      functions: relayed,
    }),
    settings,
    town: host.organisation.town,
    vault,
    sealed,
    outbox,
    peers,
    identity,
    certificateOf: (peer, purpose) => host.certificateOf(peer, purpose),
  };
  const atStart = { kind: 'job', name: 'start' } as const;
  unwrap(await registerTaskBindings(deps, atStart, {}));
  unwrap(await registerTransferRules(deps, atStart, {}));
  const pages = await host.pages({
    nav: [
      { label: '状況', href: '/', right: ['common-platform', 'counts', 'read'] },
      { label: '宛名の検索', href: '/persons', right: ['common-platform', 'person', 'read'] },
      { label: '住登外者', href: '/outside-persons', right: ['common-platform', 'outside-person', 'read'] },
      { label: '確認が必要な記録', href: '/held-records', right: ['common-platform', 'held-record', 'read'] },
      { label: '二重登録の候補', href: '/look-alikes', right: ['common-platform', 'held-record', 'read'] },
      { label: '訂正の記録', href: '/corrections', right: ['common-platform', 'held-record', 'read'] },
      { label: '庁内照会', href: '/transfers', right: ['common-platform', 'transfer-approval', 'read'] },
      { label: '庁内連携の表', href: '/transfer-rules', right: ['common-platform', 'transfer-rule', 'read'] },
      { label: '紙・緊急時の移転', href: '/emergency-transfers', right: ['common-platform', 'emergency', 'read'] },
      { label: 'データの抽出', href: '/extractions', right: ['common-platform', 'euc', 'read'] },
      fileLinkageNav,
      ...mediaNav('common-platform'),
      { label: '支援措置の反映', href: '/protections', right: ['common-platform', 'protected-address', 'read'] },
      { label: '符号の終了', href: '/linkage-ends', right: ['common-platform', 'linkage-end', 'read'] },
      { label: '申請管理', href: '/applications', right: ['common-platform', 'application', 'read'] },
      {
        label: '引き取れなかった申請',
        href: '/application-incidents',
        right: ['common-platform', 'application-incident', 'read'],
      },
      { label: '利用者の事務', href: '/user-bindings', right: ['common-platform', 'user-binding', 'read'] },
      { label: '運用の状況', href: '/operations', right: ['common-platform', 'operations', 'read'] },
      { label: '承認待ち', href: '/approvals', right: ['common-platform', 'held-approval', 'update'] },
    ],
  });
  personPages(pages, deps);
  outsidePersonPages(pages, deps);
  heldRecordPages(pages, deps);
  correctionPages(pages, deps);
  protectionPages(pages, deps);
  linkageEndPages(pages, deps);
  transferPages(pages, deps);
  transferRulePages(pages, deps);
  emergencyPages(pages, deps);
  eucPages(pages, deps, extraction);
  const printer = mediaPrinter();
  addMediaPages(pages, deps, { system: 'common-platform', office: host.organisation.name.ja, printer });
  fileLinkagePages(pages, deps);
  operationsPages(pages, deps, operations);
  numberNoticePages(pages, deps);
  applicationPages(pages, deps);
  applicationIncidentPages(pages, deps);
  userBindingPages(pages, deps);
  return {
    routes: routes(deps),
    handlers: [
      bind(handle(applicationOutcomes, takeApplicationOutcome), deps),
      ...(settings.mode === 'ward'
        ? [
            bind(handle(platformResidentChanges, takeResidentChange), deps),
            bind(handle(platformResidentLoads, takeResidentLoad), deps),
          ]
        : []),
    ],
    pages,
    loops: [
      (signal) =>
        linkageLoop(deps, {
          notifications: host.notifications,
          signal,
          onError: (error) => host.onError(error, 'linkage'),
        }),
      (signal) =>
        withdrawalLoop(deps, {
          notifications: host.notifications,
          signal,
          onError: (error) => host.onError(error, 'withdrawal'),
        }),
      (signal) =>
        protectionLoop(deps, {
          notifications: host.notifications,
          alarms: host.alarms,
          signal,
          onError: (error) => host.onError(error, 'protections'),
        }),
      (signal) =>
        applicationLoop(deps, {
          notifications: host.notifications,
          signal,
          onError: (error) => host.onError(error, 'applications'),
        }),
      (signal) =>
        operations.loop(deps, {
          notifications: host.notifications,
          alarms: host.alarms,
          signal,
          onError: (error) => host.onError(error, 'operations'),
        }),
      (signal) =>
        mediaReminderLoop('common-platform', deps, {
          alarms: host.alarms,
          signal,
          onError: (error) => host.onError(error, 'media reminder'),
        }),
    ],
    async stop() {
      await printer[Symbol.asyncDispose]();
    },
  };
}
