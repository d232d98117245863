import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';

/** A combination of the four items 氏名・生年月日・性別・住所, as typed or as an inquiry states it. */
export interface FourItems {
  readonly name?: string | undefined;
  readonly nameKana?: string | undefined;
  readonly birthDate?: string | undefined;
  readonly sex?: string | undefined;
  readonly address?: string | undefined;
}

export interface SearchKeys {
  readonly nameKey: string | null;
  readonly kanaKey: string | null;
  readonly birthDate: string | null;
  readonly sex: string | null;
  readonly addressKey: string | null;
}

/** Requirement 003 A14: at least two of the four items, one of them name or birth date. Kanji and kana name are one item. */
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

/** The keys of a record, beside which an inquiry is held again. */
export interface RecordKeys {
  readonly residentRecordCode: string;
  readonly nameKey: string;
  readonly kanaKey: string;
  readonly birthDate: string;
  readonly sex: string;
  readonly addressKey: string;
  readonly lastAddressKey: string | null;
}

/**
 * Whether a record fits all that the inquiry states, item by item and without regard to how it was found. An inquiry wants
 * one person: names must be the whole name, not its beginning.
 */
export function fits(record: RecordKeys, asked: { readonly residentRecordCode: string } | SearchKeys): boolean {
  if ('residentRecordCode' in asked) return record.residentRecordCode === asked.residentRecordCode;
  const { nameKey, kanaKey, birthDate, sex, addressKey } = asked;
  return (
    (nameKey === null || record.nameKey === nameKey) &&
    (kanaKey === null || record.kanaKey === kanaKey) &&
    (birthDate === null || record.birthDate === birthDate) &&
    (sex === null || record.sex === sex) &&
    (addressKey === null || record.addressKey === addressKey || record.lastAddressKey === addressKey)
  );
}
