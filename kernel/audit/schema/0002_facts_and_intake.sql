-- What ties rows to the log, and the intake that every act calls: an event holds count and root of the digests of the rows that
-- the act wrote, and beside it stands whom it concerned, erasable.

-- ---------------------------------------------------------------------------------------------------- tables

create domain audit.subject_role as text check (value in ('subject', 'member', 'actor'));

-- How the rows of a fact table become digests. Filled by the system's migrations (audit.declare_fact_table); a table
-- that an act names without a declaration is taken as it stands, keyed by its primary key.
create table audit.fact_table (
  fact_table        text primary key check (fact_table ~ '^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$'),
  -- Where a row may stand: the current-state table and its history. The digest does not depend on which.
  stands_in         text[] not null check (cardinality(stands_in) >= 1),
  key_columns       text[] not null check (cardinality(key_columns) >= 1),
  -- Columns that a later act may fill or erase (closing, running totals, erasable texts); not part of the digest.
  excluded_columns  text[] not null default '{}',
  event_column      text not null default 'event_id',
  -- Whether a value may hold objects of its own, whose nulls are kept apart from what is not there. A migration that adds such a
  -- column declares the table again.
  has_documents     boolean not null
);

-- The digest of every row that an event wrote into a fact table.
create table audit.fact (
  event_id         uuid not null,
  fact_table       text not null,
  fact_key         text not null,
  digest           audit.hash not null,
  -- Set when retention deleted the row itself: the event that did it.
  erased_event_id  uuid,
  primary key (event_id, fact_table, fact_key)
);
create index fact_by_table on audit.fact (fact_table, fact_key);

-- Acts that write many thousands of rows (a first load, a bulk provision) tie them to the log by one root a table: the event
-- holds count and root as ever, and no digest a row is stored, because the rows themselves give them again.
create table audit.fact_batch (
  event_id    uuid not null,
  fact_table  text not null,
  count       bigint not null check (count >= 0),
  root        audit.hash not null,
  primary key (event_id, fact_table)
);

-- Who an event concerned. The event holds the commitment SHA-256(salt || subject); subject and salt can be erased, the row stays.
create table audit.subject (
  event_id         uuid not null,
  role             audit.subject_role not null,
  ord              integer not null,
  commitment       audit.hash not null,
  subject          text,
  salt             audit.hash,
  erased_event_id  uuid,
  primary key (event_id, role, ord),
  check ((subject is null) = (salt is null) and (subject is null) = (erased_event_id is not null))
);
create index subject_subject on audit.subject (subject) where subject is not null;

-- ---------------------------------------------------------------------------------------------------- digests

-- Canonical text of a row: jsonb's own order of keys, nulls left out (so that a column added later, still null, changes nothing).
-- No search path is fixed, so that it is planned into the query that calls it; every name in it is qualified.
create function audit.canonical_row(p_row jsonb, p_excluded text[]) returns text
language sql immutable parallel safe as $$
  select coalesce(pg_catalog.jsonb_object_agg(key, value), '{}'::pg_catalog.jsonb)::text
    from pg_catalog.jsonb_each(p_row operator(pg_catalog.-) p_excluded) where value operator(pg_catalog.<>) 'null'::pg_catalog.jsonb
$$;

-- The expression that gives the canonical text of the row j. Where no value holds objects, all nulls are the row's own.
create function audit.canonical_expression(f audit.fact_table) returns text
language sql immutable set search_path = pg_catalog as $$
  select case when f.has_documents then format('audit.canonical_row(j, %L::text[])', f.excluded_columns)
              when f.excluded_columns = '{}' then 'jsonb_strip_nulls(j)::text'
              else format('jsonb_strip_nulls(j - %L::text[])::text', f.excluded_columns) end
$$;

