-- Persons of a register's load who could not be taken, by the sender's change. The register sends them anew as single changes.
create table common_platform.load_rejection (
  rejection_id uuid primary key,
  load_id      uuid not null,
  row_no       integer not null check (row_no >= 0),
  change_id    uuid not null,
  word         text not null,
  rejected_on  date not null,
  rejected_at  timestamptz not null,
  event_id     uuid not null
);
create index load_rejection_change on common_platform.load_rejection (change_id);

grant select, insert on common_platform.load_rejection to {app};
select audit.declare_fact_table('common_platform.load_rejection');
