-- Digests of an act's rows by a function of each fact table's own, made when the table is declared: the query that
-- audit.fact_query writes is then planned once per session and not once per event. What is written is the same, and
-- verification goes on asking audit.fact_digests, which reads the declaration itself.

create function audit.tie_name(p_table text) returns text
language sql immutable parallel safe set search_path = pg_catalog as $$ select 'tie_' || left(md5(p_table), 24) $$;

-- Inserts the digests of one event's rows and gives their entry in the body: {"count":…,"root":…,"table":…}.
create function audit.make_tie(f audit.fact_table) returns void
language plpgsql set search_path = pg_catalog as $$
declare
  v_rows text;
  v_key text;
begin
  select string_agg(format('select to_jsonb(t) as j from %s as t where t.%I = p_event', place::regclass, f.event_column), ' union all ')
    into v_rows from unnest(f.stands_in) as place;
  v_key := case cardinality(f.key_columns)
    when 1 then format('j ->> %L', f.key_columns[1])
    else format('(select string_agg(j ->> k, ''/'' order by o) from unnest(%L::text[]) with ordinality as u(k, o))', f.key_columns) end;
  execute format($make$
    create or replace function audit.%I(p_event uuid) returns text
    language plpgsql set search_path = pg_catalog set timezone = 'UTC' set datestyle = 'ISO, YMD'
    set intervalstyle = 'iso_8601' set bytea_output = 'hex' set extra_float_digits = 1 as $body$
    declare
      v_count bigint;
      v_leaves bytea[];
    begin
      with found as (%s), tied as (
        insert into audit.fact (event_id, fact_table, fact_key, digest)
        select p_event, %L, %s,
               sha256(convert_to((select coalesce(jsonb_object_agg(key, value), '{}'::jsonb)::text
                                    from jsonb_each(j - %L::text[]) where value <> 'null'::jsonb), 'UTF8'))
          from found
        returning fact_key, digest
      )
      select count(*), array_agg(sha256('\x00'::bytea || convert_to(%L || E'\n' || fact_key || E'\n' || encode(digest, 'hex') || E'\n', 'UTF8'))
                                 order by fact_key collate "C")
        into v_count, v_leaves from tied;
      return format('{"count":%%s,"root":"%%s","table":"%%s"}', v_count,
        encode(case when v_count = 1 then v_leaves[1] else audit.merkle_root(v_leaves) end, 'hex'), %L);
    end $body$ $make$,
    audit.tie_name(f.fact_table), v_rows, f.fact_table, v_key, f.excluded_columns, f.fact_table, f.fact_table);
  execute format('revoke execute on function audit.%I(uuid) from public', audit.tie_name(f.fact_table));
end $$;
revoke execute on function audit.make_tie(audit.fact_table) from public;

create function audit.tie_follows() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
  perform audit.make_tie(new);
  return new;
end $$;
create trigger tie_follows after insert or update on audit.fact_table for each row execute function audit.tie_follows();
select audit.make_tie(f) from audit.fact_table as f;

create or replace function audit.intake(
  p_event_id uuid, p_head text, p_tail text, p_facts text[],
  p_roles text[], p_ords integer[], p_subjects text[], p_salts text[], p_commitments text[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  v_table text;
  v_part text;
  v_parts text[] := '{}';
  v_facts text := '';
begin
  foreach v_table in array coalesce(p_facts, '{}') loop
    if not exists (select 1 from audit.fact_table where fact_table = v_table) then
      perform audit.declare_as_it_stands(v_table);
    end if;
    execute format('select audit.%I($1)', audit.tie_name(v_table)) into strict v_part using p_event_id;
    v_parts := v_parts || v_part;
  end loop;
  if p_facts is not null then v_facts := '[' || array_to_string(v_parts, ',') || ']'; end if;

  -- NOTIFY serialises commits: only the first of a waiting batch sends it; the sequencer looks again by itself while work arrives.
  if not exists (select 1 from audit.intake_event) then perform pg_notify('audit_intake', ''); end if;
  insert into audit.intake_event (event_id, body) values (p_event_id, p_head || v_facts || p_tail);
  if cardinality(p_roles) > 0 then
    insert into audit.subject (event_id, role, ord, subject, salt, commitment)
      select p_event_id, r, o, s, decode(a, 'hex'), decode(c, 'hex')
        from unnest(p_roles, p_ords, p_subjects, p_salts, p_commitments) as u(r, o, s, a, c);
  end if;
end $$;
