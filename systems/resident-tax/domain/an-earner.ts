import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { AssessmentInput, Dependants, LifePremiums, OtherIncomes, Spouse, Taxpayer } from './assessment-input.ts';
import { noDependants } from './household.ts';

export const noPremiums: LifePremiums = {
  newGeneral: yen(0),
  newCare: yen(0),
  newPension: yen(0),
  oldGeneral: yen(0),
  oldPension: yen(0),
};

export const noOtherIncomes: OtherIncomes = {
  business: null,
  farm: null,
  realEstate: null,
  blueReturnDeduction: yen(0),
  homeWorkerRule: 'none',
  interest: yen(0),
  dividends: [],
  occasional: null,
  miscellaneousBusiness: null,
  miscellaneousOther: null,
  transferShort: null,
  transferLong: null,
  land: {},
  generalStocks: null,
  listedStocks: [],
  futures: null,
  forestry: null,
  declaredRetirement: null,
};

export const ordinaryTaxpayer: Taxpayer = {
  bornOn: Temporal.PlainDate.from('1980-04-02'),
  sex: 'female',
  kind: 'resident',
  residentOnLevyDate: true,
  diedOn: null,
  departedOn: null,
  publicAssistance: false,
  disability: 'none',
  widow: false,
  singleParent: false,
  workingStudent: false,
};

/** What matters about an earner in a test or an example; all else is the ordinary case. Amounts in yen. */
export interface EarnerFacts {
  readonly fiscalYear?: number;
  readonly salaries?: readonly number[];
  readonly publicPensions?: readonly number[];
  readonly other?: Partial<OtherIncomes>;
  readonly socialInsurance?: number;
  readonly life?: Partial<Record<keyof LifePremiums, number>>;
  readonly earthquake?: number;
  readonly oldLongTerm?: number;
  readonly taxpayer?: Partial<Taxpayer>;
  readonly spouse?: { readonly totalIncome: number } & Partial<Omit<Spouse, 'totalIncome'>>;
  readonly dependants?: Partial<Dependants>;
  readonly specificRelatives?: readonly number[];
  readonly rest?: Partial<
    Pick<
      AssessmentInput,
      | 'donations'
      | 'returnFiled'
      | 'housingLoan'
      | 'incomeTaxBasicDeduction'
      | 'specialCollection'
      | 'foreignTax'
      | 'carriedLosses'
      | 'pensionCollection'
      | 'otherIncomeByOrdinary'
      | 'retirements'
    >
  >;
}

/** A salary earner of 令和8年度, single and resident, changed by `facts`. */
export function anEarner(facts: EarnerFacts = {}): AssessmentInput {
  const life = facts.life ?? {};
  const premium = (key: keyof LifePremiums): Yen => yen(life[key] ?? 0);
  return {
    fiscalYear: facts.fiscalYear ?? 2026,
    taxpayer: { ...ordinaryTaxpayer, ...facts.taxpayer },
    incomes: {
      salaries: (facts.salaries ?? [4_000_000]).map(yen),
      specificExpenditure: yen(0),
      publicPensions: (facts.publicPensions ?? []).map(yen),
      other: facts.other === undefined ? null : { ...noOtherIncomes, ...facts.other },
    },
    carriedLosses: null,
    spouse:
      facts.spouse === undefined
        ? null
        : {
            elderly: false,
            abroad: false,
            familyEmployee: false,
            ...facts.spouse,
            totalIncome: yen(facts.spouse.totalIncome),
          },
    dependants: { ...noDependants, ...facts.dependants },
    specificRelatives: (facts.specificRelatives ?? []).map(yen),
    deductions: {
      socialInsurance: facts.socialInsurance === undefined ? [] : [yen(facts.socialInsurance)],
      mutualAid: [],
      life: {
        newGeneral: premium('newGeneral'),
        newCare: premium('newCare'),
        newPension: premium('newPension'),
        oldGeneral: premium('oldGeneral'),
        oldPension: premium('oldPension'),
      },
      earthquake: { earthquake: yen(facts.earthquake ?? 0), oldLongTerm: yen(facts.oldLongTerm ?? 0), bothKinds: [] },
      medical: null,
      casualty: null,
    },
    returnFiled: false,
    donations: [],
    housingLoan: null,
    incomeTaxBasicDeduction: null,
    foreignTax: null,
    specialCollection: false,
    otherIncomeByOrdinary: false,
    pensionCollection: null,
    retirements: [],
    ...facts.rest,
  };
}
