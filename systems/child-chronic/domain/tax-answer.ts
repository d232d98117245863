import type { TierBasis } from './ceilings.ts';

/** 事務手続 of 小児慢性特定疾病医療費の支給認定, and what it asks of 地方税関係情報. */
export const taxProcedure = 'MS2-009';
export const taxInformation = 'TKX-0001';
export const taxItems: readonly string[] = ['課税区分', '合計所得金額', '調整控除後所得割額', '市町村民税所得割額'];

type ItemValue = string | number | boolean | null;

/**
 * Reads the municipality's answer. 調整控除後所得割額 is the amount that the ordinance means; where it is not given, the levy
 * after all credits is too low a measure and is taken only when there is nothing else, which the officer is told.
 */
export function readTaxAnswer(
  result: string,
  items: Readonly<Record<string, ItemValue>>,
): { readonly basis: Omit<TierBasis, 'publicAssistance'>; readonly caution: string | undefined } {
  if (result !== '00')
    return { basis: { taxed: undefined, perIncomeYen: undefined, totalIncomeYen: undefined }, caution: undefined };
  const beforeCredits = yenOf(items.調整控除後所得割額);
  const afterCredits = yenOf(items.市町村民税所得割額);
  return {
    basis: {
      taxed: taxedOf(items.課税区分),
      perIncomeYen: beforeCredits ?? afterCredits,
      totalIncomeYen: yenOf(items.合計所得金額),
    },
    caution:
      beforeCredits === undefined && afterCredits !== undefined
        ? '税額控除後の所得割額で判定しています。住宅ローン控除や寄附金控除がないか、課税証明書で確かめてください。'
        : undefined,
  };
}

const yenOf = (value: ItemValue | undefined): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** 課税区分 comes as a word or as the code of the layout (1 課税, 2 非課税); 未申告 confirms nothing. */
function taxedOf(value: ItemValue | undefined): 'taxed' | 'exempt' | undefined {
  switch (value) {
    case '課税':
    case '均等割のみ課税':
    case '1':
      return 'taxed';
    case '非課税':
    case '2':
      return 'exempt';
    default:
      return undefined;
  }
}
