import { addressKey } from '@musubi/kernel/text/address-key.ts';
import { kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';

/** 4情報, as they are entered and as the resident register says them. */
export interface Particulars {
  readonly name: string;
  readonly birthOn: string;
  readonly sex: string;
  readonly address: string;
}

export const particularWords = {
  name: '氏名',
  birthOn: '生年月日',
  sex: '性別',
  address: '住所',
} as const;
export type Particular = keyof typeof particularWords;

const keyOf: Readonly<Record<Particular, (text: string) => string>> = {
  name: kanjiSearchKey,
  birthOn: (text) => text,
  sex: (text) => text,
  address: addressKey,
};

/** Particulars of which entry and register differ; ways of writing that mean one address or one name do not. */
export const differing = (
  entered: Particulars,
  answered: { readonly [P in Particular]: string | null },
): Particular[] =>
  (Object.keys(keyOf) as Particular[]).filter((p) => {
    const said = answered[p];
    return said === null || keyOf[p](entered[p]) !== keyOf[p](said);
  });

/**
 * Where the check of an applicant against the resident register stands.
 * - `confirmed`: number and particulars belong together
 * - `mismatch`: the register knows another person, or other particulars, under this number
 * - `candidate`: a number was found by the particulars and waits for somebody to compare it with the papers
 * - `not-found`: nobody, or more than one person
 * - `asked`: on a list without an answer yet
 */
export type RegisterStanding = 'not-asked' | 'asked' | 'confirmed' | 'mismatch' | 'candidate' | 'not-found';

export interface LastAnswer {
  readonly keyKind: 'number' | 'particulars';
  /** Null: on the list, and no answer has come. */
  readonly result: string | null;
  readonly name: string | null;
  readonly birthOn: string | null;
  readonly sex: string | null;
  readonly address: string | null;
  /** Null while nobody has compared it. */
  readonly candidateAccepted: boolean | null;
}

export function registerStanding(entered: Particulars, answer: LastAnswer | undefined): RegisterStanding {
  if (answer === undefined) return 'not-asked';
  if (answer.result === null) return 'asked';
  if (answer.result !== 'given' || answer.candidateAccepted === false) return 'not-found';
  if (differing(entered, answer).length > 0) return 'mismatch';
  return answer.keyKind === 'particulars' && answer.candidateAccepted === null ? 'candidate' : 'confirmed';
}

/**
 * Why nothing may be linked, and the case goes no further: the number is not that of the person whom the papers describe, or there is none.
 * @source 001 §8.8, §8.9; 番号利用法 第16条
 */
export const holdOf = (
  standing: RegisterStanding,
  hasNumber: boolean,
  /** Whether the register's word is needed before anybody is registered or asked about, and not only where it contradicts. */
  confirmFirst = false,
): 'no-number' | 'number-unverified' | 'register-not-confirmed' | undefined => {
  if (!hasNumber) return 'no-number';
  if (standing === 'mismatch' || standing === 'not-found') return 'number-unverified';
  return confirmFirst && standing !== 'confirmed' ? 'register-not-confirmed' : undefined;
};
