import { nationalFuhyoLoads, nationalFuhyoNotices } from '@musubi/contracts/fuhyo/notices.ts';
import { journalled } from '@musubi/kernel/notice-journal/journalled.ts';
import { noticeJournalSchema } from '@musubi/kernel/notice-journal/schema-set.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { bind, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import { z } from 'zod';
import type { Deps } from './deps.ts';
import { lookUpRoute } from './http/look-up.ts';
import { rights } from './rights.ts';
import { applyLoad, applyNotice, returnOnRefusal } from './service/apply-notice.ts';
import { nationalFuhyoSchema } from './store/schema-set.ts';

const settings = z.strictObject({
  /** Fails on purpose: how often, per thousand, by this seed. */
  faults: z.strictObject({ seed: z.string().min(1), failPerMille: z.int().min(0).max(1000) }).optional(),
});

export const definition: SystemDefinition = {
  system: 'national-fuhyo',
  name: { ja: '附票全国サーバ', en: 'National server of the supplementary family register' },
  schemas: [noticeJournalSchema, nationalFuhyoSchema],
  rights,
  async start(host) {
    const { faults } = settings.parse(host.config.settings);
    const random = seededRandom(`national-fuhyo:${faults?.seed ?? ''}`);
    const failsNow = (): boolean => faults !== undefined && random.below(1000) < faults.failPerMille;
    const deps: Deps = { ...host.deps, self: host.id, outbox: host.outbox, failsNow };
    return {
      routes: [lookUpRoute(host, deps)],
      handlers: [
        bind(journalled(handle(nationalFuhyoNotices, applyNotice, { notNow: ['busy'] }), returnOnRefusal), deps),
        bind(journalled(handle(nationalFuhyoLoads, applyLoad, { notNow: ['busy'] })), deps),
      ],
    };
  },
};
