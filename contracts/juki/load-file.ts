/*
 * A municipality's register as prepared files, for the first load of an empty prefecture's server (design §4.1). Beside the
 * stream of loads (`juki.resident-load`), for what is too much for messages: fourteen million persons at Tokyo.
 *
 * UTF-8, one record a line (LF), fields between tabs, in the order below; no field holds a tab or a line end. The first line
 * states where the file is from, the last one how many records it has and SHA-256 over all lines between: a file that
 * was cut or changed on its way is refused whole. The files carry Individual Numbers: they travel as media do.
 */

/** First word of the first line, with the version of the form. */
export const loadFileMark = 'juki-first-load/1';
export const loadFileEnd = 'end';

/** Records a file at most: one file is one transaction and one event. */
export const loadFileLimit = 100_000;

export const loadFields = [
  'residentRecordCode',
  'individualNumber',
  'name',
  'nameKana',
  /** ISO date. */
  'birthDate',
  /** `male`, `female`, `other` */
  'sex',
  'address',
  'azaCode',
  'nameGaijiCount',
  'addressGaijiCount',
  /** Empty where there is none. */
  'formerSurname',
  'formerSurnameKana',
  'formerSurnameGaijiCount',
  'becameResidentOn',
  /** 異動年月日 of the change that made the record what it is. */
  'changedOn',
  /** 更新順番号 at this municipality. */
  'sequence',
  /** `resident` or `moving-out`. */
  'status',
] as const;
export type LoadField = (typeof loadFields)[number];

export interface LoadFileHeader {
  readonly municipalityCode: string;
  /** From 1, without a gap within one municipality. */
  readonly fileNo: number;
  readonly operatorId: string;
  readonly terminalId: string;
  /** When the municipality made the file. */
  readonly preparedAt: string;
}

export const headerLine = (h: LoadFileHeader): string =>
  [loadFileMark, h.municipalityCode, h.fileNo, h.operatorId, h.terminalId, h.preparedAt].join('\t');

/** @returns undefined where the line is not the first line of such a file */
export function readHeaderLine(line: string): LoadFileHeader | undefined {
  const [mark, municipalityCode = '', fileNo = '', operatorId = '', terminalId = '', preparedAt = '', ...more] =
    line.split('\t');
  if (mark !== loadFileMark || more.length > 0 || preparedAt === '') return undefined;
  if (!/^[0-9]{6}$/.test(municipalityCode) || !/^[1-9][0-9]{0,5}$/.test(fileNo)) return undefined;
  return { municipalityCode, fileNo: Number(fileNo), operatorId, terminalId, preparedAt };
}

export const endLine = (records: number, sha256Hex: string): string => [loadFileEnd, records, sha256Hex].join('\t');
