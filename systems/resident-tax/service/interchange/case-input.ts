import type { AssessmentCase } from '@musubi/contracts/assessment-interchange/case.ts';
import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import { type RatesForYear, ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { localRates, percentRatio } from '@musubi/rates/resident-tax/municipality.ts';
import type { LandGround } from '@musubi/rates/resident-tax/other-income.ts';
import type {
  AssessmentInput,
  CarriedLosses,
  Donation,
  LandTransfer,
  OtherIncomes,
  RetirementPayment,
  RevenueAndCosts,
  Transfer,
} from '../../domain/assessment-input.ts';
import { householdOf, type Member } from '../../domain/household.ts';

/** The rates of a case: of a special ward, or of the municipality that it names. */
export function ratesOfCase({ fiscalYear, municipality }: AssessmentCase): RatesForYear {
  if (municipality === undefined) return ratesForYear(fiscalYear);
  const local = localRates(fiscalYear, 'interchange', {
    designatedCity: municipality.designatedCity,
    wardPerIncome: percentRatio(municipality.wardIncomeRatePercent),
    metropolisPerIncome: percentRatio(municipality.metropolisIncomeRatePercent),
    wardPerCapita: municipality.wardPerCapita,
    metropolisPerCapita: municipality.metropolisPerCapita,
    forestTax: municipality.forestEnvironmentTax,
    areaGrade: municipality.areaGrade,
  });
  return ratesForYear(fiscalYear, local);
}

const day = (iso: string): Temporal.PlainDate => Temporal.PlainDate.from(iso);
const dayOrNull = (iso: string | null): Temporal.PlainDate | null => (iso === null ? null : day(iso));

/** The facts of a line as the engine takes them. */
export function inputOfCase(given: AssessmentCase, rates: RatesForYear): AssessmentInput {
  const { person, incomes, deductions, collection } = given;
  const household = householdOf(
    {
      sex: person.sex,
      maritalStatus: person.maritalStatus,
      deFactoSpouse: person.deFactoSpouse,
      spouse: given.spouse === null ? null : member(given.spouse),
      relatives: given.relatives.map((relative) => ({
        ...member(relative),
        relation: relative.relation,
        studyingAbroad: relative.studyingAbroad,
        remittance: yen(relative.remittance),
        claimedByOther: relative.claimedByOther,
      })),
    },
    rates,
  );
  const life = deductions.lifeInsurance;
  const { casualty, medical } = deductions;
  const insured = [...incomes.salaries, ...incomes.publicPensions].map((payer) => yen(payer.socialInsurance));
  return {
    fiscalYear: given.fiscalYear,
    taxpayer: {
      bornOn: day(person.birthDate),
      sex: person.sex,
      kind: person.taxpayerKind === 'resident' ? 'resident' : 'house-or-office-only',
      residentOnLevyDate: person.residentOnLevyDate,
      diedOn: dayOrNull(person.deathDate),
      departedOn: dayOrNull(person.departureDate),
      publicAssistance: person.publicAssistance,
      disability: person.disability,
      workingStudent: person.workingStudent,
      widow: household.widow,
      singleParent: household.singleParent,
    },
    incomes: {
      salaries: incomes.salaries.map((payer) => yen(payer.revenue)),
      specificExpenditure: yen(incomes.specificExpenditure),
      publicPensions: incomes.publicPensions.map((payer) => yen(payer.revenue)),
      other: otherIncomesOf(incomes),
    },
    carriedLosses: carriedLossesOf(given.carriedLosses),
    spouse: household.spouse,
    dependants: household.dependants,
    specificRelatives: household.specificRelatives,
    deductions: {
      socialInsurance: [...insured, yen(deductions.socialInsuranceOther)],
      mutualAid: [yen(deductions.smallEnterpriseMutualAid)],
      life: {
        newGeneral: yen(life.newGeneral),
        newCare: yen(life.newCare),
        newPension: yen(life.newPension),
        oldGeneral: yen(life.oldGeneral),
        oldPension: yen(life.oldPension),
      },
      earthquake: {
        earthquake: yen(deductions.earthquakeInsurance.earthquake),
        oldLongTerm: yen(deductions.earthquakeInsurance.oldLongTerm),
        bothKinds: deductions.earthquakeInsurance.bothKinds.map((contract) => ({
          earthquake: yen(contract.earthquake),
          oldLongTerm: yen(contract.oldLongTerm),
        })),
      },
      medical:
        medical === undefined
          ? null
          : {
              kind: medical.kind === 'ordinary' ? 'ordinary' : 'self-medication',
              paid: yen(medical.paid),
              reimbursed: yen(medical.reimbursed),
            },
      casualty:
        casualty === undefined
          ? null
          : {
              loss: yen(casualty.loss),
              disasterExpenses: yen(casualty.disasterExpenses),
              reimbursed: yen(casualty.reimbursed),
            },
    },
    returnFiled: given.returnFiled,
    donations: given.donations.map((gift) => ({
      kind: donationKinds[gift.kind],
      amount: yen(gift.amount),
      recipient: gift.recipient,
      oneStop: gift.oneStop,
      declared: gift.declared,
    })),
    housingLoan:
      given.housingLoan === null
        ? null
        : {
            movedInYear: day(given.housingLoan.movedInOn).year,
            creditable: yen(given.housingLoan.creditable),
            incomeTaxBeforeCredit: yen(given.housingLoan.incomeTaxBeforeCredit),
            incomeTaxTaxable: yen(given.housingLoan.incomeTaxTaxable),
            specificAcquisition: given.housingLoan.specificAcquisition,
          },
    foreignTax:
      given.foreignTax === null
        ? null
        : { uncredited: yen(given.foreignTax.uncredited), nationalLimit: yen(given.foreignTax.nationalLimit) },
    incomeTaxBasicDeduction: given.incomeTax.basicDeduction === null ? null : yen(given.incomeTax.basicDeduction),
    specialCollection: collection.specialCollectorPayerId !== null,
    otherIncomeByOrdinary: collection.otherIncomeByOrdinary,
    pensionCollection:
      collection.pension === null
        ? null
        : {
            receivesOldAgePension: collection.pension.receivesOldAgePension,
            annualBenefit: yen(collection.pension.annualBenefit),
            careInsuranceWithheld: collection.pension.careInsuranceWithheld,
            previousYearTax:
              collection.pension.previousYearTax === null ? null : yen(collection.pension.previousYearTax),
          },
    retirements: given.retirements.map(retirement),
  };
}

type GivenMember = NonNullable<AssessmentCase['spouse']> | AssessmentCase['relatives'][number];
const member = (given: GivenMember): Member => ({
  bornOn: day(given.birthDate),
  diedOn: dayOrNull(given.deathDate),
  salaryRevenue: yen(given.incomes.salaryRevenue),
  pensionRevenue: yen(given.incomes.pensionRevenue),
  otherIncome: yen(given.incomes.otherIncome),
  disability: given.disability,
  livingTogether: given.livingTogether,
  abroad: given.abroad,
  familyEmployee: given.familyEmployee,
});

const donationKinds: Record<AssessmentCase['donations'][number]['kind'], Donation['kind']> = {
  hometown: 'hometown',
  communityChestOrRedCross: 'both-sides',
  ordinanceBoth: 'both-sides',
  ordinanceWard: 'ward',
  ordinanceMetropolis: 'metropolis',
  nationalOnly: 'national-only',
};

const landGroundOf: Record<
  NonNullable<NonNullable<AssessmentCase['incomes']['separateLand']>['longGeneral']>['specialDeduction'],
  LandGround | 'none'
> = {
  none: 'none',
  expropriation: 'expropriation',
  ownHome: 'own-home',
  landReadjustment: 'land-readjustment',
  housingSite: 'housing-site',
  acquired2009Or2010: 'acquired-2009-or-2010',
  farmland: 'farmland',
  underusedLand: 'underused-land',
};

type GivenIncomes = AssessmentCase['incomes'];

function otherIncomesOf(given: GivenIncomes): OtherIncomes | null {
  const {
    salaries: _s,
    publicPensions: _p,
    specificExpenditure: _e,
    blueReturnDeduction,
    homeWorkerRule,
    ...classes
  } = given;
  const any = Object.values(classes).some(
    (of) => of !== undefined && of !== null && !(Array.isArray(of) && of.length === 0),
  );
  if (!any) return null;
  const land: Partial<Record<keyof NonNullable<GivenIncomes['separateLand']>, LandTransfer>> = {};
  for (const [name, of] of Object.entries(given.separateLand ?? {})) {
    if (of === undefined) continue;
    land[name as keyof typeof land] = {
      revenue: yen(of.revenue),
      acquisitionCost: of.acquisitionCost === null ? null : yen(of.acquisitionCost),
      transferExpenses: yen(of.transferExpenses),
      specialDeduction: landGroundOf[of.specialDeduction],
    };
  }
  const { business } = given;
  return {
    business:
      business === undefined
        ? null
        : {
            revenue: yen(business.revenue),
            costs: yen(business.expenses),
            blueFamilyWages: yen(business.blueFamilyWages),
            whiteSpouse: business.whiteFamilyEmployees.spouse,
            whiteOthers: business.whiteFamilyEmployees.others,
          },
    farm: withExpenses(given.farm),
    realEstate:
      given.realEstate === undefined
        ? null
        : {
            revenue: yen(given.realEstate.revenue),
            costs: yen(given.realEstate.expenses),
            landAcquisitionInterest: yen(given.realEstate.landAcquisitionInterest),
          },
    blueReturnDeduction: yen(blueReturnDeduction),
    homeWorkerRule,
    interest: yen(given.interest?.revenue ?? 0),
    dividends: given.dividends.map((item) => ({
      kind: item.kind,
      revenue: yen(item.revenue),
      costs: yen(item.debtInterest),
      treatment: item.treatment,
      levyWithheld: yen(item.levyWithheld),
    })),
    occasional: withExpenses(given.occasional),
    miscellaneousBusiness: withExpenses(given.miscellaneousBusiness),
    miscellaneousOther: withExpenses(given.miscellaneousOther),
    transferShort: transfer(given.aggregateTransfers?.short),
    transferLong: transfer(given.aggregateTransfers?.long),
    land,
    generalStocks: withCosts(given.generalStocks),
    listedStocks: given.listedStocks.map((stocks) => ({
      revenue: yen(stocks.revenue),
      costs: yen(stocks.costs),
      declared: stocks.treatment === 'declared',
      levyWithheld: yen(stocks.levyWithheld),
    })),
    futures: withCosts(given.futures),
    forestry: withExpenses(given.forestry),
    declaredRetirement: given.declaredRetirement === null ? null : retirement(given.declaredRetirement),
  };
}

const withExpenses = (of: { revenue: number; expenses: number } | undefined): RevenueAndCosts | null =>
  of === undefined ? null : { revenue: yen(of.revenue), costs: yen(of.expenses) };
const withCosts = (of: { revenue: number; costs: number } | undefined): RevenueAndCosts | null =>
  of === undefined ? null : { revenue: yen(of.revenue), costs: yen(of.costs) };
const transfer = (
  of: { revenue: number; acquisitionCost: number; transferExpenses: number } | undefined,
): Transfer | null =>
  of === undefined
    ? null
    : {
        revenue: yen(of.revenue),
        acquisitionCost: yen(of.acquisitionCost),
        transferExpenses: yen(of.transferExpenses),
      };

/** Years of service from the first to the last day, a part of a year counting as one. @law 所得税法施行令 第69条第2項 */
function serviceYearsOf(from: string, to: string): number {
  const { years, months, days } = day(from).until(day(to).add({ days: 1 }), { largestUnit: 'years' });
  return years + (months > 0 || days > 0 ? 1 : 0);
}

const retirement = (of: AssessmentCase['retirements'][number]): RetirementPayment => ({
  amount: yen(of.amount),
  serviceYears: of.serviceYears ?? serviceYearsOf(of.serviceFrom ?? '', of.serviceTo ?? ''),
  officer: of.officer,
  disabilityRetirement: of.disabilityRetirement,
});

function carriedLossesOf(given: AssessmentCase['carriedLosses']): CarriedLosses | null {
  if (given === undefined) return null;
  const amount = <T extends { readonly amount: number }>(loss: T): Omit<T, 'amount'> & { amount: Yen } => ({
    ...loss,
    amount: yen(loss.amount),
  });
  return {
    net: given.netLosses.map(amount),
    casualty: given.casualtyLosses.map(amount),
    home: given.homeLosses.map(amount),
    listedStock: given.listedStockLosses.map(amount),
    futures: given.futuresLosses.map(amount),
  };
}
