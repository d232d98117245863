-- The tamper-evident log of one instance (design: RFC 6962 tree, C2SP tiles and checkpoints).
-- Why functions: the running system may only append. It has no insert, update or delete on any table here; every change
-- goes through a function of the owner that cannot renumber, rewrite or shorten what stands.
create schema audit;
grant usage on schema audit to {app};

-- ---------------------------------------------------------------------------------------------------- tables

-- How the rows of a fact table become digests. Filled by the system's migrations (audit.declare_fact_table); a table
-- that an act names without a declaration is taken as it stands, keyed by its primary key.
create table audit.fact_table (
  fact_table        text primary key check (fact_table ~ '^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$'),
  -- Where a row may stand: the current-state table and its history. The digest does not depend on which.
  stands_in         text[] not null check (cardinality(stands_in) >= 1),
  key_columns       text[] not null check (cardinality(key_columns) >= 1),
  -- Columns that a later act may fill or erase (closing, running totals, erasable texts); not part of the digest.
  excluded_columns  text[] not null default '{}',
  event_column      text not null default 'event_id'
);

-- Events of committed acts that have no number yet.
create table audit.intake_event (
  intake_no  bigint generated always as identity primary key,
  event_id   uuid not null unique,
  body       text not null
);

-- Numbered events. Leaf i of the tree is SHA-256(0x00 || UTF-8 of body).
create table audit.entry (
  leaf_index    bigint not null check (leaf_index >= 0),
  event_id      uuid not null,
  body          text not null,
  sequenced_at  timestamptz not null,
  primary key (leaf_index, sequenced_at)
) partition by range (sequenced_at);
create index entry_event_id on audit.entry (event_id);
-- Catches what no monthly partition takes; a row in it is an alarm (audit.health).
create table audit.entry_default partition of audit.entry default;

-- The digest of every row that an event wrote into a fact table.
create table audit.fact (
  event_id         uuid not null,
  fact_table       text not null,
  fact_key         text not null,
  digest           bytea not null check (length(digest) = 32),
  -- Set when retention deleted the row itself: the event that did it.
  erased_event_id  uuid,
  primary key (event_id, fact_table, fact_key)
);
create index fact_by_table on audit.fact (fact_table, fact_key);

-- Who an event concerned. The event holds the commitment SHA-256(salt || subject); subject and salt can be erased, the row stays.
create table audit.subject (
  event_id         uuid not null,
  role             text not null check (role in ('subject', 'member', 'actor')),
  ord              integer not null check (ord >= 0),
  commitment       bytea not null check (length(commitment) = 32),
  subject          text,
  salt             bytea check (length(salt) = 32),
  erased_event_id  uuid,
  primary key (event_id, role, ord),
  check ((subject is null) = (salt is null)),
  check ((subject is null) = (erased_event_id is not null))
);
create index subject_subject on audit.subject (subject) where subject is not null;

create table audit.head (
  only_row           boolean primary key default true check (only_row),
  size               bigint not null default 0 check (size >= 0),
  last_sequenced_at  timestamptz not null default '-infinity'
);
insert into audit.head default values;

-- C2SP tlog-tiles: 256 hashes a tile, level 0 the leaf hashes, above it the roots of full tiles.
create table audit.tile (
  level       smallint not null check (level between 0 and 7),
  tile_index  bigint not null check (tile_index >= 0),
  width       smallint not null check (width between 1 and 256),
  hashes      bytea not null,
  primary key (level, tile_index),
  check (length(hashes) = width * 32)
);
alter table audit.tile alter column hashes set storage external;

create table audit.checkpoint (
  size       bigint primary key check (size >= 0),
  root       bytea not null check (length(root) = 32),
  note       text not null,
  signed_at  timestamptz not null
);

-- Cosignatures of other organisations on our checkpoints.
create table audit.cosignature (
  size         bigint not null references audit.checkpoint,
  witness      text not null,
  line         text not null,
  received_at  timestamptz not null,
  primary key (size, witness)
);

