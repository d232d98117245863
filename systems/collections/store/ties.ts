import { hash } from 'node:crypto';
import { rootOf } from '@musubi/kernel/audit/merkle.ts';

type Cell = string | number | null | undefined;

/** A table whose rows are made here by the ten thousand: its columns as COPY gets them, and the key that a row is known by. */
export interface TiedTable {
  readonly name: string;
  /** Columns in the order of the cells. Numbers are written bare, all else quoted. */
  readonly columns: readonly string[];
  readonly key: readonly string[];
}

/**
 * Leaves that tie rows to the log, made from the same cells as the COPY. The digest is that of kernel/audit (the row's jsonb text without
 * nulls): the database would take several times as long; verification makes it from the rows and says where the two differ.
 */
export class Ties {
  readonly #leaves = new Map<string, { readonly key: string; readonly leaf: string }[]>();

  /** `more`: cells that the database makes itself (generated columns), by name. */
  add(table: TiedTable, cells: readonly Cell[], more?: Readonly<Record<string, number>>): void {
    const { order, keyAt } = planOf(table, more === undefined ? [] : Object.keys(more));
    let text = '{';
    for (const { name, at } of order) {
      const value = at < 0 ? more![name] : cells[at];
      if (value === null || value === undefined) continue;
      text += `${text.length === 1 ? '' : ', '}"${name}": ${typeof value === 'number' ? value : quoted(value)}`;
    }
    text += '}';
    const key = keyAt.map((at) => cells[at]).join('/');
    const leaf = hash('sha256', `\0${table.name}\n${key}\n${hash('sha256', text)}\n`, 'latin1');
    const known = this.#leaves.get(table.name);
    if (known === undefined) this.#leaves.set(table.name, [{ key, leaf }]);
    else known.push({ key, leaf });
  }

  /** For `batches` of the act's event: count and root of each table, in the order of the keys. */
  batches(): Readonly<Record<string, { readonly count: number; readonly root: string }>> {
    return Object.fromEntries(
      [...this.#leaves].map(([table, leaves]) => {
        const sorted = leaves.sort((a, b) => (a.key < b.key ? -1 : 1));
        const hashes = function* () {
          for (const { leaf } of sorted) yield Buffer.from(leaf, 'latin1');
        };
        return [table, { count: sorted.length, root: rootOf(hashes()).toString('hex') }];
      }),
    );
  }
}

interface Plan {
  readonly order: readonly { readonly name: string; readonly at: number }[];
  readonly keyAt: readonly number[];
}
const plans = new WeakMap<TiedTable, Plan>();

/** Keys as jsonb has them: shorter before longer, then by bytes. */
function planOf(table: TiedTable, made: readonly string[]): Plan {
  const known = plans.get(table);
  if (known !== undefined) return known;
  const order = [...table.columns.map((name, at) => ({ name, at })), ...made.map((name) => ({ name, at: -1 }))].sort(
    (a, b) => a.name.length - b.name.length || (a.name < b.name ? -1 : 1),
  );
  const plan = { order, keyAt: table.key.map((name) => table.columns.indexOf(name)) };
  plans.set(table, plan);
  return plan;
}

const quoted = (text: string): string => (/["\\\u0000-\u001f]/.test(text) ? JSON.stringify(text) : `"${text}"`);

/** A moment as jsonb writes it under UTC; COPY reads it too. */
export const momentText = (at: Temporal.Instant): string => at.round('microsecond').toString().replace('Z', '+00:00');
