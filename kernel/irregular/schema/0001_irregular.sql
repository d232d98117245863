-- Work done outside the normal run: only by a registered procedure, with its reason, confirmed by another person, listed by month.
-- First version; nothing older runs beside it.
create schema irregular;
grant usage on schema irregular to {app};

create table irregular.procedure (
  procedure_id  uuid primary key,
  kind          text not null check (kind ~ '^[a-z][a-z0-9-]{0,59}$'),
  revision      integer not null check (revision >= 1),
  title         text not null check (title <> ''),
  steps         text not null check (steps <> ''),
  registered_by text not null,
  registered_on date not null,
  event_id      uuid not null,
  unique (kind, revision)
);

create table irregular.entry (
  entry_id     uuid primary key,
  procedure_id uuid not null references irregular.procedure,
  -- Internal id of the person, where it was about one.
  subject      uuid,
  reason       text not null check (btrim(reason) <> ''),
  done_by      text not null,
  done_on      date not null,
  done_at      timestamptz not null,
  -- The event of the act itself: entry and what was done stand or fall together.
  event_id     uuid not null
);
create index entry_done_on on irregular.entry (done_on, done_at);

create table irregular.confirmation (
  entry_id     uuid primary key references irregular.entry,
  verdict      text not null check (verdict in ('right', 'wrong')),
  note         text not null,
  confirmed_by text not null,
  confirmed_at timestamptz not null,
  event_id     uuid not null,
  check (verdict = 'right' or btrim(note) <> '')
);

create table irregular.month_closing (
  month     date primary key check (extract(day from month) = 1),
  entries   integer not null check (entries >= 0),
  closed_by text not null,
  closed_at timestamptz not null,
  event_id  uuid not null
);

grant select, insert on all tables in schema irregular to {app};
select audit.declare_fact_table('irregular.' || t) from unnest('{procedure,entry,confirmation,month_closing}'::text[]) as t;
