import { type Entry, isAfter } from './register.ts';
import { isThisYears } from './registers/contractor.ts';

/** What the registers say a contractor's person may do today. */
export type Standing =
  | { readonly standing: 'none'; readonly because: 'contract-ended' | 'consent-ended' | 'worker-removed' }
  | { readonly standing: 'admitted' }
  | { readonly standing: 'ordered'; readonly order: string; readonly until: string };

export interface ContractorRegisters {
  readonly workers: readonly Entry[];
  readonly orders: readonly Entry[];
  /** By entry id. */
  readonly contracts: ReadonlyMap<string, Entry>;
  readonly subcontracts: ReadonlyMap<string, Entry>;
}

const runs = ({ from, until }: Entry['values'], today: Temporal.PlainDate): boolean =>
  from !== undefined &&
  until !== undefined &&
  !isAfter(Temporal.PlainDate.from(from), today) &&
  !isAfter(today, Temporal.PlainDate.from(until));

function ofWorker(worker: Entry, registers: ContractorRegisters, today: Temporal.PlainDate): Standing {
  if (worker.state !== 'admitted') return { standing: 'none', because: 'worker-removed' };
  const contract = registers.contracts.get(worker.values.contract ?? '');
  if (contract?.state !== 'active' || !runs(contract.values, today))
    return { standing: 'none', because: 'contract-ended' };
  const { subcontract } = worker.values;
  const under = subcontract === undefined ? undefined : registers.subcontracts.get(subcontract);
  if (subcontract !== undefined && !(under && isThisYears(under, today)))
    return { standing: 'none', because: 'consent-ended' };
  const orders = registers.orders
    .filter((o) => o.values.worker === worker.entryId && o.state === 'issued' && runs(o.values, today))
    .toSorted((a, b) => (b.values.until ?? '').localeCompare(a.values.until ?? ''));
  const [order] = orders;
  return order === undefined
    ? { standing: 'admitted' }
    : { standing: 'ordered', order: order.label, until: order.values.until! };
}

const weight = { none: 0, admitted: 1, ordered: 2 } as const;

/** The standing of each staff id that the register of workers names; who is listed twice has the better of the two. */
export function contractorStandingsOf(
  registers: ContractorRegisters,
  today: Temporal.PlainDate,
): ReadonlyMap<string, Standing> {
  const standings = new Map<string, Standing>();
  for (const worker of registers.workers) {
    const { staffId } = worker.values;
    // Who is only listed was never admitted: the directory has heard nothing, and opens nothing.
    if (staffId === undefined || worker.state === 'listed') continue;
    const now = ofWorker(worker, registers, today);
    const former = standings.get(staffId);
    if (former === undefined || weight[now.standing] > weight[former.standing]) standings.set(staffId, now);
  }
  return standings;
}
