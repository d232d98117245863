import type { PersonChange } from '@musubi/contracts/platform/persons.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../../deps.ts';
import { addState, holderOfAddresseeNumber, isKnownChange, lockOrMakePerson } from '../../store/persons.ts';

/** Owner in the vault of a person's number. */
export const personOwner = (personId: string): string => `person:${personId}`;

/**
 * 住民記録情報 of a person, new or changed, as the common platform sends it (RTX-F1.1, F1.2). What was known before stays; a change
 * that came later than another of a later day is history and not what counts now.
 *
 * @law 地方税法 第318条 (賦課期日), 番号利用法 第9条第1項
 */
export const applyPersonChange = act('resident-tax.apply-person-change', {
  right: ['resident-tax', 'person-change', 'update'],
  async run(tx, deps: Deps, { message }: Received<PersonChange>) {
    const number = IndividualNumber.parse(message.individualNumber);
    if (!number.ok) return err('wrong-individual-number');
    if (await isKnownChange(tx, message.changeId)) {
      tx.record({ event: 'person.change-repeated', detail: { change: message.changeId } });
      return ok(undefined);
    }
    const holder = await holderOfAddresseeNumber(tx, message.addresseeNumber);
    // One addressee number, one person: a number that another person has is a fault of the sender, not a change.
    if (holder !== undefined && holder !== message.orgPersonNumber) return err('addressee-number-held');
    const person = await lockOrMakePerson(tx, { ...message, personId: deps.newId() });
    if (person.addresseeNumber !== message.addresseeNumber) return err('addressee-number-differs');

    const others = (await deps.vault.holders(tx, number.value, 'resident-tax/person-change')).filter(
      ({ holds, owner }) => holds && owner.startsWith('person:') && owner !== personOwner(person.personId),
    );
    const ref = await deps.vault.put(tx, personOwner(person.personId), number.value, 'resident-tax/person-change');
    const { state } = message;
    const date = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);
    const version = await addState(
      tx,
      person.personId,
      {
        ...state,
        changeId: message.changeId,
        reason: message.reason,
        changedOn: date(message.changedOn),
        birthDate: date(state.birthDate),
        becameResidentOn: date(state.becameResidentOn),
        removedOn: state.removedOn === null ? null : date(state.removedOn),
        numberRef: ref,
      },
      deps.machineClock.now(),
    );
    tx.record({
      event: person.isNew ? 'person.added' : 'person.changed',
      subject: person.personId,
      facts: [...(person.isNew ? ['resident_tax.person'] : []), 'resident_tax.person_state'],
      // Two persons with one number (INC-54): both are kept as they came, and neither is linked by it until that is settled.
      detail: { version, reason: message.reason, numberHeldByOthers: others.length },
    });
    return ok({ personId: person.personId, version });
  },
});
