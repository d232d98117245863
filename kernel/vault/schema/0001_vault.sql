-- Individual Numbers of one instance. Why functions: the running system has no right on any table here. What it may do is
-- put, find and reveal; each leaves a row in vault.use, and a transaction with such a row commits only together with the
-- event of its act. Ciphertext goes out, never a key in: decryption happens in the process.
-- Old code beside it: first migration, nothing before it.
create schema vault;
revoke all on schema vault from public;
grant usage on schema vault to {app};

-- ---------------------------------------------------------------------------------------------------- tables

-- An owner is named `person:<uuid>`, `report:<uuid>/payer`: the uuid stands with the number, what is around it here, once.
create table vault.owner_pattern (
  pattern_no  smallint generated always as identity primary key,
  pattern     text not null unique check (pattern ~ '^[*A-Za-z0-9:_./-]{1,128}$')
);

-- One row a call that put numbers: which act, when. A bulk load commits here to all that it brought.
create table vault.put_event (
  put_no    bigint generated always as identity primary key,
  event_id  uuid not null,
  put_at    timestamptz not null,
  -- Bulk loads: how many, and SHA-256 over reference and digest of each in the order of the file.
  loaded    integer check (loaded > 0),
  root      bytea check (length(root) = 32),
  check ((loaded is null) = (root is null))
);
create index put_event_event on vault.put_event (event_id);

-- Every number that was ever put. Owner and number never change; the ciphertext is written anew when keys rotate. A register
-- of fourteen million stands here: no column that is empty in most rows, no text that repeats, half of the HMAC (128 bits).
create table vault.number (
  number_ref      uuid not null,
  owner_id        uuid not null,
  put_no          bigint not null,
  owner_pattern   smallint not null,
  key_version     smallint not null check (key_version > 0),
  digest_version  smallint not null check (digest_version > 0),
  -- The number that holds now; closing leaves it here with a row in vault.former.
  held            boolean not null,
  digest          bytea not null check (length(digest) = 16),
  ciphertext      bytea not null check (length(ciphertext) between 28 and 128)
);

-- Second digests while the digest key rotates; empty otherwise.
create table vault.next_digest (
  number_ref      uuid primary key,
  digest_version  smallint not null check (digest_version > 0),
  digest          bytea not null check (length(digest) = 16)
);
create index next_digest_digest on vault.next_digest (digest);

-- In one place, because a bulk load into an empty vault drops them and builds them anew.
create function vault.make_indexes() returns void
language plpgsql set search_path = pg_catalog as $$
begin
  alter table vault.number add constraint number_pkey primary key (number_ref);
  -- By hash: asked for equality alone, and a third smaller.
  create index number_digest on vault.number using hash (digest);
  create unique index number_held on vault.number (owner_id, owner_pattern) where held;
  create index number_former on vault.number (owner_id) where not held;
  create index number_keys on vault.number (key_version, digest_version);
end $$;
select vault.make_indexes();

-- A number that its owner holds no more.
create table vault.former (
  number_ref       uuid primary key,
  closed_event_id  uuid not null,
  closed_at        timestamptz not null
);

-- Domains, because a check of a domain is compiled once a session and a check of a table read anew with each statement.
create domain vault.operation as text check (value in ('put', 'find', 'reveal', 'rotate'));
create domain vault.purpose as text check (value ~ '^[a-z0-9][a-z0-9./:-]{0,79}$');

-- Who used what for which purpose: one row a call (number_ref null, `asked` numbers) and one a number that was given.
create table vault.use (
  use_no      bigint generated always as identity primary key,
  event_id    uuid not null,
  operation   vault.operation not null,
  purpose     vault.purpose not null,
  number_ref  uuid,
  asked       integer,
  refused     boolean not null default false,
  at          timestamptz not null,
  check ((number_ref is null) = (asked is not null and asked >= 0))
);
create index use_event on vault.use (event_id);
create index use_number on vault.use (number_ref) where number_ref is not null;

