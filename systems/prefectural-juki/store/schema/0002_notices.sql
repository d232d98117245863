-- What the national server refused of what had been applied here.
create table prefectural_juki.national_refusal (
  return_id         uuid primary key,
  change_id         uuid not null,
  municipality_code text not null,
  rule              text not null,
  received_at       timestamptz not null,
  event_id          uuid not null
);

-- 遡及: applied in their turn with a day before that of the change applied last. Someone looks at each.
create table prefectural_juki.notice_review (
  change_id         uuid primary key,
  person_id         uuid not null,
  municipality_code text not null,
  reason            text not null,
  changed_on        date not null,
  listed_at         timestamptz not null,
  event_id          uuid not null
);
create index notice_review_listed on prefectural_juki.notice_review (listed_at);
create table prefectural_juki.notice_reviewed (
  change_id   uuid primary key references prefectural_juki.notice_review,
  note        text not null,
  reviewed_by text not null,
  reviewed_at timestamptz not null,
  event_id    uuid not null
);

select audit.declare_fact_table('prefectural_juki.notice_review');
select audit.declare_fact_table('prefectural_juki.notice_reviewed');
grant select, insert on prefectural_juki.notice_review, prefectural_juki.notice_reviewed to {app};

select audit.declare_fact_table('prefectural_juki.national_refusal');
grant select, insert on prefectural_juki.national_refusal to {app};

-- 整合性確認 (JPS-F6): runs, results, and what was found. A run without a result was interrupted and found nothing.
create table prefectural_juki.reconciliation_run (
  run_id            uuid primary key,
  municipality_code text not null,
  peer              text not null,
  scope             text not null check (scope in ('monthly', 'full')),
  started_on        date not null,
  started_at        timestamptz not null,
  event_id          uuid not null
);
create index reconciliation_run_started on prefectural_juki.reconciliation_run (started_at);
create table prefectural_juki.reconciliation_result (
  run_id      uuid primary key references prefectural_juki.reconciliation_run,
  here        int not null,
  there       int not null,
  under_way   int not null,
  missing     int not null,
  surplus     int not null,
  differing   int not null,
  bytes       bigint not null,
  finished_on date not null,
  finished_at timestamptz not null,
  event_id    uuid not null
);
create table prefectural_juki.reconciliation_difference (
  difference_id        uuid primary key,
  run_id               uuid not null references prefectural_juki.reconciliation_result,
  kind                 text not null check (kind in ('missing', 'surplus', 'differing')),
  person_id            uuid,
  resident_record_code bigint not null,
  -- Names of the items, never their values.
  items                text[] not null,
  event_id             uuid not null,
  check ((kind = 'missing') or person_id is not null)
);
create index reconciliation_difference_run on prefectural_juki.reconciliation_difference (run_id);

-- While a run goes on: its key, and the entries of buckets that disagree. Gone with its end, or with the next one of the municipality.
create table prefectural_juki.reconciliation_open (
  run_id uuid primary key references prefectural_juki.reconciliation_run,
  key    bytea not null,
  -- The other end's secret, as it came: the same start again is answered alike.
  secret text not null,
  answer text not null,
  bits   int,
  here   int,
  there  int
);
create table prefectural_juki.reconciliation_work (
  run_id     uuid not null references prefectural_juki.reconciliation_open on delete cascade,
  tag        bytea not null,
  person_id  uuid,
  code       bigint,
  digest     bytea,
  -- What the municipality's entries and records say; null until they came.
  there      text check (there in ('same', 'other', 'none')),
  settled    text check (settled in ('missing', 'surplus', 'differing', 'under-way', 'same')),
  items      text[] not null default '{}',
  primary key (run_id, tag)
);

select audit.declare_fact_table('prefectural_juki.reconciliation_run');
select audit.declare_fact_table('prefectural_juki.reconciliation_result');
select audit.declare_fact_table('prefectural_juki.reconciliation_difference');
grant select, insert on prefectural_juki.reconciliation_run, prefectural_juki.reconciliation_result,
  prefectural_juki.reconciliation_difference to {app};
grant select, insert, update, delete on prefectural_juki.reconciliation_open, prefectural_juki.reconciliation_work to {app};
