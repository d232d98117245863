import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';

/** What the register knows of the person under the code that is asked for. */
export interface LinkRecord {
  readonly residentRecordCode: string;
  readonly nameKey: string;
  readonly kanaKey: string;
  readonly birthDate: string;
  readonly sex: string;
  readonly status: string;
  /** 異動事由 of the change applied last. */
  readonly lastReason: string;
}

export type LinkKey =
  | { readonly residentRecordCode: string }
  | {
      readonly name?: string | undefined;
      readonly nameKana?: string | undefined;
      readonly birthDate?: string | undefined;
      readonly sex?: string | undefined;
      readonly address?: string | undefined;
    };

/** 国外転出者: the last thing that happened to the record is that the person left the country. */
export const isAbroad = ({ status, lastReason }: LinkRecord): boolean =>
  status === 'removed' && lastReason === 'moved-out-abroad';

/**
 * Whether this person can be the one whom the asker's own signed inquiry is about. By code: that code. By four items: name or
 * kana, and birth date and sex where they are stated. Addresses are not compared: here stands the one in Japan, there the one
 * abroad. Who changed the name abroad is asked for by code.
 */
export function isInInquiry(record: LinkRecord, key: LinkKey): boolean {
  if ('residentRecordCode' in key) return key.residentRecordCode === record.residentRecordCode;
  const { name, nameKana, birthDate, sex } = key;
  if (birthDate !== undefined && birthDate !== record.birthDate) return false;
  if (sex !== undefined && sex !== record.sex) return false;
  if (name === undefined && nameKana === undefined) return birthDate !== undefined;
  const names = name !== undefined && kanjiSearchKey(name) === record.nameKey;
  const kana = nameKana !== undefined && kanaSearchKey(nameKana) === record.kanaKey;
  return names || kana;
}
