import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { makeWhole } from '../../domain/heirs.ts';
import { type Heir, insertRenewal, insertRenewalEnd, insertSuccession } from '../../store/arrears.ts';
import { findPayer, lockStates } from '../../store/charges.ts';
import { whoActs } from '../files/take-file.ts';

export interface NoteHeirs {
  readonly personNumber: string;
  readonly diedOn: string;
  readonly evidence: string;
  readonly heirs: readonly Heir[];
}
/**
 * 納税義務の承継: from now on the papers of the dead payer's tax go to who receives for the heirs; what each owes is its share. Where nobody
 * receives for all, each gets its own reminder with a slip over its part.
 *
 * @law 地方税法 第9条第2項 (按分), 第9条の2 (代表者)
 */
export const noteHeirs = act('collections.note-heirs', {
  right: ['collections', 'arrears', 'update'],
  async run(
    tx,
    deps: Deps,
    command: NoteHeirs,
    actor,
  ): Promise<
    Result<
      null,
      | 'no-such-person'
      | 'evidence-missing'
      | 'in-the-future'
      | 'heir-incomplete'
      | 'shares-differ'
      | 'one-receives'
      | 'already-noted'
    >
  > {
    const { heirs } = command;
    if (command.evidence.trim() === '') return err('evidence-missing');
    if (command.diedOn > deps.civilClock.today().toString()) return err('in-the-future');
    if (heirs.some((h) => h.name.trim() === '' || h.address.trim() === '')) return err('heir-incomplete');
    if (!makeWhole(heirs)) return err('shares-differ');
    if (heirs.filter((h) => h.receives).length > 1) return err('one-receives');
    if ((await findPayer(tx, command.personNumber)) === undefined) return err('no-such-person');
    const noted = await insertSuccession(tx, {
      successionId: deps.newId(),
      personNumber: command.personNumber,
      diedOn: command.diedOn,
      evidence: command.evidence.trim().slice(0, 500),
      by: whoActs(actor),
      heirs,
    });
    if (!noted) return err('already-noted');
    tx.record({
      event: 'heirs.noted',
      subject: command.personNumber,
      facts: ['collections.succession', 'collections.heir'],
      ground: '地方税法 第9条, 第9条の2',
      detail: { heirs: heirs.length },
    });
    return ok(null);
  },
});

/**
 * 時効の更新: seizure, demand for delivery, acknowledgement. A seizure holds the time until it is lifted.
 *
 * @law 地方税法 第18条の2, 第331条
 */
export const noteRenewal = act('collections.note-renewal', {
  right: ['collections', 'arrears', 'update'],
  async run(
    tx,
    deps: Deps,
    command: {
      readonly chargeId: string;
      readonly kind: 'seizure' | 'demand-for-delivery' | 'acknowledgement';
      readonly onDay: string;
      readonly evidence: string;
    },
    actor,
  ): Promise<Result<{ renewalId: string }, 'no-such-charge' | 'nothing-open' | 'evidence-missing' | 'in-the-future'>> {
    if (command.evidence.trim() === '') return err('evidence-missing');
    if (command.onDay > deps.civilClock.today().toString()) return err('in-the-future');
    const state = (await lockStates(tx, [command.chargeId])).get(command.chargeId);
    if (state === undefined) return err('no-such-charge');
    if (Object.values(state.open).every((yen) => yen === 0)) return err('nothing-open');
    const renewalId = deps.newId();
    const evidence = command.evidence.trim().slice(0, 500);
    await insertRenewal(tx, { ...command, evidence, renewalId, by: whoActs(actor) });
    tx.record({
      event: 'prescription.renewed',
      subject: state.personNumber,
      facts: ['collections.renewal'],
      detail: { charge: command.chargeId, kind: command.kind },
    });
    return ok({ renewalId });
  },
});

/** 差押解除: the five years begin anew. */
export const liftSeizure = act('collections.lift-seizure', {
  right: ['collections', 'arrears', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly renewalId: string; readonly reason: string },
    actor,
  ): Promise<Result<null, 'no-such-seizure' | 'reason-missing'>> {
    const reason = command.reason.trim().slice(0, 500);
    if (reason === '') return err('reason-missing');
    const on = deps.civilClock.today().toString();
    if (!(await insertRenewalEnd(tx, { renewalId: command.renewalId, on, reason, by: whoActs(actor) })))
      return err('no-such-seizure');
    tx.record({ event: 'seizure.lifted', facts: ['collections.renewal_end'], detail: { renewal: command.renewalId } });
    return ok(null);
  },
});
