-- チェックリスト: what a rule found across persons and households before the levy is decided, and what a clerk said about each.
-- A list belongs to the state of register and documents from which it was made (`basis`); after that it is answered no more. Runs beside 0008.
create table resident_tax.check_list (
  check_list_id uuid primary key,
  fiscal_year   int not null check (fiscal_year between 2000 and 2100),
  -- How much of register, documents, settlements and levies there was: all of them only grow.
  basis         text not null,
  finding_count int not null check (finding_count >= 0),
  made_by       text not null,
  made_at       timestamptz not null,
  event_id      uuid not null
);
create index on resident_tax.check_list (fiscal_year, made_at);

create table resident_tax.check_finding (
  check_list_id uuid not null references resident_tax.check_list,
  finding_no    int not null check (finding_no >= 1),
  rule          text not null,
  person_id     uuid not null references resident_tax.person,
  -- The other one, where the rule is about two persons.
  other_id      uuid references resident_tax.person,
  report_ids    uuid[] not null,
  event_id      uuid not null,
  primary key (check_list_id, finding_no)
);
create index on resident_tax.check_finding (person_id);

-- One answer a finding; another list asks anew.
create table resident_tax.check_answer (
  check_list_id uuid not null,
  finding_no    int not null,
  answer        text not null check (answer in ('in-order', 'inquiry', 'corrected')),
  note          text not null check (note <> ''),
  answered_by   text not null,
  answered_at   timestamptz not null,
  event_id      uuid not null,
  primary key (check_list_id, finding_no),
  foreign key (check_list_id, finding_no) references resident_tax.check_finding
);

select audit.declare_fact_table('resident_tax.check_list');
select audit.declare_fact_table('resident_tax.check_finding');
select audit.declare_fact_table('resident_tax.check_answer');
grant select, insert on resident_tax.check_list, resident_tax.check_finding, resident_tax.check_answer to {app};
