import type { PersonChange } from '@musubi/contracts/platform/persons.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { NumberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../../deps.ts';
import {
  addState,
  holderOfAddresseeNumber,
  isKnownChange,
  lockOrMakePerson,
  type PersonState,
} from '../../store/persons.ts';

/** Owner in the vault of a person's number. */
export const personOwner = (personId: string): string => `person:${personId}`;
export const numberPurpose = 'resident-tax/person-change';

export type Applied =
  | { readonly kind: 'repeated' }
  | {
      readonly kind: 'added' | 'changed';
      readonly personId: string;
      readonly version: number;
      /** Two persons with one number (INC-54): both are kept as they came, and neither is linked by it until that is settled. */
      readonly numberHeldByOthers: number;
    };

export type Refusal = 'wrong-individual-number' | 'addressee-number-held' | 'addressee-number-differs';

/** Applies one change. Where it is refused nothing was written. */
export async function applyOne(tx: Tx, deps: Deps, message: PersonChange): Promise<Result<Applied, Refusal>> {
  const number = IndividualNumber.parse(message.individualNumber);
  if (!number.ok) return err('wrong-individual-number');
  if (await isKnownChange(tx, message.changeId)) return ok({ kind: 'repeated' });
  const holder = await holderOfAddresseeNumber(tx, message.addresseeNumber);
  // One addressee number, one person: a number that another person has is a fault of the sender, not a change.
  if (holder !== undefined && holder !== message.orgPersonNumber) return err('addressee-number-held');
  const person = await lockOrMakePerson(tx, { ...message, personId: deps.newId() });
  if (person === undefined) return err('addressee-number-held');
  if (enforced('matching.addressee-update') && person.addresseeNumber !== message.addresseeNumber)
    return err('addressee-number-differs');

  const others = (await deps.vault.holders(tx, number.value, numberPurpose)).filter(
    ({ holds, owner }) => holds && owner.startsWith('person:') && owner !== personOwner(person.personId),
  );
  const ref = await deps.vault.put(tx, personOwner(person.personId), number.value, numberPurpose);
  const version = await addState(tx, person.personId, stateOf(message, ref), deps.machineClock.now());
  return ok({
    kind: person.isNew ? 'added' : 'changed',
    personId: person.personId,
    version,
    numberHeldByOthers: others.length,
  });
}

export function stateOf(
  { state, changeId, reason, changedOn }: PersonChange,
  numberRef: NumberRef,
): Omit<PersonState, 'version' | 'recordedAt'> {
  const date = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);
  return {
    ...state,
    changeId,
    reason,
    changedOn: date(changedOn),
    birthDate: date(state.birthDate),
    becameResidentOn: date(state.becameResidentOn),
    removedOn: state.removedOn === null ? null : date(state.removedOn),
    numberRef,
  };
}
