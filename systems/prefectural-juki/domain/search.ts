import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';

/** What an operator typed: a combination of the four items 氏名・生年月日・性別・住所. */
export interface FourItems {
  readonly name?: string;
  readonly nameKana?: string;
  /** `part`: anywhere in the name; otherwise from its beginning. */
  readonly nameMatch?: string;
  readonly birthDate?: string;
  /** Where the day is not known. */
  readonly birthYear?: string;
  readonly sex?: string;
  readonly address?: string;
  readonly municipalityCode?: string;
}

export interface SearchKeys {
  readonly nameKey: string | null;
  readonly kanaKey: string | null;
  /** The keys stand anywhere in the name. */
  readonly anywhere: boolean;
  /** First and last day, both included: the same where the day is known. */
  readonly bornFrom: string | null;
  readonly bornUntil: string | null;
  readonly sex: string | null;
  readonly addressKey: string | null;
  readonly municipalityCode: string | null;
}

export type SearchKeyFault = 'too-few-items' | 'fragment-too-short' | 'fragment-alone' | 'not-a-year';

const yearPattern = /^(?:18|19|20)\d\d$/;

/** The keys that were typed, in the form in which they are compared. */
export function keysOf(typed: FourItems): SearchKeys {
  const nameKey = (typed.name && kanjiSearchKey(typed.name)) || null;
  const kanaKey = (typed.nameKana && kanaSearchKey(typed.nameKana)) || null;
  const year = typed.birthYear && yearPattern.test(typed.birthYear) ? typed.birthYear : null;
  return {
    nameKey,
    kanaKey,
    anywhere: typed.nameMatch === 'part' && (nameKey !== null || kanaKey !== null),
    bornFrom: typed.birthDate || (year && `${year}-01-01`),
    bornUntil: typed.birthDate || (year && `${year}-12-31`),
    sex: typed.sex || null,
    addressKey: (typed.address && kanjiSearchKey(typed.address)) || null,
    municipalityCode: typed.municipalityCode || null,
  };
}

/**
 * Requirement 003 A14: at least two of the four items, one of them name or birth date. Kanji and kana name are one item, so
 * are day and year of birth, address and municipality. A part from the middle of a name finds too many strangers: two
 * characters of kanji or three of kana at least, and the municipality or the year of birth beside it.
 */
export function faultOfKeys(typed: FourItems, keys: SearchKeys): SearchKeyFault | undefined {
  const { nameKey, kanaKey, bornFrom, addressKey, municipalityCode, sex } = keys;
  if (typed.birthYear && !yearPattern.test(typed.birthYear)) return 'not-a-year';
  const hasName = nameKey !== null || kanaKey !== null;
  const items = [hasName, bornFrom, sex, addressKey ?? municipalityCode].filter(Boolean).length;
  if (items < 2 || !(hasName || bornFrom)) return 'too-few-items';
  // A year and nothing but sex or place beside it is a list of strangers, not a search for someone.
  if (!hasName && !typed.birthDate && typed.birthYear) return 'too-few-items';
  if (!keys.anywhere) return undefined;
  if (nameKey !== null && [...nameKey].length < 2) return 'fragment-too-short';
  if (kanaKey !== null && [...kanaKey].length < 3) return 'fragment-too-short';
  return bornFrom === null && municipalityCode === null ? 'fragment-alone' : undefined;
}

/** As {@link keysOf}, refused where the combination is too wide. */
export function searchKeys(typed: FourItems): Result<SearchKeys, SearchKeyFault> {
  const keys = keysOf(typed);
  const fault = faultOfKeys(typed, keys);
  return fault === undefined ? ok(keys) : err(fault);
}
