-- 賦課に必要な資料: what a year's levy declares to need besides the reports, what came of it, and what an approver let pass without.
-- A run starts only when nothing of it is missing (INC-17). Runs beside 0010.
create table resident_tax.levy_input (
  fiscal_year  int not null check (fiscal_year between 2000 and 2100),
  input        text not null check (input in ('public-assistance')),
  -- The date that the list must be of: a list of another day is another list.
  as_of        date not null,
  declared_by  text not null,
  event_id     uuid not null,
  primary key (fiscal_year, input)
);

-- 他部署の名簿, one file of an office, whole.
create table resident_tax.office_list (
  list_id      uuid primary key,
  fiscal_year  int not null,
  input        text not null,
  as_of        date not null,
  row_count    int not null check (row_count >= 0),
  -- What the office says in writing where nobody stands in the list.
  statement    text,
  received_by  text not null,
  received_at  timestamptz not null,
  event_id     uuid not null,
  foreign key (fiscal_year, input) references resident_tax.levy_input,
  check (row_count > 0 or statement <> '')
);
create index on resident_tax.office_list (fiscal_year, input);

create table resident_tax.office_list_person (
  list_id      uuid not null references resident_tax.office_list,
  person_id    uuid not null references resident_tax.person,
  event_id     uuid not null,
  primary key (list_id, person_id)
);
create index on resident_tax.office_list_person (person_id);

create table resident_tax.levy_input_waiver (
  fiscal_year  int not null,
  input        text not null,
  reason       text not null check (reason <> ''),
  waived_by    text not null,
  waived_at    timestamptz not null,
  event_id     uuid not null,
  primary key (fiscal_year, input),
  foreign key (fiscal_year, input) references resident_tax.levy_input
);

select audit.declare_fact_table('resident_tax.' || t)
  from unnest(array['levy_input', 'office_list', 'office_list_person', 'levy_input_waiver']) t;
grant select, insert on resident_tax.levy_input, resident_tax.office_list, resident_tax.office_list_person,
  resident_tax.levy_input_waiver to {app};
