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
import { documentRead, rights } from './rights.ts';
import { receiveFiling } from './service/receive-filing.ts';
import { taxDocumentsSchema } from './store/schema-set.ts';
import { documentPages } from './web/documents.ts';

const settings = z.strictObject({});

export const definition: SystemDefinition = {
  system: 'tax-documents',
  name: { ja: '課税資料イメージ管理システム', en: 'Images of tax documents' },
  schemas: [taxDocumentsSchema],
  rights,
  start,
};

async function start(host: Host): Promise<Instance> {
  settings.parse(host.config.settings);
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
    loops: [(signal) => drawLoop(deps, { signal, onError: (error) => host.onError(error, 'tax-documents.draw') })],
    async stop() {
      await typesetter[Symbol.asyncDispose]();
    },
  };
}
