import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type Reason, type TransitionRefusal, transition } from '../domain/reasons.ts';
import { lockByCode, nextNumbers, type ResidentRow } from '../store/residents.ts';
import type { Changed } from './change-resident.ts';
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
  | 'particulars-differ';

export interface Entry {
  readonly reason: Extract<Reason, 'moved-in' | 'birth'>;
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
): Promise<Result<Changed, EntryRefusal>> {
  if (!parseResidentRecordCode(entry.residentRecordCode).ok) return err('wrong-code');
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
    ...searchKeysOf(entry.name, entry.nameKana),
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
    registered_domicile: null,
    family_register_head: null,
    nationality: null,
    residence_status: null,
    residence_until: null,
    alias: null,
    moved_from: null,
    filing_document: null,
    identity_check: null,
    corrects_change: null,
    approved_by: null,
    reason: entry.reason,
    changed_on: entry.changedOn.toString(),
    filed_on: entry.filedOn.toString(),
    ...operatorOf(actor),
    change_id: deps.newId(),
  };
  const event = await writeChange(tx, deps, row, { number: entry.individualNumber });
  tx.record(
    entry.reason === 'birth'
      ? { ...event, facts: [...(event.facts ?? []), 'resident_register.birth_registered'] }
      : event,
  );
  return ok({ personId, sequence: row.sequence, changeId: row.change_id });
}

export interface MovedIn extends Omit<Entry, 'reason' | 'individualNumber' | 'householdNumber'> {
  /** As typed from the certificate or card. */
  readonly individualNumber: string;
}

/** 転入届. @law 住民基本台帳法 第22条 */
export const recordMovedIn = act('resident-register.record-moved-in', {
  right: ['resident-register', 'resident', 'update'],
  async run(tx, deps: Deps, command: MovedIn, actor): Promise<Result<Changed, EntryRefusal>> {
    const number = IndividualNumber.parse(command.individualNumber);
    if (!number.ok) return err('wrong-number');
    const entry = {
      ...command,
      reason: 'moved-in',
      individualNumber: number.value,
      householdNumber: undefined,
    } as const;
    return enterResident(tx, deps, actor, entry);
  },
});
