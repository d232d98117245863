-- Payroll of employers, as far as inhabitant tax goes: what municipalities told them to keep back, what they pay over month by month. No
-- name of anybody is kept. Facts only. First version; nothing older runs beside it.
create schema payers;
grant usage on schema payers to {app};

create table payers.notice (
  notice_id          uuid primary key,
  municipality       text not null check (municipality ~ '^[0-9]{6}$'),
  designation_number text not null check (designation_number ~ '^[0-9A-Z-]{1,12}$'),
  fiscal_year        integer not null,
  sequence_no        integer not null check (sequence_no >= 1),
  persons            integer not null check (persons >= 1),
  total_yen          bigint not null check (total_yen >= 0),
  sha256             bytea not null check (octet_length(sha256) = 32),
  taken_on           date not null,
  event_id           uuid not null,
  unique (municipality, designation_number, fiscal_year, sequence_no)
);
create table payers.notice_line (
  notice_id        uuid not null references payers.notice,
  addressee_number text not null check (addressee_number ~ '^[0-9]{1,15}$'),
  -- 通知書番号: under which the person's part is named in a list; absent where the notice does not say it.
  notice_number    text check (notice_number ~ '^[0-9]{10}$'),
  months_yen       bigint[] not null check (cardinality(months_yen) = 12 and 0 <= all (months_yen)),
  event_id         uuid not null,
  primary key (notice_id, addressee_number)
);

-- A month of a payer is planned once, when its pay is over; what it pays stands from then on.
create table payers.month (
  municipality       text not null,
  designation_number text not null,
  month              text not null check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  persons            integer not null check (persons >= 0),
  charged_yen        bigint not null check (charged_yen >= 0),
  manner             text not null check (manner in ('as-told', 'differs', 'untold', 'late', 'forgotten', 'twice', 'wrong-sum', 'nothing')),
  event_id           uuid not null,
  primary key (municipality, designation_number, month)
);
create table payers.payment (
  payment_id         uuid primary key,
  municipality       text not null,
  designation_number text not null,
  month              text not null,
  attempt            smallint not null check (attempt in (1, 2)),
  amount_yen         bigint not null check (amount_yen > 0),
  pay_on             date not null,
  -- 納入内訳: [{noticeNumber, amount, difference}]; null where nothing is said.
  lines              jsonb,
  event_id           uuid not null,
  unique (municipality, designation_number, month, attempt),
  foreign key (municipality, designation_number, month) references payers.month
);
create index payment_due on payers.payment (pay_on, payment_id);
create table payers.paid (
  payment_id uuid primary key references payers.payment,
  taken      boolean not null,
  -- Why the agency did not take it.
  word       text,
  paid_on    date not null,
  event_id   uuid not null,
  check (taken = (word is null))
);

grant select, insert on all tables in schema payers to {app};
select audit.declare_fact_table('payers.' || t) from unnest('{notice,notice_line,month,payment,paid}'::text[]) as t;
