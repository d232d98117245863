import { readDebitFile } from '@musubi/contracts/zengin/direct-debit.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type Manners, wellBehaved } from '../domain/manners.ts';
import { giveDebitResult, takeDebitFile } from '../service/debits.ts';
import { banksSchema } from '../store/schema-set.ts';

export const schemas = [auditSchema, banksSchema];
export const accounts: Actor = { kind: 'system', organisation: 'meguro', system: 'accounts', certificate: 'c' };
export const collectorCode = '1311000001';

export interface Bank extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: Deps;
  at(day: string): void;
  /** Takes a request on the day before its debit, and gives the result of the day after. */
  work(request: Uint8Array): Promise<Uint8Array>;
  debitedYen(): Promise<number>;
}

/** A bank with a contract for the ward of the tests. */
export async function aBank(manners: Partial<Manners> = {}, seed = 'test'): Promise<Bank> {
  const t = await testDatabase(schemas, { today: '2026-06-25' });
  const deps: Deps = {
    ...t.deps,
    contracts: { [collectorCode]: 'meguro/accounts' },
    manners: { ...wellBehaved, ...manners },
    seed,
  };
  return {
    t,
    deps,
    at: (day) => t.deps.civilClock.set(day),
    async work(request) {
      const { debitOn, debits } = unwrap(await readDebitFile(request, 'request', t.deps.civilClock.today()));
      t.deps.civilClock.set(debitOn.toString());
      const taken = unwrap(await takeDebitFile(deps, accounts, { content: request }));
      if (!taken.taken) throw new Error(`refused: ${taken.faults[0]?.rule}`);
      t.deps.civilClock.set(debitOn.add({ days: 1 }).toString());
      const query = { collectorCode, debitOn: debitOn.toString(), bank: debits[0]!.bank };
      return unwrap(await giveDebitResult(deps, accounts, query)).content;
    },
    async debitedYen() {
      const [row] = await t.owner<{ yen: string }>(
        `select coalesce(sum(amount_yen), 0)::text as yen from banks.debit where outcome = 'paid'`,
      );
      return Number(row!.yen);
    },
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}
