-- The tamper-evident log of one instance (design: RFC 6962 tree, C2SP tiles and checkpoints).
-- Why functions: the running system may only append. It has no insert, update or delete on any table here; every change
-- goes through a function of the owner that cannot renumber, rewrite or shorten what stands.
create schema audit;
grant usage on schema audit to {app};

-- ---------------------------------------------------------------------------------------------------- tables

-- A check of a domain is compiled once a session, a check of a table is read anew from its text with each statement.
create domain audit.hash as bytea check (length(value) = 32);

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
  root       audit.hash not null,
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
  public_key     audit.hash not null,
  size           bigint not null check (size >= 0),
  root           audit.hash not null,
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

-- ---------------------------------------------------------------------------------------------------- trees

-- RFC 6962 section 2.1 over leaf hashes, in place and in one pass a level: a hundred thousand leaves in half a second.
create function audit.merkle_root(p_leaves bytea[]) returns bytea
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
-- Numbering need not wait for the disk: what a crash takes back stands in the intake again, in the same transaction. What is
-- signed does wait (audit.add_checkpoint), and the server writes its journal in order, so that a signed number never goes back.
create function audit.sequence(p_limit integer, p_at timestamptz) returns table (taken integer, size bigint)
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

-- Two processes that sign at once could sign two sizes in the wrong order; the lock makes it one after the other.
create function audit.lock_checkpoints() returns void
language sql security definer set search_path = pg_catalog as $$ select pg_advisory_xact_lock(6962, 3) $$;

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

-- ---------------------------------------------------------------------------------------------------- expiry

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

-- ---------------------------------------------------------------------------------------------------- rights

revoke execute on all functions in schema audit from public;
grant select on audit.intake_event, audit.entry, audit.entry_default, audit.head, audit.tile, audit.checkpoint, audit.cosignature,
  audit.witnessed, audit.witness_conflict, audit.policy, audit.expiry to {app};
grant execute on function
  audit.merkle_root(bytea[]), audit.ensure_partitions(timestamptz, integer), audit.sequence(integer, timestamptz), audit.lock_checkpoints(),
  audit.add_checkpoint(bigint, bytea, text, timestamptz), audit.add_cosignature(bigint, text, text, timestamptz),
  audit.witness_advance(text, bytea, bigint, bigint, bytea, text, timestamptz),
  audit.add_witness_conflict(uuid, text, bigint, text, text, timestamptz),
  audit.expirable_up_to(date, timestamptz), audit.expire(date, bigint, uuid, timestamptz) to {app};
