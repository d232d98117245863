import { withoutVariationSelectors } from '@musubi/kernel/text/graphemes.ts';
import { hiraganaToKatakana } from '@musubi/kernel/text/width.ts';

/** 4情報 with the reading of the name. `birthOn` is an ISO date. */
export interface Particulars {
  readonly name: string;
  readonly nameKana: string;
  readonly birthOn: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
}

export const particularNames = ['name', 'name-kana', 'birth-date', 'sex', 'address'] as const;
export type ParticularName = (typeof particularNames)[number];

/**
 * Which particulars differ. Width, spaces and the shape of kana are writing, not identity; another kanji, even a variant
 * of the same (髙 and 高), is a difference that a person must look at.
 */
export function differences(a: Particulars, b: Particulars): ParticularName[] {
  const pairs: readonly [ParticularName, string, string][] = [
    ['name', written(a.name), written(b.name)],
    ['name-kana', reading(a.nameKana), reading(b.nameKana)],
    ['birth-date', a.birthOn, b.birthOn],
    ['sex', a.sex, b.sex],
    ['address', written(a.address), written(b.address)],
  ];
  return pairs.filter(([, left, right]) => left !== right).map(([name]) => name);
}

// No Unicode normalisation of kanji: it folds compatibility ideographs, which are other characters of a name.
const written = (text: string): string =>
  withoutVariationSelectors(text)
    .replace(/[！-～]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[‐‑–—−ー-](?=[0-9])|(?<=[0-9])[‐‑–—−ー-]/g, '-')
    .replace(/\s/gu, '');

const reading = (text: string): string => hiraganaToKatakana(text.normalize('NFKC')).replace(/\s/gu, '');
