import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { headOf } from '../domain/households.ts';
import { type Reason, type TransitionRefusal, transition } from '../domain/reasons.ts';
import { isKatakana, isUsableText } from '../domain/texts.ts';
import { lockByCode, membersOf, namesakes, nextNumbers, type ResidentRow } from '../store/residents.ts';
import type { Changed } from './change-resident.ts';
import type { IdentityCheck } from './file-change.ts';
import { once } from './once.ts';
import {
  addresseeNumberOf,
  newHouseholdNumber,
  operatorOf,
  searchKeysOf,
  vaultOwner,
  writeChange,
} from './write-change.ts';

export type EntryRefusal =
  | TransitionRefusal
  | 'wrong-code'
  | 'wrong-number'
  | 'number-held-by-another'
  | 'particulars-differ'
  | 'namesake-here'
  | 'unusable-character'
  | 'not-katakana'
  | 'no-such-household'
  | 'different-address'
  | 'two-heads'
  | 'no-head'
  | 'foreign-only';

/** 外国人住民 (住民基本台帳法 第30条の45). */
export interface ForeignItems {
  readonly nationality: string;
  readonly residenceStatus: string;
  /** ISO day; null where the status has no end (永住者). */
  readonly residenceUntil: string | null;
  readonly alias: string | null;
}

export interface Entry {
  readonly reason: Extract<
    Reason,
    'moved-in' | 'moved-in-special' | 'moved-in-from-abroad' | 'entered-ex-officio' | 'birth'
  >;
  readonly changedOn: Temporal.PlainDate;
  readonly filedOn: Temporal.PlainDate;
  readonly residentRecordCode: string;
  readonly individualNumber: IndividualNumber;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: Temporal.PlainDate;
  readonly sex: ResidentRow['sex'];
  readonly address: string;
  readonly postalCode: string | null;
  /** Undefined: a household of one's own. */
  readonly householdNumber: string | undefined;
  readonly relationship: string;
  readonly movedFrom?: string | null | undefined;
  readonly registeredDomicile?: string | null | undefined;
  readonly familyRegisterHead?: string | null | undefined;
  readonly foreign?: ForeignItems | undefined;
  readonly document?: string | null | undefined;
  readonly identityCheck?: IdentityCheck | null | undefined;
  /** The clerk made sure by documents that someone here with the same reading and birth date is another person. */
  readonly namesakeChecked?: boolean | undefined;
  readonly approvedBy?: string | undefined;
  readonly operator?: { readonly operator_id: string; readonly terminal_id: string } | undefined;
}

/**
 * Enters a person: someone new, or one who lived here before (the record that was removed lives on under the same code).
 * A number that belongs to somebody else here ends it: nothing is linked on a partial agreement.
 */
