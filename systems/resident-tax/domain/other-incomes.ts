import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { DividendKind } from '@musubi/rates/resident-tax/separate-levy.ts';
import type { OtherIncomes, RevenueAndCosts, Transfer } from './assessment-input.ts';
import { type LandAmounts, landOf, noLand } from './land.ts';
import { lesser, remaining } from './ratio.ts';
import { retirementIncomeOf } from './retirement.ts';
import type { Trace } from './trace.ts';

/** All classes but salary and pension, before 損益通算. */
export interface OtherAmounts {
  readonly familyEmployeeDeduction: Yen;
  readonly blueReturnDeduction: Yen;
  readonly business: Yen;
  readonly realEstate: Yen;
  readonly interest: Yen;
  readonly dividends: Yen;
  /** Dividends with 配当控除 by kind. */
  readonly creditable: Readonly<Record<DividendKind, Yen>>;
  /** 業務 and その他 before they meet the pension: may be negative. */
  readonly miscellaneous: Yen;
  /** Of it 業務に係る雑所得: working income where positive. */
  readonly miscellaneousWork: Yen;
  readonly transferShort: Yen;
  readonly transferLong: Yen;
  readonly transferLoss: Yen;
  readonly occasional: Yen;
  readonly forestry: Yen;
  readonly retirement: Yen;
  readonly land: LandAmounts;
  readonly generalStocks: Yen;
  readonly listedStocks: Yen;
  readonly listedDividends: Yen;
  readonly listedStockLossOffset: Yen;
  readonly futures: Yen;
  /** 配当割額・株式等譲渡所得割額 of what is declared. */
  readonly levyWithheld: Yen;
}

const zero = yen(0);
export const noOtherAmounts: OtherAmounts = {
  familyEmployeeDeduction: zero,
  blueReturnDeduction: zero,
  business: zero,
  realEstate: zero,
  interest: zero,
  dividends: zero,
  creditable: { profit: zero, securitiesTrust: zero, foreignCurrencyTrust: zero },
  miscellaneous: zero,
  miscellaneousWork: zero,
  transferShort: zero,
  transferLong: zero,
  transferLoss: zero,
  occasional: zero,
  forestry: zero,
  retirement: zero,
  land: noLand,
  generalStocks: zero,
  listedStocks: zero,
  listedDividends: zero,
  listedStockLossOffset: zero,
  futures: zero,
  levyWithheld: zero,
};

/**
 * Business, real estate, capital and the other incomes of a return.
 *
 * @param salaryRevenue yen; what 家内労働者等の特例 is lowered by
 * @law 所得税法 第23条〜第35条, 第57条; 租税特別措置法 第25条の2, 第27条, 第37条の10〜第37条の12の2, 第41条の4, 第41条の14
 */
export function otherAmountsOf(
  given: OtherIncomes,
  salaryRevenue: Yen,
  rates: RatesForYear,
  trace: Trace | null,
): OtherAmounts {
  const homeWorker = remaining(rates.other.homeWorkerFloor, salaryRevenue);
  const trade = tradeOf(given, homeWorker, rates, trace);

  const dividends = dividendsOf(given, trace);
  const transfers = transfersOf(given, rates, trace);
  const occasionalGain = given.occasional === null ? 0 : given.occasional.revenue - given.occasional.costs;
  const occasional = remaining(occasionalGain, rates.other.occasionalDeduction);
  if (given.occasional !== null)
    trace?.step('occasional', '所得税法 第34条', occasional, [given.occasional.revenue, given.occasional.costs]);

  const work = netOf(given.miscellaneousBusiness, given.homeWorkerRule === 'miscellaneous' ? homeWorker : 0);
  const miscellaneous = yen(work + netOf(given.miscellaneousOther, 0));
  if (given.miscellaneousBusiness !== null || given.miscellaneousOther !== null)
    trace?.step('miscellaneous-other', '所得税法 第35条第2項第2号; 租税特別措置法 第27条', miscellaneous, [
      given.miscellaneousBusiness?.revenue ?? 0,
      given.miscellaneousBusiness?.costs ?? 0,
      given.miscellaneousOther?.revenue ?? 0,
      given.miscellaneousOther?.costs ?? 0,
      given.homeWorkerRule === 'miscellaneous' ? homeWorker : 0,
    ]);

  const stocks = stocksOf(given, trace);
  const futures = remaining(netOf(given.futures, 0), 0);
  if (given.futures !== null)
    trace?.step('futures', '租税特別措置法 第41条の14', futures, [given.futures.revenue, given.futures.costs]);
  const wood = netOf(given.forestry, 0);
  const forestry = yen(wood > 0 ? remaining(wood, rates.other.forestryDeduction) : wood);
  if (given.forestry !== null)
    trace?.step('forestry', '所得税法 第32条', forestry, [given.forestry.revenue, given.forestry.costs]);
  const retirement =
    given.declaredRetirement === null ? zero : retirementIncomeOf(given.declaredRetirement, rates).income;
  if (given.declaredRetirement !== null) {
    const { amount, serviceYears, officer, disabilityRetirement } = given.declaredRetirement;
    trace?.step('declared-retirement', '所得税法 第30条', retirement, [
      amount,
      serviceYears,
      officer ? 1 : 0,
      disabilityRetirement ? 1 : 0,
    ]);
  }
  // Written out: four spreads take longer than all that is calculated here.
  return {
    familyEmployeeDeduction: trade.familyEmployeeDeduction,
    blueReturnDeduction: trade.blueReturnDeduction,
    business: trade.business,
    realEstate: trade.realEstate,
    interest: given.interest,
    dividends: dividends.dividends,
    creditable: dividends.creditable,
    miscellaneous,
    miscellaneousWork: work,
    transferShort: transfers.transferShort,
    transferLong: transfers.transferLong,
    transferLoss: transfers.transferLoss,
    occasional,
    forestry,
    retirement,
    land: landOf(given.land, rates, trace),
    generalStocks: stocks.generalStocks,
    listedStocks: stocks.listedStocks,
    listedDividends: stocks.listedDividends,
    listedStockLossOffset: stocks.listedStockLossOffset,
    futures,
    levyWithheld: stocks.levyWithheld,
  };
}

