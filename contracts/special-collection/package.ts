import { readStoredZip } from '@musubi/contracts/printing/stored-zip.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { z } from 'zod';
import { packageNumbersFile, readPackageNumbers } from './numbers.ts';
import { readTk01, type Tk01FileFault, type Tk01Months } from './tk01.ts';

/* The package of one notice for one payer: the file of its people, the paper, and control totals to count after (rule T02); with the
   people's Individual Numbers as a file of its own where the municipality's rule has them. */

export const packageFiles = { lines: 'gimusha.csv', paper: 'gimusha.pdf', summary: 'summary.json' } as const;

const yen = z.int().min(0);
const summary = z.strictObject({
  /** `TK-2026-123456-1`: year, payer, count of the payer's notices of the year. */
  notice: z.string().regex(/^TK-[0-9]{4}-[0-9A-Z-]{1,12}-[1-9][0-9]{0,3}$/),
  issuedOn: z.iso.date(),
  designationNumber: z.string(),
  persons: z.int().min(1),
  totalYen: yen,
  monthsFromJune: z.array(yen).length(12),
});

export interface NoticePackage {
  readonly municipality: string;
  readonly designationNumber: string;
  readonly fiscalYear: number;
  /** Counts the payer's notices of the year from 1. */
  readonly sequence: number;
  readonly issuedOn: string;
  readonly totalYen: number;
  readonly lines: readonly Tk01Months[];
}
export type PackageFault =
  | 'not-a-package'
  | 'summary-unreadable'
  | Tk01FileFault
  | 'another-payer-in-it'
  | 'person-twice'
  | 'numbers-differ'
  | 'totals-differ';

/** Reads a payer's package whole and counts after; `line` (from 1) where one of its people is at fault, else 0. */
export function readNoticePackage(
  bytes: Uint8Array,
): Result<NoticePackage, { readonly line: number; readonly fault: PackageFault }> {
  const refuse = (fault: PackageFault, line = 0) => err({ line, fault });
  const zip = readStoredZip(bytes);
  const [csv, paper, totals] = zip.ok ? Object.values(packageFiles).map((name) => zip.value.get(name)) : [];
  const numbers = zip.ok ? zip.value.get(packageNumbersFile) : undefined;
  const files = numbers === undefined ? 3 : 4;
  if (!zip.ok || csv === undefined || paper === undefined || totals === undefined || zip.value.size !== files)
    return refuse('not-a-package');
  const stated = summary.safeParse(jsonOf(totals));
  if (!stated.success) return refuse('summary-unreadable');
  const read = readTk01(csv.toString('utf8'));
  if (!read.ok) return read;
  const lines = read.value;
  const { designationNumber, issuedOn, notice } = stated.data;
  if (numbers !== undefined && !readPackageNumbers(numbers.toString('utf8'), lines.length).ok)
    return refuse('numbers-differ');
  const [first] = lines;
  if (first === undefined) return refuse('totals-differ');
  const { municipality, fiscalYear } = first;
  const known = new Set<string>();
  for (const [i, line] of lines.entries()) {
    const same =
      line.designationNumber === designationNumber &&
      line.municipality === municipality &&
      line.fiscalYear === fiscalYear;
    if (!same) return refuse('another-payer-in-it', i + 1);
    if (known.has(line.addresseeNumber)) return refuse('person-twice', i + 1);
    known.add(line.addresseeNumber);
  }
  const total = lines.reduce((all, line) => all + line.collectedYen, 0);
  const months = Array.from({ length: 12 }, (_, i) => lines.reduce((all, line) => all + line.months[i]!, 0));
  const sequence = Number(notice.split('-').at(-1));
  const agrees =
    notice === `TK-${fiscalYear}-${designationNumber}-${sequence}` &&
    stated.data.persons === lines.length &&
    stated.data.totalYen === total &&
    months.every((yenOfMonth, i) => yenOfMonth === stated.data.monthsFromJune[i]);
  if (!agrees) return refuse('totals-differ');
  return ok({ municipality, designationNumber, fiscalYear, sequence, issuedOn, totalYen: total, lines });
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
