-- What was started on this database, of which build, configuration and form; and what was not let in beside it (INC-06).
create table serve.process_start (
  start_id      uuid primary key,
  outcome       text not null check (outcome in ('serving', 'refused')),
  -- already-running: a process serves from this database; other-schema: the database is not of this program's form.
  why           text check ((why is null) = (outcome = 'serving') and why in ('already-running', 'other-schema')),
  program       text not null check (program ~ '^[0-9a-f]{12}$'),
  rates         text not null check (rates ~ '^[0-9a-f]{12}$'),
  forms         text not null check (forms ~ '^[0-9a-f]{12}$'),
  schema_form   text not null check (schema_form ~ '^[0-9a-f]{12}$'),
  configuration text not null check (configuration ~ '^[0-9a-f]{12}$'),
  -- The start beside which this one was refused.
  beside        uuid references serve.process_start,
  started_at    timestamptz not null,
  event_id      uuid not null,
  check (beside is null or outcome = 'refused')
);
create index process_start_at on serve.process_start (started_at desc);
select audit.declare_fact_table('serve.process_start');
grant select, insert on serve.process_start to {app};
-- A running system looks whether its database is of the form that it was written for.
grant usage on schema musubi to {app};
grant select on musubi.migration to {app};