export async function enterResident(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  entry: Entry,
  facts: readonly string[] = [],
): Promise<Result<Changed, EntryRefusal>> {
  if (!parseResidentRecordCode(entry.residentRecordCode).ok) return err('wrong-code');
  const sound = await checkEntry(tx, entry);
  if (!sound.ok) return sound;
  const former = await lockByCode(tx, entry.residentRecordCode);
  const next = transition(
    former?.status ?? 'none',
    { ...entry, becameResidentOn: entry.changedOn, lastReason: former?.reason },
    deps.civilClock.today(),
  );
  if (!next.ok) return next;
  const isSame =
    former?.birth_date === entry.birthDate.toString() && former.sex === entry.sex && former.name === entry.name;
  if (former && enforced('matching.no-partial-link') && !isSame) return err('particulars-differ');
  const personId = former?.person_id ?? deps.newId();
  const holders = await deps.vault.holders(tx, entry.individualNumber, 'resident-register/enter');
  if (holders.some((h) => h.holds && h.owner !== vaultOwner(personId))) return err('number-held-by-another');
  const [put] = await deps.vault.putMany(
    tx,
    [{ owner: vaultOwner(personId), number: entry.individualNumber }],
    'resident-register/enter',
  );
  const searchKeys = searchKeysOf(entry.name, entry.nameKana);
  const others = await namesakes(tx, searchKeys.kana_key, entry.birthDate.toString(), personId);
  if (enforced('matching.clerk-resolves') && others > 0 && entry.namesakeChecked !== true) return err('namesake-here');
  // A returning person brings the number of before; a changed one is 個人番号変更, which has its own procedure.
  if (put!.outcome === 'changed') return err('wrong-number');
  const addressee = former?.addressee_number ?? addresseeNumberOf((await nextNumbers(tx, 'addressee', 1))[0]!);
  const row: ResidentRow = {
    person_id: personId,
    sequence: (former?.sequence ?? 0) + 1,
    addressee_number: addressee,
    resident_record_code: entry.residentRecordCode,
    number_ref: put!.ref,
    status: next.value,
    name: entry.name,
    name_kana: entry.nameKana,
    ...searchKeys,
    birth_date: entry.birthDate.toString(),
    sex: entry.sex,
    address: entry.address,
    postal_code: entry.postalCode,
    household_number: entry.householdNumber ?? (await newHouseholdNumber(tx)),
    relationship: entry.relationship,
    became_resident_on: entry.changedOn.toString(),
    planned_removal_on: null,
    removed_on: null,
    moved_to: null,
    address_protected: former?.address_protected ?? false,
    former_surname: former?.former_surname ?? null,
    former_surname_kana: former?.former_surname_kana ?? null,
    registered_domicile: entry.registeredDomicile ?? null,
    family_register_head: entry.familyRegisterHead ?? null,
    nationality: entry.foreign?.nationality ?? null,
    residence_status: entry.foreign?.residenceStatus ?? null,
    residence_until: entry.foreign?.residenceUntil ?? null,
    alias: entry.foreign?.alias ?? null,
    moved_from: entry.movedFrom ?? null,
    filing_document: entry.document ?? null,
    identity_check: entry.identityCheck ?? null,
    corrects_change: null,
    approved_by: entry.approvedBy ?? null,
    reason: entry.reason,
    changed_on: entry.changedOn.toString(),
    filed_on: entry.filedOn.toString(),
    ...(entry.operator ?? operatorOf(actor)),
    change_id: deps.newId(),
  };
  const event = await writeChange(tx, deps, row, { number: entry.individualNumber });
  tx.record({ ...event, facts: [...(event.facts ?? []), ...facts] });
  return ok({ personId, sequence: row.sequence, changeId: row.change_id });
}

/** Items and household of an entry; who the person is, is asked elsewhere. */
export async function checkEntry(
  tx: Tx,
  entry: Omit<Entry, 'residentRecordCode' | 'individualNumber'>,
): Promise<Result<undefined, EntryRefusal>> {
  if (![entry.name, entry.address, entry.relationship].every(isUsableText)) return err('unusable-character');
  if (!isKatakana(entry.nameKana)) return err('not-katakana');
  if (entry.foreign && (entry.registeredDomicile || entry.familyRegisterHead)) return err('foreign-only');
  const isHead = entry.relationship === headOf;
  if (entry.householdNumber === undefined) return isHead ? ok(undefined) : err('no-head');
  const members = await membersOf(tx, entry.householdNumber);
  if (members.length === 0) return err('no-such-household');
  if (isHead && members.some((m) => m.relationship === headOf)) return err('two-heads');
  return members.every((m) => m.address === entry.address) ? ok(undefined) : err('different-address');
}

export interface MovedIn extends Omit<Entry, 'reason' | 'individualNumber' | 'householdNumber'> {
  readonly reason?: 'moved-in' | 'moved-in-special' | 'moved-in-from-abroad';
  /** As typed from the certificate or card. */
  readonly individualNumber: string;
  /** The household that is joined; absent: one of one's own. */
  readonly householdNumber?: string | undefined;
  readonly requestKey?: string;
}

/** 転入届 with the code and number of before. @law 住民基本台帳法 第22条, 第24条の2 */
export const recordMovedIn = act('resident-register.record-moved-in', {
  right: ['resident-register', 'resident', 'update'],
  async run(tx, deps: Deps, command: MovedIn, actor): Promise<Result<Changed, EntryRefusal | 'form-reused'>> {
    const { requestKey, individualNumber, ...rest } = command;
    const number = IndividualNumber.parse(individualNumber);
    if (!number.ok) return err('wrong-number');
    const days = [rest.changedOn, rest.filedOn, rest.birthDate].map(String);
    return once(tx, deps, requestKey, { ...rest, changedOn: '', filedOn: '', birthDate: '', days }, () =>
      enterResident(tx, deps, actor, {
        ...rest,
        reason: rest.reason ?? 'moved-in',
        individualNumber: number.value,
        householdNumber: rest.householdNumber,
      }),
    );
  },
});
