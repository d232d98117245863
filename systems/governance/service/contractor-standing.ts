import { isDeepStrictEqual } from 'node:util';
import { type ContractorStanding, contractorStandings } from '@musubi/contracts/governance/contractor-standing.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { contractorStandingsOf, type Standing } from '../domain/contractor-standing.ts';
import { contracts, subcontracts, workers } from '../domain/registers/contractor.ts';
import { workOrders } from '../domain/registers/work-order.ts';
import { insertContractorTold, lastTold } from '../store/contractor-standing.ts';
import { allOf, lockRegisters } from '../store/entries.ts';

const right = ['governance', 'reminder', 'update'] as const;

async function untold(tx: Tx, today: Temporal.PlainDate): Promise<(readonly [string, Standing])[]> {
  const byId = async (register: string) => new Map((await allOf(tx, register)).map((e) => [e.entryId, e]));
  const now = contractorStandingsOf(
    {
      workers: await allOf(tx, workers.id),
      orders: await allOf(tx, workOrders.id, 'issued'),
      contracts: await byId(contracts.id),
      subcontracts: await byId(subcontracts.id),
    },
    today,
  );
  const told = await lastTold(tx);
  return [...now].filter(([staffId, standing]) => {
    const known = told.get(staffId);
    // Of whom the directory never heard it opens nothing: there is nothing to take back.
    return known === undefined ? standing.standing !== 'none' : !isDeepStrictEqual(known, standing);
  });
}

export const countUntoldContractors = look('governance.count-untold-contractors', {
  right,
  run: async (tx, deps: Deps, _query: null): Promise<number> => (await untold(tx, deps.civilClock.today())).length,
});

/** 作業指示・従事者・契約の今 to the staff directory: a contractor's person signs in by nothing else. */
export const tellContractors = act('governance.tell-contractors', {
  right,
  async run(tx, deps: Deps, { receiver }: { readonly receiver: string }): Promise<Result<number, never>> {
    await lockRegisters(tx);
    const today = deps.civilClock.today();
    const changes = await untold(tx, today);
    for (const [staffId, standing] of changes) {
      await insertContractorTold(tx, staffId, standing, today.toString(), deps.machineClock.now());
      const message: ContractorStanding = { staffId, ...standing, on: today.toString() };
      await deps.outbox.enqueue(tx, { receiver, family: contractorStandings, subject: staffId, message });
    }
    tx.record({
      event: 'contractor.told',
      ...(changes.length > 0 ? { facts: ['governance.contractor_told'] } : {}),
      detail: { count: changes.length, ended: changes.filter(([, s]) => s.standing === 'none').length },
    });
    return ok(changes.length);
  },
});
