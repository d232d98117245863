import type { InvestigationAnswer } from '@musubi/contracts/juki/investigations.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Disclosure } from '@musubi/kernel/disclosure/disclosure.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { CounterDeps } from './disclosure.ts';

/** 調査の結果 of a municipality: noted in the request, and nothing else changes. It must be the one that was asked. */
export const takeFinding = (disclosure: Disclosure<CounterDeps>) =>
  act('fuhyo-link.take-finding', {
    right: ['fuhyo-link', 'finding', 'update'],
    async run(
      tx,
      deps: CounterDeps,
      { message, sender }: Received<InvestigationAnswer>,
    ): Promise<Result<undefined, 'not-asked' | 'already-answered'>> {
      const { investigationId, finding, note } = message;
      const [asked] = await tx<{ to: string }>`
        select detail->>'to' as "to" from disclosure.step
         where kind = 'investigation-sent' and detail->>'investigationId' = ${investigationId}::text`;
      if (asked?.to !== sender) return err('not-asked');
      const noted = await disclosure.noteFinding(tx, deps, { investigationId, finding, note, by: sender });
      if (!noted.ok) return err('already-answered');
      tx.record({
        event: 'disclosure.finding-received',
        subject: noted.value.personId,
        facts: ['disclosure.step'],
        ground: '住民基本台帳法第30条の44の12',
        detail: { receiptNo: noted.value.receiptNo, finding, sender },
      });
      return ok(undefined);
    },
  });
