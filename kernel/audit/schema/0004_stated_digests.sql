-- An act that makes the digests of its rows itself may have them kept a row each ({"count":…,"root":"hex","rows":{"key":"hex"}}), so that
-- verification names the row that was changed, as where the database makes them. Older code beside it states no rows.
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
      if jsonb_typeof(v_stated) = 'object' and v_stated ? 'rows' then
        insert into audit.fact (event_id, fact_table, fact_key, digest)
        select p_event_id, v_table, r.key, decode(r.value, 'hex') from jsonb_each_text(v_stated -> 'rows') as r;
      else
        insert into audit.fact_batch (event_id, fact_table, count, root) values (p_event_id, v_table, v_count, v_root);
      end if;
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
  if cardinality(p_roles) = 1 then
    insert into audit.subject (event_id, role, ord, subject, salt, commitment)
    values (p_event_id, p_roles[1], p_ords[1], p_subjects[1], decode(p_salts[1], 'hex'), decode(p_commitments[1], 'hex'));
  elsif cardinality(p_roles) > 1 then
    insert into audit.subject (event_id, role, ord, subject, salt, commitment)
      select p_event_id, r, o, s, decode(a, 'hex'), decode(c, 'hex')
        from unnest(p_roles, p_ords, p_subjects, p_salts, p_commitments) as u(r, o, s, a, c);
  end if;
end $$;
