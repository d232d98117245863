-- Carriers of one instance: files, messages, images and payloads that may hold an Individual Number. The row outside holds
-- reference, digest of the sealed bytes, length and retention class; the content is chunks under a data key of the object's own,
-- wrapped by a unit key that stands in the key store and never in this database (nor in its write-ahead log).
-- Old code beside it: first migration, nothing before it.
create schema sealed;
revoke all on schema sealed from public;
grant usage on schema sealed to {app};

create table sealed.object (
  ref              uuid primary key,
  kind             text not null check (kind ~ '^[a-z0-9][a-z0-9./:-]{0,79}$'),
  retention_class  text not null check (retention_class ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  -- `object:<ref>`, `person:<internal id>` or `month:<class>:<yyyy-mm>`: what is erased together.
  unit             text not null check (unit ~ '^(object|person|month):[A-Za-z0-9:_./-]{1,128}$'),
  length_bytes     bigint not null check (length_bytes >= 0),
  chunks           integer not null check (chunks >= 1),
  -- Of the sealed bytes: a digest of the content itself would let a short content be guessed.
  digest           bytea not null check (length(digest) = 32),
  wrapped_key      bytea not null check (length(wrapped_key) between 60 and 256),
  event_id         uuid not null,
  sealed_at        timestamptz not null
);
create index object_unit on sealed.object (unit);

create table sealed.chunk (
  ref       uuid not null,
  chunk_no  integer not null check (chunk_no >= 0),
  bytes     bytea not null,
  primary key (ref, chunk_no)
);
alter table sealed.chunk alter column bytes set storage external;

create table sealed.use (
  use_no     bigint generated always as identity primary key,
  event_id   uuid not null,
  operation  text not null check (operation in ('seal', 'open', 'erase')),
  purpose    text not null check (purpose ~ '^[a-z0-9][a-z0-9./:-]{0,79}$'),
  ref        uuid,
  refused    boolean not null default false,
  at         timestamptz not null
);
create index use_event on sealed.use (event_id);
create index use_ref on sealed.use (ref);

-- Ordered in one act, carried out in another: from the first commit nothing of the unit opens, whatever happens between.
create table sealed.erasure (
  erasure_id   uuid primary key,
  unit         text not null unique,
  ground       text not null,
  event_id     uuid not null,
  ordered_at   timestamptz not null,
  ordered_on   date not null
);
create table sealed.erasure_done (
  erasure_id       uuid primary key references sealed.erasure,
  erased_at        timestamptz not null,
  -- The day on which the last key-store backup that holds the key expires; complete from the day after.
  backups_until_on date not null,
  event_id         uuid not null
);

create function sealed.begin_use(p_event uuid, p_operation text, p_purpose text, p_ref uuid, p_at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare v_known boolean;
begin
  if to_regclass('audit.intake_event') is not null then
    execute 'select exists (select from audit.intake_event where event_id = $1)' into v_known using p_event;
    if v_known then raise exception 'sealed: the event of this use stands already' using errcode = 'MV002'; end if;
  end if;
  insert into sealed.use (event_id, operation, purpose, ref, at) values (p_event, p_operation, p_purpose, p_ref, p_at);
end $$;

create function sealed.require_event() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare v_known boolean;
begin
  if to_regclass('audit.intake_event') is null then return null; end if;
  execute 'select exists (select from audit.intake_event where event_id = $1)' into v_known using new.event_id;
  if not v_known then raise exception 'sealed: % without the event of its act', new.operation using errcode = 'MV001'; end if;
  return null;
end $$;
create constraint trigger use_has_event after insert on sealed.use
  deferrable initially deferred for each row execute function sealed.require_event();

create function sealed.note_refused(p_event uuid, p_operation text, p_purpose text, p_ref uuid, p_at timestamptz) returns void
language sql security definer set search_path = pg_catalog as $$
  insert into sealed.use (event_id, operation, purpose, ref, refused, at) values (p_event, p_operation, p_purpose, p_ref, true, p_at)
$$;

-- Chunks come first, the row last: a reference exists only when all of it does.
create function sealed.add_chunks(p_ref uuid, p_nos integer[], p_chunks bytea[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if exists (select from sealed.object where ref = p_ref) then raise exception 'sealed: the object is closed'; end if;
  insert into sealed.chunk (ref, chunk_no, bytes) select p_ref, n, c from unnest(p_nos, p_chunks) as u(n, c);
end $$;

create function sealed.put(p_event uuid, p_purpose text, p_at timestamptz, p_ref uuid, p_kind text, p_class text, p_unit text,
  p_length bigint, p_chunks integer, p_digest bytea, p_wrapped bytea) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
begin
  -- An erasure of the unit under way must not be overtaken by a new object of it.
  perform pg_advisory_xact_lock_shared(hashtextextended('sealed:' || p_unit, 0));
  if exists (select from sealed.erasure where unit = p_unit) then return false; end if;
  if (select count(*) from sealed.chunk where ref = p_ref) <> p_chunks then raise exception 'sealed: chunks are missing'; end if;
  perform sealed.begin_use(p_event, 'seal', p_purpose, p_ref, p_at);
  insert into sealed.object (ref, kind, retention_class, unit, length_bytes, chunks, digest, wrapped_key, event_id, sealed_at)
    values (p_ref, p_kind, p_class, p_unit, p_length, p_chunks, p_digest, p_wrapped, p_event, p_at);
  return true;
end $$;

create function sealed.open(p_event uuid, p_purpose text, p_at timestamptz, p_ref uuid)
returns table (kind text, retention_class text, unit text, length_bytes bigint, chunks integer, digest bytea, wrapped_key bytea, erased boolean)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  perform sealed.begin_use(p_event, 'open', p_purpose, p_ref, p_at);
  return query select o.kind, o.retention_class, o.unit, o.length_bytes, o.chunks, o.digest, o.wrapped_key,
      exists (select from sealed.erasure e where e.unit = o.unit) from sealed.object o where o.ref = p_ref;
end $$;

-- Only within the transaction that opened the object.
create function sealed.chunks(p_event uuid, p_ref uuid, p_from integer, p_count integer) returns table (chunk_no integer, bytes bytea)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  if not exists (select from sealed.use u where u.event_id = p_event and u.ref = p_ref and u.operation = 'open') then
    raise exception 'sealed: chunks of an object that was not opened' using errcode = 'MV003';
  end if;
  return query select c.chunk_no, c.bytes from sealed.chunk c
    where c.ref = p_ref and c.chunk_no >= p_from and c.chunk_no < p_from + p_count order by c.chunk_no;
end $$;

create function sealed.order_erasure(p_event uuid, p_id uuid, p_unit text, p_ground text, p_at timestamptz, p_on date) returns uuid
language plpgsql security definer set search_path = pg_catalog as $$
declare v_id uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('sealed:' || p_unit, 0));
  select erasure_id into v_id from sealed.erasure where unit = p_unit;
  if v_id is not null then return v_id; end if;
  perform sealed.begin_use(p_event, 'erase', 'erase', null, p_at);
  insert into sealed.erasure (erasure_id, unit, ground, event_id, ordered_at, ordered_on) values (p_id, p_unit, p_ground, p_event, p_at, p_on);
  return p_id;
end $$;

-- The content goes too: what stays is the row that says what there was.
create function sealed.finish_erasure(p_event uuid, p_id uuid, p_at timestamptz, p_until date) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform sealed.begin_use(p_event, 'erase', 'carry-out-erasure', null, p_at);
  insert into sealed.erasure_done (erasure_id, erased_at, backups_until_on, event_id) values (p_id, p_at, p_until, p_event)
    on conflict do nothing;
  delete from sealed.chunk c using sealed.object o, sealed.erasure e where e.erasure_id = p_id and o.unit = e.unit and c.ref = o.ref;
end $$;

revoke all on all functions in schema sealed from public;
grant execute on function
  sealed.note_refused(uuid, text, text, uuid, timestamptz),
  sealed.add_chunks(uuid, integer[], bytea[]),
  sealed.put(uuid, text, timestamptz, uuid, text, text, text, bigint, integer, bytea, bytea),
  sealed.open(uuid, text, timestamptz, uuid), sealed.chunks(uuid, uuid, integer, integer),
  sealed.order_erasure(uuid, uuid, text, text, timestamptz, date), sealed.finish_erasure(uuid, uuid, timestamptz, date)
  to {app};
-- What stands outside may be listed; key and content may not.
grant select (ref, kind, retention_class, unit, length_bytes, digest, event_id, sealed_at) on sealed.object to {app};
grant select on sealed.erasure, sealed.erasure_done to {app};
