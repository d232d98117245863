import type { ChangeReason } from '@musubi/contracts/juki/codes.ts';
import type { ResidentNotice } from '@musubi/contracts/juki/notices.ts';
import type { PlatformResidentChange } from '@musubi/contracts/platform/persons.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import type { Deps } from '../deps.ts';
import type { ResidentRow } from '../store/residents.ts';

const gaiji = /[\uE000-\uF8FF\u{F0000}-\u{10FFFD}]/gu;
const countGaiji = (text: string): number => text.match(gaiji)?.length ?? 0;

/** 本人確認情報 of a version; the day of a 転出予定 is the day on which the person will have moved. */
export const networkNoticeOf = (
  deps: Pick<Deps, 'municipalityCode'>,
  row: ResidentRow,
  number: IndividualNumber,
  at: Temporal.Instant,
  former?: ResidentRow,
  duplicateOf?: string,
): ResidentNotice => ({
  changeId: row.change_id,
  reason: row.reason as ChangeReason,
  changedOn: row.changed_on,
  status: row.status,
  becameResidentOn: row.became_resident_on,
  sequence: row.sequence,
  operatorId: row.operator_id,
  terminalId: row.terminal_id,
  sourceAt: at.toString({ fractionalSecondDigits: 3 }),
  ...(row.reason === 'code-change' && former ? { replacesCode: former.resident_record_code } : {}),
  ...(duplicateOf === undefined ? {} : { duplicateOf }),
  items: {
    residentRecordCode: row.resident_record_code,
    name: row.name,
    nameGaijiCount: countGaiji(row.name),
    nameKana: row.name_kana,
    birthDate: row.birth_date,
    sex: row.sex,
    address: row.address,
    addressGaijiCount: countGaiji(row.address),
    individualNumber: number.digits(),
    municipalityCode: deps.municipalityCode,
    azaCode: '',
    formerSurname: row.former_surname,
    formerSurnameGaijiCount: countGaiji(row.former_surname ?? ''),
    formerSurnameKana: row.former_surname_kana,
  },
});

/** The person's whole state for the ward's own systems; no Resident Record Code among it (design §3). */
export const platformChangeOf = (
  deps: Pick<Deps, 'municipalityCode'>,
  row: ResidentRow,
  number: IndividualNumber,
): PlatformResidentChange => ({
  changeId: row.change_id,
  reason: row.reason,
  changedOn: row.changed_on,
  addresseeNumber: row.addressee_number,
  individualNumber: number.digits(),
  state: {
    status: row.status,
    name: row.name,
    nameKana: row.name_kana,
    birthDate: row.birth_date,
    sex: row.sex,
    address: row.address,
    postalCode: row.postal_code,
    municipalityCode: deps.municipalityCode,
    householdNumber: row.household_number,
    relationship: row.relationship,
    becameResidentOn: row.became_resident_on,
    removedOn: row.removed_on,
    addressProtected: row.address_protected,
  },
});
