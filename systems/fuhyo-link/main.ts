import path from 'node:path';
import { fuhyoChanges, fuhyoLoads, fuhyoReturns } from '@musubi/contracts/fuhyo/notices.ts';
import { disclosureSchema } from '@musubi/kernel/disclosure/schema-set.ts';
import { logAnalysisSchema } from '@musubi/kernel/log-analysis/schema-set.ts';
import { journalled } from '@musubi/kernel/notice-journal/journalled.ts';
import { noticeJournalSchema } from '@musubi/kernel/notice-journal/schema-set.ts';
import { retentionSchema } from '@musubi/kernel/retention/schema-set.ts';
import { bind, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import { z } from 'zod';
import { lookUpAt } from './clients/national.ts';
import { obtainNumberFrom, openNumber } from './clients/number-link.ts';
import { signAs } from './clients/sign.ts';
import type { Deps } from './deps.ts';
import { counterSettings, startDisclosure } from './disclosure-module.ts';
import { inquiryRoutes } from './http/inquiry.ts';
import { numberLinkRoute } from './http/number-link.ts';
import { reconciliationRoutes } from './http/reconciliation.ts';
import { keepingLoop } from './jobs/keeping.ts';
import { addLogAnalysisPages, logAnalysisLoop } from './log-analysis-module.ts';
import { startRetention } from './retention-module.ts';
import { rights } from './rights.ts';
import { applyLoad, applyNotice, returnOnRefusal } from './service/apply-notice.ts';
import { takeReturn } from './service/take-return.ts';
import { fuhyoLinkSchema } from './store/schema-set.ts';
import { longestKeepingHours, TemporaryNumbers } from './store/temporary-numbers.ts';
import { addPages } from './web/pages.ts';

const peer = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);
const settings = z.strictObject({
  nationalFuhyo: peer,
  prefecturalJuki: peer,
  /** Municipality code → its server. */
  municipalities: z.record(z.string().regex(/^[0-9]{6}$/), peer),
  /** Hours that a number is kept for an asker that did not confirm. */
  keepNumberHours: z.int().min(1).max(longestKeepingHours).default(72),
  /** Folder of the temporary area, apart from everything else; under the organisation's home where none is given. */
  temporaryArea: z.string().optional(),
  /** Where the monthly figures of contractors' people are told. */
  governance: peer.optional(),
  /** Names on the sheets of the disclosure counter; without it the organisation's own name. */
  counter: counterSettings.optional(),
});

export const definition: SystemDefinition = {
  system: 'fuhyo-link',
  name: { ja: '附票連携システム都道府県サーバ', en: 'Prefectural server of the supplementary family register' },
  schemas: [noticeJournalSchema, disclosureSchema, retentionSchema, fuhyoLinkSchema, logAnalysisSchema],
  rights,
  // 003 A23: personal data leaves the screen after 3 idle minutes, the session ends after 15.
  session: { blankMinutes: 3, idleMinutes: 15 },
  async start(host) {
    const {
      nationalFuhyo,
      prefecturalJuki,
      municipalities,
      keepNumberHours,
      temporaryArea,
      governance,
      counter: office,
    } = settings.parse(host.config.settings);
    const { home } = host.organisation;
    const numbers = await TemporaryNumbers.open({
      directory: temporaryArea ?? path.join(home, 'fuhyo-temporary-numbers'),
      apartFrom: [path.join(home, 'key-store'), path.join(home, 'fuhyo-link')],
    });
    const deps: Deps = {
      ...host.deps,
      outbox: host.outbox,
      self: host.id,
      nationalFuhyo,
      municipalities,
      numbers,
      keepHours: keepNumberHours,
      obtainNumber: obtainNumberFrom(host, prefecturalJuki),
      lookUpNational: lookUpAt(host, nationalFuhyo),
      signInquiry: signAs(host),
    };
    const counter = startDisclosure(host, deps, office);
    const pages = await addPages(host, deps);
    counter.addPages(pages);
    const keeping = startRetention(host, deps, office);
    keeping.addPages(pages);
    addLogAnalysisPages(pages, deps);
    return {
      routes: [
        ...inquiryRoutes(host, deps),
        numberLinkRoute(deps, (sealed) => openNumber(host, sealed)),
        ...reconciliationRoutes(deps),
      ],
      handlers: [
        bind(journalled(handle(fuhyoChanges, applyNotice), returnOnRefusal), deps),
        bind(journalled(handle(fuhyoLoads, applyLoad)), deps),
        bind(journalled(handle(fuhyoReturns, takeReturn)), deps),
        ...counter.handlers,
      ],
      pages,
      loops: [keepingLoop(host, deps), keeping.loop, logAnalysisLoop(host, deps, governance)],
      async stop() {
        await keeping.stop();
        await counter.stop();
        numbers[Symbol.dispose]();
      },
    };
  },
};
