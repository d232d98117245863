import { storedZip } from '@musubi/contracts/printing/stored-zip.ts';
import { remarksWith, type Tk01, writeTk01 } from '@musubi/contracts/special-collection/tk01.ts';

export interface Person {
  readonly n: number;
  /** June to May. */
  readonly months: readonly number[];
  /** Collected before, where the notice changes it. */
  readonly before?: number;
  /** Leaves the notice number out. */
  readonly unnamed?: boolean;
}
const zero = { beforeCredits: 0, credits: 0, perIncome: 0, perCapita: 0 };
const deductions = {
  casualty: 0,
  medical: 0,
  socialInsurance: 0,
  mutualAid: 0,
  lifeInsurance: 0,
  earthquakeInsurance: 0,
  disability: 0,
  widowOrSingleParent: 0,
  workingStudent: 0,
  spouse: 0,
  spouseSpecial: 0,
  dependants: 0,
  specificRelatives: 0,
  basic: 0,
};
const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0);
export const designationNumber = '1234567';
export const numberOf = (n: number): string => `${n}`.padStart(10, '0');

const lineOf = ({ n, months, before, unnamed }: Person, municipality: string): Tk01 => ({
  fiscalYear: 2026,
  municipality,
  designationNumber,
  recipientNumber: `A${n}`,
  addresseeNumber: `${n}`,
  kind: before === undefined ? 'first' : 'change',
  sequence: before === undefined ? 1 : 2,
  issuedOn: Temporal.PlainDate.from('2026-05-12'),
  changeReason: before === undefined ? '' : '06',
  kana: 'ﾒｸﾞﾛ',
  name: `目黒　${n}郎`,
  postalCode: '1530051',
  address: '東京都目黒区上目黒２－１９－１５',
  salaryRevenue: 0,
  salaryIncome: 0,
  incomeAdjustment: 0,
  otherIncome: 0,
  deductions,
  bases: { aggregate: 0, short: 0, long: 0, stocks: 0, listedDividends: 0, futures: 0, forestry: 0 },
  ward: zero,
  metropolis: zero,
  forestTax: 0,
  collectedYen: sum(months),
  shortfall: 0,
  appropriated: 0,
  beforeYen: before ?? null,
  months,
  dependants: '',
  own: '',
  remarks: remarksWith(unnamed ? undefined : numberOf(n)),
});

/** A payer's package as the ward gives it out; `more` overwrites what its summary says. */
export function aNotice(
  sequence: number,
  people: readonly Person[],
  more: { readonly municipality?: string; readonly summary?: object; readonly csv?: (text: string) => string } = {},
): Buffer {
  const lines = people.map((one) => lineOf(one, more.municipality ?? '131105'));
  const summary = {
    notice: `TK-2026-${designationNumber}-${sequence}`,
    issuedOn: '2026-05-12',
    designationNumber,
    persons: lines.length,
    totalYen: sum(lines.map((line) => line.collectedYen)),
    monthsFromJune: Array.from({ length: 12 }, (_, i) => sum(lines.map((line) => line.months[i]!))),
    ...more.summary,
  };
  const csv = (more.csv ?? ((text) => text))(writeTk01(lines));
  return storedZip([
    { name: 'gimusha.csv', content: Buffer.from(csv) },
    { name: 'gimusha.pdf', content: Buffer.from('%PDF-1.7') },
    { name: 'summary.json', content: Buffer.from(JSON.stringify(summary)) },
  ]);
}
