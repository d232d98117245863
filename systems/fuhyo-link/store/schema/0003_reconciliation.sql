-- 整合性確認 (FPS-F6). Nothing stands in the results before a run has ended.
create table fuhyo_link.reconciliation_run (
  run_id            uuid primary key,
  municipality_code text not null,
  peer              text not null,
  started_at        timestamptz not null,
  event_id          uuid not null
);
create index reconciliation_run_started on fuhyo_link.reconciliation_run (started_at);
-- What an open run needs; goes when it ends, or when the municipality begins another.
create table fuhyo_link.reconciliation_open (
  run_id    uuid primary key references fuhyo_link.reconciliation_run,
  secret    text not null,
  answer    text not null,
  bits      int,
  differing int[]
);
create table fuhyo_link.reconciliation_result (
  run_id      uuid primary key references fuhyo_link.reconciliation_run,
  compared    int not null,
  missing     int not null,
  surplus     int not null,
  differing   int not null,
  under_way   int not null,
  finished_at timestamptz not null,
  event_id    uuid not null
);
create table fuhyo_link.reconciliation_difference (
  difference_id        uuid primary key,
  run_id               uuid not null references fuhyo_link.reconciliation_run,
  kind                 text not null check (kind in ('missing', 'surplus', 'differing')),
  resident_record_code text not null,
  items                text[] not null,
  event_id             uuid not null
);
create index reconciliation_difference_run on fuhyo_link.reconciliation_difference (run_id);

select audit.declare_fact_table('fuhyo_link.reconciliation_run');
select audit.declare_fact_table('fuhyo_link.reconciliation_result');
select audit.declare_fact_table('fuhyo_link.reconciliation_difference');
grant select, insert on fuhyo_link.reconciliation_run, fuhyo_link.reconciliation_result, fuhyo_link.reconciliation_difference to {app};
grant select, insert, update, delete on fuhyo_link.reconciliation_open to {app};
