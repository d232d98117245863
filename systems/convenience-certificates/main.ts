import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { certificateForms } from '@musubi/contracts/certificates/content.ts';
import { certificateRecords } from '@musubi/contracts/certificates/records.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { subjectCheckKeyIn } from '@musubi/kernel/documents/subject-check-key.ts';
import type { NavEntry } from '@musubi/kernel/pages/app.ts';
import { bind, type Host, type Instance, type SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import { z } from 'zod';
import { confirmWith } from './clients/resident-tax.ts';
import type { StoreDeps } from './deps.ts';
import { routes } from './http/routes.ts';
import { rights } from './rights.ts';
import { degradedRead } from './service/degraded.ts';
import { applyRecord } from './service/records.ts';
import { requestRead } from './service/requests.ts';
import { convenienceCertificatesSchema } from './store/schema-set.ts';
import { degradedPages } from './web/degraded.ts';
import { requestPages } from './web/requests.ts';

const settings = z.strictObject({
  /** Instance id of the ward's tax system; without it the organisation's own. */
  residentTax: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)
    .optional(),
  /** 手数料, yen a sheet. */
  feeYen: z.int().min(0).max(10_000).default(300),
  /** Seconds after which an answer is thrown away; the centre has shown an error by then (N05). */
  limitSeconds: z.int().min(1).max(10).default(8),
  /** 6:30–23:00 and the days around New Year; a town may take requests at any time. */
  keepsServiceHours: z.boolean().default(true),
});

export const definition: SystemDefinition = {
  system: 'convenience-certificates',
  name: { ja: 'コンビニ交付システム', en: 'Certificates at convenience stores' },
  schemas: [convenienceCertificatesSchema],
  rights,
  start,
};

const nav: readonly NavEntry[] = [
  { label: '交付申請', href: '/', right: requestRead },
  { label: '縮退運用', href: '/degraded', right: degradedRead },
];

async function start(host: Host): Promise<Instance> {
  const given = settings.parse(host.config.settings);
  const residentTax = given.residentTax ?? `${host.organisation.organisation}/resident-tax`;
  const limitMs = given.limitSeconds * 1_000;
  const typesetter = lazyTypesetter({ templatesFolder: fileURLToPath(certificateForms) });
  const deps: StoreDeps = {
    ...host.deps,
    sealed: host.sealed,
    outbox: host.outbox,
    alarms: host.alarms,
    typesetter,
    subjectCheckKey: await subjectCheckKeyIn(path.join(host.organisation.home, host.config.system)),
    residentTax,
    feeYen: given.feeYen,
    limitMs,
    keepsServiceHours: given.keepsServiceHours || !host.organisation.town,
    confirm: confirmWith(host.peers, residentTax, limitMs / 2),
  };
  const pages = await host.pages({ nav });
  requestPages(pages, deps);
  degradedPages(pages, deps);
  return {
    routes: routes(deps),
    handlers: [bind(handle(certificateRecords, applyRecord), deps)],
    pages,
    async stop() {
      await typesetter[Symbol.asyncDispose]();
    },
  };
}
