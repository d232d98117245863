import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/*
 * 特別徴収税額通知 for the payer, one line a person (layout TK01, version 1: a definition of our own, as eLTAX gives its layout to
 * makers of software only). UTF-8, CSV with RFC 4180 quoting, CR LF, 71 columns, no header; an amount of zero is an empty column
 * but where the law has it stated.
 */

export const deductionNames = [
  'casualty',
  'medical',
  'socialInsurance',
  'mutualAid',
  'lifeInsurance',
  'earthquakeInsurance',
  'disability',
  'widowOrSingleParent',
  'workingStudent',
  'spouse',
  'spouseSpecial',
  'dependants',
  'specificRelatives',
  'basic',
] as const;
export type Tk01Deduction = (typeof deductionNames)[number];

export const baseNames = ['aggregate', 'short', 'long', 'stocks', 'listedDividends', 'futures', 'forestry'] as const;
export type Tk01Base = (typeof baseNames)[number];

/** One side of the tax: 税額控除前所得割, 税額控除, 所得割, 均等割. */
export interface Tk01Side {
  readonly beforeCredits: number;
  readonly credits: number;
  readonly perIncome: number;
  readonly perCapita: number;
}

export const noticeKinds = { first: '1', change: '2', cancellation: '3' } as const;
export type Tk01Kind = keyof typeof noticeKinds;

/** One person of one payer. Amounts in whole yen. */
export interface Tk01 {
  readonly fiscalYear: number;
  /** With check digit. */
  readonly municipality: string;
  readonly designationNumber: string;
  /** 受給者番号; empty where the payer gave none. */
  readonly recipientNumber: string;
  /** Without leading zeros. */
  readonly addresseeNumber: string;
  readonly kind: Tk01Kind;
  /** 通知連番: 1 is the first notice of the year. */
  readonly sequence: number;
  readonly issuedOn: Temporal.PlainDate;
  /** 変更事由 01 to 06; empty in the first notice. */
  readonly changeReason: string;
  /** Half-width. */
  readonly kana: string;
  readonly name: string;
  readonly postalCode: string;
  readonly address: string;
  readonly salaryRevenue: number;
  readonly salaryIncome: number;
  readonly incomeAdjustment: number;
  readonly otherIncome: number;
  readonly deductions: Readonly<Record<Tk01Deduction, number>>;
  readonly bases: Readonly<Record<Tk01Base, number>>;
  readonly ward: Tk01Side;
  readonly metropolis: Tk01Side;
  readonly forestTax: number;
  /** 特別徴収税額: what the payer collects. */
  readonly collectedYen: number;
  readonly shortfall: number;
  readonly appropriated: number;
  /** 変更前税額; null in the first notice. */
  readonly beforeYen: number | null;
  /** 月割額, June to May. */
  readonly months: readonly number[];
  /** `配1;他1;年少1` */
  readonly dependants: string;
  /** `特障`, `他障`, `寡`, `ひ`, `勤`, `未`, by semicolons. */
  readonly own: string;
  readonly remarks: string;
}

const columns = 71;
const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);
const deductionsOf = (of: Tk01): readonly number[] => deductionNames.map((name) => of.deductions[name]);

export type Tk01Fault = 'months-do-not-add-up' | 'change-without-first' | 'negative-amount' | 'twelve-months';

/** What a line must hold before it leaves (rules T01, T04). */
export function tk01Faults(of: Tk01): readonly Tk01Fault[] {
  const change = of.kind !== 'first';
  const amounts = [of.collectedYen, of.appropriated, of.shortfall, of.forestTax, ...of.months, ...deductionsOf(of)];
  return [
    ...(of.months.length === 12 ? [] : (['twelve-months'] as const)),
    ...(sum(of.months) === of.collectedYen - of.appropriated ? [] : (['months-do-not-add-up'] as const)),
    ...(change === of.sequence > 1 && change === (of.beforeYen !== null) && change === (of.changeReason !== '')
      ? []
      : (['change-without-first'] as const)),
    ...(amounts.every((amount) => Number.isSafeInteger(amount) && amount >= 0) ? [] : (['negative-amount'] as const)),
  ];
}