-- The expression that gives the key of the row j: the key columns' texts with a slash between.
create function audit.key_expression(f audit.fact_table) returns text
language sql immutable set search_path = pg_catalog as $$
  select string_agg(format('(j ->> %L)', k), ' || ''/'' || ' order by o) from unnest(f.key_columns) with ordinality as u(k, o)
$$;

-- What the event commits to for one row; table and key are bound with the digest.
create function audit.fact_leaf(p_table text, p_key text, p_digest bytea) returns bytea
language sql immutable parallel safe set search_path = pg_catalog as $$
  select sha256('\x00'::bytea || convert_to(p_table || E'\n' || p_key || E'\n' || encode(p_digest, 'hex') || E'\n', 'UTF8'))
$$;

-- The query that gives (event_id, fact_key, digest) of the rows of a fact table, wherever they stand.
create function audit.fact_query(p_table text) returns text
language plpgsql stable set search_path = pg_catalog as $$
declare
  f audit.fact_table;
begin
  select * into strict f from audit.fact_table where fact_table = p_table;
  return (
    select string_agg(format(
      'select (j ->> %L)::uuid as event_id, %s as fact_key, sha256(convert_to(%s, ''UTF8'')) as digest, %L::text as stands_in '
      'from (select to_jsonb(t) as j from %s as t where ($1::uuid is null or t.%I = $1) offset 0) as r',
      f.event_column, audit.key_expression(f), audit.canonical_expression(f), place, place::regclass, f.event_column), ' union all ')
    from unnest(f.stands_in) as place);
end $$;

-- Rows of one event (or, with null, of all) as digests. Text forms of dates, moments and bytes are fixed here, not by the session.
create function audit.fact_digests(p_table text, p_event uuid)
returns table (event_id uuid, fact_key text, digest bytea, stands_in text)
language plpgsql stable security definer
set search_path = pg_catalog set timezone = 'UTC' set datestyle = 'ISO, YMD' set intervalstyle = 'iso_8601'
set bytea_output = 'hex' set extra_float_digits = 1 as $$
begin
  if p_event is not null then
    -- A plan for one event must use the index; a plan for all must not be kept for it.
    return query execute replace(audit.fact_query(p_table), '($1::uuid is null or ', '(') using p_event;
  else
    return query execute audit.fact_query(p_table) using p_event;
  end if;
end $$;

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

-- Where stored digests and rows disagree: all there is to say about a fact table, without showing a row. Rows of a batch are
-- compared as a whole (audit.batch_leaves against audit.fact_batch), all others one by one.
create function audit.fact_differences(p_table text)
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
      from (select f.event_id, f.fact_key, f.digest::bytea as digest, f.erased_event_id from audit.fact as f
             where f.fact_table = p_table and not exists (select from audit.fact_batch b where b.event_id = f.event_id and b.fact_table = p_table)) as s
      full join (select d.* from audit.fact_digests(p_table, null) as d
                  where d.event_id is null or not exists (select from audit.fact_batch b where b.event_id = d.event_id and b.fact_table = p_table)) as a
        on a.event_id = s.event_id and a.fact_key = s.fact_key
     where s.digest is distinct from a.digest;
end $$;

-- ---------------------------------------------------------------------------------------------------- ties

-- Digests of an act's rows are made by a function of each fact table's own, made anew with each declaration: its query is planned
-- once a session and not once an event. Verification goes on asking audit.fact_digests, which reads the declaration itself.
create function audit.tie_name(p_table text) returns text
language sql immutable parallel safe set search_path = pg_catalog as $$ select 'tie_' || left(md5(p_table), 24) $$;

-- Inserts the digests of one event's rows and gives their entry in the body: {"count":…,"root":…,"table":…}.
create function audit.make_tie(f audit.fact_table) returns void
language plpgsql set search_path = pg_catalog as $$
declare
  v_rows text;
