-- The same digests and the same log, with less work for each act: a table's function is called from one that is made anew with
-- each declaration and planned once a session (before: a statement built and planned for each table of each event), text forms
-- are fixed once in the intake and not again for each table, and a row is written canonically by audit.canonical_row.
create or replace function audit.make_tie(f audit.fact_table) returns void
language plpgsql set search_path = pg_catalog as $$
declare
  v_rows text;
  v_key text;
begin
  select string_agg(format('select to_jsonb(t) as j from %s as t where t.%I = p_event', place::regclass, f.event_column), ' union all ')
    into v_rows from unnest(f.stands_in) as place;
  v_key := case cardinality(f.key_columns)
    when 1 then format('j ->> %L', f.key_columns[1])
    else (select string_agg(format('(j ->> %L)', k), ' || ''/'' || ' order by o) from unnest(f.key_columns) with ordinality as u(k, o)) end;
  execute format($make$
    create or replace function audit.%I(p_event uuid) returns text
    language plpgsql as $body$
    declare
      v_count bigint;
      v_leaves bytea[];
    begin
      with found as (%s), tied as (
        insert into audit.fact (event_id, fact_table, fact_key, digest)
        select p_event, %L, %s, sha256(convert_to(audit.canonical_row(j, %L::text[]), 'UTF8')) from found
        returning fact_key, digest
      )
      select count(*), array_agg(sha256('\x00'::bytea || convert_to(%L || E'\n' || fact_key || E'\n' || encode(digest, 'hex') || E'\n', 'UTF8'))
                                 order by fact_key collate "C")
        into v_count, v_leaves from tied;
      return '{"count":' || v_count || ',"root":"'
        || encode(case when v_count = 1 then v_leaves[1] else audit.merkle_root(v_leaves) end, 'hex') || %L;
    end $body$ $make$,
    audit.tie_name(f.fact_table), v_rows, f.fact_table, v_key, f.excluded_columns, f.fact_table,
    format('","table":"%s"}', f.fact_table));
  execute format('revoke execute on function audit.%I(uuid) from public', audit.tie_name(f.fact_table));
end $$;

-- audit.tie: the function of each declared table by the table's name; null where none is declared.
create function audit.make_ties() returns void
language plpgsql set search_path = pg_catalog as $$
begin
  execute format('create or replace function audit.tie(p_table text, p_event uuid) returns text language plpgsql as $body$
    begin case p_table %s else return null; end case; end $body$',
    coalesce((select string_agg(format('when %L then return audit.%I(p_event);', f.fact_table, audit.tie_name(f.fact_table)), ' ' order by f.fact_table)
                from audit.fact_table as f), 'when null then return null;'));
  revoke execute on function audit.tie(text, uuid) from public;
end $$;
revoke execute on function audit.make_ties() from public;

create or replace function audit.tie_follows() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
  perform audit.make_tie(new);
  perform audit.make_ties();
  return null;
end $$;
drop trigger tie_follows on audit.fact_table;
create trigger tie_follows after insert or update on audit.fact_table for each row execute function audit.tie_follows();
select audit.make_tie(f) from audit.fact_table as f;
select audit.make_ties();

create or replace function audit.intake(
  p_event_id uuid, p_head text, p_tail text, p_facts text[],
  p_roles text[], p_ords integer[], p_subjects text[], p_salts text[], p_commitments text[], p_batches jsonb default null) returns void
language plpgsql security definer
set search_path = pg_catalog set timezone = 'UTC' set datestyle = 'ISO, YMD' set intervalstyle = 'iso_8601'
set bytea_output = 'hex' set extra_float_digits = 1
-- One event's rows are always found by the index that every declaration makes. A plan from the days when a table was small
-- would read the whole of it, and stay for as long as the session.
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  v_table text;
  v_part text;
  v_parts text := '';
  v_facts text := '';
  v_stated jsonb;
  v_count bigint;
  v_root bytea;