-- Keys that this database was written with, by version; check_value notices a wrong key file before it writes anything.
create table vault.key_version (
  key_use      text not null check (key_use in ('cipher', 'digest')),
  version      integer not null check (version > 0),
  check_value  bytea not null check (length(check_value) = 8),
  since_at     timestamptz not null,
  primary key (key_use, version)
);

-- What a writer must use now. While next_digest_version is set every put carries both digests.
create table vault.key_state (
  only_row             boolean primary key default true check (only_row),
  cipher_version       integer not null,
  digest_version       integer not null,
  next_digest_version  integer check (next_digest_version > digest_version)
);

-- Each rotation and where it stands; the work left is read from vault.number itself, so that a crash loses nothing.
create table vault.rotation (
  rotation_no   bigint generated always as identity primary key,
  key_use       text not null check (key_use in ('cipher', 'digest')),
  from_version  integer not null,
  to_version    integer not null,
  event_id      uuid not null,
  started_at    timestamptz not null,
  finished_at   timestamptz
);
create unique index rotation_one_at_a_time on vault.rotation (key_use) where finished_at is null;

-- ---------------------------------------------------------------------------------------------------- owners

create function vault.id_of(p_owner text) returns uuid language sql immutable parallel safe return
  coalesce(substring(p_owner from '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}')::uuid, '00000000-0000-0000-0000-000000000000'::uuid);
create function vault.pattern_of(p_owner text) returns text language sql immutable parallel safe return
  regexp_replace(p_owner, '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', '*');
create function vault.owner_of(p_pattern text, p_id uuid) returns text language sql immutable parallel safe return
  replace(p_pattern, '*', p_id::text);

-- Makes the patterns of these owners known.
create function vault.learn_patterns(p_owners text[]) returns void
language plpgsql set search_path = pg_catalog as $$
begin
  insert into vault.owner_pattern (pattern)
    select distinct vault.pattern_of(o) from unnest(p_owners) as o
     where not exists (select from vault.owner_pattern k where k.pattern = vault.pattern_of(o))
     order by 1
    on conflict (pattern) do nothing;
end $$;

-- ---------------------------------------------------------------------------------------------------- the event

