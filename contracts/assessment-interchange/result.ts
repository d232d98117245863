/* One assessment a line; every member is there, amounts in whole yen. */

export interface InterchangeSide {
  readonly computed: number;
  readonly adjustmentCredit: number;
  readonly afterAdjustmentCredit: number;
  readonly adjustmentMeasure: number;
  readonly afterAdjustmentMeasure: number;
  readonly dividendCredit: number;
  readonly afterDividendCredit: number;
  readonly housingLoanCredit: number;
  readonly afterHousingLoanCredit: number;
  readonly donationCredit: number;
  readonly afterDonationCredit: number;
  readonly foreignTaxCredit: number;
  readonly afterForeignTaxCredit: number;
  readonly flatCut: number;
  readonly afterFlatCut: number;
  readonly withheldLevyCredit: number;
  readonly afterWithheldLevyCredit: number;
  readonly donationBasic: number;
  readonly donationSpecial: number;
  readonly donationOneStop: number;
  /** Cut to 100 yen. */
  readonly perIncome: number;
}

type Amounts<K extends string> = Readonly<Record<K, number>>;

export interface InterchangeResult {
  readonly caseId: string;
  readonly fiscalYear: number;
  readonly status: 'notTaxable' | 'exempt' | 'perCapitaOnly' | 'taxed';
  readonly incomes: Amounts<
    | 'salaryRevenue'
    | 'salaryBeforeAdjustment'
    | 'incomeAdjustmentChild'
    | 'incomeAdjustmentPension'
    | 'salary'
    | 'familyEmployeeDeduction'
    | 'blueReturnDeduction'
    | 'business'
    | 'realEstate'
    | 'interest'
    | 'dividends'
    | 'publicPensionRevenue'
    | 'otherThanPensionIncome'
    | 'publicPension'
    | 'miscellaneous'
    | 'transferShort'
    | 'transferLong'
    | 'transferLoss'
    | 'occasional'
    | 'forestry'
    | 'declaredRetirement'
    | 'shortGeneral'
    | 'shortReduced'
    | 'longGeneral'
    | 'longSpecified'
    | 'longReduced'
    | 'landSpecialDeduction'
    | 'generalStocks'
    | 'listedStocks'
    | 'listedDividends'
    | 'listedStockLossOffset'
    | 'futures'
    | 'aggregate'
    | 'unabsorbedLoss'
    | 'totalIncome'
  >;
  readonly carriedLosses: Amounts<'netLoss' | 'casualtyLoss' | 'homeLoss' | 'listedStockLoss' | 'futuresLoss'>;
  readonly totalIncomeAfterLosses: number;
  readonly deductions: Amounts<
    | 'casualty'
    | 'medical'
    | 'socialInsurance'
    | 'smallEnterpriseMutualAid'
    | 'lifeInsurance'
    | 'earthquakeInsurance'
    | 'disability'
    | 'widow'
    | 'singleParent'
    | 'workingStudent'
    | 'spouse'
    | 'spouseSpecial'
    | 'dependants'
    | 'specificRelatives'
    | 'basic'
    | 'total'
  >;
  readonly personalDeductionDifference: number;
  readonly dependantCount: number;
  readonly exemption: {
    readonly notTaxableReason: '' | 'diedBeforeLevyDate' | 'leftJapanByLevyDate' | 'notResidentOnLevyDate';
    readonly full: readonly ('publicAssistance' | 'disabled' | 'minor' | 'widow' | 'singleParent')[];
    readonly perCapitaLimit: number;
    readonly perIncomeLimit: number;
    readonly perCapitaExempt: boolean;
    readonly perIncomeExempt: boolean;
  };
  readonly bases: Amounts<
    | 'aggregate'
    | 'shortGeneral'
    | 'shortReduced'
    | 'longGeneral'
    | 'longSpecified'
    | 'longReduced'
    | 'listedDividends'
    | 'generalStocks'
    | 'listedStocks'
    | 'futures'
    | 'forestry'
    | 'retirement'
  >;
  /** Percent as text, `""` where no such credit arises. */
  readonly donationSpecialRate: string;
  readonly housingLoanLimit: number;
  readonly levy: { readonly ward: InterchangeSide; readonly metropolis: InterchangeSide };
  readonly withheldLevy: Amounts<'withheld' | 'shortfall' | 'appropriated' | 'refund'>;
  readonly annual: Amounts<
    | 'wardPerIncome'
    | 'metropolisPerIncome'
    | 'wardPerCapita'
    | 'metropolisPerCapita'
    | 'forestEnvironmentTax'
    | 'total'
    | 'payable'
  >;
  readonly collection: {
    readonly method: 'none' | 'ordinary' | 'wageSpecial' | 'pensionSpecial' | 'mixed';
    readonly ordinary: readonly { readonly dueOn: string; readonly amount: number }[];
    /** `month` as YYYY-MM. */
    readonly wageSpecial: readonly { readonly month: string; readonly amount: number }[];
    readonly pension: {
      readonly provisional: readonly [number, number, number];
      readonly main: readonly [number, number, number];
      readonly ordinary: readonly [number, number];
      readonly excess: number;
    };
  };
  readonly retirements: readonly Amounts<'serviceYears' | 'deduction' | 'income' | 'ward' | 'metropolis'>[];
  readonly warnings: readonly (
    | 'carriedLossOutOfTerm'
    | 'giftNotDeclared'
    | 'mixedCollection'
    | 'oneStopOverFiveRecipients'
    | 'oneStopVoidByReturn'
  )[];
}
