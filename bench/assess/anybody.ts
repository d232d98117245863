import { yen } from '@musubi/kernel/yen/yen.ts';
import { anEarner, type EarnerFacts } from '@musubi/resident-tax/domain/an-earner.ts';
import {
  type AssessmentInput,
  type LandTransfer,
  landClasses,
  type OtherIncomes,
} from '@musubi/resident-tax/domain/assessment-input.ts';

export type Below = (limit: number) => number;

/** The same numbers every time for a seed. @source Park and Miller, minimal standard generator */
export function numbers(seed: number): Below {
  let state = seed;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
}

/*
 * A taxpayer of whom anything may be true at once: every class of income, loss, deduction and credit by itself, of any year, in
 * amounts from nothing to far beyond every table. Rarer than in any ward on purpose; `mixture.ts` is the ward.
 */
export function anybody(below: Below): AssessmentInput {
  const some = <T>(oneIn: number, make: () => T): T | undefined => (below(oneIn) === 0 ? make() : undefined);
  const money = (limit: number) => yen(below(9) === 0 ? 0 : below(limit));
  const pair = (limit: number) => ({ revenue: money(limit), costs: money(limit) });
  const list = <T>(most: number, make: () => T): T[] => Array.from({ length: below(most + 1) }, make);
  const fiscalYear = 2024 + below(4);
  const transfer = () => ({ revenue: money(9e6), acquisitionCost: money(9e6), transferExpenses: money(3e5) });
  const land = (): LandTransfer => ({
    revenue: money(9e7),
    acquisitionCost: below(4) === 0 ? null : money(9e7),
    transferExpenses: money(2e6),
    specialDeduction: below(3) === 0 ? 'own-home' : 'none',
  });
  const retirement = () => ({
    amount: money(4e7),
    serviceYears: 1 + below(45),
    officer: below(4) === 0,
    disabilityRetirement: below(9) === 0,
  });
  const loss = () => ({ incomeYear: fiscalYear - 2 - below(3), amount: money(4e6) });
  const other: Partial<OtherIncomes> = {
    business:
      some(3, () => ({
        ...pair(2e7),
        blueFamilyWages: money(3e6),
        whiteSpouse: below(6) === 0,
        whiteOthers: below(3),
      })) ?? null,
    farm: some(9, () => pair(3e6)) ?? null,
    realEstate: some(4, () => ({ ...pair(9e6), landAcquisitionInterest: money(9e5) })) ?? null,
    blueReturnDeduction: yen([0, 100_000, 550_000, 650_000][below(4)] as number),
    interest: money(5e5),
    dividends: list(2, () => ({
      ...pair(9e6),
      kind: 'profit',
      treatment: (['aggregate', 'separate', 'undeclared'] as const)[below(3)] as 'aggregate',
      levyWithheld: money(6e5),
    })),
    occasional: some(6, () => pair(5e6)) ?? null,
    miscellaneousOther: some(6, () => pair(3e6)) ?? null,
    transferShort: some(9, transfer) ?? null,
    transferLong: some(9, transfer) ?? null,
    land: Object.fromEntries(landClasses.map((name) => [name, some(7, land)])),
    generalStocks: some(7, () => pair(9e6)) ?? null,
    listedStocks: list(2, () => ({ ...pair(9e6), declared: below(3) > 0, levyWithheld: money(4e5) })),
    futures: some(9, () => pair(3e6)) ?? null,
    forestry: some(9, () => pair(6e6)) ?? null,
    declaredRetirement: some(12, retirement) ?? null,
  };
  const facts: EarnerFacts = {
    fiscalYear,
    salaries: list(2, () => money(2e7)),
    publicPensions: below(3) === 0 ? list(2, () => money(5e6)) : [],
    ...(below(2) === 0 ? { other } : {}),
    socialInsurance: money(1.5e6),
    life: { newGeneral: money(9e4), newCare: money(9e4), newPension: money(9e4), oldGeneral: money(9e4) },
    earthquake: money(6e4),
    oldLongTerm: money(2e4),
    taxpayer: {
      bornOn: Temporal.PlainDate.from({ year: 1935 + below(74), month: 1 + below(12), day: 1 + below(28) }),
      sex: below(2) === 0 ? 'female' : 'male',
      publicAssistance: below(60) === 0,
      disability: (['none', 'none', 'ordinary', 'special'] as const)[below(4)] as 'none',
      widow: below(9) === 0,
      singleParent: below(9) === 0,
      workingStudent: below(20) === 0,
    },
    ...(below(2) === 0
      ? { spouse: { totalIncome: money(1.6e6), elderly: below(4) === 0, familyEmployee: below(9) === 0 } }
      : {}),
    dependants: { ordinary: below(3), specified: below(2), elderly: below(2), underSixteen: below(3) },
    specificRelatives: list(1, () => 580_000 + below(650_000)),
    rest: {
      returnFiled: below(2) === 0,
      donations: list(6, () => ({
        kind: (['hometown', 'hometown', 'both-sides', 'ward', 'metropolis'] as const)[below(5)] as 'hometown',
        amount: money(4e5),
        recipient: `${below(7)}`,
        oneStop: false,
        declared: below(5) > 0,
      })),
      housingLoan:
        some(5, () => ({
          movedInYear: 2009 + below(17),
          creditable: money(4e5),
          incomeTaxBeforeCredit: money(4e5),
          incomeTaxTaxable: money(6e6),
          specificAcquisition: below(2) === 0,
        })) ?? null,
      foreignTax: some(9, () => ({ uncredited: money(9e4), nationalLimit: money(3e5) })) ?? null,
      carriedLosses:
        some(5, () => ({
          net: list(2, () => ({ ...loss(), kind: 'ordinary' as const, specifiedDisaster: false })),
          casualty: list(1, () => ({ ...loss(), specifiedDisaster: false })),
          home: list(1, loss),
          listedStock: list(2, loss),
          futures: list(1, loss),
        })) ?? null,
      specialCollection: below(2) === 0,
      otherIncomeByOrdinary: below(4) === 0,
      pensionCollection:
        some(3, () => ({
          receivesOldAgePension: below(4) > 0,
          annualBenefit: money(3e6),
          careInsuranceWithheld: below(4) > 0,
          previousYearTax: below(3) === 0 ? null : money(2e5),
        })) ?? null,
      retirements: list(1, retirement),
    },
  };
  return anEarner(facts);
}
