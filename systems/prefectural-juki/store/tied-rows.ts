import { hash } from 'node:crypto';
import { rootOf } from '@musubi/kernel/audit/merkle.ts';

/*
 * Many rows of one act that the program makes itself and copies in: their leaves are made beside them, because the database would take
 * ten times as long to read them back and digest them. Verification makes the leaves from the rows and says where the two differ.
 */

/** Leaves of one table's rows of one event, for `batches` of its event. */
export class TiedRows {
  readonly #table: string;
  readonly #leaves: { readonly key: string; readonly leaf: string }[] = [];

  constructor(table: string) {
    this.#table = table;
  }

  /** @param text the row as jsonb text without nulls: keys shorter before longer, then by bytes */
  add(key: string, text: string): void {
    // The leaf hash of kernel/audit (RFC 6962), as text of one byte a character: a hundred thousand buffers cost more than hashing.
    this.#leaves.push({ key, leaf: hash('sha256', `\0${this.#table}\n${key}\n${hash('sha256', text)}\n`, 'latin1') });
  }

  /** For the event of the act: count and root over the rows, in the order of their keys. */
  tie(): Readonly<Record<string, { readonly count: number; readonly root: string }>> {
    const sorted = this.#leaves.sort((a, b) => (a.key < b.key ? -1 : 1));
    const leaves = function* () {
      for (const { leaf } of sorted) yield Buffer.from(leaf, 'latin1');
    };
    return { [this.#table]: { count: sorted.length, root: rootOf(leaves()).toString('hex') } };
  }
}

/** As jsonb writes a moment under UTC. */
export const inJson = (at: Temporal.Instant): string => at.round('microsecond').toString().replace('Z', '+00:00');
/** As jsonb writes a text. */
export const quoted = (text: string): string => (/["\\\u0000-\u001f]/.test(text) ? JSON.stringify(text) : `"${text}"`);
/** As COPY reads a text. */
export const escaped = (text: string): string =>
  /[\\\t\n\r]/.test(text) ? text.replaceAll(/[\\\t\n\r]/g, (c) => `\\${escapes[c] ?? c}`) : text;
const escapes: Readonly<Record<string, string>> = { '\t': 't', '\n': 'n', '\r': 'r' };
