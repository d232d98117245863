import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type {
  AssessmentInput,
  CarriedLosses,
  Disability,
  Donation,
  HousingLoan,
  LandClass,
  LandTransfer,
  OtherIncomes,
  RevenueAndCosts,
  Transfer,
} from './assessment-input.ts';
import type { RegisterFacts } from './from-reports.ts';
import { householdOf, type Relative } from './household.ts';
import { cutAt } from './ratio.ts';

/** A 確定申告 or 住民税申告 as it was filed: leaves by element code (contracts/tax-return), repeated ones with _1, _2 …. */
export interface FiledReturn {
  readonly documentId: string;
  readonly kind: 'tax-return' | 'ward-return';
  readonly items: Readonly<Record<string, string>>;
}

/** What a return leaves open: a clerk looks into it before its amounts are used. */
export type ReturnQuestion =
  | 'amount-unreadable'
  | 'birth-date-missing'
  | 'gain-details-missing'
  | 'carried-losses-to-verify'
  | 'housing-loan-move-in-missing'
  | 'land-special-deduction'
  | 'retirement-in-return'
  | 'specific-expenditure-to-verify'
  | 'family-employee-differs'
  | 'real-estate-loss-interest';

export interface ReadReturn {
  readonly input: AssessmentInput;
  readonly questions: readonly ReturnQuestion[];
  readonly declaredSalary: Yen;
  readonly declaredPension: Yen;
}

/** 特定親族特別控除額 of the income tax in units of 10,000 yen → the highest total income that gives it. @law 所得税法 第84条の2 */
const specificRelativeIncome: Readonly<Record<string, number>> = {
  63: 850_000,
  61: 900_000,
  51: 950_000,
  41: 1_000_000,
  31: 1_050_000,
  21: 1_100_000,
  11: 1_150_000,
  6: 1_200_000,
  3: 1_230_000,
};

