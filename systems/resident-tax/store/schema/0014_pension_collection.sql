-- 公的年金からの特別徴収: whom the insurer named, what it was asked to keep back, what it confirmed, and what it kept back. Facts only;
-- the newest order of a person's month counts. Runs beside 0013.

alter table resident_tax.charge drop constraint charge_method_check;
alter table resident_tax.charge add constraint charge_method_check check (method in ('ordinary', 'special', 'pension'));

-- 対象者情報 of a fiscal year; a person of it is linked by a step of its own.
create table resident_tax.pension_subject (
  fiscal_year     int not null,
  pension_number  text not null check (pension_number ~ '^[0-9]{10}$'),
  pension_code    text not null check (pension_code ~ '^[0-9]{4}$'),
  name            text not null,
  kana            text not null,
  born_on         date not null,
  address         text not null,
  annual_yen      bigint not null check (annual_yen >= 0),
  care_withheld   boolean not null,
  file_name       text not null,
  received_at     timestamptz not null,
  event_id        uuid not null,
  primary key (fiscal_year, pension_number, pension_code)
);
create table resident_tax.pension_subject_link (
  fiscal_year     int not null,
  pension_number  text not null,
  pension_code    text not null,
  person_id       uuid not null references resident_tax.person,
  linked_by       text not null,
  linked_at       timestamptz not null,
  event_id        uuid not null,
  primary key (fiscal_year, pension_number, pension_code),
  unique (fiscal_year, person_id),
  foreign key (fiscal_year, pension_number, pension_code) references resident_tax.pension_subject
);
create index on resident_tax.pension_subject_link (person_id);

-- 中止: from this month on nothing is to be kept back; what is left of the year is paid by slip.
create table resident_tax.pension_stop (
  person_id       uuid not null references resident_tax.person,
  fiscal_year     int not null,
  from_month      text not null check (from_month ~ '^[0-9]{4}-(0[2468]|1[02])$'),
  reason          text not null check (reason in ('death', 'moved-out', 'levy-changed', 'care-stopped', 'other')),
  assessment_id   uuid not null references resident_tax.charging,
  decided_by      text not null,
  decided_on      date not null,
  event_id        uuid not null,
  primary key (person_id, fiscal_year)
);
create constraint trigger pension_stop_adds_up after insert on resident_tax.pension_stop
  deferrable initially deferred for each row execute function resident_tax.charges_add_up();

-- 依頼 and 中止依頼 as files: the bytes are in the sealed store and do not change until they are answered.
create table resident_tax.pension_file (
  file_name       text primary key,
  kind            text not null check (kind in ('orders', 'stops')),
  fiscal_year     int not null,
  number          int not null check (number between 1 and 999),
  records         int not null check (records >= 1),
  persons         int not null check (persons >= 1),
  total_yen       bigint not null check (total_yen >= 0),
  sha256          bytea not null check (octet_length(sha256) = 32),
  sealed_ref      uuid not null unique,
  made_on         date not null,
  event_id        uuid not null,
  unique (kind, fiscal_year, number)
);
-- 月1回: one file of orders a month of making (002 L341).
create unique index pension_orders_once_a_month on resident_tax.pension_file (fiscal_year, date_trunc('month', made_on::timestamp))
  where kind = 'orders';
create table resident_tax.pension_file_row (
  file_name       text not null references resident_tax.pension_file,
  row_no          int not null check (row_no >= 1),
  person_id       uuid not null references resident_tax.person,
  pension_number  text not null,
  pension_code    text not null,
  notice_number   text not null,
  -- Ordered month, or the first that is stopped.
  month           text not null,
  amount_yen      bigint not null check (amount_yen >= 0),
  event_id        uuid not null,
  primary key (file_name, row_no),
  unique (file_name, person_id, month)
);
create index on resident_tax.pension_file_row (person_id, month);
create table resident_tax.pension_file_attempt (
  file_name       text not null references resident_tax.pension_file,
  attempt_no      int not null check (attempt_no >= 1),
  word            text not null,
  at              timestamptz not null,
  event_id        uuid not null,
  primary key (file_name, attempt_no)
);
-- 受付: the insurer's signed receipt; a file without one did not arrive (INC-25).
create table resident_tax.pension_file_receipt (
  file_name       text primary key references resident_tax.pension_file,
  receipt         text not null,
  received_on     date not null,
  at              timestamptz not null,
  event_id        uuid not null
);
create table resident_tax.pension_file_refused (
  file_name       text not null references resident_tax.pension_file_receipt,
  row_no          int not null,
  word            text not null,
  event_id        uuid not null,
  primary key (file_name, row_no)
);
-- 徴収結果
create table resident_tax.pension_result (
  notice_number   text not null,
  month           text not null,
  ordered_yen     bigint not null,
  withheld_yen    bigint not null check (withheld_yen between 0 and ordered_yen),
  reason          text not null,
  file_name       text not null,
  event_id        uuid not null,
  primary key (notice_number, month)
);

select audit.declare_fact_table('resident_tax.' || t) from unnest(array[
  'pension_subject', 'pension_subject_link', 'pension_stop', 'pension_file', 'pension_file_row', 'pension_file_attempt',
  'pension_file_receipt', 'pension_file_refused', 'pension_result']) t;
grant select, insert on resident_tax.pension_subject, resident_tax.pension_subject_link, resident_tax.pension_stop,
  resident_tax.pension_file, resident_tax.pension_file_row, resident_tax.pension_file_attempt, resident_tax.pension_file_receipt,
  resident_tax.pension_file_refused, resident_tax.pension_result to {app};
