-- Registers that the protection assessments demand of an organisation. One set of tables for all: what a register is stands
-- in domain/registers. Facts only, but for `current`, which is rebuilt from them. First version; nothing older runs beside it.
create schema governance;
grant usage on schema governance to {app};

create table governance.entry (
  entry_id    uuid primary key,
  register    text not null check (register ~ '^[a-z][a-z-]*$'),
  fiscal_year int not null check (fiscal_year between 2000 and 2200),
  number      int not null check (number >= 1),
  opened_by   text not null,
  opened_on   date not null,
  opened_at   timestamptz not null,
  event_id    uuid not null,
  unique (register, fiscal_year, number)
);

-- The whole of an entry's fields as they were written; a correction is a new revision with its reason.
create table governance.revision (
  entry_id     uuid not null references governance.entry,
  revision     int not null check (revision >= 1),
  field_values jsonb not null check (jsonb_typeof(field_values) = 'object'),
  reason       text not null check (length(reason) <= 400),
  revised_by   text not null,
  revised_on   date not null,
  revised_at   timestamptz not null,
  event_id     uuid not null,
  primary key (entry_id, revision)
);

-- What was done: from state to state, with what was stated then.
create table governance.step (
  entry_id     uuid not null references governance.entry,
  step_no      int not null check (step_no >= 1),
  step         text not null,
  from_state   text not null,
  to_state     text not null,
  field_values jsonb not null check (jsonb_typeof(field_values) = 'object'),
  taken_by     text not null,
  taken_on     date not null,
  taken_at     timestamptz not null,
  event_id     uuid not null,
  primary key (entry_id, step_no)
);

-- A due date that passed was told once.
create table governance.overdue_raised (
  entry_id  uuid not null references governance.entry,
  due_on    date not null,
  raised_on date not null,
  event_id  uuid not null,
  primary key (entry_id, due_on)
);

-- Figures of the systems' own logs about people of contractors, by month (kernel/log-analysis).
create table governance.use_figure (
  figure_id       uuid primary key,
  system          text not null,
  month           text not null check (month ~ '^[0-9]{4}-[0-9]{2}$'),
  record_accesses int not null check (record_accesses >= 0),
  searches        int not null check (searches >= 0),
  sign_ins        int not null check (sign_ins >= 0),
  received_at     timestamptz not null,
  event_id        uuid not null
);
create index use_figure_month on governance.use_figure (month, system, received_at desc);

-- Where each entry stands now.
create table governance.current (
  entry_id        uuid primary key references governance.entry,
  register        text not null,
  label           text not null,
  heading         text not null,
  state           text not null,
  is_open         boolean not null,
  field_values    jsonb not null,
  opened_by       text not null,
  opened_on       date not null,
  due_on          date,
  due_what        text,
  changes         int not null check (changes >= 1),
  last_changed_by text not null,
  last_changed_at timestamptz not null,
  check ((due_on is null) = (due_what is null))
);
create index current_register on governance.current (register, is_open desc, label desc);
create index current_due on governance.current (due_on) where due_on is not null;
create index current_values on governance.current using gin (field_values jsonb_path_ops);

select audit.declare_fact_table('governance.' || t)
  from unnest(array['entry', 'revision', 'step', 'overdue_raised', 'use_figure']) as t;

grant select, insert on governance.entry, governance.revision, governance.step, governance.overdue_raised,
  governance.use_figure to {app};
grant select, insert, update on governance.current to {app};
