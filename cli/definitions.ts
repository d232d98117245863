import { fileURLToPath } from 'node:url';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';

type Load = () => Promise<{ readonly definition: SystemDefinition }>;

/** Every system that `musubi serve` can run. Loaded when needed: a process carries only what it runs. */
const systems = {
  accounts: () => import('@musubi/accounts/main.ts'),
  banks: () => import('@musubi/banks/main.ts'),
  'certificate-centre': () => import('@musubi/certificate-centre/main.ts'),
  'child-chronic': () => import('@musubi/child-chronic/main.ts'),
  collections: () => import('@musubi/collections/main.ts'),
  'common-platform': () => import('@musubi/common-platform/main.ts'),
  'convenience-certificates': () => import('@musubi/convenience-certificates/main.ts'),
  eltax: () => import('@musubi/eltax/main.ts'),
  etax: () => import('@musubi/etax/main.ts'),
  'fuhyo-link': () => import('@musubi/fuhyo-link/main.ts'),
  governance: () => import('@musubi/governance/main.ts'),
  'government-pki': () => import('@musubi/government-pki/main.ts'),
  'information-providing-network': () => import('@musubi/information-providing-network/main.ts'),
  'intermediate-server': () => import('@musubi/intermediate-server/main.ts'),
  jpki: () => import('@musubi/jpki/main.ts'),
  'linkage-root': () => import('@musubi/information-providing-network/root/main.ts'),
  'municipal-juki': () => import('@musubi/municipal-juki/main.ts'),
  mynaportal: () => import('@musubi/mynaportal/main.ts'),
  'national-fuhyo': () => import('@musubi/national-fuhyo/main.ts'),
  'national-juki': () => import('@musubi/national-juki/main.ts'),
  'other-municipality': () => import('@musubi/other-municipality/main.ts'),
  payers: () => import('@musubi/payers/main.ts'),
  payments: () => import('@musubi/payments/main.ts'),
  pension: () => import('@musubi/pension/main.ts'),
  printing: () => import('@musubi/printing/main.ts'),
  'prefectural-juki': () => import('@musubi/prefectural-juki/main.ts'),
  'resident-register': () => import('@musubi/resident-register/main.ts'),
  'resident-tax': () => import('@musubi/resident-tax/main.ts'),
  'staff-directory': () => import('@musubi/staff-directory/main.ts'),
  'tax-documents': () => import('@musubi/tax-documents/main.ts'),
  'ward-sections': () => import('@musubi/ward-sections/main.ts'),
} as const satisfies Record<string, Load>;

export const systemNames = Object.keys(systems);

/** Definitions by name. Throws for a name that is no system. */
export async function loadDefinitions(names: Iterable<string>): Promise<ReadonlyMap<string, SystemDefinition>> {
  const loaded = new Map<string, SystemDefinition>();
  for (const name of new Set(names)) {
    const load = (systems as Readonly<Record<string, Load>>)[name];
    if (!load) throw new Error(`there is no system "${name}"; there are: ${systemNames.join(', ')}`);
    loaded.set(name, (await load()).definition);
  }
  return loaded;
}

/** Folders whose pages use class names. */
export const pageFolders: readonly string[] = ['systems', 'counterparts', 'town'].map((folder) =>
  fileURLToPath(new URL(`../${folder}/`, import.meta.url)),
);
