-- A system has some seventy fact tables, and each act looked through them one after the other until it came to its own: half the list
-- on the average, and each name compared by an expression that is made ready anew in every transaction. Now by halves.

-- The statement that calls one of p_calls, the function of p_tables at the same place; both in the order of the tables' names.
create function audit.choice_among(p_tables text[], p_calls text[]) returns text
language plpgsql immutable set search_path = pg_catalog as $$
declare
  v_half integer := cardinality(p_tables) / 2;
begin
  if v_half = 0 then return format('if p_table = %L then return %s; end if;', p_tables[1], p_calls[1]); end if;
  return format('if p_table collate "C" < %L then %s else %s end if;', p_tables[v_half + 1],
                audit.choice_among(p_tables[:v_half], p_calls[:v_half]), audit.choice_among(p_tables[v_half + 1:], p_calls[v_half + 1:]));
end $$;

create or replace function audit.make_ties() returns void
language plpgsql set search_path = pg_catalog as $$
declare
  v_tables text[];
  v_one text[];
  v_each text[];
begin
  select array_agg(f.fact_table order by f.fact_table collate "C"),
         array_agg(format('audit.%I(p_event)', audit.tie_name(f.fact_table)) order by f.fact_table collate "C"),
         array_agg(format('audit.%I(p_events)', audit.tie_each_name(f.fact_table)) order by f.fact_table collate "C")
    into v_tables, v_one, v_each from audit.fact_table as f;
  execute format('create or replace function audit.tie(p_table text, p_event uuid) returns text language plpgsql as $body$
    begin %s return null; end $body$', case when v_tables is null then '' else audit.choice_among(v_tables, v_one) end);
  execute format('create or replace function audit.tie_each(p_table text, p_events uuid[]) returns text[] language plpgsql as $body$
    begin %s return null; end $body$', case when v_tables is null then '' else audit.choice_among(v_tables, v_each) end);
  revoke execute on function audit.tie(text, uuid), audit.tie_each(text, uuid[]) from public;
end $$;
select audit.make_ties();

revoke execute on all functions in schema audit from public;
