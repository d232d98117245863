import { fileURLToPath } from 'node:url';
import { runLoop } from '@musubi/kernel/db/listen.ts';
import { disclosureTemplates } from '@musubi/kernel/disclosure/disclosure.ts';
import { addGuidePages } from '@musubi/kernel/disclosure/guide-pages.ts';
import { addLedgerPages } from '@musubi/kernel/disclosure/ledger-pages.ts';
import { addDisclosurePages, disclosureNav } from '@musubi/kernel/disclosure/pages.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { civilDateChannel } from '@musubi/kernel/jobs/calendar.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import type { NavEntry, PageApp } from '@musubi/kernel/pages/app.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { addRetentionPages, retentionNav } from '@musubi/kernel/retention/pages.ts';
import { retentionTemplates } from '@musubi/kernel/retention/retention.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { PaperDeps } from './deps.ts';
import { type CounterOffice, subsidyDisclosure } from './service/disclosure.ts';
import { retention } from './service/retention.ts';
import { quietCasePages } from './web/quiet-cases.ts';

export const recordNav: readonly NavEntry[] = [
  { label: '5年間異動のない申請', href: '/quiet-cases', right: ['child-chronic', 'retention', 'read'] },
  ...retentionNav('child-chronic'),
  ...disclosureNav('child-chronic'),
];

/** 保存期間と開示: their pages, the daily sealing and the upkeep of the ledger of sheets. */
export function startRecords(deps: PaperDeps, { authority, office }: CounterOffice) {
  const certificates = lazyTypesetter({ templatesFolder: fileURLToPath(retentionTemplates) });
  const sheets = lazyTypesetter({ templatesFolder: fileURLToPath(disclosureTemplates) });
  const disclosure = subsidyDisclosure({ authority, office });
  const counter = { ...deps, typesetter: sheets };
  let sealedOn = '';
  /** Once for the civil date as it is now: after a jump of years the days between have nothing of their own to do. */
  const daily = async (signal?: AbortSignal): Promise<void> => {
    const on = deps.civilClock.today().toString();
    if (sealedOn === on) return;
    const job = { kind: 'job', name: 'retention' } as const;
    const end = await runBatch(deps, job, retention.sealRun, { on }, signal === undefined ? {} : { signal });
    const ledger = { kind: 'job', name: 'form-ledger' } as const;
    while (unwrap(await disclosure.ledger.eraseOldCopies(counter, ledger, null)).erased > 0);
    if (end.ok && end.value.state === 'done') sealedOn = on;
  };
  return {
    daily,
    addPages(app: PageApp): void {
      quietCasePages(app, deps);
      addRetentionPages(app, retention, { ...deps, typesetter: certificates }, authority.title);
      addGuidePages(app, disclosure, counter);
      addDisclosurePages(app, disclosure, counter);
      addLedgerPages(app, disclosure, counter);
    },
    loop: ({ notifications, onError }: Pick<Host, 'notifications' | 'onError'>, signal: AbortSignal): Promise<void> =>
      runLoop({
        notifications,
        channel: civilDateChannel,
        signal,
        idleMs: 60_000,
        onError: (error) => onError(error, 'child-chronic.records'),
        async step() {
          await daily(signal);
          return 'idle';
        },
      }),
    async stop(): Promise<void> {
      await certificates.close();
      await sheets.close();
    },
  };
}
