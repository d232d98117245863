import { nationalRegister } from '@musubi/contracts/juki/national-client.ts';
import { residentChanges, residentLoads, returnNotices } from '@musubi/contracts/juki/notices.ts';
import { disclosureSchema } from '@musubi/kernel/disclosure/schema-set.ts';
import { logAnalysisSchema } from '@musubi/kernel/log-analysis/schema-set.ts';
import { journalled, journalledMany } from '@musubi/kernel/notice-journal/journalled.ts';
import { noticeJournalSchema } from '@musubi/kernel/notice-journal/schema-set.ts';
import { retentionSchema } from '@musubi/kernel/retention/schema-set.ts';
import { bind, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle, handleMany } from '@musubi/kernel/streams/inbox.ts';
import { z } from 'zod';
import { startBulk } from './bulk-module.ts';
import type { Deps } from './deps.ts';
import { counterSettings, startDisclosure } from './disclosure-module.ts';
import { inquiryRoute } from './http/inquiry.ts';
import { numberLinkRoute, pushLinks } from './http/number-link.ts';
import { reconciliationRoutes } from './http/reconciliation.ts';
import { relayRoutes } from './http/relays.ts';
import { interruptedInquiriesLoop } from './jobs/interrupted-inquiries.ts';
import { numberLinkLoop } from './jobs/number-links.ts';
import { addLogAnalysisPages, logAnalysisLoop } from './log-analysis-module.ts';
import { startRetention } from './retention-module.ts';
import { rights } from './rights.ts';
import { applyLoad, applyNotices } from './service/apply-notice.ts';
import type { InquiryDeps } from './service/inquiry.ts';
import { takeReturn } from './service/return-notices.ts';
import { prefecturalJukiSchema } from './store/schema-set.ts';
import { addRecordCorrectionPages } from './web/corrections.ts';
import { addPages } from './web/pages.ts';
import { addProvidePages } from './web/provide.ts';

const peer = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);
const settings = z.strictObject({
  nationalJuki: peer,
  /** Municipality code → its server. */
  municipalities: z.record(z.string().regex(/^[0-9]{6}$/), peer),
  fuhyoLink: peer.optional(),
  /** Where the monthly figures of contractors' people are told. */
  governance: peer.optional(),
  linksNumbers: z.boolean().default(false),
  /** Names on the sheets of the disclosure counter; without it the organisation's own name. */
  counter: counterSettings.optional(),
});

export const definition: SystemDefinition = {
  system: 'prefectural-juki',
  name: { ja: '住民基本台帳ネットワーク都道府県サーバ', en: 'Prefectural resident register server' },
  schemas: [noticeJournalSchema, disclosureSchema, retentionSchema, prefecturalJukiSchema, logAnalysisSchema],
  rights,
  // 003 A23: personal data leaves the screen after 3 idle minutes, the session ends after 15.
  session: { blankMinutes: 3, idleMinutes: 15 },
  async start(host) {
    const given = settings.parse(host.config.settings);
    const deps: Deps = {
      ...host.deps,
      ...given,
      self: host.id,
      vault: host.vault,
      sealed: host.sealed,
      outbox: host.outbox,
    };
    const inquiries: InquiryDeps = { ...deps, national: nationalRegister(host, deps.nationalJuki) };
    const counter = startDisclosure(host, deps, given.counter);
    const pages = await addPages(host, deps);
    counter.addPages(pages);
    addProvidePages(pages, inquiries);
    const keeping = startRetention(host, deps, given.counter, () => counter.eraseOldCopies());
    keeping.addPages(pages);
    addRecordCorrectionPages(pages, { ...deps, sealed: host.sealed });
    const bulk = startBulk(host, deps);
    bulk.addPages(pages);
    addLogAnalysisPages(pages, deps);
    return {
      routes: [
        inquiryRoute(inquiries),
        ...relayRoutes(host, deps),
        ...reconciliationRoutes(deps),
        numberLinkRoute(host, deps),
      ],
      handlers: [
        bind(journalledMany(handleMany(residentChanges, applyNotices)), deps),
        bind(journalled(handle(residentLoads, applyLoad)), deps),
        bind(journalled(handle(returnNotices, takeReturn)), deps),
        ...counter.handlers,
      ],
      pages,
      loops: [
        interruptedInquiriesLoop(host, deps),
        numberLinkLoop(host, () => pushLinks(host, deps)),
        logAnalysisLoop(host, deps, given.governance),
        bulk.loop,
      ],
      async stop() {
        await Promise.all([counter.stop(), bulk.stop()]);
      },
    };
  },
};
