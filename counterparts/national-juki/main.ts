import { nationalLoads, nationalNotices } from '@musubi/contracts/juki/notices.ts';
import { journalled, journalledMany } from '@musubi/kernel/notice-journal/journalled.ts';
import { noticeJournalSchema } from '@musubi/kernel/notice-journal/schema-set.ts';
import { bind, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle, handleMany } from '@musubi/kernel/streams/inbox.ts';
import { z } from 'zod';
import { tellRoot } from './clients/linkage-root.ts';
import type { Deps } from './deps.ts';
import { assignmentRoute } from './http/assignment.ts';
import { inquiryRoute, otherPrefecturesRoute } from './http/inquiry.ts';
import { linkageRoute } from './http/linkage.ts';
import { successionLoop } from './jobs/successions.ts';
import { rights } from './rights.ts';
import { applyLoad, applyNotices } from './service/apply-notice.ts';
import { nationalJukiSchema } from './store/schema-set.ts';

const peer = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);
const settings = z.strictObject({
  informationProvidingNetwork: peer.default('ins/information-providing-network'),
  linkageRoot: peer.default('ins/linkage-root'),
});

export const definition: SystemDefinition = {
  system: 'national-juki',
  name: { ja: '住民基本台帳ネットワーク全国サーバ', en: 'National resident register server' },
  schemas: [noticeJournalSchema, nationalJukiSchema],
  rights,
  async start(host) {
    const to = settings.parse(host.config.settings);
    const deps: Deps = { ...host.deps, self: host.id, vault: host.vault, outbox: host.outbox };
    return {
      routes: [
        assignmentRoute(host, deps),
        inquiryRoute(host, deps),
        otherPrefecturesRoute(deps, host.organisation.town),
        linkageRoute(host, deps, to),
      ],
      handlers: [
        bind(journalledMany(handleMany(nationalNotices, applyNotices)), deps),
        bind(journalled(handle(nationalLoads, applyLoad)), deps),
      ],
      loops: [successionLoop(host, deps, tellRoot(host, to.linkageRoot))],
    };
  },
};
