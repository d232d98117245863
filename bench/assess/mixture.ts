import { yen } from '@musubi/kernel/yen/yen.ts';
import { anEarner, type EarnerFacts } from '@musubi/resident-tax/domain/an-earner.ts';
import type { AssessmentInput, LandTransfer } from '@musubi/resident-tax/domain/assessment-input.ts';

type Below = (limit: number) => number;
type Kind = (below: Below) => EarnerFacts;

/**
 * A ward's taxpayers in about the shares that 市町村税課税状況等の調 shows: of a hundred, 68 with a salary, 19 with a pension, 3 with
 * both, 6 self-employed, 4 with incomes taxed apart; one in eight has given, one in ten pays off a house, a few carry losses.
 */
export const taxpayers = (below: Below, count: number): readonly AssessmentInput[] =>
  Array.from({ length: count }, (_, i) => anEarner(kindOf(i % 100)(below)));

const kindOf = (place: number): Kind =>
  place < 68 ? salaried : place < 87 ? pensioner : place < 90 ? both : place < 96 ? selfEmployed : investor;

function family(below: Below): EarnerFacts {
  const children = below(3);
  const students = below(6) === 0 ? 1 : 0;
  return {
    dependants: {
      ordinary: below(8) === 0 ? 1 : 0,
      specified: students,
      underSixteen: children,
      underTwentyThree: children + students,
      elderlyLivingTogether: below(25) === 0 ? 1 : 0,
      disabled: below(40) === 0 ? 1 : 0,
    },
    ...(below(3) === 0 ? { spouse: { totalIncome: below(1_500_000), elderly: below(20) === 0 } } : {}),
  };
}

function salaried(below: Below): EarnerFacts {
  const revenue = 1_000_000 + below(9_000_000);
  return {
    salaries: below(12) === 0 ? [revenue, below(900_000)] : [revenue],
    socialInsurance: Math.floor((revenue * 15) / 100),
    life: { newGeneral: below(90_000), newCare: below(4) === 0 ? below(60_000) : 0 },
    earthquake: below(3) === 0 ? below(40_000) : 0,
    ...family(below),
    taxpayer: { singleParent: below(60) === 0, disability: below(50) === 0 ? 'ordinary' : 'none' },
    rest: {
      specialCollection: true,
      ...(below(8) === 0
        ? {
            donations: [
              { kind: 'hometown', amount: yen(below(80_000)), recipient: '011002', oneStop: true, declared: false },
            ],
          }
        : {}),
      ...(below(10) === 0
        ? {
            housingLoan: {
              movedInYear: 2021,
              creditable: yen(below(350_000)),
              incomeTaxBeforeCredit: yen(below(300_000)),
              incomeTaxTaxable: yen(below(4_000_000)),
              specificAcquisition: below(2) === 0,
            },
          }
        : {}),
    },
  };
}

const old = Temporal.PlainDate.from('1952-05-05');

function pensioner(below: Below): EarnerFacts {
  const benefit = 800_000 + below(2_600_000);
  return {
    salaries: [],
    publicPensions: below(4) === 0 ? [benefit, below(600_000)] : [benefit],
    socialInsurance: below(250_000),
    ...(below(3) === 0 ? { spouse: { totalIncome: below(600_000), elderly: true } } : {}),
    taxpayer: { bornOn: old, widow: below(15) === 0 },
    rest: {
      pensionCollection: {
        receivesOldAgePension: true,
        annualBenefit: yen(benefit),
        careInsuranceWithheld: true,
        previousYearTax: below(3) === 0 ? null : yen(below(900) * 100),
      },
    },
  };
}

const both: Kind = (below) => ({
  ...pensioner(below),
  salaries: [200_000 + below(2_400_000)],
  rest: { specialCollection: true },
});

function selfEmployed(below: Below): EarnerFacts {
  const revenue = 2_000_000 + below(12_000_000);
  const lossMaking = below(12) === 0;
  return {
    salaries: below(4) === 0 ? [below(2_000_000)] : [],
    socialInsurance: below(700_000),
    ...family(below),
    other: {
      business: {
        revenue: yen(revenue),
        costs: yen(lossMaking ? revenue + below(900_000) : Math.floor((revenue * 6) / 10)),
        blueFamilyWages: yen(below(4) === 0 ? 960_000 : 0),
        whiteSpouse: false,
        whiteOthers: 0,
      },
      blueReturnDeduction: yen(below(2) === 0 ? 650_000 : 100_000),
      realEstate:
        below(3) === 0
          ? { revenue: yen(1_200_000), costs: yen(below(1_500_000)), landAcquisitionInterest: yen(0) }
          : null,
    },
    rest: {
      returnFiled: true,
      ...(below(5) === 0
        ? {
            carriedLosses: {
              net: [{ kind: 'ordinary', incomeYear: 2023, amount: yen(below(900_000)), specifiedDisaster: false }],
              casualty: [],
              home: [],
              listedStock: [],
              futures: [],
            },
          }
        : {}),
    },
  };
}

const homeSold = (below: Below): LandTransfer => ({
  revenue: yen(20_000_000 + below(30_000_000)),
  acquisitionCost: below(3) === 0 ? null : yen(below(20_000_000)),
  transferExpenses: yen(800_000),
  specialDeduction: below(2) === 0 ? 'own-home' : 'none',
});

function investor(below: Below): EarnerFacts {
  return {
    ...salaried(below),
    other: {
      dividends: [
        {
          kind: 'profit',
          revenue: yen(below(600_000)),
          costs: yen(0),
          treatment: below(2) === 0 ? 'separate' : 'aggregate',
          levyWithheld: yen(below(30_000)),
        },
      ],
      listedStocks: [
        { revenue: yen(below(5_000_000)), costs: yen(below(5_000_000)), declared: true, levyWithheld: yen(0) },
      ],
      ...(below(4) === 0 ? { land: { longGeneral: homeSold(below) } } : {}),
    },
    rest: { returnFiled: true },
  };
}
