import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { differences, type ParticularName, type Particulars } from './particulars.ts';

/** What can be corrected about who is who. */
export const correctionKinds = {
  unlink: '誤った紐付けの解除',
  merge: '二重登録の統合',
  separate: '別人の分離',
  undo: '訂正の取消し',
} as const;
export type CorrectionKind = keyof typeof correctionKinds;

/**
 * What becomes of an Individual Number. merge: the ended person's is a `former` number of the survivor, or was `wrong`.
 * separate: it `stays` with the person, or `moves` to the new one.
 */
export const numberGoesWords = {
  former: '統合先の方の以前の個人番号として残す',
  wrong: '誤った個人番号だった（どちらの方の番号でもない）',
  stays: 'この方の個人番号のまま（新しい宛名は番号なし）',
  moves: '新しい宛名の方の個人番号（この方は以前の番号に戻す）',
} as const;
export type NumberGoes = keyof typeof numberGoesWords;

/** Which answers about the number a correction needs; none where no number is touched. */
export const numberChoices: Readonly<Record<CorrectionKind, readonly NumberGoes[]>> = {
  unlink: [],
  merge: ['former', 'wrong'],
  separate: ['stays', 'moves'],
  undo: [],
};

/**
 * Two records can be one person only if name, birthday and sex agree: those do not differ by chance between two entries of one
 * person, and an address or reading does.
 */
export function mayMerge(a: Particulars, b: Particulars): Result<readonly ParticularName[], 'different-persons'> {
  const differing = differences(a, b);
  const foreign = differing.filter((d) => d !== 'address' && d !== 'name-kana');
  return enforced('matching.no-partial-link') && foreign.length > 0 ? err('different-persons') : ok(differing);
}
