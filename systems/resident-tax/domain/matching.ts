/** What a document says about its person. The number is never here: only its digest, made by the vault. */
export interface DocumentIdentity {
  /** Digest of the Individual Number, or null where the document carries none. */
  readonly numberDigest: string | null;
  /** Name in the form that names are compared in (unified variants, no spaces). */
  readonly nameKey: string;
  readonly bornOn: Temporal.PlainDate;
  /** Normalised address, or null where it could not be read. */
  readonly addressKey: string | null;
}

/** A registered person with what the register knows; earlier names (旧氏, 通称) and addresses help to find, never to link. */
export interface RegisteredIdentity<Id> {
  readonly personId: Id;
  readonly numberDigest: string | null;
  readonly nameKey: string;
  readonly otherNameKeys: readonly string[];
  readonly bornOn: Temporal.PlainDate;
  readonly addressKey: string | null;
  readonly formerAddressKeys: readonly string[];
}

export type Agreement = 'number' | 'name' | 'other-name' | 'birth-date' | 'address' | 'former-address';
export type Difference = 'number' | 'number-missing' | 'name' | 'birth-date' | 'address';

export interface Candidate<Id> {
  readonly personId: Id;
  readonly agrees: readonly Agreement[];
  readonly differs: readonly Difference[];
}

/** `linked` only if number, name and birth date all agree with exactly one person; everything else is for a clerk. */
export type Match<Id> =
  | { readonly outcome: 'certain'; readonly personId: Id }
  | { readonly outcome: 'candidates'; readonly candidates: readonly Candidate<Id>[] }
  | { readonly outcome: 'none' };

/**
 * Whom a document is about. A partial agreement never links: a namesake with the same birthday, a family member's number
 * and a mistyped digit all look alike from here, so they become candidates with their reasons, best first.
 *
 * @law 番号利用法 第16条 (本人確認), 番号利用法施行令 第12条
 */
export function matchPerson<Id>(document: DocumentIdentity, registered: readonly RegisteredIdentity<Id>[]): Match<Id> {
  const candidates = registered
    .map((person) => compare(document, person))
    .filter((candidate) => isPlausible(candidate));
  const certain = candidates.filter(agreesInAll);
  const only = certain[0];
  // Two persons with one number: the register itself is wrong, and nobody is linked before that is settled.
  const sameNumber = candidates.filter((candidate) => candidate.agrees.includes('number'));
  if (only !== undefined && certain.length === 1 && sameNumber.length === 1) {
    return { outcome: 'certain', personId: only.personId };
  }
  if (candidates.length === 0) return { outcome: 'none' };
  return { outcome: 'candidates', candidates: candidates.toSorted((a, b) => weight(b) - weight(a)) };
}

const agreesInAll = <Id>({ agrees }: Candidate<Id>): boolean =>
  agrees.includes('number') && agrees.includes('name') && agrees.includes('birth-date');

function compare<Id>(document: DocumentIdentity, person: RegisteredIdentity<Id>): Candidate<Id> {
  const agrees: Agreement[] = [];
  const differs: Difference[] = [];
  if (document.numberDigest === null || person.numberDigest === null) differs.push('number-missing');
  else (document.numberDigest === person.numberDigest ? agrees : differs).push('number');

  if (document.nameKey === person.nameKey) agrees.push('name');
  else if (person.otherNameKeys.includes(document.nameKey)) agrees.push('other-name');
  else differs.push('name');

  (Temporal.PlainDate.compare(document.bornOn, person.bornOn) === 0 ? agrees : differs).push('birth-date');

  if (document.addressKey !== null) {
    if (document.addressKey === person.addressKey) agrees.push('address');
    else if (person.formerAddressKeys.includes(document.addressKey)) agrees.push('former-address');
    else differs.push('address');
  }
  return { personId: person.personId, agrees, differs };
}

/** Worth a clerk's look: the number alone, or a name together with the birth date or a known address. */
function isPlausible<Id>({ agrees }: Candidate<Id>): boolean {
  if (agrees.includes('number')) return true;
  const named = agrees.includes('name') || agrees.includes('other-name');
  return named && (agrees.includes('birth-date') || agrees.includes('address') || agrees.includes('former-address'));
}

const weights: Record<Agreement, number> = {
  number: 32,
  name: 16,
  'birth-date': 12,
  'other-name': 10,
  address: 5,
  'former-address': 3,
};
const weight = <Id>({ agrees }: Candidate<Id>): number => agrees.reduce((total, item) => total + weights[item], 0);

/** 突合差異 for the clerk's screen. */
export const differenceTexts: Record<Difference, string> = {
  number: '個人番号が一致しません',
  'number-missing': '個人番号の記載又は登録がありません',
  name: '氏名が一致しません',
  'birth-date': '生年月日が一致しません',
  address: '住所が一致せず、住所の履歴にもありません',
};

export const agreementTexts: Record<Agreement, string> = {
  number: '個人番号が一致',
  name: '氏名が一致',
  'other-name': '旧氏・通称と一致',
  'birth-date': '生年月日が一致',
  address: '住所が一致',
  'former-address': '以前の住所と一致',
};
