/** What a table is a part of. Parts are made ahead month by month while a system runs: no migration makes them. */
export interface PartitionShape {
  readonly table: string;
  /** `FOR VALUES FROM ('2026-06-01 00:00:00+00') TO ('2026-07-01 00:00:00+00')` */
  readonly bounds: string;
  /** What the application role may do with the part itself; through the whole it may what the whole allows. */
  readonly rights: readonly string[];
}
/** An ordinary table and the columns that hold something (not computed ones), quoted. */
export interface TableShape {
  readonly table: string;
  readonly columns: readonly string[];
  readonly partitionOf: PartitionShape | null;
}

/** Every table of the instance, also those that its own role cannot read: {@link TableShape}. The marker of a town is of the server. */
export const tableStatement = `
  select format('%I.%I', n.nspname, c.relname) as "table", array_agg(quote_ident(a.attname) order by a.attnum) as columns,
         (select jsonb_build_object('table', format('%I.%I', wn.nspname, w.relname), 'bounds', pg_get_expr(c.relpartbound, c.oid), 'rights', array(
                   select privilege_type from aclexplode(c.relacl)
                    where pg_get_userbyid(grantee) = regexp_replace(pg_get_userbyid(c.relowner), '_owner$', '_app') order by 1))
            from pg_inherits i join pg_class w on w.oid = i.inhparent join pg_namespace wn on wn.oid = w.relnamespace
           where i.inhrelid = c.oid and c.relispartition) as "partitionOf"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
   where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'
     and format('%I.%I', n.nspname, c.relname) <> 'musubi.town_marker'
   group by c.oid, n.oid order by 1`;

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

type Copied = Pick<TableShape, 'table' | 'columns'>;
export const copyOutOf = ({ table, columns }: Copied): string => `copy ${table} (${columns.join(', ')}) to stdout`;
export const copyInto = ({ table, columns }: Copied): string => `copy ${table} (${columns.join(', ')}) from stdin`;

/** Makes a part that only a running system made, with what `app` may do with it. */
export const makePartition = (table: string, { table: whole, bounds, rights }: PartitionShape, app: string): string =>
  [
    `create table ${table} partition of ${whole} ${bounds}`,
    ...(rights.length > 0 ? [`grant ${rights.join(', ')} on ${table} to "${app}"`] : []),
  ].join('; ');