/** The file of one payer. Throws for a line with a fault: see `tk01Faults`. */
export function writeTk01(lines: readonly Tk01[]): string {
  return lines.map((line) => `${columnsOf(line).map(quoted).join(',')}\r\n`).join('');
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const stated = (amount: number): string => `${amount}`;
const orEmpty = (amount: number): string => (amount === 0 ? '' : `${amount}`);
const sideColumns = (side: Tk01Side): readonly string[] => [
  stated(side.beforeCredits),
  stated(side.credits),
  stated(side.perIncome),
  stated(side.perCapita),
];

function columnsOf(of: Tk01): readonly string[] {
  const faults = tk01Faults(of);
  if (faults.length > 0) throw new RangeError(`a line of TK01: ${faults.join(', ')}`);
  return [
    'TK01',
    '1',
    `${of.fiscalYear}`,
    of.municipality,
    of.designationNumber,
    of.recipientNumber,
    of.addresseeNumber.padStart(15, '0'),
    noticeKinds[of.kind],
    `${of.sequence}`,
    of.issuedOn.toString().replaceAll('-', ''),
    of.changeReason,
    of.kana,
    of.name,
    of.postalCode,
    of.address,
    stated(of.salaryRevenue),
    stated(of.salaryIncome),
    orEmpty(of.incomeAdjustment),
    orEmpty(of.otherIncome),
    stated(of.salaryIncome + of.otherIncome),
    ...deductionsOf(of).map(orEmpty),
    stated(sum(deductionsOf(of))),
    stated(of.bases.aggregate),
    ...baseNames.slice(1).map((name) => orEmpty(of.bases[name])),
    ...sideColumns(of.ward),
    ...sideColumns(of.metropolis),
    stated(of.forestTax),
    stated(of.collectedYen),
    orEmpty(of.shortfall),
    orEmpty(of.appropriated),
    of.beforeYen === null ? '' : stated(of.beforeYen),
    of.beforeYen === null ? '' : stated(of.collectedYen - of.beforeYen),
    ...of.months.map(stated),
    of.dependants,
    of.own,
    of.remarks,
  ];
}

/** 摘要 names the number under which the month is paid over: `通知書番号0000000239`. */
export const remarksWith = (noticeNumber: string | undefined): string =>
  noticeNumber === undefined ? '' : `通知書番号${noticeNumber}`;
const numberIn = (remarks: string): string | undefined => /^通知書番号([0-9]{10})$/.exec(remarks)?.[1];

/** What a payer's software reads first of a line: whom it concerns and what is taken each month. */
export interface Tk01Months {
  readonly fiscalYear: number;
  readonly municipality: string;
  /** 通知書番号; a line that does not say it can be paid only as part of the sum. */
  readonly noticeNumber: string | undefined;
  readonly designationNumber: string;
  readonly recipientNumber: string;
  readonly addresseeNumber: string;
  readonly name: string;
  readonly kind: Tk01Kind;
  readonly collectedYen: number;
  readonly months: readonly number[];
}

export type Tk01FileFault =
  | 'wrong-column-count'
  | 'not-tk01'
  | 'not-an-amount'
  | 'months-do-not-add-up'
  | 'deductions-do-not-add-up'
  | 'cut-short';

/** Reads a payer's file whole, or names the line at fault (from 1). */
export function readTk01(
  text: string,
): Result<readonly Tk01Months[], { readonly line: number; readonly fault: Tk01FileFault }> {
  const read: Tk01Months[] = [];
  const lines = text.split('\r\n');
  if (lines.pop() !== '') return err({ line: lines.length + 1, fault: 'cut-short' });
  for (const [i, line] of lines.entries()) {
    const fields = fieldsOf(line);
    const fault = (word: Tk01FileFault) => err({ line: i + 1, fault: word });
    if (fields.length !== columns) return fault('wrong-column-count');
    const at = (no: number): string => fields[no - 1] ?? '';
    const kind = Object.entries(noticeKinds).find(([, digit]) => digit === at(8))?.[0] as Tk01Kind | undefined;
    if (at(1) !== 'TK01' || at(2) !== '1' || kind === undefined) return fault('not-tk01');
    const amounts = fields.slice(15, 68);
    if (!amounts.every((field) => /^-?[0-9]{0,11}$/.test(field))) return fault('not-an-amount');
    const months = fields.slice(56, 68).map(Number);
    const collectedYen = Number(at(52));
    if (sum(months) !== collectedYen - Number(at(54))) return fault('months-do-not-add-up');
    if (sum(fields.slice(20, 34).map(Number)) !== Number(at(35))) return fault('deductions-do-not-add-up');
    read.push({
      fiscalYear: Number(at(3)),
      municipality: at(4),
      noticeNumber: numberIn(at(71)),
      designationNumber: at(5),
      recipientNumber: at(6),
      addresseeNumber: at(7).replace(/^0+(?=\d)/, ''),
      name: at(13),
      kind,
      collectedYen,
      months,
    });
  }
  return ok(read);
}

function fieldsOf(line: string): readonly string[] {
  const fields: string[] = [];
  for (const [, inQuotes, plain] of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g))
    fields.push(inQuotes === undefined ? (plain ?? '') : inQuotes.replaceAll('""', '"'));
  return fields;
}
