import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { AssessmentInput, Dependants, LifePremiums, Spouse, Taxpayer } from './assessment-input.ts';

export const noDependants: Dependants = {
  ordinary: 0,
  specified: 0,
  elderly: 0,
  elderlyLivingTogether: 0,
  underSixteen: 0,
  abroad: 0,
  disabled: 0,
  speciallyDisabled: 0,
  speciallyDisabledLivingTogether: 0,
  underTwentyThree: 0,
  adjustmentOnly: false,
};

export const noPremiums: LifePremiums = {
  newGeneral: yen(0),
  newCare: yen(0),
  newPension: yen(0),
  oldGeneral: yen(0),
  oldPension: yen(0),
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
  readonly socialInsurance?: number;
  readonly life?: Partial<Record<keyof LifePremiums, number>>;
  readonly earthquake?: number;
  readonly oldLongTerm?: number;
  readonly taxpayer?: Partial<Taxpayer>;
  readonly spouse?: { readonly totalIncome: number } & Partial<Omit<Spouse, 'totalIncome'>>;
  readonly dependants?: Partial<Dependants>;
  readonly specificRelatives?: readonly number[];
  readonly rest?: Partial<
    Pick<AssessmentInput, 'donations' | 'returnFiled' | 'housingLoan' | 'incomeTaxBasicDeduction' | 'specialCollection'>
  >;
}

/** A salary earner of 令和8年度, single and resident, changed by `facts`. */
export function anEarner(facts: EarnerFacts = {}): AssessmentInput {
  const life = facts.life ?? {};
  const premium = (key: keyof LifePremiums): Yen => yen(life[key] ?? 0);
  return {
    fiscalYear: facts.fiscalYear ?? 2026,
    taxpayer: { ...ordinaryTaxpayer, ...facts.taxpayer },
    incomes: { salaries: (facts.salaries ?? [4_000_000]).map(yen) },
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
      earthquake: { earthquake: yen(facts.earthquake ?? 0), oldLongTerm: yen(facts.oldLongTerm ?? 0) },
    },
    returnFiled: false,
    donations: [],
    housingLoan: null,
    incomeTaxBasicDeduction: null,
    specialCollection: false,
    ...facts.rest,
  };
}
