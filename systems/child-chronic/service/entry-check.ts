import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findCase, lockCase } from '../store/cases.ts';
import {
  certifications,
  type EntryField,
  entryFields,
  entryStanding,
  insertEntryCheck,
  insertEntryCorrection,
} from '../store/certifications.ts';

export { type EntryField, entryFields };

/**
 * 入力の照合: another person compares the entry with the papers, field by field. What differs goes back to be corrected, and is compared again.
 * @source requirements 001 MED-X2, scenario 4
 */
export const checkEntry = act('child-chronic.check-entry', {
  right: ['child-chronic', 'entry-check', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly caseId: string; readonly differing: readonly EntryField[] },
    actor,
  ): Promise<Result<null, 'not-staff' | 'no-such-case' | 'checker-is-enterer' | 'checked-already'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { caseId, differing } = command;
    await lockCase(tx, caseId);
    if (!(await findCase(tx, { caseId }))) return err('no-such-case');
    const standing = await entryStanding(tx, caseId);
    if (enforced('input.second-entry') && standing.enteredBy.includes(actor.staffId)) return err('checker-is-enterer');
    if (standing.state !== 'open') return err('checked-already');
    const at = deps.machineClock.now();
    await insertEntryCheck(tx, { checkId: deps.newId(), caseId, differing, by: actor.staffId, at });
    tx.record({
      event: differing.length === 0 ? 'entry.compared' : 'entry.returned',
      subject: caseId,
      facts: ['child_chronic.entry_check'],
      detail: { differing: differing.join(' ') },
    });
    return ok(null);
  },
});

/** 入力の訂正: one field, from the papers; whoever corrects does not compare. A decided case stays as it is. */
export const correctEntry = act('child-chronic.correct-entry', {
  right: ['child-chronic', 'case', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly caseId: string; readonly field: EntryField; readonly value: string },
    actor,
  ): Promise<Result<null, 'not-staff' | 'no-such-case' | 'unreadable' | 'already-decided'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { caseId, field } = command;
    const value = command.value.normalize('NFC').trim().slice(0, 200);
    if (value === '' || (field.endsWith('_birth_on') && !isPastDay(value, deps.civilClock.today())))
      return err('unreadable');
    await lockCase(tx, caseId);
    if (!(await findCase(tx, { caseId }))) return err('no-such-case');
    if ((await certifications(tx, { caseId })).some((c) => c.decidedBy !== null)) return err('already-decided');
    const correctionId = deps.newId();
    await insertEntryCorrection(tx, {
      correctionId,
      caseId,
      field,
      value,
      by: actor.staffId,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'entry.corrected',
      subject: caseId,
      facts: ['child_chronic.entry_correction'],
      detail: { field },
    });
    return ok(null);
  },
});

function isPastDay(text: string, today: Temporal.PlainDate): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  try {
    return Temporal.PlainDate.compare(Temporal.PlainDate.from(text, { overflow: 'reject' }), today) <= 0;
  } catch {
    return false;
  }
}
