// The same arithmetic for a salary earner of fiscal year 2026, written straight: no kernel, no systems, no tables, no checks.
// What the product's engine costs beyond this is what its types, tables and reasons cost.

export interface FloorCase {
  readonly revenue: number;
  readonly social: number;
  readonly newGeneral: number;
  readonly spouseIncome: number | null;
  readonly ordinary: number;
  readonly specified: number;
  readonly underSixteen: number;
}

function salary(revenue: number): number {
  const a = Math.floor(revenue / 4_000) * 1_000;
  if (revenue <= 650_999) return 0;
  if (revenue <= 1_899_999) return revenue - 650_000;
  if (revenue <= 3_599_999) return (a * 28) / 10 - 80_000;
  if (revenue <= 6_599_999) return (a * 32) / 10 - 440_000;
  if (revenue <= 8_499_999) return Math.floor((revenue * 9) / 10) - 1_100_000;
  return revenue - 1_950_000;
}

function adjusted(c: FloorCase): number {
  const income = salary(c.revenue);
  if (c.revenue <= 8_500_000 || c.specified + c.underSixteen === 0) return income;
  return income - Math.ceil(((Math.min(c.revenue, 10_000_000) - 8_500_000) * 10) / 100);
}

function life(x: number): number {
  if (x <= 12_000) return x;
  if (x <= 32_000) return Math.ceil(x / 2) + 6_000;
  if (x <= 56_000) return Math.ceil(x / 4) + 14_000;
  return 28_000;
}

const basic = (income: number): number =>
  income <= 24_000_000 ? 430_000 : income <= 24_500_000 ? 290_000 : income <= 25_000_000 ? 150_000 : 0;

const spouseColumns = [
  [1_000_000, 330_000, 220_000, 110_000],
  [1_050_000, 310_000, 210_000, 110_000],
  [1_100_000, 260_000, 180_000, 90_000],
  [1_150_000, 210_000, 140_000, 70_000],
  [1_200_000, 160_000, 110_000, 60_000],
  [1_250_000, 110_000, 80_000, 40_000],
  [1_300_000, 60_000, 40_000, 20_000],
  [1_330_000, 30_000, 20_000, 10_000],
] as const;

function spouse(c: FloorCase, income: number): readonly [deduction: number, difference: number] {
  if (c.spouseIncome === null || income > 10_000_000) return [0, 0];
  const column = income <= 9_000_000 ? 1 : income <= 9_500_000 ? 2 : 3;
  for (const row of spouseColumns) {
    if (c.spouseIncome <= row[0]) {
      const difference = [0, 50_000, 40_000, 20_000][column] ?? 0;
      return [row[column], c.spouseIncome <= 580_000 ? difference : 0];
    }
  }
  return [0, 0];
}

/** The year's tax and its first instalment of ordinary collection, in yen. */
export function floorAssess(c: FloorCase): { readonly total: number; readonly first: number } {
  const income = adjusted(c);
  const dependantSpouse = c.spouseIncome !== null && c.spouseIncome <= 580_000 ? 1 : 0;
  const n = dependantSpouse + c.ordinary + c.specified + c.underSixteen;
  const perCapitaLimit = n === 0 ? 450_000 : 350_000 * (n + 1) + 310_000;
  const perIncomeLimit = n === 0 ? 450_000 : 350_000 * (n + 1) + 420_000;
  const perCapita = income <= perCapitaLimit ? 0 : 5_000;
  let perIncome = 0;
  if (income > perIncomeLimit) {
    const [spouseDeduction, spouseDifference] = spouse(c, income);
    const deductions =
      c.social + life(c.newGeneral) + spouseDeduction + c.ordinary * 330_000 + c.specified * 450_000 + basic(income);
    const taxable = Math.floor(Math.max(0, income - deductions) / 1_000) * 1_000;
    const difference = 50_000 + spouseDifference + c.ordinary * 50_000 + c.specified * 180_000;
    const base =
      income > 25_000_000
        ? 0
        : taxable <= 2_000_000
          ? Math.min(taxable, difference)
          : Math.max(difference - (taxable - 2_000_000), 50_000);
    let ward = Math.floor((taxable * 6) / 100) - Math.floor((base * 3) / 100);
    let metropolis = Math.floor((taxable * 4) / 100) - Math.floor((base * 2) / 100);
    const both = ward + metropolis;
    const gap = Math.max(0, perIncomeLimit - (income - both));
    if (gap > 0 && both > 0) {
      const wardGap = Math.min(ward, Math.ceil((gap * ward) / both));
      const metropolisGap = Math.min(metropolis, Math.ceil((gap * metropolis) / both));
      ward -= wardGap;
      metropolis -= metropolisGap;
    }
    perIncome = Math.floor(ward / 100) * 100 + Math.floor(metropolis / 100) * 100;
  }
  const total = perIncome + perCapita;
  if (total <= 5_000) return { total, first: total };
  const part = Math.floor(total / 4 / 1_000) * 1_000;
  return { total, first: total - 3 * part };
}
