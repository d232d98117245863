import { err, ok, type Result } from '../result/result.ts';

/** What a cell holds after the source has read it. Days are ISO text. */
export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

export interface Column {
  readonly key: string;
  readonly label: string;
  readonly kind: 'text' | 'number' | 'date' | 'choice';
  /** Choices as they are stored, with their words. */
  readonly choices?: Readonly<Record<string, string>>;
  /** Only who holds the right of personal columns may choose or search it. */
  readonly personal: boolean;
}

/** What the words of a condition compare. `contains` and `starts` are for texts; days and numbers know before and after. */
export const operators = {
  is: '等しい',
  'is-not': '等しくない',
  contains: '含む',
  starts: '始まる',
  'at-least': '以上・以後',
  'at-most': '以下・以前',
  empty: '空である',
  'not-empty': '空でない',
} as const;
export type Operator = keyof typeof operators;

export interface Condition {
  readonly column: string;
  readonly operator: Operator;
  /** As typed; empty for `empty` and `not-empty`. */
  readonly value: string;
}

/** A saved or asked extraction. Nothing in it is SQL: columns and operators are names that the source declares. */
export interface Query {
  readonly source: string;
  readonly columns: readonly string[];
  readonly conditions: readonly Condition[];
  readonly sortBy: string | null;
}

export const maxConditions = 6;

const operatorsOf: Readonly<Record<Column['kind'], readonly Operator[]>> = {
  text: ['is', 'is-not', 'contains', 'starts', 'empty', 'not-empty'],
  number: ['is', 'is-not', 'at-least', 'at-most', 'empty', 'not-empty'],
  date: ['is', 'is-not', 'at-least', 'at-most', 'empty', 'not-empty'],
  choice: ['is', 'is-not', 'empty', 'not-empty'],
};
/** Operators that make sense for a column. */
export const operatorsFor = (column: Column): readonly Operator[] => operatorsOf[column.kind];

export type QueryFault =
  | 'no-columns'
  | 'unknown-column'
  | 'personal-column'
  | 'operator-does-not-fit'
  | 'value-missing'
  | 'value-does-not-fit'
  | 'too-many-conditions'
  | 'sort-not-chosen';

/**
 * Whether a query keeps to what the source declares and the asker may see.
 * @param seesPersonal whether the asker holds the right of personal columns; searching by one shows as much as printing it
 */
export function checkQuery(
  columns: readonly Column[],
  query: Query,
  seesPersonal: boolean,
): Result<Query, { readonly fault: QueryFault; readonly column?: string }> {
  const byKey = new Map(columns.map((c) => [c.key, c]));
  if (query.columns.length === 0) return err({ fault: 'no-columns' });
  if (query.conditions.length > maxConditions) return err({ fault: 'too-many-conditions' });
  for (const key of [...query.columns, ...query.conditions.map((c) => c.column)]) {
    const column = byKey.get(key);
    if (!column) return err({ fault: 'unknown-column' });
    if (column.personal && !seesPersonal) return err({ fault: 'personal-column', column: key });
  }
  if (query.sortBy !== null && !query.columns.includes(query.sortBy)) return err({ fault: 'sort-not-chosen' });
  for (const { column: key, operator, value } of query.conditions) {
    const column = byKey.get(key)!;
    if (!operatorsFor(column).includes(operator)) return err({ fault: 'operator-does-not-fit', column: key });
    if (operator === 'empty' || operator === 'not-empty') continue;
    if (value === '') return err({ fault: 'value-missing', column: key });
    if (!fits(column, value)) return err({ fault: 'value-does-not-fit', column: key });
  }
  return ok({ ...query, columns: columns.map((c) => c.key).filter((k) => query.columns.includes(k)) });
}

function fits(column: Column, value: string): boolean {
  switch (column.kind) {
    case 'number':
      return /^-?[0-9]{1,15}$/.test(value);
    case 'date':
      return /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value) && isDay(value);
    case 'choice':
      return Object.hasOwn(column.choices ?? {}, value);
    case 'text':
      return value.length <= 100;
  }
}

function isDay(text: string): boolean {
  try {
    Temporal.PlainDate.from(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether a row meets every condition. Conditions are joined by "and"; an empty cell meets no comparison. */
export const matches = (columns: readonly Column[], conditions: readonly Condition[], row: Row): boolean =>
  conditions.every((c) => meets(columns.find((x) => x.key === c.column)!, c, row[c.column] ?? null));

function meets(column: Column, { operator, value }: Condition, cell: Cell): boolean {
  const isEmpty = cell === null || cell === '';
  if (operator === 'empty') return isEmpty;
  if (operator === 'not-empty') return !isEmpty;
  if (isEmpty) return operator === 'is-not';
  if (column.kind === 'number') {
    const [left, right] = [Number(cell), Number(value)];
    if (operator === 'at-least') return left >= right;
    if (operator === 'at-most') return left <= right;
    return operator === 'is' ? left === right : left !== right;
  }
  const [left, right] = [folded(`${cell}`), folded(value)];
  switch (operator) {
    case 'is':
      return left === right;
    case 'is-not':
      return left !== right;
    case 'contains':
      return left.includes(right);
    case 'starts':
      return left.startsWith(right);
    case 'at-least':
      return left >= right;
    case 'at-most':
      return left <= right;
  }
}

/** Width and spaces are writing, not content. */
const folded = (text: string): string =>
  text
    .replace(/[！-～]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/\s/gu, '')
    .toLowerCase();

/** Orders by one column: numbers by value, all else by code point; empty cells last. */
export function compareBy(column: Column): (a: Row, b: Row) => number {
  return (a, b) => {
    const [left, right] = [a[column.key] ?? null, b[column.key] ?? null];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    if (column.kind === 'number') return Number(left) - Number(right);
    return `${left}` < `${right}` ? -1 : `${left}` > `${right}` ? 1 : 0;
  };
}

/** The cell as the reader sees it: the word of a choice, nothing for nothing. */
export function shown(column: Column, cell: Cell): string {
  if (cell === null) return '';
  if (column.kind === 'choice') return column.choices?.[`${cell}`] ?? `${cell}`;
  return `${cell}`;
}
