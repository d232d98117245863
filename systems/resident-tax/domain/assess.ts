import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { AssessmentResult, Exemption, RetirementLevy, Warning, WithheldLevy } from './assessment-result.ts';
import { basesOf } from './bases.ts';
import { carryLosses } from './carried-losses.ts';
import { collectionOf } from './collection.ts';
import { perIncomeLevyOf } from './credits.ts';
import { deductionsOf } from './deductions.ts';
import { donationWarnings } from './donation-credit.ts';
import { exemptionOf } from './exemption.ts';
import { incomesOf } from './incomes.ts';
import { retirementLevyOf } from './retirement.ts';
import type { Trace } from './trace.ts';

const noRetirements: readonly RetirementLevy[] = [];
const noWarnings: readonly Warning[] = [];

/**
 * The inhabitant tax of one person for one 年度, exact to the yen: pure, the same answer for the same facts and rates.
 * Incomes, deductions, bases and exemption are computed for everyone, whatever the status.
 *
 * @param input amounts in yen of the income year, situation as of the levy date
 * @param rates of the same fiscal year (throws otherwise)
 * @param trace receives every figure with its law; null for mass runs
 * @law 地方税法 第24条〜第50条の10, 第294条〜第328条の16; 森林環境税及び森林環境譲与税に関する法律 第3条〜第7条
 */
export function assess(input: AssessmentInput, rates: RatesForYear, trace: Trace | null): AssessmentResult {
  if (input.fiscalYear !== rates.fiscalYear) throw new RangeError('facts and rates are of one fiscal year');
  const settled = incomesOf(input, rates, trace);
  const { totalIncome } = settled.amounts;
  const carried = carryLosses(input, settled, rates, trace);
  const exemption = exemptionOf(input, totalIncome, carried.totalIncome, rates, trace);
  const deducted = deductionsOf(input, settled, carried.totalIncome, rates, trace);
  const onlyAggregate = input.incomes.other === null;
  const bases = basesOf(carried.bases, deducted.amounts.total, onlyAggregate, trace);
  const levy = perIncomeLevyOf(
    {
      input,
      settled,
      totalIncomeAfterLosses: carried.totalIncome,
      deducted,
      exemption,
      bases,
      onlyAggregate,
    },
    rates,
    trace,
  );
  const perCapita = perCapitaOf(input, exemption, rates, trace);
  const perIncome = levy.ward.perIncome + levy.metropolis.perIncome;
  const fixed = perCapita.ward + perCapita.metropolis + perCapita.forestTax;
  const annualTotal = yen(perIncome + fixed);
  trace?.step('annual-total', '地方税法 第319条の2, 森林環境税及び森林環境譲与税に関する法律 第7条', annualTotal, [
    levy.ward.perIncome,
    levy.metropolis.perIncome,
    perCapita.ward,
    perCapita.metropolis,
    perCapita.forestTax,
  ]);

  const levied = exemption.notTaxable === null && input.taxpayer.kind === 'resident';
  const withheld = levied ? settled.other.levyWithheld : yen(0);
  const credited = levy.ward.withheldLevyCredit + levy.metropolis.withheldLevyCredit;
  const withheldLevy = withheldLevyOf(withheld, credited, annualTotal);
  const payable = yen(annualTotal - withheldLevy.appropriated);
  if (withheld > 0) {
    trace?.step('withheld-shortfall', '地方税法 第314条の9第2項', withheldLevy.shortfall, [withheld, credited]);
    trace?.step('withheld-appropriated', '地方税法 第314条の9第3項', withheldLevy.appropriated, [
      withheldLevy.shortfall,
      annualTotal,
    ]);
    trace?.step('payable', '地方税法 第319条の2', payable, [annualTotal, withheldLevy.appropriated]);
  }
  const before = levy.beforeFlatCut;
  const totalBefore = yen(before.perIncome + fixed);
  const collection = collectionOf(
    input,
    settled.amounts,
    {
      payable,
      beforeFlatCut: yen(totalBefore - withheldLevyOf(withheld, before.withheldCredit, totalBefore).appropriated),
      flatCut: levy.ward.flatCut + levy.metropolis.flatCut > 0,
      perCapitaAmount: rates.levy.wardPerCapita + rates.levy.metropolisPerCapita + rates.levy.forestTax,
    },
    rates,
  );
  return {
    ratesVersion: rates.version,
    status: statusOf(exemption, perIncome, annualTotal),
    incomes: settled.amounts,
    carriedLosses: carried.used,
    totalIncomeAfterLosses: carried.totalIncome,
    deductions: deducted.amounts,
    personalDifference: deducted.personalDifference,
    exemption,
    bases,
    levy: { ward: levy.ward, metropolis: levy.metropolis },
    donationSpecialRate: levy.donationSpecialRate,
    housingLoanLimit: levy.housingLoanLimit,
    withheldLevy,
    perCapita: { ward: perCapita.ward, metropolis: perCapita.metropolis },
    forestTax: perCapita.forestTax,
    annualTotal,
    payable,
    collection,
    retirements:
      input.retirements.length === 0
        ? noRetirements
        : input.retirements.map((payment) => retirementLevyOf(payment, input.taxpayer.publicAssistance, rates, trace)),
    warnings: warningsOf(input, carried.outOfTerm, collection.method === 'mixed', rates),
  };
}

