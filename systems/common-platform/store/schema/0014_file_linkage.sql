-- ファイル連携 by medium (design §4.6): files of a business whose office hands them in on a medium, and results that go back on one. What stands
-- here is whose file it was, how many persons, its digest and what became of it; the schema has no place for content. Old code may run beside it.
create table common_platform.medium_intake (
  intake_id  uuid primary key,
  -- Of the container as it lay on the medium.
  sha256     text not null unique check (sha256 ~ '^[0-9a-f]{64}$'),
  serial     text not null,
  system     text not null,
  department text not null,
  -- Null where the file could not be read as one.
  matter_id  uuid,
  kind       text check (kind in ('inquiry-order', 'copy-file')),
  persons    integer not null check (persons >= 0),
  terminal   text not null,
  taken_by   text not null,
  taken_at   timestamptz not null,
  event_id   uuid not null
);
create index on common_platform.medium_intake (matter_id);
create index on common_platform.medium_intake (taken_at);
create table common_platform.medium_intake_end (
  intake_id uuid primary key references common_platform.medium_intake,
  outcome   text not null check (outcome in ('passed', 'refused')),
  word      text check ((word is null) = (outcome = 'passed')),
  -- Rows that are not surely the business's own, where that is the reason.
  faulty    integer not null default 0,
  ended_by  text not null,
  ended_at  timestamptz not null,
  event_id  uuid not null
);
create table common_platform.results_by_medium (
  carry_id      uuid primary key,
  order_id      uuid not null,
  approval_id   uuid not null unique,
  system        text not null,
  receiver      text not null,
  recipient_key text not null,
  persons       integer not null,
  settle_by_on  date not null,
  asked_by      text not null,
  asked_at      timestamptz not null,
  event_id      uuid not null
);
create index on common_platform.results_by_medium (order_id);
create table common_platform.results_written (
  carry_id     uuid primary key references common_platform.results_by_medium,
  hand_over_id uuid not null unique,
  serial       text not null,
  written_by   text not null,
  written_at   timestamptz not null,
  event_id     uuid not null
);
create index on common_platform.medium_intake (event_id);
create index on common_platform.results_by_medium (event_id);
grant select, insert on common_platform.medium_intake, common_platform.medium_intake_end, common_platform.results_by_medium,
  common_platform.results_written to {app};
select audit.declare_fact_table('common_platform.' || t)
  from unnest('{medium_intake,medium_intake_end,results_by_medium,results_written}'::text[]) as t;
