type Value = string | number | boolean | null;

/** How an item's text is read. */
export type ItemReading = 'number' | 'yes-no' | 'text';

export interface FileRow {
  readonly orgPersonNumber: string;
  readonly validFrom: string;
  /** Null: 更新区分 9, ends what stood before. */
  readonly items: Readonly<Record<string, Value>> | null;
  readonly autoReplyBlocked: boolean;
  readonly withheldFromPerson: boolean;
}

/** Faults of a row's form; what the row says is checked like any other copy (`faultOf`). */
export type RowFault = 'columns' | 'update-kind' | 'flag' | 'item-value' | 'valid-from';

/**
 * One part of a lodged file: CSV of RFC 4180 with CR LF and its header. Undefined where it is no such file at all (other header,
 * broken quotes, a last line without its end): then nothing of it can be told.
 *
 * @param header the columns that must stand in the first line, in this order
 * @param readings of the columns after the leading five; columns behind them (the row's tie) are not the row's content
 */
export function readPart(
  text: string,
  header: readonly string[],
  readings: readonly ItemReading[],
): readonly (FileRow | RowFault)[] | undefined {
  const lines = linesOf(text);
  if (lines === undefined || lines[0]?.join('\n') !== header.join('\n')) return undefined;
  // In the order in which they are sealed: sorted once a part and not once a row.
  const items = readings
    .map((reading, i) => ({ name: header[leading + i]!, at: leading + i, reading }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return lines.slice(1).map((cells) => (cells.length === header.length ? rowOf(cells, items) : 'columns'));
}

interface ItemColumn {
  readonly name: string;
  readonly at: number;
  readonly reading: ItemReading;
}

/** 団体内統合宛名番号, 有効開始, 更新区分, 自動応答不可, 不開示. */
const leading = 5;
const flags: Readonly<Record<string, boolean>> = { '0': false, '1': true };

function rowOf(cells: readonly string[], columns: readonly ItemColumn[]): FileRow | RowFault {
  const [orgPersonNumber = '', validFrom = '', update = '', blocked = '', withheld = ''] = cells;
  if (!isDay(validFrom)) return 'valid-from';
  if (update !== '1' && update !== '9') return 'update-kind';
  const [autoReplyBlocked, withheldFromPerson] = [flags[blocked], flags[withheld]];
  if (autoReplyBlocked === undefined || withheldFromPerson === undefined) return 'flag';
  const common = { orgPersonNumber, validFrom, autoReplyBlocked, withheldFromPerson };
  if (update === '9') return columns.every(({ at }) => cells[at] === '') ? { ...common, items: null } : 'update-kind';
  const items: Record<string, Value> = {};
  for (const { name, at, reading } of columns) {
    const value = itemOf(cells[at]!, reading);
    if (value === undefined) return 'item-value';
    items[name] = value;
  }
  return { ...common, items };
}

/** An empty cell is an item that the body knows and holds no value for. */
function itemOf(cell: string, reading: ItemReading): Value | undefined {
  if (cell === '') return null;
  switch (reading) {
    case 'text':
      return cell;
    case 'yes-no':
      return flags[cell];
    case 'number':
      return /^(0|[1-9][0-9]{0,15})$/.test(cell) ? Number(cell) : undefined;
  }
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const [year, month, day] = text.split('-').map(Number) as [number, number, number];
  const long = [
    31,
    (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28,
    31,
    30,
    31,
    30,
    31,
    31,
    30,
    31,
    30,
    31,
  ];
  return month >= 1 && month <= 12 && day >= 1 && day <= long[month - 1]!;
}

/** Cells of each line; undefined where quotes or line ends are not those of RFC 4180. */
function linesOf(text: string): readonly (readonly string[])[] | undefined {
  if (!text.endsWith('\r\n')) return undefined;
  if (!text.includes('"')) {
    const lines = text.slice(0, -2).split('\r\n');
    return lines.some((line) => /[\r\n]/.test(line)) ? undefined : lines.map((line) => line.split(','));
  }
  const lines: string[][] = [];
  let cells: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (found === null) return undefined;
    cells.push(found[1] === undefined ? found[2]! : found[1].replaceAll('""', '"'));
    if (found[3] === '\r\n') {
      lines.push(cells);
      cells = [];
    }
  }
  return lines;
}
