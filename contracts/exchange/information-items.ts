import type { InformationCode } from './messages.ts';

/*
 * Which items one 特定個人情報 has. A lodged copy holds items of this table and no other; a row of the permission list
 * names a subset. The codes of items are not published with the law; the names are those of the legal text.
 */

export type ItemValue = string | number | boolean | null;

export type ItemKind =
  /** Whole yen, 0 or more, below 10^13. */
  | { readonly kind: 'yen' }
  | { readonly kind: 'count'; readonly max: number }
  | { readonly kind: 'yes-no' }
  | { readonly kind: 'word'; readonly words: readonly string[] };

export interface InformationDefinition {
  readonly name: string;
  /** What a copy of it is about. */
  readonly condition: 'taxYear' | 'asOf';
  readonly items: Readonly<Record<string, ItemKind>>;
  /** Items that a body may lodge beside these. The list of permitted inquiries names none of them: they are there to be checked. */
  readonly optionalItems?: Readonly<Record<string, ItemKind>>;
  /** A total and the parts that must give it where any of them is lodged. */
  readonly sums?: readonly { readonly total: string; readonly parts: readonly string[] }[];
  /** Amounts that must be 0 (or without a value) where the item has one of the words. */
  readonly zeroWhere?: readonly {
    readonly item: string;
    readonly words: readonly string[];
    readonly zero: readonly string[];
  }[];
}

/** Every item that a copy may hold, with its kind: the items, then the optional ones. */
export const itemsOf = ({ items, optionalItems }: InformationDefinition): Readonly<Record<string, ItemKind>> => ({
  ...items,
  ...optionalItems,
});

const yen: ItemKind = { kind: 'yen' };

/**
 * 地方税関係情報 of one fiscal year.
 *
 * @law 地方税法 第292条, 第310条, 第314条の3, 第314条の6
 */
const localTax: InformationDefinition = {
  name: '地方税関係情報',
  condition: 'taxYear',
  items: {
    課税区分: { kind: 'word', words: ['課税', '均等割のみ課税', '非課税', '未申告'] },
    給与収入金額: yen,
    給与所得金額: yen,
    合計所得金額: yen,
    総所得金額等: yen,
    所得控除合計額: yen,
    課税総所得金額: yen,
    /** 税額控除前所得割額から調整控除だけを引いた額 (小児慢性特定疾病医療費の階層区分に用いる). */
    調整控除後所得割額: yen,
    市町村民税所得割額: yen,
    市町村民税均等割額: yen,
    都道府県民税所得割額: yen,
    都道府県民税均等割額: yen,
    扶養親族数: { kind: 'count', max: 99 },
    控除対象配偶者: { kind: 'yes-no' },
  },
  optionalItems: { 年税額: yen, 第1期分: yen, 第2期分: yen, 第3期分: yen, 第4期分: yen },
  sums: [{ total: '年税額', parts: ['第1期分', '第2期分', '第3期分', '第4期分'] }],
  zeroWhere: [
    {
      item: '課税区分',
      words: ['非課税'],
      zero: ['市町村民税所得割額', '市町村民税均等割額', '都道府県民税所得割額', '都道府県民税均等割額'],
    },
    { item: '課税区分', words: ['均等割のみ課税'], zero: ['市町村民税所得割額', '都道府県民税所得割額'] },
  ],
};

/** 児童福祉法による小児慢性特定疾病医療費の支給に関する情報. */
const childChronic: InformationDefinition = {
  name: '小児慢性特定疾病医療費支給関係情報',
  condition: 'asOf',
  items: {
    支給認定: { kind: 'yes-no' },
    自己負担上限月額: yen,
    階層区分: { kind: 'word', words: ['生活保護', '低所得1', '低所得2', '一般所得1', '一般所得2', '上位所得'] },
  },
};

/** 生活保護実施関係情報. */
const publicAssistance: InformationDefinition = {
  name: '生活保護実施関係情報',
  condition: 'asOf',
  items: {
    保護の実施: { kind: 'yes-no' },
    保護の種類: { kind: 'word', words: ['生活扶助', '医療扶助', '住宅扶助', 'その他'] },
  },
};

export const informationItems: Readonly<Record<InformationCode, InformationDefinition>> = {
  'TKX-0001': localTax,
  'TKX-0014': childChronic,
  'TKX-0023': publicAssistance,
};

/** True where the value may stand for the item. `null` means that the body knows the item and holds no value. */
export function fitsItem(kind: ItemKind, value: ItemValue): boolean {
  if (value === null) return true;
  switch (kind.kind) {
    case 'yen':
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 10_000_000_000_000;
    case 'count':
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= kind.max;
    case 'yes-no':
      return typeof value === 'boolean';
    case 'word':
      return typeof value === 'string' && kind.words.includes(value);
  }
}
