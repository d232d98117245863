import { fuhyoChanges, fuhyoLoads, fuhyoReturns } from '@musubi/contracts/fuhyo/notices.ts';
import { investigations } from '@musubi/contracts/juki/investigations.ts';
import { residentChanges, residentLoads, returnNotices } from '@musubi/contracts/juki/notices.ts';
import { journalled } from '@musubi/kernel/notice-journal/journalled.ts';
import { noticeJournalSchema } from '@musubi/kernel/notice-journal/schema-set.ts';
import { type BoundHandler, bind, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import { z } from 'zod';
import type { Deps } from './deps.ts';
import { officeInquiryRoute } from './http/office-inquiry.ts';
import { relayRoutes } from './http/relays.ts';
import { reconciliationLoop } from './jobs/reconciliation.ts';
import { rights } from './rights.ts';
import { forwardLoad, forwardNotice, returnOnRefusal } from './service/forward-notice.ts';
import { forwardFuhyo, forwardFuhyoLoad, returnFuhyoOnRefusal, takeFuhyoReturn } from './service/fuhyo.ts';
import { takeInvestigation } from './service/investigation.ts';
import { takeReturn } from './service/returned.ts';
import { municipalJukiSchema } from './store/schema-set.ts';
import { addFuhyoPages } from './web/fuhyo.ts';
import { addPages } from './web/pages.ts';

const peer = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);
const settings = z.strictObject({
  residentRegister: peer,
  prefecturalJuki: peer,
  nationalJuki: peer,
  fuhyoLink: peer.optional(),
});

export const definition: SystemDefinition = {
  system: 'municipal-juki',
  name: { ja: '住民基本台帳ネットワーク区市町村サーバ', en: 'Municipal resident register server' },
  schemas: [noticeJournalSchema, municipalJukiSchema],
  rights,
  async start(host) {
    const given = settings.parse(host.config.settings);
    const municipalityCode = host.organisation.code;
    if (municipalityCode === undefined) throw new Error(`${host.id}: the organisation has no municipality code`);
    const deps: Deps = { ...host.deps, ...given, municipalityCode, self: host.id, outbox: host.outbox };
    const pages = await addPages(host, deps);
    if (given.fuhyoLink !== undefined) addFuhyoPages(pages, host, deps);
    return {
      routes: [...relayRoutes(host, deps), officeInquiryRoute(host, deps)],
      handlers: [
        bind(journalled(handle(residentChanges, forwardNotice), returnOnRefusal), deps),
        bind(journalled(handle(residentLoads, forwardLoad)), deps),
        bind(journalled(handle(returnNotices, takeReturn)), deps),
        bind(handle(investigations, takeInvestigation), deps),
        ...(given.fuhyoLink === undefined ? [] : fuhyoHandlers(deps)),
      ],
      pages,
      loops: [reconciliationLoop(host, deps)],
    };
  },
};

const fuhyoHandlers = (deps: Deps): readonly BoundHandler[] => [
  bind(journalled(handle(fuhyoChanges, forwardFuhyo), returnFuhyoOnRefusal), deps),
  bind(journalled(handle(fuhyoLoads, forwardFuhyoLoad)), deps),
  bind(journalled(handle(fuhyoReturns, takeFuhyoReturn)), deps),
];
