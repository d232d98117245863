-- 口座管理: whose account may be debited or paid to, what was asked of the banks, and what they said. Facts only.
-- First version; nothing older runs beside it.
create schema accounts;
grant usage on schema accounts to {app};

create table accounts.mandate (
  mandate_id     uuid primary key,
  request_id     uuid not null unique,
  person_number  text not null check (person_number ~ '^[0-9]{15}$'),
  purpose        text not null check (purpose in ('debit', 'refund')),
  bank           text not null check (bank ~ '^[0-9]{4}$'),
  branch         text not null check (branch ~ '^[0-9]{3}$'),
  account_kind   text not null check (account_kind in ('ordinary', 'current', 'tax-reserve', 'savings', 'other')),
  account_number text not null check (account_number ~ '^[0-9]{7}$'),
  holder         text not null,
  source         text not null check (source in ('paper', 'portal', 'public-money-account')),
  from_on        date not null,
  registered_by  text not null,
  registered_at  timestamptz not null,
  event_id       uuid not null
);
create index mandate_person on accounts.mandate (person_number);
create table accounts.mandate_end (
  mandate_id uuid primary key references accounts.mandate,
  ended_on   date not null,
  reason     text not null,
  ended_by   text not null,
  event_id   uuid not null
);

create table accounts.debit_batch (
  batch_id   uuid primary key,
  due_on     date not null,
  debit_on   date not null,
  made_by    text not null,
  made_at    timestamptz not null,
  event_id   uuid not null
);
-- One request a key; a key is made by collections for one charge and never used again. So no debit stands in two files.
create table accounts.debit_request (
  case_key      text primary key check (case_key ~ '^[0-9]{20}$'),
  batch_id      uuid not null references accounts.debit_batch,
  mandate_id    uuid not null references accounts.mandate,
  person_number text not null,
  bank          text not null,
  first         boolean not null,
  amount_yen    bigint not null check (amount_yen between 1 and 9999999999),
  event_id      uuid not null
);
create index debit_request_batch on accounts.debit_request (batch_id, bank);
create table accounts.bank_file (
  batch_id   uuid not null references accounts.debit_batch,
  bank       text not null,
  sha256     bytea not null check (length(sha256) = 32),
  records    integer not null check (records > 0),
  total_yen  bigint not null,
  event_id   uuid not null,
  primary key (batch_id, bank)
);
create table accounts.bank_result (
  batch_id   uuid not null,
  bank       text not null,
  sha256     bytea not null unique check (length(sha256) = 32),
  bytes      integer not null,
  paid       integer not null,
  failed     integer not null,
  paid_yen   bigint not null,
  taken_by   text not null,
  taken_at   timestamptz not null,
  event_id   uuid not null,
  primary key (batch_id, bank),
  foreign key (batch_id, bank) references accounts.bank_file
);
create table accounts.debit_outcome (
  case_key text primary key references accounts.debit_request,
  outcome  text not null,
  event_id uuid not null
);
create table accounts.result_refusal (
  refusal_id uuid primary key,
  sha256     bytea not null,
  bytes      integer not null,
  faults     jsonb not null,
  refused_at timestamptz not null,
  event_id   uuid not null
);

-- Refunds: one order a code of collections, in one file.
create table accounts.transfer_batch (
  batch_id  uuid primary key,
  pay_on    date not null,
  sha256    bytea not null,
  records   integer not null check (records > 0),
  total_yen bigint not null,
  made_by   text not null,
  made_at   timestamptz not null,
  event_id  uuid not null
);
create table accounts.transfer_order (
  customer_code text primary key check (customer_code ~ '^[0-9]{20}$'),
  batch_id      uuid not null references accounts.transfer_batch deferrable initially deferred,
  mandate_id    uuid not null references accounts.mandate,
  person_number text not null,
  amount_yen    bigint not null check (amount_yen > 0),
  event_id      uuid not null
);
create index transfer_order_batch on accounts.transfer_order (batch_id);
create table accounts.transfer_outcome (
  customer_code text primary key references accounts.transfer_order,
  outcome       text not null check (outcome in ('paid', 'returned')),
  on_day        date not null,
  noted_by      text not null,
  event_id      uuid not null
);

grant select, insert on all tables in schema accounts to {app};

select audit.declare_fact_table('accounts.' || t)
  from unnest('{mandate,mandate_end,debit_batch,debit_request,bank_file,bank_result,debit_outcome,result_refusal,transfer_batch,transfer_order,transfer_outcome}'::text[]) as t;
