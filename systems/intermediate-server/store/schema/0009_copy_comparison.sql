-- 副本と原本の突合: a business lodges its own copies of everybody, not to count but to be compared. What differs is listed by person and by the
-- names of items, never by values; it is repaired from that same file when a second person has approved. Old code runs beside it.
alter table intermediate_server.copy_file drop constraint copy_file_kind_check;
alter table intermediate_server.copy_file add constraint copy_file_kind_check check (kind in ('full', 'difference', 'comparison'));

create table intermediate_server.copy_difference (
  file_id            uuid not null references intermediate_server.copy_file,
  org_person_number  text not null,
  -- missing: the original has what no copy says; surplus: a copy without an original; differing: both, not the same.
  kind               text not null check (kind in ('missing', 'surplus', 'differing')),
  items              text[] not null,
  event_id           uuid not null,
  primary key (file_id, org_person_number)
);
create table intermediate_server.copy_comparison (
  file_id      uuid primary key references intermediate_server.copy_file,
  persons      integer not null check (persons >= 0),
  missing      integer not null check (missing >= 0),
  surplus      integer not null check (surplus >= 0),
  differing    integer not null check (differing >= 0),
  compared_on  date not null,
  compared_at  timestamptz not null,
  event_id     uuid not null
);
create index copy_comparison_compared_at on intermediate_server.copy_comparison (compared_at);
create table intermediate_server.copy_repair_proposal (
  approval_id  uuid primary key,
  file_id      uuid not null references intermediate_server.copy_comparison,
  reason       text not null check (length(reason) between 1 and 400),
  event_id     uuid not null
);
create table intermediate_server.copy_repair (
  file_id      uuid primary key references intermediate_server.copy_comparison,
  approval_id  uuid not null unique references intermediate_server.copy_repair_proposal,
  batch_id     uuid not null references intermediate_server.lodging,
  lodged       integer not null check (lodged >= 0),
  ended        integer not null check (ended >= 0),
  event_id     uuid not null
);
grant select, insert on intermediate_server.copy_difference, intermediate_server.copy_comparison,
  intermediate_server.copy_repair_proposal, intermediate_server.copy_repair to {app};
select audit.declare_fact_table('intermediate_server.' || t)
  from unnest('{copy_difference,copy_comparison,copy_repair_proposal,copy_repair}'::text[]) as t;
