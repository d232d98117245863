-- 申請の結果: how an application ended in its business, and that the portal knows.
create table common_platform.application_end (
  receipt_number  uuid primary key references common_platform.application,
  outcome         text not null check (outcome in ('completed', 'declined')),
  ended_at        timestamptz not null,
  event_id        uuid not null
);
create table common_platform.application_end_told (
  receipt_number  uuid primary key references common_platform.application_end,
  told_at         timestamptz not null,
  event_id        uuid not null
);
grant select, insert on common_platform.application_end, common_platform.application_end_told to {app};
select audit.declare_fact_table('common_platform.' || t) from unnest('{application_end,application_end_told}'::text[]) as t;
