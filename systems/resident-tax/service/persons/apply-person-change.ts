import type { PersonChange } from '@musubi/contracts/platform/persons.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../../deps.ts';
import { applyOne } from './apply-one.ts';

/**
 * 住民記録情報 of a person, new or changed, as the common platform sends it (RTX-F1.1, F1.2). What was known before stays; a change
 * that came later than another of a later day is history and not what counts now.
 *
 * @law 地方税法 第318条 (賦課期日), 番号利用法 第9条第1項
 */
export const applyPersonChange = act('resident-tax.apply-person-change', {
  right: ['resident-tax', 'person-change', 'update'],
  async run(tx, deps: Deps, { message }: Received<PersonChange>) {
    const done = await applyOne(tx, deps, message);
    if (!done.ok) return done;
    if (done.value.kind === 'repeated') {
      tx.record({ event: 'person.change-repeated', detail: { change: message.changeId } });
      return ok(undefined);
    }
    const { kind, personId, version, numberHeldByOthers } = done.value;
    tx.record({
      event: `person.${kind}`,
      subject: personId,
      facts: [...(kind === 'added' ? ['resident_tax.person'] : []), 'resident_tax.person_state'],
      detail: { version, reason: message.reason, numberHeldByOthers },
    });
    return ok({ personId, version });
  },
});
