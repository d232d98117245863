-- Events of several acts that share a transaction (kernel/db, "Together"): one statement for all, one look at each fact table.

-- As audit.make_tie makes the function for one event: digests of the rows of these events, and for each its entry in the body.
create function audit.tie_each_name(p_table text) returns text
language sql immutable parallel safe set search_path = pg_catalog as $$ select 'tie_each_' || left(md5(p_table), 24) $$;

create function audit.make_tie_each(f audit.fact_table) returns void
language plpgsql set search_path = pg_catalog as $$
declare
  v_rows text;
begin
  select string_agg(format('select t.%I as e, to_jsonb(t) as j from %s as t where t.%I = any (p_events)', f.event_column, place::regclass, f.event_column),
                    ' union all ')
    into v_rows from unnest(f.stands_in) as place;
  execute format($make$
    create or replace function audit.%I(p_events uuid[]) returns text[]
    language plpgsql as $body$
    declare
      v_parts text[];
    begin
      with found as materialized (%s), tied as (
        insert into audit.fact (event_id, fact_table, fact_key, digest)
        select e, %L, %s, sha256(convert_to(%s, 'UTF8')) from found
        returning event_id, fact_key, digest
      ), roots as (
        select event_id, count(*) as count,
               array_agg(sha256('\x00'::bytea || convert_to(%L || E'\n' || fact_key || E'\n' || encode(digest, 'hex') || E'\n', 'UTF8'))
                         order by fact_key collate "C") as leaves
          from tied group by event_id
      )
      select array_agg('{"count":' || coalesce(r.count, 0) || ',"root":"'
               || encode(case when r.count = 1 then r.leaves[1] else audit.merkle_root(r.leaves) end, 'hex') || %L order by a.no)
        into v_parts
        from unnest(p_events) with ordinality as a(event_id, no) left join roots as r on r.event_id = a.event_id;
      return v_parts;
    end $body$ $make$,
    audit.tie_each_name(f.fact_table), v_rows, f.fact_table, audit.key_expression(f), audit.canonical_expression(f), f.fact_table,
    format('","table":"%s"}', f.fact_table));
  execute format('revoke execute on function audit.%I(uuid[]) from public', audit.tie_each_name(f.fact_table));
end $$;

-- audit.tie and audit.tie_each: the function of each declared table by the table's name; null where none is declared.
create or replace function audit.make_ties() returns void
language plpgsql set search_path = pg_catalog as $$
begin
  execute format('create or replace function audit.tie(p_table text, p_event uuid) returns text language plpgsql as $body$
    begin case p_table %s else return null; end case; end $body$',
    coalesce((select string_agg(format('when %L then return audit.%I(p_event);', f.fact_table, audit.tie_name(f.fact_table)), ' ' order by f.fact_table)
                from audit.fact_table as f), 'when null then return null;'));
  execute format('create or replace function audit.tie_each(p_table text, p_events uuid[]) returns text[] language plpgsql as $body$
    begin case p_table %s else return null; end case; end $body$',
    coalesce((select string_agg(format('when %L then return audit.%I(p_events);', f.fact_table, audit.tie_each_name(f.fact_table)), ' ' order by f.fact_table)
                from audit.fact_table as f), 'when null then return null;'));
  revoke execute on function audit.tie(text, uuid), audit.tie_each(text, uuid[]) from public;
end $$;

create or replace function audit.tie_follows() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
  perform audit.make_tie(new);
  perform audit.make_tie_each(new);
  perform audit.make_ties();
  return null;
end $$;
select audit.make_tie_each(f) from audit.fact_table as f;
select audit.make_ties();

-- As audit.intake, for the events of several acts that wrote into the same tables. p_of: the event of each subject.
create function audit.intake_each(
  p_events uuid[], p_heads text[], p_tails text[], p_facts text[],
  p_of uuid[], p_roles text[], p_ords integer[], p_subjects text[], p_salts text[], p_commitments text[]) returns void
language plpgsql security definer
set search_path = pg_catalog set timezone = 'UTC' set datestyle = 'ISO, YMD' set intervalstyle = 'iso_8601'
set bytea_output = 'hex' set extra_float_digits = 1
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  v_table text;
  v_parts text[];
  v_facts text[];
begin
  foreach v_table in array coalesce(p_facts, '{}') loop
    v_parts := audit.tie_each(v_table, p_events);
    if v_parts is null then
      perform audit.declare_as_it_stands(v_table);
      execute format('select audit.%I($1)', audit.tie_each_name(v_table)) into strict v_parts using p_events;
    end if;
    if v_facts is null then v_facts := v_parts;
    else
      select array_agg(u.facts || ',' || u.part order by u.no) into v_facts
        from unnest(v_facts, v_parts) with ordinality as u(facts, part, no);
    end if;
  end loop;

  if not exists (select 1 from audit.intake_event) then perform pg_notify('audit_intake', ''); end if;
  insert into audit.intake_event (event_id, body)
    select u.event_id, u.head || case when p_facts is null then '' else '[' || coalesce(u.facts, '') || ']' end || u.tail
      from unnest(p_events, p_heads, v_facts, p_tails) with ordinality as u(event_id, head, facts, tail, no) order by u.no;
  insert into audit.subject (event_id, role, ord, subject, salt, commitment)
    select u.event_id, u.role, u.ord, u.subject, decode(u.salt, 'hex'), decode(u.commitment, 'hex')
      from unnest(p_of, p_roles, p_ords, p_subjects, p_salts, p_commitments) as u(event_id, role, ord, subject, salt, commitment);
end $$;

revoke execute on all functions in schema audit from public;
grant execute on function
  audit.intake_each(uuid[], text[], text[], text[], uuid[], text[], integer[], text[], text[], text[]) to {app};
