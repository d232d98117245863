-- 区市町村CS: what passed, what came back, and how each was dealt with. Notices themselves stand only in the sealed store.
create schema municipal_juki;
grant usage on schema municipal_juki to {app};

-- The error work list: refusals of this server and of those above, and what they tell of other municipalities.
create table municipal_juki.returned (
  return_id          uuid primary key,
  kind               text not null check (kind in ('refused', 'claimed-elsewhere', 'moved-in-elsewhere')),
  change_id          uuid,
  refused_by         text,
  rule               text,
  items              text[] not null,
  present_at         text,
  other_municipality text,
  returned_at        timestamptz not null,
  event_id           uuid not null,
  check ((kind = 'refused') = (change_id is not null)),
  check ((kind = 'refused') = (rule is not null))
);
create index returned_at on municipal_juki.returned (returned_at);

create table municipal_juki.returned_resolution (
  return_id   uuid primary key references municipal_juki.returned,
  note        text not null,
  resolved_by text not null,
  resolved_at timestamptz not null,
  event_id    uuid not null
);

select audit.declare_fact_table('municipal_juki.returned');
select audit.declare_fact_table('municipal_juki.returned_resolution');

grant select, insert on municipal_juki.returned, municipal_juki.returned_resolution to {app};

-- 整合性確認 (MCS-F3): what this server led, what the prefecture found, who let it be put right. A run without a result was interrupted.
create table municipal_juki.reconciliation_run (
  run_id     uuid primary key,
  scope      text not null check (scope in ('monthly', 'full')),
  started_by text not null,
  started_on date not null,
  started_at timestamptz not null,
  event_id   uuid not null
);
create index reconciliation_run_started on municipal_juki.reconciliation_run (started_at);
create table municipal_juki.reconciliation_result (
  run_id      uuid primary key references municipal_juki.reconciliation_run,
  records     int not null,
  compared    int not null,
  under_way   int not null,
  differences int not null,
  bytes       bigint not null,
  finished_at timestamptz not null,
  event_id    uuid not null
);
create table municipal_juki.reconciliation_difference (
  difference_id        uuid primary key,
  run_id               uuid not null references municipal_juki.reconciliation_result,
  kind                 text not null check (kind in ('missing', 'surplus', 'differing')),
  resident_record_code text not null check (resident_record_code ~ '^[0-9]{11}$'),
  items                text[] not null,
  event_id             uuid not null
);
create index reconciliation_difference_run on municipal_juki.reconciliation_difference (run_id);
-- One asks for the correction, another one lets it go out.
create table municipal_juki.reconciliation_request (
  run_id       uuid primary key references municipal_juki.reconciliation_result,
  requested_by text not null,
  requested_at timestamptz not null,
  event_id     uuid not null,
  unique (run_id, requested_by)
);
create table municipal_juki.reconciliation_approval (
  run_id       uuid primary key,
  requested_by text not null,
  approved_by  text not null,
  approved_at  timestamptz not null,
  event_id     uuid not null,
  foreign key (run_id, requested_by) references municipal_juki.reconciliation_request (run_id, requested_by),
  check (approved_by <> requested_by)
);
create table municipal_juki.reconciliation_correction (
  difference_id uuid primary key references municipal_juki.reconciliation_difference,
  result        text not null check (result in ('sent', 'unknown-here')),
  corrected_at  timestamptz not null,
  event_id      uuid not null
);

select audit.declare_fact_table('municipal_juki.reconciliation_run');
select audit.declare_fact_table('municipal_juki.reconciliation_result');
select audit.declare_fact_table('municipal_juki.reconciliation_difference');
select audit.declare_fact_table('municipal_juki.reconciliation_request');
select audit.declare_fact_table('municipal_juki.reconciliation_approval');
select audit.declare_fact_table('municipal_juki.reconciliation_correction');
grant select, insert on municipal_juki.reconciliation_run, municipal_juki.reconciliation_result,
  municipal_juki.reconciliation_difference, municipal_juki.reconciliation_request, municipal_juki.reconciliation_approval,
  municipal_juki.reconciliation_correction to {app};
