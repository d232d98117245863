import { toZenginName } from '@musubi/contracts/zengin/text.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type AccountFault, accountFault } from '../domain/banks.ts';
import { replacedBy } from '../store/branches.ts';
import { endMandate as endStored, insertMandate, lockPerson, type Mandate, mandates } from '../store/mandates.ts';

export type { Mandate } from '../store/mandates.ts';

export interface RegisterMandate {
  /** UUID of the form or the portal's application: twice is once. */
  readonly requestId: string;
  readonly personNumber: string;
  readonly purpose: 'debit' | 'refund';
  readonly bank: string;
  readonly branch: string;
  readonly accountKind: 'ordinary' | 'current' | 'tax-reserve' | 'savings' | 'other';
  readonly accountNumber: string;
  /** Reading of the account's holder. */
  readonly holderKana: string;
  /** Reading of the person, to compare. */
  readonly personKana: string;
  /** A clerk has seen that another holder is right (家族名義). Refunds go to the person alone. */
  readonly holderConfirmed: boolean;
  readonly source: 'paper' | 'portal' | 'public-money-account';
  readonly fromOn: string;
}
export type RegisterRefusal =
  | AccountFault
  /** The branch merged into another: its new codes are on the page of mergers. */
  | 'branch-replaced'
  | 'holder-unwritable'
  | 'holder-differs'
  | 'request-key-reused'
  | 'not-staff';

const squeezed = (name: string): string => name.replaceAll(' ', '');

/**
 * 口座情報登録・変更 (ACC-F1, W19). Bank and branch must exist, the holder's reading must be writable in the banks' characters and be the
 * person's own, unless a clerk has confirmed another holder for debits. A new account for a purpose ends the one before, in one commit.
 */
export const registerMandate = act('accounts.register-mandate', {
  right: ['accounts', 'mandate', 'update'],
  async run(tx, deps: Deps, command: RegisterMandate, actor): Promise<Result<{ mandateId: string }, RegisterRefusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const fault = accountFault(deps.banks, command);
    const checks = enforced('matching.account-check');
    if (fault !== undefined && checks) return err(fault);
    const holder = toZenginName(command.holderKana, 30);
    const person = toZenginName(command.personKana, 30);
    if (!holder.ok || !person.ok) return err('holder-unwritable');
    const isOwn = squeezed(holder.value) === squeezed(person.value);
    if (checks && !isOwn && (command.purpose === 'refund' || !command.holderConfirmed)) return err('holder-differs');
    await lockPerson(tx, command.personNumber);
    const today = deps.civilClock.today().toString();
    const [known] = await mandates(tx, { requestId: command.requestId }, today);
    if (known !== undefined) {
      if (known.personNumber !== command.personNumber || known.accountNumber !== command.accountNumber)
        return err('request-key-reused');
      tx.record({ event: 'mandate.repeated', subject: command.personNumber });
      return ok({ mandateId: known.mandateId });
    }
    if ((await replacedBy(tx, command.bank, command.branch, today)) !== undefined) return err('branch-replaced');
    const before = (await mandates(tx, { personNumber: command.personNumber }, today)).find(
      (m) => m.endedOn === null && m.purpose === command.purpose,
    );
    if (before !== undefined)
      await endStored(tx, { mandateId: before.mandateId, on: today, reason: '口座変更', by: actor.staffId });
    const mandateId = deps.newId();
    const { personNumber, purpose, bank, branch, accountKind, accountNumber, source, fromOn, requestId } = command;
    const account = { personNumber, purpose, bank, branch, accountKind, accountNumber, source, fromOn, requestId };
    await insertMandate(tx, {
      ...account,
      mandateId,
      holder: holder.value,
      registeredBy: actor.staffId,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: before === undefined ? 'mandate.registered' : 'mandate.changed',
      subject: personNumber,
      facts: ['accounts.mandate', 'accounts.mandate_end'],
      detail: { purpose, source },
    });
    return ok({ mandateId });
  },
});

/** 口座情報の廃止. */
export const endMandate = act('accounts.end-mandate', {
  right: ['accounts', 'mandate', 'update'],
  async run(
    tx,
    deps: Deps,
    { mandateId, reason }: { readonly mandateId: string; readonly reason: string },
    actor,
  ): Promise<Result<null, 'not-staff' | 'no-such-mandate' | 'already-ended' | 'reason-missing'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    if (reason.trim() === '') return err('reason-missing');
    const on = deps.civilClock.today().toString();
    const [mandate] = await mandates(tx, { mandateId }, on);
    if (mandate === undefined) return err('no-such-mandate');
    await lockPerson(tx, mandate.personNumber);
    if (!(await endStored(tx, { mandateId, on, reason: reason.trim().slice(0, 200), by: actor.staffId })))
      return err('already-ended');
    tx.record({ event: 'mandate.ended', subject: mandate.personNumber, facts: ['accounts.mandate_end'] });
    return ok(null);
  },
});

/** 口座情報照会 (ACC-F2): accounts of a person, in force and before. */
export const readMandates = act('accounts.read-mandates', {
  right: ['accounts', 'mandate', 'read'],
  async run(tx, deps: Deps, query: { readonly personNumber: string }): Promise<Result<readonly Mandate[], never>> {
    const found = await mandates(tx, query, deps.civilClock.today().toString());
    tx.record({
      event: 'mandate.read',
      subject: query.personNumber,
      ground: '地方税法 第321条の7, 特別区税条例',
      items: ['口座情報'],
      detail: { mandates: found.length },
    });
    return ok(found);
  },
});
