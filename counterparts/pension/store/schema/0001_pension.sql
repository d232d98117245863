-- A pension insurer's books for the collection of inhabitant tax: who gets a pension, what municipalities asked to keep back, what was
-- kept back and paid over. Facts only. First version; nothing older runs beside it.
create schema pension;
grant usage on schema pension to {app};

create table pension.recipient (
  pension_number text not null check (pension_number ~ '^[0-9]{10}$'),
  pension_code   text not null check (pension_code ~ '^[0-9]{4}$'),
  municipality   text not null check (municipality ~ '^[0-9]{6}$'),
  kana           text not null,
  name           text not null,
  born_on        date not null,
  sex            text not null check (sex in ('male', 'female')),
  address        text not null,
  annual_yen     bigint not null check (annual_yen > 0),
  care_withheld  boolean not null,
  event_id       uuid not null,
  primary key (pension_number, pension_code)
);
create index on pension.recipient (municipality);

create table pension.file_received (
  file_name      text primary key,
  municipality   text not null,
  kind           text not null check (kind in ('orders', 'stops')),
  sha256         bytea not null check (octet_length(sha256) = 32),
  receipt        text not null,
  received_on    date not null,
  event_id       uuid not null
);

-- The newest of a person's month counts.
create table pension.deduction_order (
  order_id       bigint generated always as identity primary key,
  pension_number text not null,
  pension_code   text not null,
  notice_number  text not null,
  month          text not null check (month ~ '^[0-9]{4}-(0[2468]|1[02])$'),
  amount_yen     bigint not null check (amount_yen >= 0),
  file_name      text not null references pension.file_received,
  event_id       uuid not null,
  foreign key (pension_number, pension_code) references pension.recipient
);
create index on pension.deduction_order (pension_number, pension_code, month, order_id);
create index on pension.deduction_order (month);
create index on pension.deduction_order (file_name);
create table pension.deduction_stop (
  pension_number text not null,
  pension_code   text not null,
  from_month     text not null check (from_month ~ '^[0-9]{4}-(0[2468]|1[02])$'),
  file_name      text not null references pension.file_received,
  event_id       uuid not null,
  primary key (pension_number, pension_code, from_month),
  foreign key (pension_number, pension_code) references pension.recipient
);
create index on pension.deduction_stop (file_name);

-- 特別徴収: once a person and month, when the pension is paid.
create table pension.withheld (
  payment_id     uuid not null unique,
  pension_number text not null,
  pension_code   text not null,
  notice_number  text not null,
  month          text not null,
  ordered_yen    bigint not null check (ordered_yen >= 0),
  withheld_yen   bigint not null check (withheld_yen between 0 and ordered_yen),
  reason         text not null check (reason in ('', 'stopped', 'pension-short', 'pension-ended')),
  event_id       uuid not null,
  primary key (pension_number, pension_code, month),
  foreign key (pension_number, pension_code) references pension.recipient
);
create index on pension.withheld (month);
-- 納入: what was kept back was paid over.
create table pension.paid_over (
  payment_id     uuid primary key references pension.withheld (payment_id),
  paid_on        date not null,
  event_id       uuid not null
);

grant select, insert on all tables in schema pension to {app};

select audit.declare_fact_table('pension.' || t)
  from unnest('{recipient,file_received,deduction_order,deduction_stop,withheld,paid_over}'::text[]) as t;
