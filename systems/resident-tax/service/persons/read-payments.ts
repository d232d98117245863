import type { Actor } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { type PersonPayments, personPayments } from '../../clients/collections.ts';
import type { Deps } from '../../deps.ts';
import { readPerson } from './read-person.ts';

export interface PaymentsDeps extends Deps {
  readonly peers: Pick<PeerClient, 'call'>;
  /** Instance id of the ward's collections; undefined where it has none. */
  readonly collections: string | undefined;
}
export interface PaymentsOfPerson {
  readonly name: string;
  /** undefined: nothing was ever charged. */
  readonly payments: PersonPayments | undefined;
}

/** 納付の状況 of a person: read here first, with its record, then asked of collections, which keeps its own. */
export async function readPaymentsOfPerson(
  deps: PaymentsDeps,
  actor: Actor,
  { personId }: { readonly personId: string },
): Promise<Result<PaymentsOfPerson, 'not-authorised' | 'no-such-person' | 'no-collections' | 'unreachable'>> {
  if (deps.collections === undefined) return err('no-collections');
  const read = await readPerson(deps, actor, { personId, fiscalYear: deps.civilClock.today().year });
  if (!read.ok) return err(read.error === 'not-authorised' ? 'not-authorised' : 'no-such-person');
  const { person, current } = read.value;
  const payments = await askPayments(deps, actor, person.orgPersonNumber);
  return payments === 'unreachable' ? err('unreachable') : ok({ name: current.name, payments });
}

/** What collections has of somebody whose record was just read here. */
export async function askPayments(
  { peers, collections }: Pick<PaymentsDeps, 'peers' | 'collections'>,
  actor: Actor,
  orgPersonNumber: string,
): Promise<PersonPayments | undefined | 'unreachable'> {
  if (collections === undefined) return 'unreachable';
  const staffId = actor.kind === 'staff' ? actor.staffId : actor.kind;
  return personPayments(peers, collections, { orgPersonNumber, staffId });
}
