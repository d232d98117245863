import assert from 'node:assert/strict';
import { roundDownTo, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { AssessmentResult, Exemption, LevySide } from './assessment-result.ts';
import { collectionOf } from './collection.ts';
import { donationWarnings, perIncomeLevyOf } from './credits.ts';
import { deductionsOf, taxableIncomeOf } from './deductions.ts';
import { exemptionOf } from './exemption.ts';
import { incomesOf } from './incomes.ts';
import type { Trace } from './trace.ts';

/**
 * The inhabitant tax of one salary earner for one 年度, exact to the yen: pure, the same answer for the same facts and rates.
 * Incomes, deductions, base and exemption are computed for everyone, whatever the status.
 *
 * @param input amounts in yen of the income year, situation as of the levy date
 * @param rates of the same fiscal year (throws otherwise)
 * @param trace receives every figure with its law; `silentTrace` for mass runs
 * @law 地方税法 第24条〜第45条の3, 第294条〜第321条の7; 森林環境税及び森林環境譲与税に関する法律 第3条〜第7条
 */
export function assessSalaryEarner(input: AssessmentInput, rates: RatesForYear, trace: Trace): AssessmentResult {
  assert(input.fiscalYear === rates.fiscalYear, 'facts and rates are of one fiscal year');
  const incomes = incomesOf(input, rates, trace);
  const exemption = exemptionOf(input, incomes, rates, trace);
  const deducted = deductionsOf(input, incomes.totalIncome, rates, trace);
  const taxable = taxableIncomeOf(incomes.totalIncomeAfterLosses, deducted.amounts.total, rates, trace);
  const levy = perIncomeLevyOf({ input, incomes, deducted, exemption, taxable }, rates, trace);
  const perCapita = perCapitaOf(input, exemption, rates, trace);
  const annualTotal = yen(
    levy.ward.perIncome + levy.metropolis.perIncome + perCapita.ward + perCapita.metropolis + perCapita.forestTax,
  );
  trace.step(
    'annual-total',
    rates.version,
    '地方税法 第319条の2, 森林環境税及び森林環境譲与税に関する法律 第7条',
    annualTotal,
    [levy.ward.perIncome, levy.metropolis.perIncome, perCapita.ward, perCapita.metropolis, perCapita.forestTax],
  );
  const perCapitaAmount = rates.levy.wardPerCapita + rates.levy.metropolisPerCapita + rates.levy.forestTax;
  const beforeFlatCut = yen(annualTotal + cutAway(levy.ward) + cutAway(levy.metropolis));
  return {
    ratesVersion: rates.version,
    status: statusOf(exemption, levy.ward.perIncome + levy.metropolis.perIncome, annualTotal),
    incomes,
    deductions: deducted.amounts,
    personalDifference: deducted.personalDifference,
    exemption,
    bases: { aggregate: taxable },
    levy,
    perCapita: { ward: perCapita.ward, metropolis: perCapita.metropolis },
    forestTax: perCapita.forestTax,
    annualTotal,
    collection: collectionOf(input, { payable: annualTotal, beforeFlatCut, perCapitaAmount }, rates),
    warnings: donationWarnings(input, rates),
  };
}

/** 均等割 and 森林環境税; the latter follows the former, and a house without residence bears none. */
function perCapitaOf(input: AssessmentInput, exemption: Exemption, rates: RatesForYear, trace: Trace) {
  const due = exemption.notTaxable === null && !exemption.perCapitaExempt;
  const resident = input.taxpayer.kind === 'resident';
  const ward = yen(due ? rates.levy.wardPerCapita : 0);
  const metropolis = yen(due ? rates.levy.metropolisPerCapita : 0);
  const forestTax = yen(due && resident ? rates.levy.forestTax : 0);
  const flag = due ? 1 : 0;
  trace.step('ward-per-capita', rates.version, '地方税法 第310条', ward, [flag]);
  trace.step('metropolis-per-capita', rates.version, '地方税法 第38条', metropolis, [flag]);
  trace.step('forest-tax', rates.version, '森林環境税及び森林環境譲与税に関する法律 第5条', forestTax, [
    flag,
    resident ? 1 : 0,
  ]);
  return { ward, metropolis, forestTax };
}

/** By how much 定額減税 lowered the side's final amount (確定金額), cuts to 100 yen considered. */
function cutAway(side: LevySide): Yen {
  if (side.flatCut === 0) return yen(0);
  const left =
    side.computed - side.adjustmentCredit - side.adjustmentMeasure - side.housingLoanCredit - side.donationCredit;
  return yen(roundDownTo(100, left) - side.perIncome);
}

function statusOf(exemption: Exemption, perIncome: number, total: Yen): AssessmentResult['status'] {
  if (exemption.notTaxable !== null) return 'not-taxable';
  if (total === 0) return 'exempt';
  return perIncome === 0 ? 'per-capita-only' : 'taxed';
}
