import { parseStrictJson } from '@musubi/kernel/crypto/strict-json.ts';
import type { z } from 'zod';

/* Packages between bodies: one record a line, JSON in UTF-8, CR LF at the end of each. */

export const writeLines = (records: readonly object[]): Buffer =>
  Buffer.from(records.map((record) => `${JSON.stringify(record)}\r\n`).join(''), 'utf8');

/** The records in order; undefined where a line is none of the schema. A last line without its end is one too many. */
export function linesOf<S extends z.ZodType>(file: Uint8Array, schema: S): (z.infer<S> | undefined)[] {
  const parts = Buffer.from(file).toString('utf8').split('\r\n');
  if (parts.at(-1) === '') parts.pop();
  else parts.push('');
  return parts.map((line) => {
    const json = parseStrictJson(line);
    const read = json.ok ? schema.safeParse(json.value) : undefined;
    return read?.success ? read.data : undefined;
  });
}