-- At the moment of use the act's event must not stand yet, at commit it must: so it is this transaction that wrote it.
create function vault.begin_use(p_event uuid, p_operation text, p_purpose text, p_asked integer, p_at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare v_known boolean;
begin
  if to_regclass('audit.intake_event') is not null then
    -- Written out and not executed from text: it is planned once a session, and only where the table is there.
    select exists (select from audit.intake_event where event_id = p_event) into v_known;
    if v_known then raise exception 'vault: the event of this use stands already' using errcode = 'MV002'; end if;
  end if;
  insert into vault.use (event_id, operation, purpose, asked, at) values (p_event, p_operation, p_purpose, p_asked, p_at);
end $$;

create function vault.require_event() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare v_known boolean;
begin
  if to_regclass('audit.intake_event') is null then return null; end if;
  select exists (select from audit.intake_event where event_id = new.event_id) into v_known;
  if not v_known then raise exception 'vault: % without the event of its act', new.operation using errcode = 'MV001'; end if;
  return null;
end $$;
create constraint trigger use_has_event after insert on vault.use
  deferrable initially deferred for each row when (new.number_ref is null) execute function vault.require_event();

-- Written again when the act that used numbers ends in a refusal and its savepoint took the first rows away.
create function vault.note_refused(p_event uuid, p_operation text, p_purpose text, p_asked integer, p_refs uuid[], p_at timestamptz)
returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into vault.use (event_id, operation, purpose, asked, refused, at) values (p_event, p_operation, p_purpose, p_asked, true, p_at);
  insert into vault.use (event_id, operation, purpose, number_ref, refused, at)
    select p_event, p_operation, p_purpose, r, true, p_at from unnest(p_refs) r;
end $$;

-- ---------------------------------------------------------------------------------------------------- keys

-- Writers hold it shared to the end of their transaction, a step of rotation alone: so a step sees no half-old writer.
create function vault.share_keys() returns void language sql security definer set search_path = pg_catalog as $$
  select pg_advisory_xact_lock_shared(420600200)
$$;

create function vault.state() returns table (cipher_version integer, digest_version integer, next_digest_version integer, checks jsonb)
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform vault.share_keys();
  return query select s.cipher_version, s.digest_version, s.next_digest_version,
    (select jsonb_agg(jsonb_build_object('use', k.key_use, 'version', k.version, 'check', encode(k.check_value, 'hex'))) from vault.key_version k)
    from vault.key_state s;
end $$;

create function vault.begin_keys(p_cipher integer, p_cipher_check bytea, p_digest integer, p_digest_check bytea, p_at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into vault.key_state (cipher_version, digest_version) values (p_cipher, p_digest) on conflict do nothing;
  if found then
    insert into vault.key_version values ('cipher', p_cipher, p_cipher_check, p_at), ('digest', p_digest, p_digest_check, p_at);
  end if;
end $$;

-- ---------------------------------------------------------------------------------------------------- put, find, reveal

-- Empty result: the caller's key versions are not the ones that hold now; it reads vault.state() and calls again.
create function vault.put(
  p_event uuid, p_purpose text, p_at timestamptz, p_cipher integer, p_digest integer, p_next integer,
  p_owners text[], p_refs uuid[], p_ciphertexts bytea[], p_digests bytea[], p_nexts bytea[])
returns table (owner text, number_ref uuid, outcome text, former_ref uuid)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare v_outcomes text[]; v_refs uuid[]; v_formers uuid[]; v_put bigint; v_patterns smallint[]; v_ids uuid[];
begin
  perform vault.share_keys();
  if not exists (select from vault.key_state s where s.cipher_version = p_cipher and s.digest_version = p_digest
                    and s.next_digest_version is not distinct from p_next) then return; end if;
  perform vault.begin_use(p_event, 'put', p_purpose, cardinality(p_owners), p_at);
  perform vault.learn_patterns(p_owners);
  -- Everyone takes owners in the same order: two batches wait for each other and never in a circle.
  perform pg_advisory_xact_lock(hashtextextended('vault:' || locks.o, 0)) from (select o from unnest(p_owners) as o order by 1) as locks;

  -- A statement of its own, so that it sees what the writer before us committed.
  select array_agg(case when n.number_ref is null then 'new' when same.yes then 'same' else 'changed' end order by u.ord),
         array_agg(case when same.yes then n.number_ref else u.ref end order by u.ord),
         array_agg(case when same.yes then null else n.number_ref end order by u.ord),
         array_agg(k.pattern_no order by u.ord), array_agg(vault.id_of(u.owner) order by u.ord)
    into v_outcomes, v_refs, v_formers, v_patterns, v_ids
    from unnest(p_owners, p_refs, p_digests, p_nexts) with ordinality as u(owner, ref, digest, next_digest, ord)
    join vault.owner_pattern k on k.pattern = vault.pattern_of(u.owner)
    left join vault.number n on n.owner_id = vault.id_of(u.owner) and n.owner_pattern = k.pattern_no and n.held
    left join vault.next_digest x on x.number_ref = n.number_ref
    cross join lateral (select coalesce(n.digest = u.digest, false) or coalesce(x.digest = u.next_digest, false)
                            or coalesce(x.digest = u.digest, false) as yes) as same;

  if v_outcomes && array['new', 'changed'] then
    insert into vault.put_event (event_id, put_at) values (p_event, p_at) returning put_no into v_put;
  end if;
  with closed as (
    update vault.number n set held = false from unnest(v_formers) as u(former) where n.number_ref = u.former returning n.number_ref)
  insert into vault.former (number_ref, closed_event_id, closed_at) select c.number_ref, p_event, p_at from closed c;
  insert into vault.number (number_ref, owner_id, put_no, owner_pattern, key_version, digest_version, held, digest, ciphertext)
    select u.ref, u.id, v_put, u.pattern, p_cipher, p_digest, true, u.digest, u.ciphertext
      from unnest(v_ids, v_patterns, v_refs, v_outcomes, p_ciphertexts, p_digests) as u(id, pattern, ref, outcome, ciphertext, digest)
     where u.outcome <> 'same';
  if p_next is not null then
    insert into vault.next_digest (number_ref, digest_version, digest)
      select u.ref, p_next, u.digest from unnest(v_refs, v_outcomes, p_nexts) as u(ref, outcome, digest) where u.outcome <> 'same';
  end if;
  insert into vault.use (event_id, operation, purpose, number_ref, at)
    select p_event, 'put', p_purpose, r, p_at from unnest(v_refs) as r;
  return query select u.owner, u.ref, u.outcome, u.former from unnest(p_owners, v_refs, v_outcomes, v_formers) as u(owner, ref, outcome, former);
end $$;

-- One digest a number asked, or two while digests rotate (asked_no says which belong together). `stale`: as above.
create function vault.find(p_event uuid, p_purpose text, p_at timestamptz, p_version integer, p_asked integer, p_nos integer[], p_digests bytea[])
returns table (asked_no integer, number_ref uuid, owner text, holds boolean, stale boolean)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  perform vault.share_keys();
  if not exists (select from vault.key_state s where p_version in (s.digest_version, s.next_digest_version)) then
    return query select null::integer, null::uuid, null::text, null::boolean, true; return;
  end if;
  perform vault.begin_use(p_event, 'find', p_purpose, p_asked, p_at);
  if not exists (select from vault.next_digest) then
    return query
      with hits as materialized (
        select d.no, n.number_ref, n.owner_id, n.owner_pattern, n.held
          from unnest(p_nos, p_digests) as d(no, digest) join vault.number n on n.digest = d.digest),
      noted as (
        insert into vault.use (event_id, operation, purpose, number_ref, at)
          select distinct p_event, 'find', p_purpose, h.number_ref, p_at from hits h)
      select h.no, h.number_ref, vault.owner_of(k.pattern, h.owner_id), h.held, false
        from hits h join vault.owner_pattern k on k.pattern_no = h.owner_pattern order by h.no, h.number_ref;
    return;
  end if;
  return query
    with hits as (
      select d.no, n.number_ref, n.owner_id, n.owner_pattern, n.held
        from unnest(p_nos, p_digests) as d(no, digest) join vault.number n on n.digest = d.digest
      union
      select d.no, n.number_ref, n.owner_id, n.owner_pattern, n.held from unnest(p_nos, p_digests) as d(no, digest)
        join vault.next_digest x on x.digest = d.digest join vault.number n on n.number_ref = x.number_ref),
    noted as (
      insert into vault.use (event_id, operation, purpose, number_ref, at)
        select distinct p_event, 'find', p_purpose, h.number_ref, p_at from hits h)
    select h.no, h.number_ref, vault.owner_of(k.pattern, h.owner_id), h.held, false
      from hits h join vault.owner_pattern k on k.pattern_no = h.owner_pattern order by h.no, h.number_ref;
end $$;

create function vault.reveal(p_event uuid, p_purpose text, p_at timestamptz, p_refs uuid[])
returns table (number_ref uuid, owner text, key_version integer, ciphertext bytea)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  perform vault.begin_use(p_event, 'reveal', p_purpose, cardinality(p_refs), p_at);
  return query
    with noted as (
      insert into vault.use (event_id, operation, purpose, number_ref, at)
        select p_event, 'reveal', p_purpose, n.number_ref, p_at from vault.number n where n.number_ref = any (p_refs))
    select n.number_ref, vault.owner_of(k.pattern, n.owner_id), n.key_version::integer, n.ciphertext
      from vault.number n join vault.owner_pattern k on k.pattern_no = n.owner_pattern where n.number_ref = any (p_refs);
end $$;

-- Numbers that an owner has held: references and moments only.
create function vault.history(p_owner text)
returns table (number_ref uuid, since_at timestamptz, event_id uuid, closed_at timestamptz, closed_event_id uuid)
language sql stable security definer set search_path = pg_catalog as $$
  select n.number_ref, e.put_at, e.event_id, f.closed_at, f.closed_event_id
    -- Two partial indexes, so that the small one of former numbers need not hold all the others.
    from (select * from vault.number h where h.owner_id = vault.id_of(p_owner) and h.held
          union all select * from vault.number g where g.owner_id = vault.id_of(p_owner) and not g.held) n
    join vault.owner_pattern k on k.pattern_no = n.owner_pattern and k.pattern = vault.pattern_of(p_owner)
    join vault.put_event e on e.put_no = n.put_no
    left join vault.former f on f.number_ref = n.number_ref
  order by 2, 1
$$;

-- A bulk load by the owner's tool, not by the running system: it opens here, copies its rows into vault.number under the
-- number that this gives, and closes with one row of use that commits to all of them. Like every use that row stands only with
-- the event of its act.
create function vault.open_load(p_pattern text, p_cipher integer, p_digest integer) returns table (put_no bigint, pattern_no smallint)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  perform vault.share_keys();
  if not exists (select from vault.key_state s where s.cipher_version = p_cipher and s.digest_version = p_digest
                    and s.next_digest_version is null) then
    raise exception 'vault: keys are rotating, a bulk load must wait' using errcode = 'MV003';
  end if;
  perform vault.learn_patterns(array[p_pattern]);
  return query select nextval(pg_get_serial_sequence('vault.put_event', 'put_no')), k.pattern_no
    from vault.owner_pattern k where k.pattern = p_pattern;
end $$;

create function vault.close_load(p_put bigint, p_event uuid, p_purpose text, p_at timestamptz, p_loaded integer, p_root bytea) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform vault.begin_use(p_event, 'put', p_purpose, p_loaded, p_at);
  insert into vault.put_event (put_no, event_id, put_at, loaded, root) overriding system value values (p_put, p_event, p_at, p_loaded, p_root);
end $$;

create function vault.drop_indexes() returns void
language plpgsql set search_path = pg_catalog as $$
begin
  alter table vault.number drop constraint number_pkey;
  drop index vault.number_digest, vault.number_held, vault.number_former, vault.number_keys;
end $$;

-- ---------------------------------------------------------------------------------------------------- rotation

create function vault.start_rotation(p_event uuid, p_at timestamptz, p_use text, p_version integer, p_check bytea) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
declare v_from integer;
begin
  perform pg_advisory_xact_lock(420600200);
  if exists (select from vault.rotation where key_use = p_use and finished_at is null) then return false; end if;
  select case p_use when 'cipher' then cipher_version else digest_version end into v_from from vault.key_state;
  if v_from is null or p_version <= v_from then return false; end if;
  insert into vault.key_version values (p_use, p_version, p_check, p_at);
  insert into vault.rotation (key_use, from_version, to_version, event_id, started_at) values (p_use, v_from, p_version, p_event, p_at);
  if p_use = 'cipher' then update vault.key_state set cipher_version = p_version;
  else update vault.key_state set next_digest_version = p_version; end if;
  return true;
end $$;

create function vault.rotation_open(p_use text) returns table (from_version integer, to_version integer)
language sql stable security definer set search_path = pg_catalog as $$
  select from_version, to_version from vault.rotation where key_use = p_use and finished_at is null
$$;

-- Rows still to do, locked for this transaction; another worker takes others.
create function vault.rotation_batch(p_event uuid, p_at timestamptz, p_use text, p_limit integer)
returns table (number_ref uuid, owner text, key_version integer, ciphertext bytea)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare v_to integer; v_refs uuid[];
begin
  select to_version into v_to from vault.rotation_open(p_use);
  if v_to is null then return; end if;
  if p_use = 'cipher' then
    select array_agg(number_ref) into v_refs from (select number_ref from vault.number
      where key_version < v_to limit p_limit for update skip locked) t;
  else
    select array_agg(number_ref) into v_refs from (select number_ref from vault.number
      where digest_version < v_to and not exists (select from vault.next_digest x where x.number_ref = number.number_ref)
      limit p_limit for update skip locked) t;
  end if;
  perform vault.begin_use(p_event, 'rotate', 'rotate-' || p_use || '-keys', coalesce(cardinality(v_refs), 0), p_at);
  return query
    select n.number_ref, vault.owner_of(k.pattern, n.owner_id), n.key_version::integer, n.ciphertext
      from vault.number n join vault.owner_pattern k on k.pattern_no = n.owner_pattern where n.number_ref = any (v_refs);
end $$;

create function vault.store_cipher(p_version integer, p_refs uuid[], p_ciphertexts bytea[]) returns void
language sql security definer set search_path = pg_catalog as $$
  update vault.number n set ciphertext = u.c, key_version = p_version
    from unnest(p_refs, p_ciphertexts) as u(r, c)
   where n.number_ref = u.r and n.key_version < p_version
     and p_version = (select to_version from vault.rotation_open('cipher'))
$$;
create function vault.store_digest(p_version integer, p_refs uuid[], p_digests bytea[]) returns void
language sql security definer set search_path = pg_catalog as $$
  insert into vault.next_digest (number_ref, digest_version, digest)
    select n.number_ref, p_version, u.d from unnest(p_refs, p_digests) as u(r, d)
      join vault.number n on n.number_ref = u.r and n.digest_version < p_version
     where p_version = (select to_version from vault.rotation_open('digest'))
    on conflict (number_ref) do nothing
$$;

-- Goes on where nothing is left of the present phase: cipher → finished; digest filled → the new one counts → old ones
-- dropped → finished. Waits for open writers, and tells how many rows the phase still has.
create function vault.advance_rotation(p_at timestamptz, p_use text, p_limit integer) returns text
language plpgsql security definer set search_path = pg_catalog as $$
declare v_to integer; v_moved integer;
begin
  select to_version into v_to from vault.rotation_open(p_use);
  if v_to is null then return 'finished'; end if;
  if p_use = 'cipher' then
    perform pg_advisory_xact_lock(420600200);
    if exists (select from vault.number where key_version < v_to) then return 'working'; end if;
  elsif exists (select from vault.key_state where next_digest_version = v_to) then
    perform pg_advisory_xact_lock(420600200);
    if exists (select from vault.number n where n.digest_version < v_to
                  and not exists (select from vault.next_digest x where x.number_ref = n.number_ref)) then return 'working'; end if;
    update vault.key_state set digest_version = v_to, next_digest_version = null;
    return 'working';
  else
    with moved as (
      delete from vault.next_digest where number_ref in (select number_ref from vault.next_digest limit p_limit for update skip locked)
      returning number_ref, digest_version, digest)
    update vault.number n set digest = m.digest, digest_version = m.digest_version from moved m where n.number_ref = m.number_ref;
    get diagnostics v_moved = row_count;
    if v_moved > 0 or exists (select from vault.number where digest_version < v_to) then return 'working'; end if;
  end if;
  update vault.rotation set finished_at = p_at where key_use = p_use and finished_at is null;
  return 'finished';
end $$;

revoke all on all functions in schema vault from public;
grant execute on function
  vault.put(uuid, text, timestamptz, integer, integer, integer, text[], uuid[], bytea[], bytea[], bytea[]),
  vault.find(uuid, text, timestamptz, integer, integer, integer[], bytea[]),
  vault.reveal(uuid, text, timestamptz, uuid[]),
  vault.history(text),
  vault.note_refused(uuid, text, text, integer, uuid[], timestamptz),
  vault.state(), vault.begin_keys(integer, bytea, integer, bytea, timestamptz),
  vault.start_rotation(uuid, timestamptz, text, integer, bytea), vault.rotation_open(text),
  vault.rotation_batch(uuid, timestamptz, text, integer), vault.store_cipher(integer, uuid[], bytea[]),
  vault.store_digest(integer, uuid[], bytea[]), vault.advance_rotation(timestamptz, text, integer)
  to {app};