-- The other side: the last checkpoint that we cosigned for another organisation's log.
create table audit.witnessed (
  origin         text primary key,
  public_key     bytea not null check (length(public_key) = 32),
  size           bigint not null check (size >= 0),
  root           bytea not null check (length(root) = 32),
  note           text not null,
  first_seen_at  timestamptz not null,
  cosigned_at    timestamptz not null
);

-- Checkpoints with a good signature that do not continue what we saw: evidence of a forked or shortened log.
create table audit.witness_conflict (
  conflict_id  uuid primary key,
  origin       text not null,
  seen_size    bigint not null,
  seen_note    text not null,
  shown_note   text not null,
  found_at     timestamptz not null
);

-- How long bodies are kept; changed only by the owner.
create table audit.policy (
  only_row     boolean primary key default true check (only_row),
  keep_months  integer not null default 84 check (keep_months >= 1)
);
insert into audit.policy default values;

-- Bodies below up_to_index were erased after their term, by the act of event_id.
create table audit.expiry (
  up_to_index  bigint primary key check (up_to_index > 0),
  up_to_month  date not null,
  event_id     uuid not null,
  expired_at   timestamptz not null
);

-- ---------------------------------------------------------------------------------------------------- digests

-- RFC 6962 section 2.1 over leaf hashes, level by level: pairs are hashed, a last one alone moves up.
create function audit.merkle_root(p_leaves bytea[]) returns bytea
language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
  v_level bytea[] := p_leaves;
begin
  if coalesce(cardinality(v_level), 0) = 0 then return sha256(''::bytea); end if;
  while cardinality(v_level) > 1 loop
    select array_agg(h order by p) into v_level from (
      select (i - 1) / 2 as p,
             case count(*) when 1 then string_agg(l, ''::bytea)
                           else sha256('\x01'::bytea || string_agg(l, ''::bytea order by i)) end as h
        from unnest(v_level) with ordinality as u(l, i)
       group by (i - 1) / 2) as pairs;
  end loop;
  return v_level[1];
end $$;

-- Canonical text of a row: jsonb's own order of keys, nulls left out (so that a column added later, still null, changes nothing).
create function audit.canonical_row(p_row jsonb, p_excluded text[]) returns text
language sql immutable parallel safe set search_path = pg_catalog as $$
  select coalesce(jsonb_object_agg(key, value), '{}'::jsonb)::text
    from jsonb_each(p_row - p_excluded) where value <> 'null'::jsonb
$$;

-- What the event commits to for one row; table and key are bound with the digest.
create function audit.fact_leaf(p_table text, p_key text, p_digest bytea) returns bytea
language sql immutable parallel safe set search_path = pg_catalog as $$
  select sha256('\x00'::bytea || convert_to(p_table || E'\n' || p_key || E'\n' || encode(p_digest, 'hex') || E'\n', 'UTF8'))
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
  insert into audit.fact_table (fact_table, stands_in, key_columns, excluded_columns, event_column)
  values (p_table, v_places, v_key, p_excluded, p_event_column)
  on conflict (fact_table) do update set stands_in = excluded.stands_in, key_columns = excluded.key_columns,
    excluded_columns = excluded.excluded_columns, event_column = excluded.event_column;
end $$;
revoke execute on function audit.declare_fact_table(text, text[], text[], text[], text) from public;

-- The query that gives (event_id, fact_key, digest) of the rows of a fact table, wherever they stand.
create function audit.fact_query(p_table text) returns text
language plpgsql stable set search_path = pg_catalog as $$
declare
  f audit.fact_table;
