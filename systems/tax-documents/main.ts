import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { taxDocumentFilings } from '@musubi/contracts/tax-documents/filing.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { subjectCheckKeyIn } from '@musubi/kernel/documents/subject-check-key.ts';
import { bind, type Host, type Instance, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import { z } from 'zod';
import { routes } from './http/routes.ts';
import { drawLoop } from './jobs/draw-loop.ts';
import { nationalTaxLoop } from './jobs/national-tax-loop.ts';
import { documentRead, rights } from './rights.ts';
import { receiveFiling } from './service/receive-filing.ts';
import { taxDocumentsSchema } from './store/schema-set.ts';
import { documentPages } from './web/documents.ts';

const settings = z.strictObject({
  /** Instance of the tax agency; the only one of the directory where nothing is said, else no scans are downloaded. */
  nationalTax: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)
    .optional(),
});
const restSeconds = 60;

export const definition: SystemDefinition = {
  system: 'tax-documents',
  name: { ja: '課税資料イメージ管理システム', en: 'Images of tax documents' },
  schemas: [taxDocumentsSchema],
  rights,
  start,
};

async function start(host: Host): Promise<Instance> {
  const given = settings.parse(host.config.settings);
  const agencies = Object.keys(host.organisation.directory).filter((id) => id.endsWith('/etax'));
  const agency = given.nationalTax ?? (agencies.length === 1 ? agencies[0] : undefined);
  const { code } = host.organisation;
  const typesetter = lazyTypesetter({ templatesFolder: fileURLToPath(new URL('./documents/', import.meta.url)) });
  const deps = {
    ...host.deps,
    sealed: host.sealed,
    typesetter,
    imageKey: await subjectCheckKeyIn(path.join(host.organisation.home, host.config.system)),
    notifications: host.notifications,
  };
  const pages = await host.pages({ nav: [{ label: '資料検索', href: '/', right: documentRead }] });
  documentPages(pages, deps);
  return {
    routes: routes(deps),
    handlers: [bind(handle(taxDocumentFilings, receiveFiling), deps)],
    pages,
    loops: [
      (signal) => drawLoop(deps, { signal, onError: (error) => host.onError(error, 'tax-documents.draw') }),
      ...(agency === undefined || code === undefined
        ? []
        : [
            (signal: AbortSignal) => {
              const { peers, identity, trust } = host;
              const now = () => deps.machineClock.now();
              return nationalTaxLoop(
                deps,
                { peers, identity, trust, agency, municipality: code, now },
                { signal, restSeconds, onError: (error) => host.onError(error, 'tax-documents.national-tax') },
              );
            },
          ]),
    ],
    async stop() {
      await typesetter[Symbol.asyncDispose]();
    },
  };
}
