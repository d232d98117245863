import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { EndingRow } from '@musubi/kernel/retention/retention.ts';

/** Facts of the tax years whose term ends up to `until`; those of an open appeal among them, marked. */
export async function countEnding(tx: Tx, until: Temporal.PlainDate): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_tax.ending_rows(${until}::date, null, null)`;
  return row!.n;
}

export const endingRows = async (
  tx: Tx,
  until: Temporal.PlainDate,
  after: string | null,
  subjects: number,
): Promise<EndingRow[]> =>
  (
    await tx<EndingRow & { readonly heldFor: string | undefined }>`
      select table_name as "table", row_key as key, person_id as subject, event_id as "eventId", kept_until::text as "keptUntil",
             held_for as "heldFor", record
        from resident_tax.ending_rows(${until}::date, ${after}::uuid, ${subjects}) order by person_id, kept_until, table_name, row_key`
  ).map(({ heldFor, ...row }) => (heldFor ? { ...row, heldFor } : row));

/** Columns by which a row points at a number of a document in the vault. A person's own number stays with the person. */
const numberColumns = ['number_ref', 'payer_number_ref'] as const;
const objectColumns = ['sealed_ref', 'package_ref', 'employees_ref', 'letter_ref'] as const;
const named = (rows: readonly EndingRow[], columns: readonly string[]): string[] =>
  rows.flatMap(({ record }) =>
    columns.flatMap((column) => {
      const ref = (record as Readonly<Record<string, unknown>>)[column];
      return typeof ref === 'string' ? [ref] : [];
    }),
  );

export const numbersOf = (rows: readonly EndingRow[]): string[] => [...new Set(named(rows, numberColumns))];

export async function removeSealed(tx: Tx, rows: readonly EndingRow[], numberRefs: readonly string[]): Promise<number> {
  const [done] = await tx<{ n: number }>`
    select resident_tax.remove_ended(${rows[0]!.keptUntil}::date, ${[...new Set(rows.map((r) => r.subject))]}::uuid[],
      ${numberRefs}::uuid[]) as n`;
  return done!.n;
}

/** Sealed documents of these rows, and files of many persons of whom nobody is left. Call after the rows are gone. */
export async function objectsOf(tx: Tx, rows: readonly EndingRow[]): Promise<string[]> {
  const files = await tx<{ ref: string }>`select ref from resident_tax.files_left_over()`;
  return [...new Set([...named(rows, objectColumns), ...files.map((f) => f.ref)])];
}
