import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fuhyoReturns } from '@musubi/contracts/fuhyo/notices.ts';
import { returnNotices } from '@musubi/contracts/juki/notices.ts';
import { createTypesetter, type Typesetter } from '@musubi/kernel/documents/typesetter.ts';
import { readIfThere, writePrivately } from '@musubi/kernel/pki/identity.ts';
import { bind, type Host, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import { z } from 'zod';
import { obtainCodes } from './clients/code-assignment.ts';
import type { Deps } from './deps.ts';
import { fuhyoRoutes } from './http/fuhyo.ts';
import { loadRoute } from './http/load.ts';
import { reconciliationRoutes } from './http/reconciliation.ts';
import { dueWorkLoop, finishBirth, type ObtainCodes } from './jobs/loops.ts';
import { rights } from './rights.ts';
import { followingFuhyo, takeFuhyoReturn } from './service/fuhyo.ts';
import { takeReturn } from './service/returned.ts';
import { residentRegisterSchema } from './store/schema-set.ts';
import { addFuhyoPages } from './web/fuhyo.ts';
import { addPages } from './web/pages.ts';

const peer = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);
const settings = z.strictObject({
  municipalJuki: peer,
  commonPlatform: peer.optional(),
  /** Whether this ward keeps 戸籍の附票 here and sends them; its network server must know where to. */
  keepsFuhyo: z.boolean().default(false),
});

export const definition: SystemDefinition = {
  system: 'resident-register',
  name: { ja: '住民記録システム', en: 'Resident register' },
  schemas: [residentRegisterSchema],
  rights,
  async start(host) {
    const { municipalJuki, commonPlatform, keepsFuhyo } = settings.parse(host.config.settings);
    const municipalityCode = host.organisation.code;
    if (municipalityCode === undefined) throw new Error(`${host.id}: the organisation has no municipality code`);
    const peers = { municipalJuki, commonPlatform, municipalityCode };
    const { vault, sealed, outbox } = host;
    const documents = lazyDocuments(host);
    const plain: Deps = { ...host.deps, ...peers, ...documents, self: host.id, vault, sealed, outbox };
    const deps: Deps = keepsFuhyo ? { ...plain, afterChange: followingFuhyo(plain, host.organisation.name.ja) } : plain;
    const obtain: ObtainCodes = (requestId, about) =>
      obtainCodes(host, municipalJuki, {
        requestId,
        municipalityCode,
        ground: about?.ground ?? 'birth',
        ...(about?.residentRecordCode === undefined ? {} : { residentRecordCode: about.residentRecordCode }),
      });
    const pages = await addPages(host, deps, (actor, filingId) => finishBirth(deps, actor, obtain, filingId));
    addFuhyoPages(pages, deps);
    return {
      routes: [loadRoute(deps, host.organisation.town), ...reconciliationRoutes(deps), ...fuhyoRoutes(deps)],
      handlers: [bind(handle(returnNotices, takeReturn), deps), bind(handle(fuhyoReturns, takeFuhyoReturn), deps)],
      pages,
      loops: [dueWorkLoop(host, deps, obtain)],
      stop: documents.stop,
    };
  },
};

/** Typesetter and check key, made when the first paper is: fonts take seconds, and most starts print nothing. */
function lazyDocuments({ organisation, config }: Pick<Host, 'organisation' | 'config'>) {
  let typesetter: Promise<Typesetter> | undefined;
  return {
    mayor: `${organisation.name.ja}長`,
    typesetter: () =>
      (typesetter ??= createTypesetter({ templatesFolder: fileURLToPath(new URL('./documents/', import.meta.url)) })),
    subjectCheckKey: () => subjectCheckKey(path.join(organisation.home, config.system, 'subject-check.key')),
    stop: async (): Promise<void> => (await typesetter)?.[Symbol.asyncDispose](),
  };
}

async function subjectCheckKey(file: string): Promise<Uint8Array> {
  const known = await readIfThere(file);
  if (known !== undefined) return Buffer.from(known.trim(), 'hex');
  const made = randomBytes(32);
  await writePrivately(file, `${made.toString('hex')}\n`);
  return made;
}
