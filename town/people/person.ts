import type { CorporateNumber } from '@musubi/kernel/identifiers/corporate-number.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import type { LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import type { ResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';

/** 続柄 as the register writes it. */
export type Relationship = '世帯主' | '夫' | '妻' | '子' | '母' | '父';

/** 特定口座 of an open-data bank and branch; the account number is invented. */
export interface BankAccount {
  readonly bankCode: string;
  readonly bankName: string;
  readonly branchCode: string;
  readonly branchName: string;
  readonly accountNumber: string;
}

export interface Employer {
  /** Place in `town.employers`. */
  readonly index: number;
  readonly corporateNumber: CorporateNumber;
  readonly name: string;
  readonly nameKana: string;
  readonly address: string;
  readonly phone: string;
  /** 特別徴収義務者の指定番号. */
  readonly designationNumber: string;
  readonly account: BankAccount;
}

/** What the pay and the year-end adjustment of one calendar year come from; amounts in yen. */
export interface Employment {
  readonly employer: number;
  /** 受給者番号 at the employer. */
  readonly recipientNumber: string;
  /** Day of joining; in or before the year of the town's civil date. */
  readonly joinedOn: Temporal.PlainDate;
  /** Pay of a full year, 1,000-yen steps, at the year before the civil date. */
  readonly annualPayYen: number;
  /** 新生命保険料, 介護医療保険料, 新個人年金保険料 paid in a year; 0: none. */
  readonly newLifePremiumYen: number;
  readonly medicalCarePremiumYen: number;
  readonly newPrivatePensionPremiumYen: number;
  readonly earthquakePremiumYen: number;
  /** 普通徴収: the employer does not withhold. */
  readonly ordinaryCollection: boolean;
}

/** 小児慢性特定疾病. */
export interface Illness {
  readonly group: string;
  readonly name: string;
}

/** One invented person. Nothing of it is about anyone; the numbers fit their check digits and are unique in the town. */
export interface Person {
  /** Unique in the town and the same for the same seed, whatever its size: ward-household-member. */
  readonly key: string;
  readonly individualNumber: IndividualNumber;
  readonly residentRecordCode: ResidentRecordCode;
  /** Surname, one full-width space, given name; may hold characters outside JIS X 0208 and variation sequences. */
  readonly name: string;
  /** Full-width katakana, one full-width space. */
  readonly nameKana: string;
  readonly birthDate: Temporal.PlainDate;
  readonly sex: 'male' | 'female';
  readonly address: string;
  /** Seven digits. */
  readonly postalCode: string;
  readonly municipalityCode: LocalGovernmentCode;
  /** 宛名番号 of the ward's register: ten digits. */
  readonly addresseeNumber: string;
  readonly householdNumber: string;
  readonly relationship: Relationship;
  readonly becameResidentOn: Temporal.PlainDate;
  readonly status: 'resident' | 'removed';
  readonly removedOn: Temporal.PlainDate | null;
  readonly removal: 'moved-out' | 'died' | null;
  readonly addressProtected: boolean;
  readonly employment: Employment | null;
  readonly illness: Illness | null;
  readonly account: BankAccount | null;
}

export interface Household {
  readonly householdNumber: string;
  readonly municipalityCode: LocalGovernmentCode;
  /** The head first. */
  readonly members: readonly Person[];
}

export interface WardShare {
  readonly municipalityCode: string;
  /** Part of the residents; the parts add up to 1. */
  readonly share: number;
}

export interface TownOptions {
  readonly seed: string;
  /** Persons of status `resident`, exactly; those removed from the register come on top. */
  readonly residents: number;
  /** 目黒区 0.6 and 世田谷区 0.4 where none are given. */
  readonly wards?: readonly WardShare[];
  /** The day on which the register stands as it is made. */
  readonly civilDate: Temporal.PlainDate;
}

/** A town can be walked again and again; every walk gives the same people and holds one household at a time. */
export interface Town {
  readonly options: TownOptions;
  readonly employers: readonly Employer[];
  households(): Iterable<Household>;
  persons(): Iterable<Person>;
}
