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
  const onlyAggregate = totalIncome === settled.amounts.aggregate;
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
  const perCapita = perCapitaOf(exemption, rates, trace);
  const forestTax = forestTaxOf(input, exemption, rates, trace);
  const { ward, metropolis } = levy.sides;
  const perIncome = ward.perIncome + metropolis.perIncome;
  const fixed = perCapita.ward + perCapita.metropolis + forestTax;
  const annualTotal = yen(perIncome + fixed);
  trace?.step('annual-total', '地方税法 第319条の2, 森林環境税及び森林環境譲与税に関する法律 第7条', annualTotal, [
    ward.perIncome,
    metropolis.perIncome,
    perCapita.ward,
    perCapita.metropolis,
    forestTax,
  ]);

  const levied = exemption.notTaxable === null && input.taxpayer.kind === 'resident';
  const withheld = levied ? settled.other.levyWithheld : yen(0);
  const credited = ward.withheldLevyCredit + metropolis.withheldLevyCredit;
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
      flatCut: ward.flatCut + metropolis.flatCut > 0,
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
    levy: levy.sides,
    donationSpecialRate: levy.donationSpecialRate,
    housingLoanLimit: levy.housingLoanLimit,
    withheldLevy,
    perCapita,
    forestTax,
    annualTotal,
    payable,
    collection,
    retirements: input.retirements.length === 0 ? noRetirements : retirementsOf(input, rates, trace),
    warnings: warningsOf(input, carried.outOfTerm, collection.method === 'mixed', rates),
  };
}

const retirementsOf = (
  { retirements, taxpayer }: AssessmentInput,
  rates: RatesForYear,
  trace: Trace | null,
): readonly RetirementLevy[] =>
  retirements.map((payment) => retirementLevyOf(payment, taxpayer.publicAssistance, rates, trace));

function warningsOf(
  input: AssessmentInput,
  lossOutOfTerm: boolean,
  mixed: boolean,
  rates: RatesForYear,
): readonly Warning[] {
  if (!lossOutOfTerm && !mixed && input.donations.length === 0) return noWarnings;
  const warnings = donationWarnings(input, rates);
  if (lossOutOfTerm) warnings.push('carried-loss-out-of-term');
  if (mixed) warnings.push('mixed-collection');
  return warnings.length < 2 ? warnings : warnings.sort();
}

const nothingWithheld: WithheldLevy = { withheld: yen(0), shortfall: yen(0), appropriated: yen(0), refund: yen(0) };

/** What the 所得割 could not take goes to the year's other tax, then back to the person. @law 地方税法 第314条の9第2項・第3項 */
function withheldLevyOf(withheld: Yen, credited: number, total: Yen): WithheldLevy {
  if (withheld === 0) return nothingWithheld;
  const shortfall = yen(withheld - credited);
  const appropriated = yen(Math.min(shortfall, total));
  return { withheld, shortfall, appropriated, refund: yen(shortfall - appropriated) };
}

const perCapitaDue = ({ notTaxable, perCapitaExempt }: Exemption): boolean => notTaxable === null && !perCapitaExempt;

/** 均等割 */
function perCapitaOf(exemption: Exemption, rates: RatesForYear, trace: Trace | null): AssessmentResult['perCapita'] {
  const due = perCapitaDue(exemption);
  const ward = yen(due ? rates.levy.wardPerCapita : 0);
  const metropolis = yen(due ? rates.levy.metropolisPerCapita : 0);
  trace?.step('ward-per-capita', '地方税法 第310条', ward, [due ? 1 : 0]);
  trace?.step('metropolis-per-capita', '地方税法 第38条', metropolis, [due ? 1 : 0]);
  return { ward, metropolis };
}

/** 森林環境税 follows the 均等割; a house without residence bears none. */
function forestTaxOf(input: AssessmentInput, exemption: Exemption, rates: RatesForYear, trace: Trace | null): Yen {
  const due = perCapitaDue(exemption);
  const resident = input.taxpayer.kind === 'resident';
  const forestTax = yen(due && resident ? rates.levy.forestTax : 0);
  const law = '森林環境税及び森林環境譲与税に関する法律 第5条';
  trace?.step('forest-tax', law, forestTax, [due ? 1 : 0, resident ? 1 : 0]);
  return forestTax;
}

function statusOf(exemption: Exemption, perIncome: number, total: Yen): AssessmentResult['status'] {
  if (exemption.notTaxable !== null) return 'not-taxable';
  if (total === 0) return 'exempt';
  return perIncome === 0 ? 'per-capita-only' : 'taxed';
}
