import type { Running } from '@musubi/bench/register/instances.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import {
  cancelMovedOut,
  recordDeath,
  recordMovedOut,
  recordMovedWithin,
} from '@musubi/resident-register/service/change-resident.ts';
import { recordMovedIn } from '@musubi/resident-register/service/enter-resident.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import type { Filing, Order } from './orders.ts';

const conductor: Actor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' };
const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);
const filed = { changedOn: day('2026-06-01'), filedOn: day('2026-06-01') };

/** What the register answers does not matter here: right or wrong, it must arrive everywhere. */
export async function file({ deps, id }: Running, filing: Filing): Promise<unknown> {
  const [organisation = ''] = id.split('/');
  const actor: Actor = { kind: 'staff', organisation, staffId: 'S-101', sessionId: 'session', terminalId: 'T-1' };
  if (filing.kind === 'moved-in') {
    const { person, address } = filing;
    return recordMovedIn(deps, actor, { ...person, ...filed, address, birthDate: day(person.birthDate) });
  }
  const step = { ...filed, personId: filing.personId, version: filing.version };
  switch (filing.kind) {
    case 'moved-within':
      return recordMovedWithin(deps, actor, { ...step, address: filing.address, postalCode: null });
    case 'moved-out':
      return recordMovedOut(deps, actor, { ...step, changedOn: day('2026-06-20'), movedTo: '東京都' });
    case 'moved-out-cancelled':
      return cancelMovedOut(deps, actor, step);
    case 'died':
      return recordDeath(deps, actor, step);
  }
}

export async function load({ deps }: Running, { loadId, persons }: Extract<Order, { do: 'load' }>): Promise<void> {
  const done = await loadTown(deps, conductor, { loadId, chunk: 0, persons });
  if (!done.ok) throw new Error(done.error);
}