function warningsOf(
  input: AssessmentInput,
  lossOutOfTerm: boolean,
  mixed: boolean,
  rates: RatesForYear,
): readonly Warning[] {
  if (!lossOutOfTerm && !mixed && input.donations.length === 0) return noWarnings;
  const warnings: Warning[] = [...donationWarnings(input, rates)];
  if (lossOutOfTerm) warnings.push('carried-loss-out-of-term');
  if (mixed) warnings.push('mixed-collection');
  return warnings.sort();
}

const nothingWithheld: WithheldLevy = { withheld: yen(0), shortfall: yen(0), appropriated: yen(0), refund: yen(0) };

/** What the 所得割 could not take goes to the year's other tax, then back to the person. @law 地方税法 第314条の9第2項・第3項 */
function withheldLevyOf(withheld: Yen, credited: number, total: Yen): WithheldLevy {
  if (withheld === 0) return nothingWithheld;
  const shortfall = yen(withheld - credited);
  const appropriated = yen(Math.min(shortfall, total));
  return { withheld, shortfall, appropriated, refund: yen(shortfall - appropriated) };
}

/** 均等割 and 森林環境税; the latter follows the former, and a house without residence bears none. */
function perCapitaOf(input: AssessmentInput, exemption: Exemption, rates: RatesForYear, trace: Trace | null) {
  const due = exemption.notTaxable === null && !exemption.perCapitaExempt;
  const resident = input.taxpayer.kind === 'resident';
  const ward = yen(due ? rates.levy.wardPerCapita : 0);
  const metropolis = yen(due ? rates.levy.metropolisPerCapita : 0);
  const forestTax = yen(due && resident ? rates.levy.forestTax : 0);
  if (trace !== null) {
    const flag = due ? 1 : 0;
    trace.step('ward-per-capita', '地方税法 第310条', ward, [flag]);
    trace.step('metropolis-per-capita', '地方税法 第38条', metropolis, [flag]);
    trace.step('forest-tax', '森林環境税及び森林環境譲与税に関する法律 第5条', forestTax, [flag, resident ? 1 : 0]);
  }
  return { ward, metropolis, forestTax };
}

function statusOf(exemption: Exemption, perIncome: number, total: Yen): AssessmentResult['status'] {
  if (exemption.notTaxable !== null) return 'not-taxable';
  if (total === 0) return 'exempt';
  return perIncome === 0 ? 'per-capita-only' : 'taxed';
}