begin
  select string_agg(format('select to_jsonb(t) as j from %s as t where t.%I = p_event', place::regclass, f.event_column), ' union all ')
    into v_rows from unnest(f.stands_in) as place;
  execute format($make$
    create or replace function audit.%I(p_event uuid) returns text
    language plpgsql as $body$
    declare
      v_count bigint;
      v_leaves bytea[];
    begin
      -- Materialized: a row is written as json once, not once for each use of it.
      with found as materialized (%s), tied as (
        insert into audit.fact (event_id, fact_table, fact_key, digest)
        select p_event, %L, %s, sha256(convert_to(%s, 'UTF8')) from found
        returning fact_key, digest
      )
      select count(*), array_agg(sha256('\x00'::bytea || convert_to(%L || E'\n' || fact_key || E'\n' || encode(digest, 'hex') || E'\n', 'UTF8'))
                                 order by fact_key collate "C")
        into v_count, v_leaves from tied;
      return '{"count":' || v_count || ',"root":"'
        || encode(case when v_count = 1 then v_leaves[1] else audit.merkle_root(v_leaves) end, 'hex') || %L;
    end $body$ $make$,
    audit.tie_name(f.fact_table), v_rows, f.fact_table, audit.key_expression(f), audit.canonical_expression(f), f.fact_table,
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

create function audit.tie_follows() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
  perform audit.make_tie(new);
  perform audit.make_ties();
  return null;
end $$;
create trigger tie_follows after insert or update on audit.fact_table for each row execute function audit.tie_follows();
select audit.make_ties();

-- Whether a value in one of these tables may hold objects.
create function audit.holds_documents(p_places text[]) returns boolean
language sql stable set search_path = pg_catalog as $$
  select exists (select from unnest(p_places) as place join pg_attribute a on a.attrelid = place::regclass and a.attnum > 0 and not a.attisdropped
                   join pg_type t on t.oid = a.atttypid left join pg_type e on e.oid = t.typelem left join pg_type b on b.oid = t.typbasetype
                  where 'c' in (t.typtype, e.typtype, b.typtype) or array[t.typname, e.typname, b.typname]::text[] && array['json', 'jsonb'])
$$;

-- Declares a fact table from a migration, and gives it the index on its event column that every act needs.
create function audit.declare_fact_table(
  p_table text, p_stands_in text[] default null, p_excluded text[] default '{}',
  p_key text[] default null, p_event_column text default 'event_id') returns void
language plpgsql set search_path = pg_catalog as $$
declare
  v_places text[] := coalesce(p_stands_in, array[p_table]);
  v_key text[] := p_key;
  v_place text;
begin
  if v_key is null then
    select array_agg(a.attname::text order by k.ord) into v_key
      from pg_index i cross join lateral unnest(i.indkey::smallint[]) with ordinality as k(attnum, ord)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
     where i.indrelid = p_table::regclass and i.indisprimary;
  end if;
  if v_key is null then raise exception 'fact table % has no primary key: declare its key columns', p_table; end if;
  foreach v_place in array v_places loop
    if not exists (select 1 from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                    where i.indrelid = v_place::regclass and a.attname = p_event_column and i.indpred is null) then
      execute format('create index on %s (%I)', v_place::regclass, p_event_column);
    end if;
  end loop;
  insert into audit.fact_table (fact_table, stands_in, key_columns, excluded_columns, event_column, has_documents)
  values (p_table, v_places, v_key, p_excluded, p_event_column, audit.holds_documents(v_places))
  on conflict (fact_table) do update set stands_in = excluded.stands_in, key_columns = excluded.key_columns,
    excluded_columns = excluded.excluded_columns, event_column = excluded.event_column, has_documents = excluded.has_documents;
end $$;

create function audit.declare_as_it_stands(p_table text) returns void
language plpgsql set search_path = pg_catalog as $$
begin
  insert into audit.fact_table (fact_table, stands_in, key_columns, has_documents)
  select p_table, array[p_table], array_agg(a.attname::text order by k.ord), audit.holds_documents(array[p_table])
    from pg_index i cross join lateral unnest(i.indkey::smallint[]) with ordinality as k(attnum, ord)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
   where i.indrelid = p_table::regclass and i.indisprimary
  on conflict (fact_table) do nothing;
end $$;

-- ---------------------------------------------------------------------------------------------------- intake

-- Takes an act's event in the act's own transaction. The body is canonical JSON (RFC 8785), cut where the facts stand:
-- p_head || facts || p_tail, so that digests are made where the rows are and the act pays one round trip.
-- A table in p_batches is tied by its root alone. Where the act already knows the root (it made the rows itself, from a file) it
-- states it as {"count":…,"root":"hex"}; with null it is made here. A wrong statement is found by verification like any other
-- difference between rows and log.
create function audit.intake(
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
  if cardinality(p_roles) = 1 then
    insert into audit.subject (event_id, role, ord, subject, salt, commitment)
    values (p_event_id, p_roles[1], p_ords[1], p_subjects[1], decode(p_salts[1], 'hex'), decode(p_commitments[1], 'hex'));
  elsif cardinality(p_roles) > 1 then
    insert into audit.subject (event_id, role, ord, subject, salt, commitment)
      select p_event_id, r, o, s, decode(a, 'hex'), decode(c, 'hex')
        from unnest(p_roles, p_ords, p_subjects, p_salts, p_commitments) as u(r, o, s, a, c);
  end if;
end $$;

-- ---------------------------------------------------------------------------------------------------- erasure

-- Forgets who the events concerned; the commitments stay, so every proof stays.
create function audit.erase_subject(p_subject text, p_event uuid) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  v_count integer;
begin
  update audit.subject set subject = null, salt = null, erased_event_id = p_event where subject = p_subject;
  get diagnostics v_count = row_count;
  return v_count;
end $$;

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
      'select (j ->> %L)::uuid, %L, k, sha256(convert_to(%s, ''UTF8'')), $1 from (select to_jsonb(t) as j from %s as t '
      'where t.%I = any ($2) and exists (select from audit.fact_batch b where b.event_id = t.%I and b.fact_table = %L)) as r '
      'cross join lateral (select %s as k) as x where k = any ($3)',
      f.event_column, p_table, audit.canonical_expression(f), place::regclass, f.event_column, f.event_column, p_table, audit.key_expression(f)),
      ' union all ')
      into v_query from unnest(f.stands_in) as place;
    execute 'insert into audit.fact (event_id, fact_table, fact_key, digest, erased_event_id) ' || v_query using p_event, p_of, p_keys;
    get diagnostics v_batched = row_count;
  end if;
  return v_count + v_batched;
