-- Taking over the data of a system that is given up: what it states of itself, what came, whether the two agree, and the erasure of what
-- stands there. First version; nothing older runs beside it.
create schema migration;
grant usage on schema migration to {app};

create table migration.migration (
  migration_id uuid primary key,
  old_system   text not null check (btrim(old_system) <> ''),
  -- Per table: rows, digest of keys, totals of money. Nothing personal.
  statement    jsonb not null,
  opened_by    text not null,
  opened_on    date not null,
  event_id     uuid not null
);

-- A table's file, in parts; each sealed. A row's number is its place in the whole file.
create table migration.part (
  migration_id uuid not null references migration.migration,
  table_id     text not null,
  part_no      integer not null check (part_no >= 1),
  sealed_ref   uuid not null,
  first_row    integer not null check (first_row >= 1),
  rows         integer not null check (rows >= 1),
  taken_by     text not null,
  event_id     uuid not null,
  primary key (migration_id, table_id, part_no)
);

create table migration.comparison (
  comparison_id uuid primary key,
  migration_id  uuid not null references migration.migration,
  agrees        boolean not null,
  -- Per table: stated and found.
  found         jsonb not null,
  compared_by   text not null,
  compared_at   timestamptz not null,
  event_id      uuid not null
);
create index comparison_migration on migration.comparison (migration_id, compared_at);

create table migration.closing (
  migration_id  uuid primary key references migration.migration,
  comparison_id uuid not null references migration.comparison,
  closed_by     text not null,
  closed_on     date not null,
  -- 旧環境の消去期限
  erase_by_on   date not null check (erase_by_on >= closed_on),
  event_id      uuid not null
);

create table migration.old_erasure (
  migration_id uuid primary key references migration.closing,
  method       text not null check (btrim(method) <> ''),
  erased_on    date not null,
  witness      text not null check (btrim(witness) <> ''),
  certificate  text not null check (btrim(certificate) <> ''),
  recorded_by  text not null,
  event_id     uuid not null,
  check (witness <> recorded_by)
);

grant select, insert on all tables in schema migration to {app};
select audit.declare_fact_table('migration.' || t) from unnest('{migration,part,comparison,closing,old_erasure}'::text[]) as t;