begin
  foreach v_table in array coalesce(p_facts, '{}') loop
    if p_batches is not null and p_batches ? v_table then
      if not exists (select 1 from audit.fact_table where fact_table = v_table) then
        perform audit.declare_as_it_stands(v_table);
      end if;
      v_stated := p_batches -> v_table;
      if jsonb_typeof(v_stated) = 'object' then
        v_count := (v_stated ->> 'count')::bigint;
        v_root := decode(v_stated ->> 'root', 'hex');
      else
        select count(*), audit.merkle_root(array_agg(audit.fact_leaf(v_table, d.fact_key, d.digest) order by d.fact_key collate "C"))
          into v_count, v_root from audit.fact_digests(v_table, p_event_id) as d;
      end if;
      insert into audit.fact_batch (event_id, fact_table, count, root) values (p_event_id, v_table, v_count, v_root);
      v_part := format('{"count":%s,"root":"%s","table":"%s"}', v_count, encode(v_root, 'hex'), v_table);
    else
      v_part := audit.tie(v_table, p_event_id);
      if v_part is null then
        perform audit.declare_as_it_stands(v_table);
        execute format('select audit.%I($1)', audit.tie_name(v_table)) into strict v_part using p_event_id;
      end if;
    end if;
    v_parts := v_parts || ',' || v_part;
  end loop;
  if p_facts is not null then v_facts := '[' || substr(v_parts, 2) || ']'; end if;

  -- NOTIFY serialises commits: only the first of a waiting batch sends it; the sequencer looks again by itself while work arrives.
  if not exists (select 1 from audit.intake_event) then perform pg_notify('audit_intake', ''); end if;
  insert into audit.intake_event (event_id, body) values (p_event_id, p_head || v_facts || p_tail);
  if cardinality(p_roles) > 0 then
    insert into audit.subject (event_id, role, ord, subject, salt, commitment)
      select p_event_id, r, o, s, decode(a, 'hex'), decode(c, 'hex')
        from unnest(p_roles, p_ords, p_subjects, p_salts, p_commitments) as u(r, o, s, a, c);
  end if;
end $$;

-- Numbering need not wait for the disk: what a crash takes back stands in the intake again, in the same transaction. What is
-- signed does wait (audit.add_checkpoint), and the server writes its journal in order, so that a signed number never goes back.
create or replace function audit.sequence(p_limit integer, p_at timestamptz) returns table (taken integer, size bigint)
language plpgsql security definer set search_path = pg_catalog as $$
declare
  v_size bigint;
  v_at timestamptz;
  v_hashes bytea[];
begin
  if not pg_try_advisory_xact_lock(6962, 1) then return query select -1, -1::bigint; return; end if;
  perform set_config('synchronous_commit', 'off', true);
  select h.size, greatest(h.last_sequenced_at, p_at) into v_size, v_at from audit.head as h for update;
  with waiting as (
    delete from audit.intake_event as i
     where i.intake_no = any (array(select w.intake_no from audit.intake_event as w order by w.intake_no limit p_limit))
    returning i.intake_no, i.event_id, i.body
  ), numbered as (
    select v_size + row_number() over (order by w.intake_no) - 1 as leaf_index, w.event_id, w.body from waiting as w
  ), stored as (
    insert into audit.entry (leaf_index, event_id, body, sequenced_at)
    select n.leaf_index, n.event_id, n.body, v_at from numbered as n
    returning leaf_index, sha256('\x00'::bytea || convert_to(body, 'UTF8')) as leaf_hash
  )
  select array_agg(s.leaf_hash order by s.leaf_index) into v_hashes from stored as s;
  if v_hashes is not null then
    perform audit.append_hashes(v_size, v_hashes);
    update audit.head set size = v_size + cardinality(v_hashes), last_sequenced_at = v_at;
  end if;
  return query select coalesce(cardinality(v_hashes), 0), v_size + coalesce(cardinality(v_hashes), 0);
end $$;
