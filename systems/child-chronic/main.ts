import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { identityCorrections } from '@musubi/contracts/platform/corrections.ts';
import { answerTransfer } from '@musubi/contracts/platform/transfers.ts';
import { disclosureSchema } from '@musubi/kernel/disclosure/schema-set.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { subjectCheckKeyIn } from '@musubi/kernel/documents/subject-check-key.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { addMediaPages, mediaNav } from '@musubi/kernel/media/pages.ts';
import { mediaPrinter } from '@musubi/kernel/media/print.ts';
import { mediaReminderLoop } from '@musubi/kernel/media/reminder-loop.ts';
import { receiptsSchema } from '@musubi/kernel/receipts/schema-set.ts';
import { retentionSchema } from '@musubi/kernel/retention/schema-set.ts';
import { bind, type Host, type Instance, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import { type PaperDeps, settings as settingsSchema } from './deps.ts';
import { deferredLoop } from './jobs/deferred-loop.ts';
import { recordNav, startRecords } from './records-module.ts';
import { rights } from './rights.ts';
import { childChronicSchema } from './schema-set.ts';
import { answerWithTiers } from './service/answer-transfer.ts';
import { takeCorrection } from './service/take-correction.ts';
import { applicantNumberPages } from './web/applicant-number.ts';
import { approvalPages } from './web/approvals.ts';
import { caseInsurerPages } from './web/case-insurer.ts';
import { casePages } from './web/cases.ts';
import { certificateRequestPages } from './web/certificate-requests.ts';
import { certificationPages } from './web/certifications.ts';
import { copyPages } from './web/copies.ts';
import { insurerPages } from './web/insurers.ts';
import { intakePages } from './web/intake.ts';
import { paperPages } from './web/papers.ts';
import { registerUsePages } from './web/register-uses.ts';
import { renewalPages } from './web/renewals.ts';

export const definition: SystemDefinition = {
  system: 'child-chronic',
  name: { ja: '医療費助成事務システム（小児慢性）', en: 'Subsidy for chronic childhood diseases' },
  schemas: [disclosureSchema, retentionSchema, receiptsSchema, childChronicSchema],
  rights,
  start,
};

async function start(host: Host): Promise<Instance> {
  const { organisation } = host.organisation;
  const given = settingsSchema.parse(host.config.settings);
  const deps: PaperDeps = {
    ...host.deps,
    settings: { ...given, commonPlatform: given.commonPlatform ?? `${organisation}/common-platform` },
    vault: host.vault,
    sealed: host.sealed,
    peers: host.peers,
    trust: host.trust,
    typesetter: lazyTypesetter({ templatesFolder: fileURLToPath(new URL('./documents/', import.meta.url)) }),
    subjectCheckKey: await subjectCheckKeyIn(path.join(host.organisation.home, host.config.system)),
  };
  const pages = await host.pages({
    nav: [
      { label: '申請', href: '/', right: ['child-chronic', 'case', 'read'] },
      { label: '申請を受け付ける', href: '/cases/new', right: ['child-chronic', 'case', 'update'] },
      { label: '処理状況', href: '/status', right: ['child-chronic', 'case', 'read'] },
      { label: '収受簿', href: '/receipts', right: ['child-chronic', 'receipt', 'read'] },
      { label: '保険者照会', href: '/insurer-inquiries', right: ['child-chronic', 'insurer-inquiry', 'read'] },
      { label: '住基照会', href: '/register-uses', right: ['child-chronic', 'register-use', 'read'] },
      ...mediaNav('child-chronic'),
      { label: '審査会', href: '/board', right: ['child-chronic', 'board', 'read'] },
      { label: '更新案内', href: '/renewals', right: ['child-chronic', 'renewal', 'read'] },
      { label: '結果一覧', href: '/result-lists', right: ['child-chronic', 'result-list', 'read'] },
      { label: '副本', href: '/copies', right: ['child-chronic', 'copy', 'read'] },
      { label: '様式', href: '/forms/entitlement', right: ['child-chronic', 'case', 'read'] },
      { label: '認定の再計算', href: '/recheck', right: ['child-chronic', 'certification-approval', 'update'] },
      ...recordNav,
      { label: '承認待ち', href: '/approvals', right: ['child-chronic', 'tier-approval', 'update'] },
    ],
  });
  intakePages(pages, deps);
  casePages(pages, deps);
  certificateRequestPages(pages, deps);
  approvalPages(pages, deps);
  paperPages(pages, deps);
  insurerPages(pages, deps);
  caseInsurerPages(pages, deps);
  copyPages(pages, deps);
  certificationPages(pages, deps);
  renewalPages(pages, deps);
  registerUsePages(pages, deps);
  applicantNumberPages(pages, deps);
  const records = startRecords(deps, given.disclosure);
  records.addPages(pages);
  const printer = mediaPrinter();
  addMediaPages(pages, deps, {
    system: 'child-chronic',
    office: given.register.department,
    printer,
    departments: async () => [given.register.department],
  });
  return {
    pages,
    routes: [route(answerTransfer, ({ body, actor }) => answerWithTiers(deps, actor, body))],
    handlers: [bind(handle(identityCorrections, takeCorrection), deps)],
    loops: [
      (signal) => records.loop(host, signal),
      (signal) => deferredLoop(host, deps, signal),
      (signal) =>
        mediaReminderLoop('child-chronic', deps, {
          alarms: host.alarms,
          signal,
          onError: (error) => host.onError(error, 'media reminder'),
        }),
    ],
    async stop() {
      await records.stop();
      await deps.typesetter[Symbol.asyncDispose]();
      await printer[Symbol.asyncDispose]();
    },
  };
}
