/*
 * 宛名面: the one sheet of an envelope that the printing contractor composes itself, from data, on a form of the ward. Everything inside is
 * a finished PDF. What stands in which box of which version of the form is said here, so that a proof can be read back box by box (INC-30).
 */

export const boxes = ['postalCode', 'address', 'name', 'honorific', 'documentId', 'subjectCheck', 'pages'] as const;
export type Box = (typeof boxes)[number];
/** What is to stand in each box, as text. */
export type Face = Readonly<Record<Box, string>>;

export const boxNames: Readonly<Record<Box, string>> = {
  postalCode: '郵便番号',
  address: '住所',
  name: '氏名',
  honorific: '敬称',
  documentId: '文書番号',
  subjectCheck: '照合符号',
  pages: '封入枚数',
};

/** A form as both sides name it. Version 1 had 様 on the stationery; from version 2 it is a box of the data. */
export interface Form {
  readonly id: string;
  readonly version: number;
}
export const noticeFace: Form = { id: 'tax-notice-face', version: 2 };

/** Probe records of a proof: every box of every record another text, none empty, so that each mix-up shows. */
export const probeFaces = (count: number): readonly Face[] =>
  Array.from({ length: count }, (_, i) => {
    const n = i + 1;
    return {
      postalCode: `153-${`${8500 + n}`}`,
      address: `試験区見本町${n}丁目${n + 20}番${n + 40}号`,
      name: `試験　${probeNames[i % probeNames.length]}${toKanji(n)}`,
      honorific: '様',
      documentId: `PROBE-${`${n}`.padStart(6, '0')}`,
      subjectCheck: `P${`${n * 7919}`.padStart(7, '0')}`,
      pages: `${n + 60}`,
    };
  });

// Characters that were lost in print before: variants, surrogate pairs, former 外字 (INC-31).
const probeNames = ['髙﨑', '𠮷野', '渡邊', '齋藤', '濵田', '德永', '栁', '桒原', '草彅', '辻'] as const;
const digits = '〇一二三四五六七八九';
const toKanji = (n: number): string => [...`${n}`].map((digit) => digits[Number(digit)]).join('');

/** Boxes of one record that do not hold what was to stand in them. */
export const differingBoxes = (wanted: Face, printed: Readonly<Record<string, string>>): readonly Box[] =>
  boxes.filter((box) => printed[box] !== wanted[box]);