begin
  select * into strict f from audit.fact_table where fact_table = p_table;
  return (
    select string_agg(format(
      'select (j ->> %L)::uuid as event_id, (select string_agg(j ->> k, ''/'' order by o) from unnest(%L::text[]) with ordinality as u(k, o)) as fact_key, '
      'sha256(convert_to(audit.canonical_row(j, %L::text[]), ''UTF8'')) as digest, %L::text as stands_in '
      'from (select to_jsonb(t) as j from %s as t where ($1::uuid is null or t.%I = $1)) as r',
      f.event_column, f.key_columns, f.excluded_columns, place, place::regclass, f.event_column), ' union all ')
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
revoke execute on function audit.fact_digests(text, uuid) from public;
grant execute on function audit.fact_digests(text, uuid) to {app};

-- Where stored digests and rows disagree: all there is to say about a fact table, without showing a row.
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
      from (select f.event_id, f.fact_key, f.digest, f.erased_event_id from audit.fact as f where f.fact_table = p_table) as s
      full join audit.fact_digests(p_table, null) as a on a.event_id = s.event_id and a.fact_key = s.fact_key
     where s.digest is distinct from a.digest;
end $$;
revoke execute on function audit.fact_differences(text) from public;
grant execute on function audit.fact_differences(text) to {app};

-- ---------------------------------------------------------------------------------------------------- intake

-- Takes an act's event in the act's own transaction. The body is canonical JSON (RFC 8785), cut where the facts stand:
-- p_head || facts || p_tail, so that digests are made where the rows are and the act pays one round trip.
create function audit.intake(
  p_event_id uuid, p_head text, p_tail text, p_facts text[],
  p_roles text[], p_ords integer[], p_subjects text[], p_salts text[], p_commitments text[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  v_table text;
  v_parts text[] := '{}';
  v_count bigint;
  v_root bytea;
  v_facts text := '';
begin
  foreach v_table in array coalesce(p_facts, '{}') loop
    if not exists (select 1 from audit.fact_table where fact_table = v_table) then
      perform audit.declare_as_it_stands(v_table);
    end if;
    insert into audit.fact (event_id, fact_table, fact_key, digest)
      select p_event_id, v_table, d.fact_key, d.digest from audit.fact_digests(v_table, p_event_id) as d;
    select count(*), audit.merkle_root(array_agg(audit.fact_leaf(f.fact_table, f.fact_key, f.digest) order by f.fact_key collate "C"))
      into v_count, v_root from audit.fact as f where f.event_id = p_event_id and f.fact_table = v_table;
    v_parts := v_parts || format('{"count":%s,"root":"%s","table":"%s"}', v_count, encode(v_root, 'hex'), v_table);
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

create function audit.declare_as_it_stands(p_table text) returns void
language plpgsql set search_path = pg_catalog as $$
begin
  insert into audit.fact_table (fact_table, stands_in, key_columns)
  select p_table, array[p_table], array_agg(a.attname::text order by k.ord)
    from pg_index i cross join lateral unnest(i.indkey::smallint[]) with ordinality as k(attnum, ord)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
   where i.indrelid = p_table::regclass and i.indisprimary
  on conflict (fact_table) do nothing;
end $$;

-- ---------------------------------------------------------------------------------------------------- sequencing

-- Months from p_at on, made ahead. Safe to repeat.
create function audit.ensure_partitions(p_at timestamptz, p_months integer default 3) returns void
language plpgsql security definer set search_path = pg_catalog set timezone = 'UTC' as $$
declare
  v_from timestamptz := date_trunc('month', p_at);
  v_name text;
begin
  perform pg_advisory_xact_lock(6962, 2);
  for i in 1 .. least(p_months, 24) loop
    v_name := 'entry_' || to_char(v_from, 'YYYYMM');
    if to_regclass('audit.' || v_name) is null
       and not exists (select 1 from audit.entry_default where sequenced_at >= v_from and sequenced_at < v_from + interval '1 month') then
      execute format('create table audit.%I partition of audit.entry for values from (%L) to (%L)', v_name, v_from, v_from + interval '1 month');
      execute format('grant select on audit.%I to {app}', v_name);
    end if;
    v_from := v_from + interval '1 month';
  end loop;
end $$;

-- Appends hashes to a level, and the roots of tiles that became full to the level above.
create function audit.append_hashes(p_start bigint, p_hashes bytea[]) returns void
language plpgsql set search_path = pg_catalog as $$
declare
  v_level integer := 0;
  v_start bigint := p_start;
  v_hashes bytea[] := p_hashes;
  v_full bytea[];
  v_full_start bigint;
  v_pos integer;
  v_take integer;
  v_width integer;
  v_tile bytea;
begin
  while coalesce(cardinality(v_hashes), 0) > 0 loop
    v_full := '{}';
    v_full_start := v_start / 256;
    v_pos := 0;
    while v_pos < cardinality(v_hashes) loop
      v_width := ((v_start + v_pos) % 256)::integer;
      v_take := least(256 - v_width, cardinality(v_hashes) - v_pos);
      select string_agg(h, ''::bytea order by i) into v_tile
        from unnest(v_hashes[v_pos + 1 : v_pos + v_take]) with ordinality as u(h, i);
      if v_width = 0 then
        insert into audit.tile (level, tile_index, width, hashes)
        values (v_level, (v_start + v_pos) / 256, v_take, v_tile);
      else
        update audit.tile set hashes = hashes || v_tile, width = v_width + v_take
         where level = v_level and tile_index = (v_start + v_pos) / 256 and width = v_width
        returning hashes into v_tile;
        if not found then raise exception 'tile % of level % does not end where the log ends', (v_start + v_pos) / 256, v_level; end if;
      end if;
      if v_width + v_take = 256 then
        v_full := v_full || audit.merkle_root(array(select substring(v_tile from i * 32 + 1 for 32) from generate_series(0, 255) as i));
      end if;
      v_pos := v_pos + v_take;
    end loop;
    v_level := v_level + 1;
    v_start := v_full_start;
    v_hashes := v_full;
  end loop;
end $$;

-- Numbers up to p_limit waiting events. Gives how many, and the size of the log after; -1 when another sequencer is at work.
create function audit.sequence(p_limit integer, p_at timestamptz) returns table (taken integer, size bigint)
language plpgsql security definer set search_path = pg_catalog as $$
declare
  v_size bigint;
  v_at timestamptz;
  v_hashes bytea[];
begin
  if not pg_try_advisory_xact_lock(6962, 1) then return query select -1, -1::bigint; return; end if;
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

-- Keeps a signed checkpoint. A log never goes back: a smaller size, or another root for the same size, is refused.
create function audit.add_checkpoint(p_size bigint, p_root bytea, p_note text, p_at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  v_last audit.checkpoint;
begin
  perform pg_advisory_xact_lock(6962, 1);
  if p_size > (select h.size from audit.head as h) then raise exception 'checkpoint beyond the end of the log'; end if;
  select * into v_last from audit.checkpoint order by size desc limit 1;
  if v_last.size > p_size then raise exception 'checkpoint of size % after one of size %', p_size, v_last.size; end if;
  if v_last.size = p_size and v_last.root <> p_root then raise exception 'two roots for size %', p_size; end if;
  insert into audit.checkpoint (size, root, note, signed_at) values (p_size, p_root, p_note, p_at) on conflict (size) do nothing;
  if not found then return; end if;
  perform pg_notify('audit_checkpoint', p_size::text);
end $$;

create function audit.add_cosignature(p_size bigint, p_witness text, p_line text, p_at timestamptz) returns void
language sql security definer set search_path = pg_catalog as $$
  insert into audit.cosignature (size, witness, line, received_at) values (p_size, p_witness, p_line, p_at)
  on conflict (size, witness) do nothing
$$;

-- ---------------------------------------------------------------------------------------------------- witnessing

-- Check of the old size and storing of the new checkpoint are one step (C2SP tlog-witness). False: somebody was quicker.
create function audit.witness_advance(
  p_origin text, p_key bytea, p_old_size bigint, p_size bigint, p_root bytea, p_note text, p_at timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
begin
  update audit.witnessed set size = p_size, root = p_root, note = p_note, cosigned_at = p_at
   where origin = p_origin and size = p_old_size and p_size >= size and (p_size > size or p_root = root);
  if found then return true; end if;
  if p_old_size <> 0 then return false; end if;
  insert into audit.witnessed (origin, public_key, size, root, note, first_seen_at, cosigned_at)
  values (p_origin, p_key, p_size, p_root, p_note, p_at, p_at) on conflict (origin) do nothing;
  return found;
end $$;

create function audit.add_witness_conflict(p_id uuid, p_origin text, p_seen_size bigint, p_seen_note text, p_shown_note text, p_at timestamptz)
returns void language sql security definer set search_path = pg_catalog as $$
  insert into audit.witness_conflict (conflict_id, origin, seen_size, seen_note, shown_note, found_at)
  values (p_id, p_origin, p_seen_size, p_seen_note, p_shown_note, p_at)
$$;

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

-- Says that retention deleted these rows of a fact table. Called by the act that deletes them.
create function audit.facts_erased(p_table text, p_keys text[], p_event uuid) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  v_count integer;
begin
  update audit.fact set erased_event_id = p_event
   where fact_table = p_table and fact_key = any (p_keys) and erased_event_id is null;
  get diagnostics v_count = row_count;
  return v_count;
end $$;

-- What a closed month would expire: the index up to which bodies go, or null where there is nothing or the term is not over.
create function audit.expirable_up_to(p_month date, p_at timestamptz) returns bigint
language sql stable security definer set search_path = pg_catalog set timezone = 'UTC' as $$
  select max(e.leaf_index) + 1
    from audit.entry as e
   where e.sequenced_at < (p_month + interval '1 month')
     and p_month + interval '1 month' <= date_trunc('month', p_at) - make_interval(months => (select keep_months from audit.policy))
$$;

-- Erases the bodies below p_up_to; tiles stay. The caller's event (audit.expired) names the range.
create function audit.expire(p_month date, p_up_to bigint, p_event uuid, p_at timestamptz) returns bigint
language plpgsql security definer set search_path = pg_catalog set timezone = 'UTC' as $$
declare
  v_erased bigint;
  v_partition text;
begin
  perform pg_advisory_xact_lock(6962, 1);
  if p_up_to is distinct from audit.expirable_up_to(p_month, p_at) then raise exception 'month % is not to be expired up to %', p_month, p_up_to; end if;
  delete from audit.fact as f using audit.entry as e where e.leaf_index < p_up_to and f.event_id = e.event_id;
  delete from audit.subject as s using audit.entry as e where e.leaf_index < p_up_to and s.event_id = e.event_id;
  delete from audit.entry where leaf_index < p_up_to;
  get diagnostics v_erased = row_count;
  for v_partition in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'audit.entry'::regclass and c.relname ~ '^entry_[0-9]{6}$' and c.relname <= 'entry_' || to_char(p_month, 'YYYYMM')
  loop
    execute format('drop table audit.%I', v_partition);
  end loop;
  insert into audit.expiry (up_to_index, up_to_month, event_id, expired_at) values (p_up_to, p_month, p_event, p_at);
  return v_erased;
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
grant select on audit.fact_table, audit.intake_event, audit.entry, audit.entry_default, audit.fact, audit.subject, audit.head, audit.tile,
  audit.checkpoint, audit.cosignature, audit.witnessed, audit.witness_conflict, audit.policy, audit.expiry to {app};
grant execute on function
  audit.merkle_root(bytea[]), audit.fact_leaf(text, text, bytea),
  audit.intake(uuid, text, text, text[], text[], integer[], text[], text[], text[]),
  audit.ensure_partitions(timestamptz, integer), audit.sequence(integer, timestamptz),
  audit.add_checkpoint(bigint, bytea, text, timestamptz), audit.add_cosignature(bigint, text, text, timestamptz),
  audit.witness_advance(text, bytea, bigint, bigint, bytea, text, timestamptz),
  audit.add_witness_conflict(uuid, text, bigint, text, text, timestamptz),
  audit.erase_subject(text, uuid), audit.facts_erased(text, text[], uuid),
  audit.expirable_up_to(date, timestamptz), audit.expire(date, bigint, uuid, timestamptz), audit.health() to {app};
