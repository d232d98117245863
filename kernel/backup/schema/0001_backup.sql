-- What the instance itself knows of its backups: operations take them as the database's owner, apart from the running system,
-- which only notes that one was read back equal. No row of a backup stands here.
create schema backup;
grant usage on schema backup to {app};

create table backup.noted (
  backup_id   uuid primary key,
  kind        text not null check (kind in ('full', 'incremental')),
  taken_on    date not null,
  verified_at timestamptz not null,
  tables      int not null check (tables > 0),
  rows        bigint not null check (rows >= 0),
  added       bigint not null check (added >= 0),
  noted_at    timestamptz not null,
  event_id    uuid not null
);
create index noted_event on backup.noted (event_id);
create index noted_taken on backup.noted (taken_on);

-- 復元の訓練: one that did not come back equal stands here too.
create table backup.drill (
  drill_id   uuid primary key,
  backup_id  uuid not null references backup.noted,
  drilled_on date not null,
  tables     int not null,
  rows       bigint not null,
  differing  text[] not null,
  noted_at   timestamptz not null,
  event_id   uuid not null
);
create index drill_event on backup.drill (event_id);
create index drill_backup on backup.drill (backup_id);

select audit.declare_fact_table('backup.' || name) from unnest(array['noted', 'drill']) as name;
grant select, insert on backup.noted, backup.drill to {app};
