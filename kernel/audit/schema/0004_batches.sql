-- Acts that write many thousands of rows (a first load, a bulk provision) tie them to the log by one root a table: the event
-- holds count and root as ever, and no digest a row is stored, because the rows themselves give them again.
create table audit.fact_batch (
  event_id    uuid not null,
  fact_table  text not null,
  count       bigint not null check (count >= 0),
  root        bytea not null check (length(root) = 32),
  primary key (event_id, fact_table)
);
grant select on audit.fact_batch to {app};

-- Leaves of one event's rows in one table in the order of the tree: what stands, and what retention erased of it.
create function audit.batch_leaves(p_table text, p_event uuid) returns table (fact_key text, digest bytea)
language sql stable security definer set search_path = pg_catalog as $$
  select l.fact_key, l.digest from (
    select d.fact_key, d.digest from audit.fact_digests(p_table, p_event) as d
    union all
    select f.fact_key, f.digest from audit.fact as f
     where f.event_id = p_event and f.fact_table = p_table and f.erased_event_id is not null) as l
   order by l.fact_key collate "C"
$$;
revoke execute on function audit.batch_leaves(text, uuid) from public;
grant execute on function audit.batch_leaves(text, uuid) to {app};

-- As audit.merkle_root, in place and in one pass a level: a hundred thousand leaves in half a second.
create or replace function audit.merkle_root(p_leaves bytea[]) returns bytea
language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
  v_level bytea[] := p_leaves;
begin
  if coalesce(cardinality(v_level), 0) = 0 then return sha256(''::bytea); end if;
  while cardinality(v_level) > 1 loop
    select array_agg(case when h.next is null then h.leaf else sha256('\x01'::bytea || h.leaf || h.next) end order by h.i) into v_level
      from (select u.leaf, lead(u.leaf) over (order by u.i) as next, u.i from unnest(v_level) with ordinality as u(leaf, i)) as h
     where h.i % 2 = 1;
  end loop;
  return v_level[1];
end $$;

drop function audit.intake(uuid, text, text, text[], text[], integer[], text[], text[], text[]);

-- As before, and: a table in p_batches is tied by its root alone. Where the act already knows the root (it made the rows
-- itself, from a file) it states it as {"count":…,"root":"hex"}; with null it is made here. A wrong statement is found by
-- verification like any other difference between rows and log.
create function audit.intake(
  p_event_id uuid, p_head text, p_tail text, p_facts text[],
  p_roles text[], p_ords integer[], p_subjects text[], p_salts text[], p_commitments text[], p_batches jsonb default null) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  v_table text;
  v_part text;
  v_parts text[] := '{}';
  v_facts text := '';
  v_stated jsonb;
  v_count bigint;
  v_root bytea;
begin
  foreach v_table in array coalesce(p_facts, '{}') loop
    if not exists (select 1 from audit.fact_table where fact_table = v_table) then
      perform audit.declare_as_it_stands(v_table);
    end if;
    if p_batches is not null and p_batches ? v_table then
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
      execute format('select audit.%I($1)', audit.tie_name(v_table)) into strict v_part using p_event_id;
    end if;
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
revoke execute on function audit.intake(uuid, text, text, text[], text[], integer[], text[], text[], text[], jsonb) from public;
grant execute on function audit.intake(uuid, text, text, text[], text[], integer[], text[], text[], text[], jsonb) to {app};

-- Rows of a batch are compared as a whole (audit.batch_leaves against audit.fact_batch), all others one by one.
create or replace function audit.fact_differences(p_table text)
returns table (event_id uuid, fact_key text, fault text, erased_event_id uuid, stands_in text)
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return query
    select coalesce(s.event_id, a.event_id), coalesce(s.fact_key, a.fact_key),
           case when a.event_id is null and s.event_id is null then 'without-event'
                when s.event_id is null then 'extra'
                when a.event_id is null then 'missing'
                else 'altered' end,
           s.erased_event_id, a.stands_in
      from (select f.event_id, f.fact_key, f.digest, f.erased_event_id from audit.fact as f
             where f.fact_table = p_table and not exists (select from audit.fact_batch b where b.event_id = f.event_id and b.fact_table = p_table)) as s
      full join (select d.* from audit.fact_digests(p_table, null) as d
                  where d.event_id is null or not exists (select from audit.fact_batch b where b.event_id = d.event_id and b.fact_table = p_table)) as a
        on a.event_id = s.event_id and a.fact_key = s.fact_key
     where s.digest is distinct from a.digest;
end $$;

drop function audit.facts_erased(text, text[], uuid);
-- Says that retention deletes these rows of a fact table; called by the act that deletes them, before it does. p_of: the
-- events that wrote the rows, where they may belong to a batch: their digests are kept then, so that the batch's root stays true.
create function audit.facts_erased(p_table text, p_keys text[], p_event uuid, p_of uuid[] default null) returns integer
language plpgsql security definer
set search_path = pg_catalog set timezone = 'UTC' set datestyle = 'ISO, YMD' set intervalstyle = 'iso_8601'
set bytea_output = 'hex' set extra_float_digits = 1 as $$
declare
  f audit.fact_table;
  v_query text;
  v_count integer;
  v_batched integer := 0;
begin
  update audit.fact set erased_event_id = p_event
   where fact_table = p_table and fact_key = any (p_keys) and erased_event_id is null;
  get diagnostics v_count = row_count;
  if p_of is not null and exists (select from audit.fact_batch b where b.event_id = any (p_of) and b.fact_table = p_table) then
    select * into strict f from audit.fact_table where fact_table = p_table;
    select string_agg(format(
      'select (j ->> %L)::uuid, %L, k, sha256(convert_to(audit.canonical_row(j, %L::text[]), ''UTF8'')), $1 from (select to_jsonb(t) as j from %s as t '
      'where t.%I = any ($2) and exists (select from audit.fact_batch b where b.event_id = t.%I and b.fact_table = %L)) as r '
      'cross join lateral (select string_agg(j ->> c, ''/'' order by o) as k from unnest(%L::text[]) with ordinality as u(c, o)) as x where k = any ($3)',
      f.event_column, p_table, f.excluded_columns, place::regclass, f.event_column, f.event_column, p_table, f.key_columns), ' union all ')
      into v_query from unnest(f.stands_in) as place;
    execute 'insert into audit.fact (event_id, fact_table, fact_key, digest, erased_event_id) ' || v_query using p_event, p_of, p_keys;
    get diagnostics v_batched = row_count;
  end if;
  return v_count + v_batched;
end $$;
revoke execute on function audit.facts_erased(text, text[], uuid, uuid[]) from public;
grant execute on function audit.facts_erased(text, text[], uuid, uuid[]) to {app};