class Items {
  readonly #items: FiledReturn['items'];
  readonly questions = new Set<ReturnQuestion>();
  constructor(items: FiledReturn['items']) {
    this.#items = items;
  }
  text(code: string): string | undefined {
    return this.#items[code];
  }
  /** Zero where the element is empty. */
  amount(code: string): number {
    return Number(this.#items[code] ?? 0);
  }
  any(...codes: readonly string[]): boolean {
    return codes.some((code) => this.amount(code) !== 0);
  }
  flag(code: string): boolean {
    return this.#items[code] === '1';
  }
  /** Premiums, which the form has as text. */
  written(code: string): Yen {
    const text = this.#items[code];
    if (text === undefined) return yen(0);
    const plain = text.normalize('NFKC').replaceAll(/[,，円\s]/g, '');
    if (/^[0-9]{1,12}$/.test(plain)) return yen(Number(plain));
    this.questions.add('amount-unreadable');
    return yen(0);
  }
  ask(question: ReturnQuestion, when = true): void {
    if (when) this.questions.add(question);
  }
}

/**
 * A return as facts of the levy. Costs are what the declared revenue and the declared income leave between them, so that the income
 * is the declared one to the yen; personal facts are those of 第二表.
 *
 * @law 地方税法 第317条の2, 第317条の3, 第313条第2項
 */
export function readReturn(filed: FiledReturn, person: RegisterFacts, rates: RatesForYear): ReadReturn {
  const items = new Items(filed.items);
  const incomeYear = rates.fiscalYear - 1;
  const household = householdOf(
    {
      sex: person.sex,
      // Widow and single parent are taken as claimed, below.
      maritalStatus: 'neverMarried',
      deFactoSpouse: false,
      spouse: spouseOf(items, incomeYear),
      relatives: relativesOf(items, incomeYear),
    },
    rates,
  );
  const declaredSalary = yen(items.amount('ABB00080'));
  const declaredPension = yen(items.amount('ABB00100'));
  items.ask('specific-expenditure-to-verify', items.any('ABB00365'));
  items.ask('family-employee-differs', items.any('ABI00070'));
  items.ask('retirement-in-return', items.any('ABL00180', 'ABL00410'));
  const input: AssessmentInput = {
    fiscalYear: rates.fiscalYear,
    taxpayer: {
      ...person,
      disability: disabilityOf(items, 'ABH00610', 'ABH00620'),
      widow: items.flag('ABH00350'),
      singleParent: items.flag('ABH00365'),
      workingStudent: items.flag('ABH00380'),
    },
    incomes: {
      salaries: declaredSalary > 0 ? [declaredSalary] : [],
      specificExpenditure: yen(0),
      publicPensions: declaredPension > 0 ? [declaredPension] : [],
      other: otherIncomesOf(items),
    },
    carriedLosses: carriedLossesOf(items, incomeYear),
    spouse: household.spouse,
    dependants: household.dependants,
    specificRelatives: household.specificRelatives,
    deductions: {
      socialInsurance: [yen(items.amount('ABB00450'))],
      mutualAid: [yen(items.amount('ABB00460'))],
      life: {
        newGeneral: items.written('ABH00215'),
        oldGeneral: items.written('ABH00220'),
        newPension: items.written('ABH00225'),
        oldPension: items.written('ABH00230'),
        newCare: items.written('ABH00235'),
      },
      earthquake: { earthquake: items.written('ABH00250'), oldLongTerm: items.written('ABH00260'), bothKinds: [] },
      medical: medicalOf(items, rates),
      casualty: items.any('ABH00050', 'ABH00070')
        ? {
            loss: yen(items.amount('ABH00050')),
            disasterExpenses: yen(items.amount('ABH00070')),
            reimbursed: yen(items.amount('ABH00060')),
          }
        : null,
    },
    returnFiled: true,
    donations: donationsOf(items),
    housingLoan: housingLoanOf(items),
    foreignTax: null,
    incomeTaxBasicDeduction: items.text('ABB00550') === undefined ? null : yen(items.amount('ABB00550')),
    specialCollection: false,
    otherIncomeByOrdinary: items.text('ABI00010') === '2',
    pensionCollection: null,
    retirements: [],
  };
  return { input, questions: [...items.questions], declaredSalary, declaredPension };
}

const disabilityOf = (items: Items, ordinary: string, special: string): Disability =>
  items.flag(special) ? 'special' : items.flag(ordinary) ? 'ordinary' : 'none';

/** A member without a date of birth is a question; meanwhile of an age for which nothing special is given. */
function bornOf(items: Items, code: string, incomeYear: number): Temporal.PlainDate {
  const text = items.text(code);
  items.ask('birth-date-missing', text === undefined);
  return text === undefined
    ? Temporal.PlainDate.from({ year: incomeYear - 30, month: 1, day: 1 })
    : Temporal.PlainDate.from(text);
}

function spouseOf(items: Items, incomeYear: number) {
  if (items.text('ABY00020') === undefined && !items.any('ABB00520')) return null;
  return {
    bornOn: bornOf(items, 'ABY00040', incomeYear),
    diedOn: null,
    salaryRevenue: yen(0),
    pensionRevenue: yen(0),
    otherIncome: yen(Math.max(0, items.amount('ABB00780'))),
    disability: disabilityOf(items, 'ABY00060', 'ABY00070'),
    livingTogether: !items.flag('ABY00130'),
    abroad: items.flag('ABY00090'),
    familyEmployee: false,
  };
}

const relations: readonly (readonly [RegExp, Relative['relation']])[] = [
  [/祖父|祖母/, 'grandparent'],
  [/父|母/, 'parent'],
  [/孫/, 'grandchild'],
  [/兄|弟|姉|妹/, 'sibling'],
  [/子|長男|長女|次男|次女|二男|二女|三男|三女/, 'child'],
];
const relationOf = (text: string): Relative['relation'] =>
  relations.find(([pattern]) => pattern.test(text))?.[1] ?? 'other';

function relativesOf(items: Items, incomeYear: number): Relative[] {
  const found: Relative[] = [];
  for (let no = 1; no <= 4; no++) {
    const of = (code: string): string | undefined => items.text(`${code}_${no}`);
    if (of('ABY00160') === undefined && of('ABY00190') === undefined) continue;
    const abroad = of('ABY00235') ?? '0';
    found.push({
      bornOn: bornOf(items, `ABY00190_${no}`, incomeYear),
      diedOn: null,
      salaryRevenue: yen(0),
      pensionRevenue: yen(0),
      otherIncome: yen(specificRelativeIncome[of('ABY00253') ?? ''] ?? 0),
      disability: disabilityOf(items, `ABY00210_${no}`, `ABY00220_${no}`),
      livingTogether: of('ABY00280') !== '1',
      abroad: abroad !== '0',
      familyEmployee: false,
      relation: relationOf(of('ABY00180') ?? ''),
      studyingAbroad: abroad === '2',
      remittance: yen(abroad === '4' ? 380_000 : 0),
      claimedByOther: of('ABY00283') === '1',
    });
  }
  return found;
}

/** Declared revenue and income of a class; null where neither is there. */
function declared(items: Items, revenueCode: string, incomeCode: string): RevenueAndCosts | null {
  if (!items.any(revenueCode, incomeCode)) return null;
  const income = items.amount(incomeCode);
  const revenue = Math.max(items.amount(revenueCode), income, 0);
  return { revenue: yen(revenue), costs: yen(revenue - income) };
}

const landCodes: readonly (readonly [LandClass, string, string])[] = [
  ['shortGeneral', 'ABL00040', 'ABL00220'],
  ['shortReduced', 'ABL00050', 'ABL00230'],
  ['longGeneral', 'ABL00070', 'ABL00250'],
  ['longSpecified', 'ABL00080', 'ABL00260'],
  ['longReduced', 'ABL00090', 'ABL00270'],
];

/** 山林所得の特別控除 and 一時所得の特別控除 at most. @law 所得税法 第32条第4項, 第34条第3項 */
const specialDeduction = 500_000;

function otherIncomesOf(items: Items): OtherIncomes | null {
  const business = declared(items, 'ABB00030', 'ABB00300');
  const realEstate = declared(items, 'ABB00050', 'ABB00340');
  items.ask('real-estate-loss-interest', items.amount('ABB00340') < 0 && items.text('ABB00330') !== undefined);
  items.ask('land-special-deduction', items.any('ABL00863'));
  const land: Partial<Record<LandClass, LandTransfer>> = {};
  for (const [name, revenue, income] of landCodes) {
    const of = declared(items, revenue, income);
    if (of !== null)
      land[name] = {
        revenue: of.revenue,
        acquisitionCost: of.costs,
        transferExpenses: yen(0),
        specialDeduction: 'none',
      };
  }
  const aggregate = declared(items, 'ABB00070', 'ABB00360');
  const separate = declared(items, 'ABL00137', 'ABL00325');
  const withheld = yen(items.amount('ABI00104'));
  const listed = declared(items, 'ABL00130', 'ABL00310');
  const forest = declared(items, 'ABL00170', 'ABL00350');
  const incomes: OtherIncomes = {
    // The declared income is after wages of the family and the blue return's deduction: nothing is taken off twice.
    business: business && { ...business, blueFamilyWages: yen(0), whiteSpouse: false, whiteOthers: 0 },
    farm: declared(items, 'ABB00040', 'ABB00320'),
    realEstate: realEstate && { ...realEstate, landAcquisitionInterest: yen(0) },
    blueReturnDeduction: yen(0),
    homeWorkerRule: 'none',
    interest: yen(items.amount('ABB00350')),
    dividends: [
      ...(aggregate === null
        ? []
        : [
            {
              ...aggregate,
              kind: items.any('ABB00600') ? ('profit' as const) : ('noCredit' as const),
              treatment: 'aggregate' as const,
              levyWithheld: withheld,
            },
          ]),
      ...(separate === null
        ? []
        : [
            {
              ...separate,
              kind: 'noCredit' as const,
              treatment: 'separate' as const,
              levyWithheld: aggregate === null ? withheld : yen(0),
            },
          ]),
    ],
    occasional: gainOf(items, 'ABB00230', /一時/),
    miscellaneousBusiness: declared(items, 'ABB00105', 'ABB01090'),
    miscellaneousOther: declared(items, 'ABB00110', 'ABB01120'),
    transferShort: transferOf(gainOf(items, 'ABB00130', /短期/)),
    transferLong: transferOf(gainOf(items, 'ABB00180', /長期/)),
    land,
    generalStocks: declared(items, 'ABL00125', 'ABL00305'),
    listedStocks: listed === null ? [] : [{ ...listed, declared: true, levyWithheld: yen(items.amount('ABI00106')) }],
    futures: declared(items, 'ABL00160', 'ABL00360'),
    forestry:
      forest === null || items.amount('ABL00350') <= 0
        ? forest
        : { revenue: forest.revenue, costs: yen(Math.max(0, forest.costs - specialDeduction)) },
    declaredRetirement: null,
  };
  const nothing =
    Object.keys(land).length === 0 &&
    incomes.dividends.length === 0 &&
    incomes.listedStocks.length === 0 &&
    incomes.interest === 0 &&
    [
      incomes.business,
      incomes.farm,
      incomes.realEstate,
      incomes.occasional,
      incomes.miscellaneousBusiness,
      incomes.miscellaneousOther,
      incomes.transferShort,
      incomes.transferLong,
      incomes.generalStocks,
      incomes.futures,
      incomes.forestry,
    ].every((of) => of === null);
  return nothing ? null : incomes;
}

/** 総合譲渡 and 一時: 第一表 has one income for all, so the costs come from the details of 第二表. */
function gainOf(items: Items, revenueCode: string, named: RegExp): RevenueAndCosts | null {
  if (!items.any(revenueCode)) return null;
  for (let no = 1; no <= 2; no++) {
    if (!named.test(items.text(`ABX00250_${no}`) ?? '')) continue;
    return { revenue: yen(items.amount(`ABX00260_${no}`)), costs: yen(items.amount(`ABX00290_${no}`)) };
  }
  items.ask('gain-details-missing');
  return { revenue: yen(items.amount(revenueCode)), costs: yen(0) };
}
const transferOf = (gain: RevenueAndCosts | null): Transfer | null =>
  gain && { revenue: gain.revenue, acquisitionCost: gain.costs, transferExpenses: yen(0) };

/** 第四表 is not read: what the return takes off this year is taken as of the year before, after a clerk has seen 第四表. */
function carriedLossesOf(items: Items, incomeYear: number): CarriedLosses | null {
  const of = (code: string) =>
    items.any(code) ? [{ incomeYear: incomeYear - 1, amount: yen(items.amount(code)) }] : [];
  const [net, stock, futures] = [of('ABB00830'), of('ABL00920'), of('ABL00950')];
  if (net.length + stock.length + futures.length === 0) return null;
  items.ask('carried-losses-to-verify');
  const ordinary = net.map((loss) => ({ ...loss, kind: 'ordinary' as const, specifiedDisaster: false }));
  return { net: ordinary, casualty: [], home: [], listedStock: stock, futures };
}

/** The form states the deduction; what was paid is that and the part of the income which is never deducted. @law 地方税法 第314条の2第1項第2号 */
function medicalOf(items: Items, { care }: RatesForYear): AssessmentInput['deductions']['medical'] {
  const deduction = items.amount('ABB00440');
  if (deduction <= 0) return null;
  if (items.flag('ABB00435'))
    return { kind: 'self-medication', paid: yen(deduction + care.selfMedication.floor), reimbursed: yen(0) };
  const separate = [
    ...landCodes.map(([, , income]) => income),
    'ABL00305',
    'ABL00310',
    'ABL00325',
    'ABL00360',
    'ABL00350',
  ];
  const total = [items.amount('ABB00410'), ...separate.map((code) => Math.max(0, items.amount(code)))];
  const income = yen(
    Math.max(
      0,
      total.reduce((a, b) => a + b, 0),
    ),
  );
  const floor = Math.min(care.medical.floor, cutAt(income, care.medical.incomeShare));
  return { kind: 'ordinary', paid: yen(deduction + floor), reimbursed: yen(0) };
}

const donationCodes: readonly (readonly [string, Donation['kind']])[] = [
  ['ABI00240', 'hometown'],
  ['ABI00250', 'both-sides'],
  ['ABI00270', 'metropolis'],
  ['ABI00280', 'ward'],
];
const donationsOf = (items: Items): Donation[] =>
  donationCodes.flatMap(([code, kind]) =>
    items.any(code)
      ? [{ kind, amount: yen(items.amount(code)), recipient: '申告書', oneStop: false, declared: true }]
      : [],
  );

/** 特例適用条文等 has the day of moving in: 令和4年3月15日 or R4.3.15. */
function housingLoanOf(items: Items): HousingLoan | null {
  const credit = items.amount('ABB00650');
  if (credit <= 0) return null;
  const [, era, year] = /(平成|令和|H|R)\s*([0-9]{1,2})/.exec((items.text('ABF00000') ?? '').normalize('NFKC')) ?? [];
  items.ask('housing-loan-move-in-missing', era === undefined);
  if (era === undefined) return null;
  const taxable = Math.max(0, items.amount('ABB00580'));
  return {
    movedInYear: (era === '平成' || era === 'H' ? 1988 : 2018) + Number(year),
    creditable: yen(credit),
    incomeTaxBeforeCredit: yen(Math.max(0, items.amount('ABB00590') - items.amount('ABB00600'))),
    incomeTaxTaxable: yen(taxable - (taxable % 1_000)),
    specificAcquisition: /特定取得|特別特定/.test(items.text('ABF00000') ?? ''),
  };
}
