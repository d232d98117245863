import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';

/** What an operator typed: a combination of the four items 氏名・生年月日・性別・住所. */
export interface FourItems {
  readonly name?: string;
  readonly nameKana?: string;
  readonly birthDate?: string;
  readonly sex?: string;
  readonly address?: string;
}

export interface SearchKeys {
  readonly nameKey: string | null;
  readonly kanaKey: string | null;
  readonly birthDate: string | null;
  readonly sex: string | null;
  readonly addressKey: string | null;
}

/**
 * Requirement 003 A14: at least two of the four items, one of them name or birth date. Kanji and kana name are one item.
 */
export function searchKeys(typed: FourItems): Result<SearchKeys, 'too-few-items'> {
  const nameKey = typed.name ? kanjiSearchKey(typed.name) : null;
  const kanaKey = typed.nameKana ? kanaSearchKey(typed.nameKana) : null;
  const addressKey = typed.address ? kanjiSearchKey(typed.address) : null;
  const hasName = !!nameKey || !!kanaKey;
  const items = [hasName, typed.birthDate, typed.sex, addressKey].filter(Boolean).length;
  if (items < 2 || !(hasName || typed.birthDate)) return err('too-few-items');
  return ok({
    nameKey: nameKey || null,
    kanaKey: kanaKey || null,
    birthDate: typed.birthDate ?? null,
    sex: typed.sex ?? null,
    addressKey: addressKey || null,
  });
}
