/** An ordinary table and the columns that hold something (not computed ones), quoted. */
export interface TableShape {
  readonly table: string;
  readonly columns: readonly string[];
}

/** Every table of the instance, also those that its own role cannot read: {@link TableShape}. The marker of a town is of the server. */
export const tableStatement = `
  select format('%I.%I', n.nspname, c.relname) as "table", array_agg(quote_ident(a.attname) order by a.attnum) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
   where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'
     and format('%I.%I', n.nspname, c.relname) <> 'musubi.town_marker'
   group by 1 order by 1`;

/** Sequences that have given a value: name, value. */
export const sequenceStatement = `
  select format('%I.%I', schemaname, sequencename) as name, last_value::text as value
    from pg_sequences where last_value is not null order by 1`;

/** Applied migrations: line. Rows fit only the schema that they were copied from. */
export const migrationStatement = `
  select set_name || '/' || number || ' ' || checksum as line from musubi.migration order by set_name, number`;

/** Foreign keys: table, name, definition. */
export const foreignKeyStatement = `
  select format('%I.%I', n.nspname, c.relname) as "table", quote_ident(k.conname) as name, pg_get_constraintdef(k.oid) as definition
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
   where k.contype = 'f' and k.conparentid = 0 order by 1, 2`;

export const copyOutOf = ({ table, columns }: TableShape): string => `copy ${table} (${columns.join(', ')}) to stdout`;
export const copyInto = ({ table, columns }: TableShape): string => `copy ${table} (${columns.join(', ')}) from stdin`;
