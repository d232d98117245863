import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { reasonRules } from '../domain/reasons.ts';
import { isKatakana, isUsableText } from '../domain/texts.ts';
import {
  filingsLike,
  findFiling,
  insertFiling,
  insertRegistered,
  listPending,
  lockFiling,
  type PendingBirth,
} from '../store/births.ts';
import { lockResident, namesakes, type ResidentRow } from '../store/residents.ts';
import type { Changed } from './change-resident.ts';
import { type EntryRefusal, enterResident } from './enter-resident.ts';
import { once } from './once.ts';
import { operatorOf, searchKeysOf } from './write-change.ts';

/** Wakes the loop that obtains codes. */
export const birthsChannel = 'resident_register_births';

export interface BirthFiling {
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: Temporal.PlainDate;
  readonly sex: ResidentRow['sex'];
  /** A member of the household that the child joins. */
  readonly householdOf: string;
  readonly relationship: string;
  readonly filedOn: Temporal.PlainDate;
  /** The clerk made sure that a child of the same name and birth date is another one. */
  readonly namesakeChecked?: boolean;
  readonly requestKey?: string;
}

export type BirthRefusal =
  | 'no-such-household'
  | 'in-the-future'
  | 'namesake-here'
  | 'unusable-character'
  | 'not-katakana'
  | 'form-reused';

/**
 * 出生届の受付: kept until code and number have come. @law 戸籍法 第49条, 住民基本台帳法 第8条
 */
export const fileBirth = act('resident-register.file-birth', {
  right: ['resident-register', 'resident', 'update'],
  async run(tx, deps: Deps, command: BirthFiling, actor): Promise<Result<{ filingId: string }, BirthRefusal>> {
    const { requestKey, birthDate: born, filedOn, ...rest } = command;
    const about = { ...rest, birthDate: born.toString(), filedOn: filedOn.toString() };
    return once(tx, deps, requestKey, about, async () => {
      if (Temporal.PlainDate.compare(command.birthDate, deps.civilClock.today()) > 0) return err('in-the-future');
      const parent = await lockResident(tx, command.householdOf);
      if (!parent || parent.status === 'removed') return err('no-such-household');
      if (!isUsableText(command.name)) return err('unusable-character');
      if (!isKatakana(command.nameKana)) return err('not-katakana');
      // Twins have names of their own; the same name on the same day is most likely the same child, filed twice.
      const { kana_key } = searchKeysOf(command.name, command.nameKana);
      const birthDate = command.birthDate.toString();
      const known = (await namesakes(tx, kana_key, birthDate, null)) + (await filingsLike(tx, command.name, birthDate));
      if (enforced('matching.clerk-resolves') && known > 0 && command.namesakeChecked !== true)
        return err('namesake-here');
      const filingId = deps.newId();
      await insertFiling(
        tx,
        { ...rest, birthDate: born, filedOn, filingId, ...operatorOf(actor) },
        deps.machineClock.now(),
      );
      await tx`select pg_notify(${birthsChannel}, '')`;
      tx.record({
        event: 'birth.filed',
        subject: filingId,
        facts: ['resident_register.birth_filing'],
        ground: `住民基本台帳法${reasonRules.birth.article}`,
        detail: { filingId },
      });
      return ok({ filingId });
    });
  },
});

/** Enters the child with the codes that the national server gave. A second call finds it done. */
export const registerBirth = act('resident-register.register-birth', {
  right: ['resident-register', 'resident', 'update'],
  async run(
    tx,
    deps: Deps,
    command: {
      readonly filingId: string;
      readonly residentRecordCode: string;
      readonly individualNumber: IndividualNumber;
    },
    actor,
  ): Promise<Result<Changed, EntryRefusal | 'no-such-filing' | 'already-registered' | 'no-such-household'>> {
    const filing = await lockFiling(tx, command.filingId);
    if (!filing) return err('no-such-filing');
    if (filing.personId !== null) return err('already-registered');
    const parent = await lockResident(tx, filing.householdOf);
    if (!parent) return err('no-such-household');
    const birthDate = Temporal.PlainDate.from(filing.birthDate);
    const entered = await enterResident(
      tx,
      deps,
      actor,
      {
        reason: 'birth',
        changedOn: birthDate,
        filedOn: Temporal.PlainDate.from(filing.filedOn),
        residentRecordCode: command.residentRecordCode,
        individualNumber: command.individualNumber,
        name: filing.name,
        nameKana: filing.nameKana,
        birthDate,
        sex: filing.sex,
        address: parent.address,
        postalCode: parent.postal_code,
        householdNumber: parent.household_number,
        relationship: filing.relationship,
        // The filing was compared with whoever is here when it was taken.
        namesakeChecked: true,
      },
      ['resident_register.birth_registered'],
    );
    if (entered.ok) await insertRegistered(tx, command.filingId, entered.value.personId);
    return entered;
  },
});

/** Filings that wait for their codes, oldest first. */
export const readPendingBirths = act('resident-register.read-pending-births', {
  right: ['resident-register', 'resident', 'read'],
  async run(tx, _deps: Deps, { limit }: { readonly limit: number }): Promise<Result<PendingBirth[], never>> {
    const pending = await listPending(tx, limit);
    tx.record({
      event: 'births.pending-read',
      subjects: pending.map((b) => b.filingId),
      detail: { count: pending.length },
    });
    return ok(pending);
  },
});

export const readFiling = act('resident-register.read-filing', {
  right: ['resident-register', 'resident', 'read'],
  async run(
    tx,
    _deps: Deps,
    { filingId }: { readonly filingId: string },
  ): Promise<Result<{ personId: string | null }, 'no-such-filing'>> {
    const filing = await findFiling(tx, filingId);
    if (!filing) return err('no-such-filing');
    tx.record({ event: 'birth.filing-read', subject: filingId });
    return ok({ personId: filing.personId });
  },
});
