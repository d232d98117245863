import assert from 'node:assert/strict';
import type { LodgedCopy } from '@musubi/contracts/exchange/endpoints.ts';
import { fitsItem, informationItems } from '@musubi/contracts/exchange/information-items.ts';
import type { AssessmentResult } from '../../domain/assessment-result.ts';
import { relativeCount } from '../../domain/exemption.ts';
import type { Explained } from '../assessment/assess-one.ts';

/** 地方税関係情報. */
export const taxInformation = 'TKX-0001';

const taxedWords: Record<Exclude<AssessmentResult['status'], 'not-taxable'>, string> = {
  taxed: '課税',
  'per-capita-only': '均等割のみ課税',
  exempt: '非課税',
};

/**
 * What another body may learn of a levy: every item of the information, and no other. null, which ends a copy, where the ward
 * has no right to tax the person: that is no exemption.
 */
export function copyItems({ input, result }: Explained): LodgedCopy['items'] {
  const { incomes, deductions, levy, perCapita, status } = result;
  if (status === 'not-taxable') return null;
  // An exempt person has no 所得割, whatever the base gives.
  const afterAdjustment = result.exemption.perIncomeExempt
    ? 0
    : Math.max(0, levy.ward.computed - levy.ward.adjustmentCredit);
  const items: NonNullable<LodgedCopy['items']> = {
    課税区分: taxedWords[status],
    給与収入金額: incomes.salaryRevenue,
    給与所得金額: incomes.salary,
    合計所得金額: incomes.totalIncome,
    総所得金額等: result.totalIncomeAfterLosses,
    所得控除合計額: deductions.total,
    課税総所得金額: result.bases.aggregate,
    調整控除後所得割額: afterAdjustment,
    市町村民税所得割額: levy.ward.perIncome,
    市町村民税均等割額: perCapita.ward,
    都道府県民税所得割額: levy.metropolis.perIncome,
    都道府県民税均等割額: perCapita.metropolis,
    扶養親族数: relativeCount(input),
    控除対象配偶者: deductions.spouse > 0,
  };
  const defined = informationItems[taxInformation]?.items ?? {};
  assert.deepEqual(Object.keys(items).sort(), Object.keys(defined).sort(), 'the copy has the items of its information');
  for (const [name, kind] of Object.entries(defined)) {
    const value = items[name];
    assert(value !== undefined && fitsItem(kind, value), `the item ${name} fits its kind`);
  }
  return items;
}
