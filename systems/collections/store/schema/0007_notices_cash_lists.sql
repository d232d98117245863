-- Notices of failed debits, cash at the counter with its daily closing, and the lists by which employers say for whom they paid.
-- Facts only. Nothing older runs beside it.
alter table collections.paper drop constraint paper_kind_check, drop constraint paper_check;
alter table collections.paper
  add constraint paper_kind_check check (kind in ('slip', 'reminders', 'demand', 'tax-certificate', 'refund-notice', 'debit-notices',
    'cash-receipt')),
  add constraint paper_check check ((kind in ('reminders', 'debit-notices')) = (person_number is null));

-- 領収: money over the counter. It counts from the moment of the receipt (nobody is reminded), and stands in the books with the day's closing.
create sequence collections.cash_no;
grant usage on sequence collections.cash_no to {app};
create table collections.cash_receipt (
  cash_id    uuid primary key,
  cash_no    bigint not null unique,
  charge_id  uuid not null references collections.charge,
  slip_no    bigint not null unique references collections.slip,
  person_number text not null,
  amount_yen bigint not null check (amount_yen > 0),
  taken_on   date not null,
  taken_by   text not null,
  event_id   uuid not null
);
create index cash_receipt_day on collections.cash_receipt (taken_on);
create index cash_receipt_charge on collections.cash_receipt (charge_id);
create table collections.cash_void (
  cash_id   uuid primary key references collections.cash_receipt,
  reason    text not null,
  voided_by text not null,
  event_id  uuid not null
);
-- The day's closing: what was counted by another person is what the receipts say, else it is not closed.
create table collections.cash_closing (
  day         date primary key,
  file_id     uuid not null references collections.payment_file deferrable initially deferred,
  receipts    integer not null,
  counted_yen bigint not null,
  closed_by   text not null,
  event_id    uuid not null
);

-- 納入内訳: for whom an employer's payment of a month is, as the employer says; and by which list a payment was posted.
create table collections.remittance_list (
  list_id            uuid primary key,
  designation_number text not null,
  month              text not null check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  total_yen          bigint not null check (total_yen > 0),
  sha256             bytea not null check (length(sha256) = 32),
  told_by            text not null,
  told_on            date not null,
  event_id           uuid not null
);
create index remittance_list_month on collections.remittance_list (designation_number, month);
create table collections.remittance_line (
  list_id       uuid not null references collections.remittance_list,
  notice_number text not null check (notice_number ~ '^[0-9]{10}$'),
  amount_yen    bigint not null check (amount_yen >= 0),
  difference    text,
  event_id      uuid not null,
  primary key (list_id, notice_number)
);
create table collections.remittance_use (
  list_id    uuid primary key references collections.remittance_list,
  receipt_no bigint not null unique,
  event_id   uuid not null
);

grant select, insert on collections.cash_receipt, collections.cash_void, collections.cash_closing, collections.remittance_list,
  collections.remittance_line, collections.remittance_use to {app};
select audit.declare_fact_table('collections.' || t)
  from unnest('{cash_receipt,cash_void,cash_closing,remittance_list,remittance_line,remittance_use}'::text[]) as t;
