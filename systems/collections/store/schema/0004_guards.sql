-- What guards against published accidents need to know: files by how many of their records matched, runs that the head of the section
-- let through, alarms. Facts only. Nothing older runs beside it.
create table collections.file_match (
  file_id  uuid primary key references collections.payment_file,
  channel  text not null,
  taken_on date not null,
  -- Records that moved money, and how many of them nobody could place.
  finals   integer not null check (finals >= 0),
  waiting  integer not null check (waiting between 0 and finals),
  -- Set where so many are waiting that something is wrong with the slips or with the matching (INC-37).
  times_normal numeric(8, 1),
  event_id uuid not null
);
create index file_match_channel on collections.file_match (channel, taken_on);

-- INC-36: letters were made although files were missing, for payers of whom no 速報 was known in the open window.
create table collections.reminder_override (
  run_id      uuid primary key references collections.reminder_run,
  missing     jsonb not null,
  window_from date not null,
  reason      text not null,
  decided_by  text not null,
  event_id    uuid not null
);

grant select, insert on collections.file_match, collections.reminder_override to {app};
select audit.declare_fact_table('collections.' || t) from unnest('{file_match,reminder_override}'::text[]) as t;
