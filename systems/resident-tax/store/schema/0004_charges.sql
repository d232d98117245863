-- 調定: what of a decided levy is to be paid when, the slips that pay it, and what collections was told.
-- Facts only: a charge's newest revision counts. Runs beside 0003.

-- 通知書番号 of a person's year, and 案件特定キー of a slip: never used again, so gaps are no fault.
create sequence resident_tax.notice_serial maxvalue 9999999;
create sequence resident_tax.slip_serial maxvalue 999999999;
create sequence resident_tax.collector_serial maxvalue 99999999;

create table resident_tax.notice_number (
  person_id      uuid not null references resident_tax.person,
  fiscal_year    int not null check (fiscal_year between 2000 and 2099),
  notice_number  text not null unique check (notice_number ~ '^[0-9]{10}$'),
  event_id       uuid not null,
  primary key (person_id, fiscal_year)
);

-- 特別徴収義務者. A payer without a number of persons is known by its corporate number, else by its name.
create table resident_tax.special_collector (
  designation_number text primary key check (designation_number ~ '^[0-9A-Z-]{1,12}$'),
  payer_key          text not null unique,
  name               text not null,
  event_id           uuid not null
);

create table resident_tax.charge (
  charge_id      uuid primary key,
  person_id      uuid not null,
  fiscal_year    int not null,
  method         text not null check (method in ('ordinary', 'special')),
  -- 普通徴収: 期 1 to 4, 随時 5 to 12. 特別徴収: the calendar month.
  instalment     int not null check (instalment between 1 and 12),
  event_id       uuid not null,
  unique (person_id, fiscal_year, method, instalment),
  foreign key (person_id, fiscal_year) references resident_tax.notice_number
);

create table resident_tax.charge_revision (
  charge_id          uuid not null references resident_tax.charge,
  revision           int not null check (revision between 1 and 9999),
  assessment_id      uuid not null references resident_tax.assessment_decision,
  reason             text not null check (reason in ('levy', 'change', 'method-change', 'cancellation')),
  due_on             date not null,
  legal_due_on       date not null,
  ward_yen           bigint not null check (ward_yen >= 0),
  metropolis_yen     bigint not null check (metropolis_yen >= 0),
  forest_yen         bigint not null check (forest_yen >= 0),
  amount_yen         bigint not null check (amount_yen = ward_yen + metropolis_yen + forest_yen),
  designation_number text references resident_tax.special_collector,
  recorded_at        timestamptz not null,
  event_id           uuid not null,
  primary key (charge_id, revision),
  unique (charge_id, revision, amount_yen)
);
create index on resident_tax.charge_revision (assessment_id);

-- 納付書: one a revision that a person pays; another amount has another slip, and the old key is void.
create table resident_tax.payment_slip (
  case_key              text primary key check (case_key ~ '^[0-9]{20}$'),
  charge_id             uuid not null,
  revision              int not null,
  amount_yen            bigint not null check (amount_yen > 0),
  confirmation_number   text not null check (confirmation_number ~ '^[0-9]{6}$'),
  convenience_reference text not null unique check (convenience_reference ~ '^[0-9]{21}$'),
  payable_until         date not null,
  event_id              uuid not null,
  unique (charge_id, revision),
  foreign key (charge_id, revision, amount_yen) references resident_tax.charge_revision (charge_id, revision, amount_yen)
);

-- The decision was charged; a decision that changed no amount has no revision of its own.
create table resident_tax.charging (
  assessment_id  uuid primary key references resident_tax.assessment_decision,
  charged_at     timestamptz not null,
  event_id       uuid not null
);

-- Whole at commit: the charges of the person's year add up to the levy that was charged.
create function resident_tax.charges_add_up() returns trigger language plpgsql set search_path = pg_catalog as $$
declare
  v_levy bigint;
  v_charged bigint;
begin
  select a.annual_yen, coalesce((
           select sum(r.amount_yen) from resident_tax.charge c
             join lateral (select x.amount_yen from resident_tax.charge_revision x
                            where x.charge_id = c.charge_id order by x.revision desc limit 1) r on true
            where c.person_id = a.person_id and c.fiscal_year = a.fiscal_year), 0)
    into v_levy, v_charged
    from resident_tax.assessment a where a.assessment_id = new.assessment_id;
  if v_levy <> v_charged then
    raise exception 'charges of assessment % do not add up', new.assessment_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger charges_add_up after insert on resident_tax.charging
  deferrable initially deferred for each row execute function resident_tax.charges_add_up();

-- 調定の引渡し: the message by which collections was told of a revision.
create table resident_tax.charge_handover (
  charge_id      uuid not null,
  revision       int not null,
  message_id     uuid not null,
  event_id       uuid not null,
  primary key (charge_id, revision),
  foreign key (charge_id, revision) references resident_tax.charge_revision
);

select audit.declare_fact_table('resident_tax.' || t) from unnest(array[
  'notice_number', 'special_collector', 'charge', 'charge_revision', 'payment_slip', 'charging', 'charge_handover']) t;

grant select, insert on resident_tax.notice_number, resident_tax.special_collector, resident_tax.charge,
  resident_tax.charge_revision, resident_tax.payment_slip, resident_tax.charging, resident_tax.charge_handover to {app};
grant usage on sequence resident_tax.notice_serial, resident_tax.slip_serial, resident_tax.collector_serial to {app};
