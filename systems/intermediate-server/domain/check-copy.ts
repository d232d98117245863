import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';

type Value = string | number | boolean | null;

export interface CopyToCheck {
  readonly orgPersonNumber: string;
  readonly informationCode: string;
  readonly condition: { readonly taxYear?: number | undefined; readonly asOf?: string | undefined };
  readonly validFrom: string;
  readonly items: Readonly<Record<string, Value>> | null;
}

/** What the published definition says of one 特定個人情報. */
export interface CopyRule {
  readonly condition: 'taxYear' | 'asOf';
  readonly fits: (item: string, value: Value) => 'fits' | 'not-defined' | 'wrong-value';
  readonly sums: readonly { readonly total: string; readonly parts: readonly string[] }[];
  readonly zeroWhere: readonly {
    readonly item: string;
    readonly words: readonly string[];
    readonly zero: readonly string[];
  }[];
}

/** Reject codes of a lodged row; they stand in the sender's work list. */
export type CopyFault =
  | 'unknown-information-code'
  | 'not-owner'
  | 'person-number-form'
  | 'condition-missing'
  | 'condition-not-defined'
  | 'valid-from-in-future'
  | 'no-items'
  | 'item-not-defined'
  | 'item-value'
  | 'sum-differs'
  | 'items-disagree'
  | 'row-repeated';

/** 副本の形式・論理検査 of one row. Undefined where nothing is wrong. */
export function faultOf(
  copy: CopyToCheck,
  rule: CopyRule | undefined,
  today: Temporal.PlainDate,
): CopyFault | undefined {
  if (!enforced('exchange.copy-validation')) return undefined;
  if (rule === undefined) return 'unknown-information-code';
  if (!/^[0-9]{15}$/.test(copy.orgPersonNumber)) return 'person-number-form';
  const { taxYear, asOf } = copy.condition;
  if ((rule.condition === 'taxYear' ? taxYear : asOf) === undefined) return 'condition-missing';
  if ((rule.condition === 'taxYear' ? asOf : taxYear) !== undefined) return 'condition-not-defined';
  if (copy.validFrom > today.toString()) return 'valid-from-in-future';
  if (copy.items === null) return undefined;
  const entries = Object.entries(copy.items);
  if (entries.length === 0) return 'no-items';
  for (const [item, value] of entries) {
    const verdict = rule.fits(item, value);
    if (verdict === 'not-defined') return 'item-not-defined';
    if (verdict === 'wrong-value') return 'item-value';
  }
  return crossFault(copy.items, rule);
}

/** What no item shows alone: parts that do not give their total, amounts beside a word that says there is none. */
function crossFault(
  items: NonNullable<CopyToCheck['items']>,
  { sums, zeroWhere }: Pick<CopyRule, 'sums' | 'zeroWhere'>,
): 'sum-differs' | 'items-disagree' | undefined {
  const amount = (item: string): number => Number(items[item] ?? 0);
  for (const { total, parts } of sums) {
    const isLodged = [total, ...parts].some((item) => (items[item] ?? null) !== null);
    if (isLodged && amount(total) !== parts.reduce((sum, part) => sum + amount(part), 0)) return 'sum-differs';
  }
  const disagrees = zeroWhere.some(
    ({ item, words, zero }) => words.includes(`${items[item]}`) && zero.some((each) => amount(each) !== 0),
  );
  return disagrees ? 'items-disagree' : undefined;
}

/** The text under which copies of one condition belong together: `taxYear:2026`, `asOf` (the day is the version's own). */
export function conditionKey(condition: CopyToCheck['condition']): string {
  return condition.taxYear === undefined ? 'asOf' : `taxYear:${condition.taxYear}`;
}
