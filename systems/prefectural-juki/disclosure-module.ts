import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { investigationAnswers } from '@musubi/contracts/juki/investigations.ts';
import { disclosureTemplates } from '@musubi/kernel/disclosure/disclosure.ts';
import { addGuidePages } from '@musubi/kernel/disclosure/guide-pages.ts';
import { addLedgerPages } from '@musubi/kernel/disclosure/ledger-pages.ts';
import { addDisclosurePages } from '@musubi/kernel/disclosure/pages.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import type { PageApp } from '@musubi/kernel/pages/app.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { type BoundHandler, bind, type Host } from '@musubi/kernel/serve/host.ts';
import { handle } from '@musubi/kernel/streams/inbox.ts';
import { z } from 'zod';
import type { Deps } from './deps.ts';
import { type CounterOffice, prefecturalDisclosure } from './service/disclosure.ts';
import { takeFinding } from './service/take-finding.ts';

/** Who answers at the counter; stands on every sheet. */
export const counterSettings = z.strictObject({
  authority: z.strictObject({ title: z.string().max(40), name: z.string().max(60) }),
  office: z.strictObject({
    name: z.string().max(80),
    telephone: z.string().max(40),
    address: z.string().max(120),
  }),
});

const officeOf = (host: Pick<Host, 'organisation'>): CounterOffice => ({
  authority: { title: `${host.organisation.name.ja}知事`, name: '' },
  office: { name: host.organisation.name.ja, telephone: '', address: '' },
});

/** The counter of this prefecture: pages, the municipalities' findings, and what must be closed at the end. */
export function startDisclosure(host: Host, base: Deps, office: CounterOffice | undefined) {
  const typesetter = lazyTypesetter({ templatesFolder: fileURLToPath(disclosureTemplates) });
  // A check code has to be the same on the pages of one document only, and a document is set in one go.
  const deps = { ...base, sealed: host.sealed, typesetter, subjectCheckKey: randomBytes(32) };
  const disclosure = prefecturalDisclosure(office ?? officeOf(host));
  const handlers: readonly BoundHandler[] = [bind(handle(investigationAnswers, takeFinding(disclosure)), deps)];
  return {
    deps,
    disclosure,
    handlers,
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