end $$;

-- ---------------------------------------------------------------------------------------------------- health

create function audit.health() returns table (
  waiting bigint, size bigint, checkpoint_size bigint, in_default_partition bigint, facts_without_index text[])
language sql stable security definer set search_path = pg_catalog as $$
  select (select count(*) from audit.intake_event), (select h.size from audit.head as h),
         coalesce((select max(c.size) from audit.checkpoint as c), 0), (select count(*) from audit.entry_default),
         array(select place from audit.fact_table f cross join unnest(f.stands_in) as place
                where not exists (select 1 from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                                   where i.indrelid = to_regclass(place) and a.attname = f.event_column and i.indpred is null)
                order by place)
$$;

-- ---------------------------------------------------------------------------------------------------- rights

revoke execute on all functions in schema audit from public;
grant select on audit.fact_table, audit.fact, audit.fact_batch, audit.subject to {app};
grant execute on function
  audit.fact_leaf(text, text, bytea), audit.fact_digests(text, uuid), audit.batch_leaves(text, uuid), audit.fact_differences(text),
  audit.intake(uuid, text, text, text[], text[], integer[], text[], text[], text[], jsonb),
  audit.erase_subject(text, uuid), audit.facts_erased(text, text[], uuid, uuid[]), audit.health() to {app};