function gainOf(items: readonly RevenueAndCosts[]): number {
  let gain = 0;
  for (const { revenue, costs } of items) gain += revenue - costs;
  return gain;
}
const pairsOf = (items: readonly RevenueAndCosts[]): readonly number[] =>
  items.flatMap(({ revenue, costs }) => [revenue, costs]);

/** Revenue less costs; the costs are at least `floor` where a floor is given, up to the revenue. */
function netOf(of: RevenueAndCosts | null, floor: number): Yen {
  if (of === null) return zero;
  return yen(of.revenue - Math.max(of.costs, Math.min(floor, of.revenue)));
}

/** 事業所得 and 不動産所得 with the deductions for family employees and 青色申告. */
function tradeOf(given: OtherIncomes, homeWorker: number, rates: RatesForYear, trace: Trace | null) {
  const { business: own, farm, realEstate: houses } = given;
  const { whiteSpouse, whiteOther } = rates.other;
  const floor = given.homeWorkerRule === 'business' ? homeWorker : 0;
  const beforeFamily = own === null ? 0 : netOf(own, floor) - own.blueFamilyWages;
  const members = own === null ? 0 : own.whiteOthers + (own.whiteSpouse ? 1 : 0);
  const each = Math.max(0, Math.floor(beforeFamily / (members + 1)));
  const familyEmployeeDeduction = yen(
    own === null
      ? 0
      : (own.whiteSpouse ? Math.min(whiteSpouse, each) : 0) + own.whiteOthers * Math.min(whiteOther, each),
  );
  const beforeBlue = beforeFamily - familyEmployeeDeduction + netOf(farm, 0);

  const rents = netOf(houses, 0);
  const rent = rents < 0 ? Math.min(0, rents + (houses?.landAcquisitionInterest ?? 0)) : rents;
  const fromRent = Math.min(given.blueReturnDeduction, Math.max(0, rent));
  const fromBusiness = Math.min(given.blueReturnDeduction - fromRent, Math.max(0, beforeBlue));
  const business = yen(beforeBlue - fromBusiness);
  const realEstate = yen(rent - fromRent);
  if (own !== null)
    trace?.step('family-employees', '地方税法 第313条第4項', familyEmployeeDeduction, [
      own.revenue,
      own.costs,
      own.blueFamilyWages,
      floor,
      own.whiteSpouse ? 1 : 0,
      own.whiteOthers,
    ]);
  if (houses !== null)
    trace?.step('real-estate', '所得税法 第26条; 租税特別措置法 第25条の2, 第41条の4', realEstate, [
      houses.revenue,
      houses.costs,
      houses.landAcquisitionInterest,
      given.blueReturnDeduction,
    ]);
  if (own !== null || farm !== null)
    trace?.step('business', '所得税法 第27条; 租税特別措置法 第25条の2, 第27条', business, [
      own?.revenue ?? 0,
      own?.costs ?? 0,
      own?.blueFamilyWages ?? 0,
      floor,
      familyEmployeeDeduction,
      farm?.revenue ?? 0,
      farm?.costs ?? 0,
      given.blueReturnDeduction - fromRent,
    ]);
  return { familyEmployeeDeduction, blueReturnDeduction: yen(fromRent + fromBusiness), business, realEstate };
}

