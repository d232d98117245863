import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { RightsTable } from '@musubi/kernel/access/rights.ts';
import { disclosureTemplates } from '@musubi/kernel/disclosure/disclosure.ts';
import { addGuidePages } from '@musubi/kernel/disclosure/guide-pages.ts';
import { addLedgerPages } from '@musubi/kernel/disclosure/ledger-pages.ts';
import { addDisclosurePages, disclosureNav } from '@musubi/kernel/disclosure/pages.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import { taxDisclosure } from './service/disclosure/tax-disclosure.ts';
import type { NoticeOffice } from './service/notices/notice-deps.ts';

/** 開示請求の窓口: one person takes and prepares, another decides. */
export const disclosureRights: Omit<RightsTable, 'system' | 'residents'> = {
  staff: {
    'disclosure-clerk': [
      ['disclosure', 'update'],
      ['form-ledger', 'update'],
    ],
    'disclosure-manager': [
      ['disclosure', 'read'],
      ['disclosure-decision', 'update'],
    ],
  },
  peers: [],
  jobs: [['form-ledger', 'update']],
};
export const taxDisclosureNav = disclosureNav('resident-tax');

/** The counter of this ward: pages, the ledger's upkeep, and what must be closed at the end. */
export function startDisclosure(host: Pick<Host, 'deps' | 'sealed'>, { issuer, contact }: NoticeOffice) {
  const typesetter = lazyTypesetter({ templatesFolder: fileURLToPath(disclosureTemplates) });
  // A check code has to be the same on the pages of one document only, and a document is set in one go.
  const deps = { ...host.deps, sealed: host.sealed, typesetter, subjectCheckKey: randomBytes(32) };
  const disclosure = taxDisclosure({
    authority: issuer,
    office: { name: contact.office, telephone: contact.telephone, address: contact.address },
  });
  return {
    addPages(app: PageApp): void {
      addGuidePages(app, disclosure, deps);
      addDisclosurePages(app, disclosure, deps);
      addLedgerPages(app, disclosure, deps);
    },
    /** Copies of sheets whose papers would be shredded by now. */
    async eraseOldCopies(): Promise<void> {
      const actor = { kind: 'job', name: 'form-ledger' } as const;
      while (unwrap(await disclosure.ledger.eraseOldCopies(deps, actor, null)).erased > 0);
    },
    stop: () => typesetter.close(),
  };
}
