import { strToU8, zipSync } from 'fflate';
import { type Column, type Row, shown } from './source.ts';

/** What stands above the rows: from which extraction they are, of which day, and who asked for what. */
export interface OutputHead {
  readonly extractionId: string;
  readonly title: string;
  /** ISO day. */
  readonly asOf: string;
  readonly rows: number;
}

/**
 * CSV by RFC 4180, UTF-8 with byte order mark (a spreadsheet opens it as it is), CR LF. The first line names the extraction
 * in its own cell, so that a list that comes back can be compared with what went out; the second names the columns.
 */
export function toCsv(head: OutputHead, columns: readonly Column[], rows: readonly Row[]): Buffer {
  const lines = [
    ['#', head.extractionId, head.title, `${head.asOf}現在`, `${head.rows}件`],
    ['行', ...columns.map((c) => c.label)],
    ...rows.map((row, i) => [`${i + 1}`, ...columns.map((c) => cellText(c, row))]),
  ];
  return Buffer.from(`\ufeff${lines.map((cells) => cells.map(quoted).join(',')).join('\r\n')}\r\n`, 'utf8');
}

/** A text that a spreadsheet would run as a formula is written so that it stays a text. */
export const cellText = (column: Column, row: Row): string => {
  const text = shown(column, row[column.key] ?? null);
  return column.kind !== 'number' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
};

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Reads what `toCsv` wrote, or what a spreadsheet saved of it. Undefined where a quote is left open. */
export function readCsvCells(bytes: Uint8Array): string[][] | undefined {
  const text = new TextDecoder('utf-8').decode(bytes).replace(/^\ufeff/, '');
  const lines: string[][] = [];
  let [line, cell, open] = [[] as string[], '', false];
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (open) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else open = false;
    } else if (c === '"' && cell === '') open = true;
    else if (c === ',') {
      line.push(cell);
      cell = '';
    } else if (c === '\n' || c === '\r') {
      if (c === '\r' && text[i + 1] === '\n') i++;
      lines.push([...line, cell]);
      [line, cell] = [[], ''];
    } else cell += c;
  }
  if (open) return undefined;
  if (cell !== '' || line.length > 0) lines.push([...line, cell]);
  return lines;
}

/** A workbook with one sheet (Office Open XML, ISO/IEC 29500): texts inline, numbers as numbers, the head frozen. */
export function toXlsx(head: OutputHead, columns: readonly Column[], rows: readonly Row[]): Uint8Array {
  const text = (value: string): string => `<c t="inlineStr"><is><t xml:space="preserve">${escaped(value)}</t></is></c>`;
  const line = (no: number, cells: readonly string[]): string => `<row r="${no}">${cells.join('')}</row>`;
  const cellOf = (column: Column, row: Row): string => {
    const value = row[column.key] ?? null;
    return column.kind === 'number' && value !== null ? `<c><v>${Number(value)}</v></c>` : text(shown(column, value));
  };
  const sheet = [
    line(1, ['#', head.extractionId, head.title, `${head.asOf}現在`, `${head.rows}件`].map(text)),
    line(2, ['行', ...columns.map((c) => c.label)].map(text)),
    ...rows.map((row, i) => line(i + 3, [`<c><v>${i + 1}</v></c>`, ...columns.map((c) => cellOf(c, row))])),
  ];
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const packages = 'http://schemas.openxmlformats.org/package/2006';
  const xml = (body: string): Uint8Array => strToU8(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${body}`);
  return zipSync(
    {
      '[Content_Types].xml': xml(
        `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
      ),
      '_rels/.rels': xml(
        `<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
      ),
      'xl/_rels/workbook.xml.rels': xml(
        `<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
      ),
      'xl/workbook.xml': xml(
        `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets><sheet name="抽出" sheetId="1" r:id="rId1"/></sheets></workbook>`,
      ),
      'xl/worksheets/sheet1.xml': xml(
        `<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="2" topLeftCell="A3" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>${sheet.join('')}</sheetData></worksheet>`,
      ),
    },
    { level: 6 },
  );
}

const escaped = (text: string): string =>
  text
    // Characters that XML 1.0 cannot carry.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

/**
 * How many rows of a list that was worked on elsewhere differ from what went out: cells by the name of their column and the
 * row's own number, never by position, so that a swapped column, a shifted or doubled row is found (INC-21).
 */
export function differingRows(
  original: readonly (readonly string[])[],
  returned: readonly (readonly string[])[],
): { readonly differing: number; readonly missingColumns: readonly string[] } {
  const [, head = [], ...rows] = original;
  const [, backHead = [], ...backRows] = returned;
  const missingColumns = head.filter((label) => backHead.filter((l) => l === label).length !== 1);
  if (missingColumns.length > 0) return { differing: rows.length, missingColumns };
  const at = new Map(head.map((label) => [label, backHead.indexOf(label)]));
  const numberAt = at.get('行')!;
  const back = Map.groupBy(backRows, (r) => r[numberAt] ?? '');
  let differing = 0;
  for (const row of rows) {
    const found = back.get(row[0] ?? '') ?? [];
    back.delete(row[0] ?? '');
    const [one] = found;
    const same = found.length === 1 && head.every((label, i) => one![at.get(label)!] === row[i]);
    if (!same) differing++;
  }
  // Rows that never went out.
  for (const extra of back.values()) differing += extra.length;
  return { differing, missingColumns: [] };
}

/** Rows that stand in one list and not in the other, whatever their order: what went since, and what came. */
export function rowsApart(
  before: readonly (readonly string[])[],
  after: readonly (readonly string[])[],
): { readonly gone: number; readonly come: number } {
  // Two lines of head; the first cell of a row is its place.
  const rowsOf = (lines: readonly (readonly string[])[]) =>
    lines.slice(2).map((cells) => JSON.stringify(cells.slice(1)));
  const left = new Map<string, number>();
  for (const row of rowsOf(before)) left.set(row, (left.get(row) ?? 0) + 1);
  let come = 0;
  for (const row of rowsOf(after)) {
    const n = left.get(row) ?? 0;
    if (n === 0) come++;
    else left.set(row, n - 1);
  }
  return { gone: left.values().reduce((sum, n) => sum + n, 0), come };
}
