import type { Kind } from '@musubi/kernel/records/kinds.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/*
 * The characters of the 全銀協 formats. A name may hold digits, capital letters, ｱ–ﾝ without small kana, marks, space and a few
 * signs; ｦ, ｰ and the comma never. A mark stands only behind a base that can carry it.
 *
 * @source 全銀協パーソナル・コンピュータ用標準通信プロトコル 適用業務及びレコード・フォーマット
 */

const accountName = /^[ 0-9A-Z()\-.\uff71-\uff9f]+$/;
const branchName = /^[ 0-9A-Z\-\uff71-\uff9f]+$/;
/** ﾞ behind ｳ, ｶ–ﾄ, ﾊ–ﾎ; ﾟ behind ﾊ–ﾎ. */
const orphanMark = /(?<![\uff73\uff76-\uff84\uff8a-\uff8e])\uff9e|(?<![\uff8a-\uff8e])\uff9f/;

const zenginText = (max: number, allowed: RegExp): Kind<string> => ({
  pad: 'space-right',
  parse: (text) =>
    !allowed.test(text) || orphanMark.test(text)
      ? err('outside-repertoire')
      : text.length > max
        ? err('too-long')
        : ok(text),
  format: (value) => value,
});
/** 口座名・受取人名・委託者名. */
export const nameText = (max: number): Kind<string> => zenginText(max, accountName);
/** 金融機関名・店舗名. */
export const branchText = (max: number): Kind<string> => zenginText(max, branchName);
/** 顧客番号: written as digits, read as it comes and compared byte for byte. */
export const opaque = (max: number): Kind<string> => ({
  pad: 'zero-left',
  parse: (text) => (text.length > max ? err('too-long') : ok(text)),
  format: (value) => value,
});

const largeKana: Readonly<Record<string, string>> = Object.fromEntries(
  [...'ァィゥェォッャュョヮヵヶ'].map((small, i) => [small, [...'アイウエオツヤユヨワカケ'][i]!]),
);
const narrowKana = new Map(
  [...'アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン'].map((wide, i) => [
    wide,
    [...'ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ'][i]!,
  ]),
);
const others: Readonly<Record<string, string>> = { ヰ: 'ｲ', ヱ: 'ｴ', ヲ: 'ｵ', '・': ' ', '\u3000': ' ' };

/**
 * A reading as the banks write it: `ヤマダ　タロウ` → `ﾔﾏﾀﾞ ﾀﾛｳ`. Refuses what has no place there (kanji, signs, ヷ–ヺ); never guesses.
 *
 * @param max bytes; a longer name is cut so that a mark keeps its base
 */
export function toZenginName(reading: string, max: number): Result<string, 'outside-repertoire' | 'missing'> {
  const spread = reading
    .normalize('NFKC')
    .normalize('NFD')
    .replace(/[\u3041-\u3096]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0x60))
    .toUpperCase()
    .replace(/[ー―‐−–]/g, '-');
  let out = '';
  for (const c of spread) {
    const base = largeKana[c] ?? c;
    if (base === '\u3099') out += 'ﾞ';
    else if (base === '\u309a') out += 'ﾟ';
    else out += narrowKana.get(base) ?? others[base] ?? base;
  }
  if (out.trim() === '') return err('missing');
  if (!accountName.test(out) || orphanMark.test(out)) return err('outside-repertoire');
  if (out.length <= max) return ok(out.trimEnd());
  const cut = /^[ﾞﾟ]/.test(out.slice(max)) ? max - 1 : max;
  return ok(out.slice(0, cut).trimEnd());
}
