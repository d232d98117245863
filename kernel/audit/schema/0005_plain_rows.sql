-- The same canonical text, sooner: a row without nested objects (all but a few tables have none) is stripped of its nulls as a
-- whole, and a key of one column is read as it stands. Neither function fixes a search path, so that both are planned into the
-- query that calls them; every name in them is qualified.
create or replace function audit.canonical_row(p_row jsonb, p_excluded text[]) returns text
language sql immutable parallel safe as $$
  select case
    when pg_catalog.jsonb_path_exists(p_row, '$.*.** ? (@.type() == "object")') then (
      select coalesce(pg_catalog.jsonb_object_agg(key, value), '{}'::pg_catalog.jsonb)::text
        from pg_catalog.jsonb_each(p_row operator(pg_catalog.-) p_excluded) where value operator(pg_catalog.<>) 'null'::pg_catalog.jsonb)
    else pg_catalog.jsonb_strip_nulls(p_row operator(pg_catalog.-) p_excluded)::text end
$$;

create or replace function audit.fact_query(p_table text) returns text
language plpgsql stable set search_path = pg_catalog as $$
declare
  f audit.fact_table;
  v_key text;
begin
  select * into strict f from audit.fact_table where fact_table = p_table;
  v_key := case cardinality(f.key_columns)
    when 1 then format('j ->> %L', f.key_columns[1])
    else format('(select string_agg(j ->> k, ''/'' order by o) from unnest(%L::text[]) with ordinality as u(k, o))', f.key_columns) end;
  return (
    select string_agg(format(
      'select (j ->> %L)::uuid as event_id, %s as fact_key, '
      'sha256(convert_to(audit.canonical_row(j, %L::text[]), ''UTF8'')) as digest, %L::text as stands_in '
      'from (select to_jsonb(t) as j from %s as t where ($1::uuid is null or t.%I = $1)) as r',
      f.event_column, v_key, f.excluded_columns, place, place::regclass, f.event_column), ' union all ')
    from unnest(f.stands_in) as place);
end $$;
