-- What clerks decide: money matched by hand, holds, reminders, refunds, write-offs, closing; and debit orders.
-- Facts only. Nothing older runs beside it.
create table collections.hold (
  hold_id    uuid primary key,
  charge_id  uuid not null references collections.charge,
  kind       text not null check (kind in ('deferral', 'execution-stopped', 'instalment-agreement', 'dispute')),
  from_on    date not null,
  until_on   date,
  reason     text not null,
  plan       jsonb,
  decided_by text not null,
  decided_at timestamptz not null,
  event_id   uuid not null
);
create index hold_charge on collections.hold (charge_id);
create table collections.hold_end (
  hold_id  uuid primary key references collections.hold,
  ended_on date not null,
  reason   text not null,
  ended_by text not null,
  event_id uuid not null
);

create table collections.reminder_run (
  run_id     uuid primary key,
  paid_until date not null,
  made_on    date not null,
  made_by    text not null,
  made_at    timestamptz not null,
  considered integer not null,
  letters    integer not null,
  kept_back  jsonb not null,
  event_id   uuid not null
);
-- A letter with the state it was made from. One that stands (not withdrawn) is the only one of its charge.
create table collections.reminder_letter (
  letter_id        uuid primary key,
  run_id           uuid not null references collections.reminder_run,
  charge_id        uuid not null references collections.charge,
  person_number    text not null,
  ward_open        bigint not null,
  metropolitan_open bigint not null,
  forest_open      bigint not null,
  interest_yen     bigint not null,
  last_entry_no    bigint not null,
  event_id         uuid not null
);
create index reminder_letter_charge on collections.reminder_letter (charge_id);
create index reminder_letter_run on collections.reminder_letter (run_id);
-- made → released (to the printer) → posted (handed to the post); or withdrawn before that.
create table collections.reminder_step (
  letter_id uuid not null references collections.reminder_letter,
  step      text not null check (step in ('released', 'posted', 'withdrawn')),
  reason    text,
  on_day    date not null,
  by_whom   text not null,
  event_id  uuid not null,
  primary key (letter_id, step),
  check ((step = 'withdrawn') = (reason is not null))
);

-- 延滞金 as it was fixed when the tax had been paid in full, with the stretches it was made from.
create table collections.interest_fixed (
  charge_id     uuid primary key references collections.charge,
  amount_yen    bigint not null check (amount_yen >= 0),
  segments      jsonb not null,
  rates_version text not null,
  fixed_on      date not null,
  event_id      uuid not null
);

create table collections.refund (
  refund_id       uuid primary key,
  approval_id     uuid not null unique,
  overpayment_no  bigint not null references collections.overpayment,
  attempt         smallint not null check (attempt >= 1),
  person_number   text not null,
  principal_yen   bigint not null check (principal_yen > 0),
  interest_yen    bigint not null check (interest_yen >= 0),
  appropriated_yen bigint not null check (appropriated_yen >= 0),
  paid_out_yen    bigint not null check (paid_out_yen >= 0),
  cause           text not null,
  fact_on         date not null,
  evidence        text not null,
  interest        jsonb not null,
  rates_version   text not null,
  proposed_by     text not null,
  proposed_at     timestamptz not null,
  event_id        uuid not null,
  unique (overpayment_no, attempt),
  check (appropriated_yen + paid_out_yen = principal_yen + interest_yen)
);
create table collections.refund_return (
  refund_id   uuid primary key references collections.refund,
  reason      text not null,
  returned_by text not null,
  event_id    uuid not null
);
-- One decision an overpayment, and one order to pay under way: what is here once cannot be paid twice.
create table collections.refund_decision (
  refund_id  uuid primary key references collections.refund,
  overpayment_no bigint not null unique references collections.overpayment,
  decided_by text not null,
  decided_on date not null,
  decided_at timestamptz not null,
  event_id   uuid not null
);
-- A further order of a refund is made only after the money of the one before came back (振込不能).
create table collections.refund_order (
  refund_id     uuid not null references collections.refund,
  attempt       smallint not null check (attempt >= 1),
  customer_code text not null unique check (customer_code ~ '^[0-9]{20}$'),
  amount_yen    bigint not null check (amount_yen > 0),
  ordered_on    date not null,
  reason        text,
  event_id      uuid not null,
  primary key (refund_id, attempt),
  check ((attempt = 1) = (reason is null))
);
create table collections.refund_outcome (
  customer_code text primary key references collections.refund_order (customer_code),
  outcome   text not null check (outcome in ('paid', 'returned')),
  on_day    date not null,
  event_id  uuid not null
);

create table collections.write_off (
  charge_id  uuid primary key references collections.charge,
  cause      text not null check (cause in ('prescription', 'execution-stopped-three-years', 'extinguished-at-once')),
  amount_yen bigint not null check (amount_yen > 0),
  decided_on date not null,
  decided_by text not null,
  entry_no   bigint not null references collections.entry,
  event_id   uuid not null
);
create table collections.closing (
  fiscal_year  integer primary key,
  closed_on    date not null,
  closed_by    text not null,
  charges      integer not null,
  carried_yen  bigint not null,
  event_id     uuid not null
);

create table collections.debit_order (
  slip_no     bigint primary key references collections.slip,
  batch_id    uuid not null,
  charge_id   uuid not null references collections.charge,
  amount_yen  bigint not null check (amount_yen > 0),
  debit_on    date not null,
  event_id    uuid not null
);
create index debit_order_charge on collections.debit_order (charge_id);
create index debit_order_on on collections.debit_order (debit_on);
create table collections.debit_outcome (
  slip_no   bigint primary key references collections.debit_order,
  outcome   text not null,
  file_id   uuid references collections.payment_file,
  event_id  uuid not null
);

grant select, insert on all tables in schema collections to {app};
revoke insert on collections.state_from_books from {app};

select audit.declare_fact_table('collections.' || t)
  from unnest('{hold,hold_end,interest_fixed,reminder_run,reminder_letter,reminder_step,refund,refund_return,refund_decision,refund_order,refund_outcome,write_off,closing,debit_order,debit_outcome}'::text[]) as t;
