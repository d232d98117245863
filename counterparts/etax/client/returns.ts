import { type ReturnItems, writeFlatItems } from '@musubi/contracts/tax-return/return-items.ts';
import { writeReturnXml } from '@musubi/contracts/tax-return/return-xml.ts';
import type { TaxReturnRecord } from '@musubi/contracts/tax-return/tax-return.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import type { LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { type Random, seededRandom } from '@musubi/kernel/random/random.ts';

/** A person who files, as the tax office knows them. */
export interface Filer {
  readonly individualNumber: IndividualNumber;
  readonly name: string;
  readonly kana: string;
  readonly bornOn: Temporal.PlainDate;
  readonly address: string;
  /** What payers reported of this person; the return declares the same. */
  readonly salaryYen: number;
  readonly salaryIncomeYen: number;
  readonly pensionYen: number;
}

export interface Season {
  readonly incomeYear: number;
  readonly municipality: LocalGovernmentCode;
  readonly taxOffice: string;
  readonly seed: string;
}

const thousands = (random: Random, least: number, most: number): number =>
  (least + random.below(most - least + 1)) * 1_000;

/**
 * The returns of a season, the same for the same seed: two in three by e-Tax, the others on paper and keyed at the office. They
 * declare the reported salary and pension and, by turns, a business, rents, medical costs, donations, or a loan.
 */
export function returnsOf(filers: readonly Filer[], season: Season): TaxReturnRecord[] {
  const random = seededRandom(season.seed);
  return filers.map((filer, i) => {
    const filedOn = Temporal.PlainDate.from({ year: season.incomeYear + 1, month: 2, day: 16 }).add({
      days: random.below(28),
    });
    return recordOf(filer, itemsOf(filer, i, random), {
      ...season,
      receptionNumber: `${filedOn.toString().replaceAll('-', '')}${`${i + 1}`.padStart(8, '0')}`,
      medium: i % 3 === 2 ? 'paper' : 'e-tax',
      filedOn,
    });
  });
}

interface Filing extends Season {
  readonly receptionNumber: string;
  readonly medium: 'e-tax' | 'paper';
  readonly filedOn: Temporal.PlainDate;
}

export function recordOf(filer: Filer, items: ReturnItems, filing: Filing): TaxReturnRecord {
  const shared = {
    name: filer.name,
    kana: filer.kana,
    bornOn: filer.bornOn.toString(),
    address: filer.address,
    individualNumber: filer.individualNumber.digits(),
  };
  return {
    formKind: 'KZ01',
    receptionNumber: filing.receptionNumber,
    medium: filing.medium,
    returnKind: 'final',
    incomeYear: `${filing.incomeYear}`,
    filedOn: filing.filedOn,
    taxOffice: filing.taxOffice,
    municipality: filing.municipality,
    individualNumber: filer.individualNumber,
    kana: filer.kana,
    name: filer.name,
    bornOn: filer.bornOn,
    address: filer.address,
    replaces: undefined,
    content: filing.medium === 'e-tax' ? writeReturnXml(items, shared) : writeFlatItems(items),
  };
}

function itemsOf(filer: Filer, index: number, random: Random): ReturnItems {
  const amounts: Record<string, number> = {};
  const add = (code: string, amount: number): void => {
    if (amount !== 0) amounts[code] = amount;
  };
  add('ABB00080', filer.salaryYen);
  add('ABB00370', filer.salaryIncomeYen);
  add('ABB00100', filer.pensionYen);
  let total = filer.salaryIncomeYen;
  const kind = index % 5;
  if (kind === 0) {
    const revenue = thousands(random, 800, 9_000);
    const income = revenue - thousands(random, 300, 700);
    add('ABB00030', revenue);
    add('ABB00300', income);
    total += income;
  }
  if (kind === 1) {
    const revenue = thousands(random, 600, 3_000);
    const income = revenue - thousands(random, 100, 500);
    add('ABB00050', revenue);
    add('ABB00340', income);
    total += income;
  }
  if (kind === 2) add('ABB00440', thousands(random, 10, 300));
  if (kind === 3) add('ABI00240', thousands(random, 10, 90));
  if (kind === 4) {
    add('ABB00650', thousands(random, 50, 200));
    add('ABB00580', thousands(random, 1_000, 3_000));
    add('ABB00590', thousands(random, 50, 200));
  }
  const social = Math.trunc(total * 0.14);
  add('ABB00450', social);
  add('ABB00410', total);
  const texts: Record<string, string> = { ABI00010: kind === 1 ? '2' : '1' };
  if (kind === 4) texts.ABF00000 = `居住開始 令和${2 + random.below(4)}年${1 + random.below(12)}月1日`;
  const entries = [
    ...Object.entries(amounts).map(([code, n]): [string, string] => [code, `${n}`]),
    ...Object.entries(texts),
  ];
  return { items: new Map(entries), numbers: new Map() };
}
