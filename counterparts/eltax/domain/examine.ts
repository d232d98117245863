import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import {
  type LocalGovernmentCode,
  localGovernmentCodeFromFive,
  parseLocalGovernmentCode,
} from '@musubi/kernel/identifiers/local-government-code.ts';

/** Where in a record stands what the portal looks at, from 0. Everything else is the receiving body's to judge. */
export interface FormColumns {
  readonly form: number;
  readonly incomeYear: number;
  /** Undefined where the form does not name its sender by Corporate Number. */
  readonly payerNumber?: number;
  readonly municipality: number;
}

export interface Filing {
  readonly records: number;
  readonly payerNumber: string;
  /** As the column of the form writes it. */
  readonly incomeYear: string;
  readonly formKind: string;
  /** Destinations of the summary sheets. */
  readonly stated: readonly string[];
  /** Columns of a record by their count; undefined where no version of the form has so many. */
  readonly columnsOf: (count: number) => FormColumns | undefined;
}

export type ReturnCode =
  | 'empty-file'
  | 'cut-short'
  | 'records-differ'
  | 'other-form'
  | 'other-payer'
  | 'other-income-year'
  | 'destination-unreadable';
export interface ReturnReason {
  readonly code: ReturnCode;
  /** Records at fault, from 1; the first hundred. */
  readonly rows: readonly number[];
}
export interface Part {
  readonly municipality: LocalGovernmentCode;
  readonly records: number;
  /** The payer's own bytes of these records, in their order. */
  readonly bytes: Buffer;
}
export type Examined =
  | { readonly outcome: 'accepted'; readonly records: number; readonly parts: readonly Part[] }
  | { readonly outcome: 'returned'; readonly records: number; readonly reasons: readonly ReturnReason[] };

interface Line {
  readonly row: number;
  readonly bytes: Buffer;
  readonly columns: readonly Buffer[];
  readonly at: FormColumns | undefined;
}

/**
 * 審査: whether the file as a whole can be delivered, and to whom which records go. A record with a fault of its own is
 * delivered all the same, because its destination must know of it; where its destination cannot be read it goes to the one
 * destination of the file, and a file with several is returned whole rather than guessed at.
 *
 * @param file lines of the unified CSV, each ended by CR LF; a comma is never part of a CP932 character
 */
export function examine(file: Buffer, filing: Filing): Examined {
  if (file.length === 0) return { outcome: 'returned', records: 0, reasons: [{ code: 'empty-file', rows: [] }] };
  const lines = linesOf(file, filing);
  const reasons: ReturnReason[] = [];
  const wholeFile = (code: ReturnCode): void => void reasons.push({ code, rows: [] });
  const rows = (code: ReturnCode, wrong: readonly Line[]): void => {
    if (wrong.length > 0) reasons.push({ code, rows: wrong.slice(0, 100).map((line) => line.row) });
  };

  if (file.at(-2) !== 0x0d || file.at(-1) !== 0x0a) wholeFile('cut-short');
  if (lines.length !== filing.records) wholeFile('records-differ');
  const isOfForm = (line: Line): boolean => textAt(line, line.at?.form ?? 0) === filing.formKind;
  if (enforced('input.form-version') && !lines.some(isOfForm)) wholeFile('other-form');
  rows(
    'other-payer',
    lines.filter((line) => {
      const number = textAt(line, line.at?.payerNumber);
      return /^[0-9]{13}$/.test(number) && number !== filing.payerNumber;
    }),
  );
  rows(
    'other-income-year',
    lines.filter((line) => {
      const year = textAt(line, line.at?.incomeYear);
      return /^[0-9]{2}([0-9]{2})?$/.test(year) && year !== filing.incomeYear;
    }),
  );

  const destinations = lines.map((line) => municipalityOf(textAt(line, line.at?.municipality)));
  const read = new Set(destinations.filter((code) => code !== undefined));
  const stated = new Set(filing.stated);
  const only =
    read.size === 1 ? [...read][0] : read.size === 0 && stated.size === 1 ? municipalityOf([...stated][0]!) : undefined;
  if (only === undefined)
    rows(
      'destination-unreadable',
      lines.filter((_, i) => destinations[i] === undefined),
    );
  if (reasons.length > 0) return { outcome: 'returned', records: lines.length, reasons };

  const byDestination = Map.groupBy(lines, (line) => destinations[line.row - 1] ?? only!);
  const parts = [...byDestination].map(([municipality, its]) => ({
    municipality,
    records: its.length,
    bytes: Buffer.concat(its.map((line) => line.bytes)),
  }));
  return { outcome: 'accepted', records: lines.length, parts };
}

function linesOf(file: Buffer, filing: Filing): Line[] {
  const lines: Line[] = [];
  for (let from = 0; from < file.length; ) {
    const end = file.indexOf('\r\n', from);
    const next = end === -1 ? file.length : end + 2;
    const columns = split(file.subarray(from, end === -1 ? file.length : end));
    lines.push({
      row: lines.length + 1,
      bytes: file.subarray(from, next),
      columns,
      at: filing.columnsOf(columns.length),
    });
    from = next;
  }
  return lines;
}

function split(line: Buffer): Buffer[] {
  const columns: Buffer[] = [];
  let from = 0;
  for (let at = line.indexOf(0x2c); at !== -1; at = line.indexOf(0x2c, from)) {
    columns.push(line.subarray(from, at));
    from = at + 1;
  }
  columns.push(line.subarray(from));
  return columns;
}

/** Half-width columns alone are looked at, so Latin-1 is enough. */
const textAt = (line: Line, column: number | undefined): string =>
  (column === undefined ? undefined : line.columns[column])?.toString('latin1') ?? '';

function municipalityOf(text: string): LocalGovernmentCode | undefined {
  const parsed = text.length === 5 ? localGovernmentCodeFromFive(text) : parseLocalGovernmentCode(text);
  return parsed.ok ? parsed.value : undefined;
}
