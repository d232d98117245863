-- A bank's books of what it was asked and what it did: files as they came, each order once for good. Facts only.
-- First version; nothing older runs beside it.
create schema banks;
grant usage on schema banks to {app};

create table banks.debit_file (
  file_id        uuid primary key,
  collector_code text not null check (collector_code ~ '^[0-9]{10}$'),
  bank           text not null check (bank ~ '^[0-9]{4}$'),
  debit_on       date not null,
  sha256         bytea not null unique check (length(sha256) = 32),
  content        bytea not null,
  records        integer not null,
  total_yen      bigint not null,
  event_id       uuid not null
);
create index debit_file_day on banks.debit_file (collector_code, debit_on, bank);
-- A 顧客番号 is debited once in its life, whatever file it stands in.
create table banks.debit (
  collector_code  text not null,
  customer_number text not null,
  file_id         uuid not null references banks.debit_file,
  amount_yen      bigint not null check (amount_yen > 0),
  outcome         text not null,
  event_id        uuid not null,
  primary key (collector_code, customer_number)
);
create table banks.result_sent (
  sent_id  uuid primary key,
  file_id  uuid not null references banks.debit_file,
  bytes    integer not null,
  event_id uuid not null
);
create index result_sent_file on banks.result_sent (file_id);

create table banks.transfer_file (
  file_id     uuid primary key,
  sender_code text not null check (sender_code ~ '^[0-9]{10}$'),
  pay_on      date not null,
  sha256      bytea not null unique check (length(sha256) = 32),
  records     integer not null,
  total_yen   bigint not null,
  event_id    uuid not null
);
create table banks.transfer (
  sender_code   text not null,
  customer_code text not null,
  file_id       uuid not null references banks.transfer_file,
  amount_yen    bigint not null check (amount_yen > 0),
  outcome       text not null check (outcome in ('paid', 'no-account', 'name-differs')),
  event_id      uuid not null,
  primary key (sender_code, customer_code)
);
create index transfer_file_id on banks.transfer (file_id);

grant select, insert on all tables in schema banks to {app};

select audit.declare_fact_table('banks.' || t)
  from unnest('{debit_file,debit,result_sent,transfer_file,transfer}'::text[]) as t;