const noDividends = { dividends: zero, creditable: noOtherAmounts.creditable };

function dividendsOf({ dividends: all }: OtherIncomes, trace: Trace | null) {
  if (all.length === 0) return noDividends;
  const counted = all.filter((dividend) => dividend.treatment === 'aggregate');
  if (counted.length === 0) return noDividends;
  const dividends = remaining(gainOf(counted), 0);
  trace?.step('dividends', '所得税法 第24条', dividends, pairsOf(counted));
  const foreignCurrency = ofKind('foreignCurrencyTrust', counted);
  const securities = ofKind('securitiesTrust', counted);
  const profits = ofKind('profit', counted);
  // Interest on debt beyond one kind's revenue lowers the others, in the order in which the credit gives them up.
  let over = remaining(foreignCurrency + securities + profits, dividends);
  const foreignCurrencyTrust = remaining(foreignCurrency, over);
  over = remaining(over, foreignCurrency);
  const securitiesTrust = remaining(securities, over);
  const profit = remaining(profits, remaining(over, securities));
  return { dividends, creditable: { foreignCurrencyTrust, securitiesTrust, profit } };
}

function ofKind(kind: DividendKind, dividends: OtherIncomes['dividends']): Yen {
  let gain = 0;
  for (const item of dividends) if (item.kind === kind) gain += item.revenue - item.costs;
  return remaining(gain, 0);
}

/** 総合譲渡: short and long against each other, then 特別控除 from short, then long. */
function transfersOf({ transferShort, transferLong }: OtherIncomes, rates: RatesForYear, trace: Trace | null) {
  if (transferShort === null && transferLong === null)
    return { transferShort: zero, transferLong: zero, transferLoss: zero };
  const gain = (of: Transfer | null): number =>
    of === null ? 0 : of.revenue - of.acquisitionCost - of.transferExpenses;
  const [rawShort, rawLong] = [gain(transferShort), gain(transferLong)];
  const short = Math.max(0, rawShort + Math.min(0, rawLong));
  const long = Math.max(0, rawLong + Math.min(0, rawShort));
  const shortLeft = remaining(short, rates.other.transferDeduction);
  const longLeft = remaining(long, rates.other.transferDeduction - (short - shortLeft));
  const loss = rawShort < 0 || rawLong < 0 ? remaining(0, rawShort + rawLong) : zero;
  const law = '所得税法 第33条第3項〜第5項, 所得税法施行令 第198条';
  trace?.step('transfer-short', law, shortLeft, [rawShort, rawLong]);
  trace?.step('transfer-long', law, longLeft, [rawShort, rawLong]);
  trace?.step('transfer-loss', law, loss, [rawShort, rawLong]);
  return { transferShort: shortLeft, transferLong: longLeft, transferLoss: loss };
}

const noStocks = {
  generalStocks: zero,
  listedStocks: zero,
  listedDividends: zero,
  listedStockLossOffset: zero,
  levyWithheld: zero,
};

/** 株式等 and 上場株式等の配当等 with the offset between them. */
function stocksOf(given: OtherIncomes, trace: Trace | null) {
  if (given.generalStocks === null && given.listedStocks.length === 0 && given.dividends.length === 0) return noStocks;
  const generalStocks = remaining(netOf(given.generalStocks, 0), 0);
  if (given.generalStocks !== null)
    trace?.step('general-stocks', '租税特別措置法 第37条の10', generalStocks, [
      given.generalStocks.revenue,
      given.generalStocks.costs,
    ]);
  const declared = given.listedStocks.filter((stocks) => stocks.declared);
  const separate = given.dividends.filter((dividend) => dividend.treatment === 'separate');
  const gain = gainOf(declared);
  const before = remaining(gainOf(separate), 0);
  const listedStockLossOffset = lesser(remaining(0, gain), before);
  const listedStocks = remaining(gain, 0);
  const listedDividends = yen(before - listedStockLossOffset);
  if (declared.length > 0) trace?.step('listed-stocks', '租税特別措置法 第37条の11', listedStocks, pairsOf(declared));
  if (separate.length > 0)
    trace?.step('listed-dividends', '租税特別措置法 第8条の4, 第37条の12の2', listedDividends, [
      gain,
      ...pairsOf(separate),
    ]);
  let levyWithheld = 0;
  for (const dividend of given.dividends)
    if (dividend.treatment !== 'undeclared') levyWithheld += dividend.levyWithheld;
  for (const stocks of declared) levyWithheld += stocks.levyWithheld;
  return { generalStocks, listedStocks, listedDividends, listedStockLossOffset, levyWithheld: yen(levyWithheld) };
}
