import { returnNotices } from '@musubi/contracts/juki/notices.ts';
import { bind, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import { z } from 'zod';
import { obtainCodes } from './clients/code-assignment.ts';
import type { Deps } from './deps.ts';
import { loadRoute } from './http/load.ts';
import { dueWorkLoop, finishBirth, type ObtainCodes } from './jobs/loops.ts';
import { rights } from './rights.ts';
import { takeReturn } from './service/returned.ts';
import { residentRegisterSchema } from './store/schema-set.ts';
import { addPages } from './web/pages.ts';

const peer = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);
const settings = z.strictObject({ municipalJuki: peer, commonPlatform: peer.optional() });

export const definition: SystemDefinition = {
  system: 'resident-register',
  name: { ja: '住民記録システム', en: 'Resident register' },
  schemas: [residentRegisterSchema],
  rights,
  async start(host) {
    const { municipalJuki, commonPlatform } = settings.parse(host.config.settings);
    const municipalityCode = host.organisation.code;
    if (municipalityCode === undefined) throw new Error(`${host.id}: the organisation has no municipality code`);
    const peers = { municipalJuki, commonPlatform, municipalityCode };
    const deps: Deps = { ...host.deps, ...peers, self: host.id, vault: host.vault, outbox: host.outbox };
    const obtain: ObtainCodes = (requestId) =>
      obtainCodes(host, municipalJuki, { requestId, municipalityCode, ground: 'birth' });
    return {
      routes: [loadRoute(deps, host.organisation.town)],
      handlers: [bind(handle(returnNotices, takeReturn), deps)],
      pages: await addPages(host, deps, (actor, filingId) => finishBirth(deps, actor, obtain, filingId)),
      loops: [dueWorkLoop(host, deps, obtain)],
    };
  },
};
