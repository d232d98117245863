-- The end of a term. Rows whose end is near are moved into sealed objects, one a day of ending, while backups of the database that
-- still hold them in clear run out; on the day itself a key is destroyed, and no backup can be read any more.
create schema retention;
grant usage on schema retention to {app};

create table retention.sealing (
  sealing_id      uuid primary key,
  retention_class text not null,
  -- Last day on which it must be kept.
  kept_until      date not null,
  -- The sealed object; its key is the object's own.
  ref             uuid not null unique,
  rows            int not null check (rows > 0),
  numbers         int not null check (numbers >= 0),
  -- SHA-256 over table and key of each row, sorted.
  key_digest      bytea not null check (length(key_digest) = 32),
  sealed_on       date not null,
  -- The last day on which a backup of the database holds these rows in clear.
  clear_until     date not null check (clear_until >= sealed_on),
  event_id        uuid not null
);
create index sealing_end on retention.sealing (kept_until);
create table retention.sealed_row (
  table_name text not null,
  row_key    text not null,
  subject    uuid not null,
  sealing_id uuid not null references retention.sealing,
  primary key (table_name, row_key)
);
create index sealed_row_subject on retention.sealed_row (subject);
create index sealed_row_sealing on retention.sealed_row (sealing_id);

-- 消去の停止: an open suit, a request in hand. Skipped by the run and reported by it.
create table retention.hold (
  hold_id   uuid primary key,
  subject   uuid not null,
  reason    text not null,
  placed_by text not null,
  placed_on date not null,
  event_id  uuid not null
);
create index hold_subject on retention.hold (subject);
create table retention.hold_end (
  hold_id  uuid primary key references retention.hold,
  reason   text not null,
  ended_by text not null,
  ended_on date not null,
  event_id uuid not null
);

create table retention.proposal (
  proposal_id     uuid primary key,
  retention_class text not null,
  sealings        uuid[] not null check (cardinality(sealings) > 0),
  approval_id     uuid not null unique,
  proposed_by     text not null,
  proposed_on     date not null,
  event_id        uuid not null
);

-- 消去記録. What it says is all that is left.
create table retention.erasure (
  erasure_id      uuid primary key,
  sealing_id      uuid not null unique references retention.sealing,
  proposal_id     uuid not null references retention.proposal,
  retention_class text not null,
  rule            text not null,
  rows            int not null,
  numbers         int not null,
  key_digest      bytea not null,
  kept_until      date not null,
  proposed_by     text not null,
  approved_by     text not null check (approved_by <> proposed_by),
  erased_by       text not null,
  erased_on       date not null check (erased_on > kept_until),
  erased_at       timestamptz not null,
  event_id        uuid not null
);

-- The day as this database knows it: Tokyo's, or in a town the day to which its conductor moved it.
create function retention.today() returns date
language sql stable security definer set search_path = pg_catalog as $$
  select greatest((now() at time zone 'Asia/Tokyo')::date, coalesce((select max(civil_on) from serve.civil_date), '-infinity'))
$$;
revoke execute on function retention.today() from public;
grant execute on function retention.today() to {app};

-- Whatever role asks: a sealed end-of-term object is erased after its last day only, and only with its record.
create function retention.keep_sealed() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare v_until date;
begin
  select s.kept_until into v_until from retention.sealing s where new.unit = 'object:' || s.ref;
  if v_until is null then return new; end if;
  if v_until >= retention.today() then
    raise exception 'retention: the term of % lasts to %', new.unit, v_until using errcode = 'MR001';
  end if;
  if not exists (select from retention.erasure e join retention.sealing s using (sealing_id) where new.unit = 'object:' || s.ref) then
    raise exception 'retention: % would be erased without a record', new.unit using errcode = 'MR002';
  end if;
  return new;
end $$;
create trigger keep_sealed before insert on sealed.erasure for each row execute function retention.keep_sealed();

select audit.declare_fact_table('retention.' || name)
  from unnest(array['sealing', 'hold', 'hold_end', 'proposal', 'erasure']) as name;
grant select, insert on retention.sealing, retention.sealed_row, retention.hold, retention.hold_end, retention.proposal,
  retention.erasure to {app};
