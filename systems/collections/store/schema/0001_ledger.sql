-- 収納消込: charges, slips, files of payments, and the books. Every row is a fact; nothing is updated or deleted but
-- collections.charge_state, which can be made again from the books (collections.state_from_books).
-- First version; nothing older runs beside it.
create schema collections;
grant usage on schema collections to {app};

create sequence collections.entry_no cache 100;
create sequence collections.receipt_no cache 100;
create sequence collections.slip_no;
grant usage on sequence collections.entry_no, collections.receipt_no, collections.slip_no to {app};

-- Who owes, as the newest charge said it.
create table collections.payer (
  person_number text not null check (person_number ~ '^[0-9]{15}$'),
  version       integer not null check (version >= 1),
  name          text not null,
  name_kana     text not null,
  postal_code   text,
  address       text not null,
  event_id      uuid not null,
  primary key (person_number, version)
);
create index payer_kana on collections.payer (name_kana text_pattern_ops);

create table collections.charge (
  charge_id          uuid primary key,
  person_number      text not null check (person_number ~ '^[0-9]{15}$'),
  tax                text not null,
  tax_year           integer not null,
  fiscal_year        integer not null,
  method             text not null check (method in ('ordinary', 'special', 'pension')),
  instalment         smallint not null check (instalment between 1 and 12),
  notice_number      text not null check (notice_number ~ '^[0-9]{10}$'),
  legal_due_on       date not null,
  designation_number text,
  collector_name     text,
  event_id           uuid not null,
  check ((designation_number is null) = (collector_name is null)),
  check (method = 'ordinary' or designation_number is not null)
);
create index charge_person on collections.charge (person_number, fiscal_year);
create index charge_notice on collections.charge (notice_number, fiscal_year, instalment);
create index charge_collector on collections.charge (designation_number, fiscal_year, instalment) where designation_number is not null;

create table collections.charge_revision (
  charge_id         uuid not null references collections.charge,
  revision          integer not null check (revision >= 1),
  due_on            date not null,
  ward_yen          bigint not null check (ward_yen >= 0),
  metropolitan_yen  bigint not null check (metropolitan_yen >= 0),
  forest_yen        bigint not null check (forest_yen >= 0),
  reason            text not null,
  assessment_id     uuid not null,
  decided_on        date not null,
  recorded_at       timestamptz not null,
  event_id          uuid not null,
  primary key (charge_id, revision)
);

-- What a payer (or a bank) was asked to pay with: one row a slip or a debit order; keys are never used again.
create table collections.slip (
  slip_no               bigint primary key,
  kind                  text not null check (kind in ('slip', 'debit')),
  charge_id             uuid not null references collections.charge,
  issue                 smallint not null check (issue between 0 and 99),
  case_key              text not null unique check (case_key ~ '^[0-9]{20}$'),
  confirmation          text not null check (confirmation ~ '^[0-9]{6}$'),
  convenience_reference text unique check (convenience_reference ~ '^[0-9]{21}$'),
  amount_yen            bigint not null check (amount_yen > 0),
  payable_until         date not null,
  issued_on             date not null,
  reason                text not null,
  event_id              uuid not null,
  unique (charge_id, kind, issue)
);

create table collections.payment_file (
  file_id       uuid primary key,
  channel       text not null,
  sender        text not null,
  business_on   date not null,
  sequence      integer not null check (sequence >= 1),
  sha256        bytea not null unique check (length(sha256) = 32),
  bytes         integer not null,
  records       integer not null check (records >= 0),
  total_yen     bigint not null,
  posted_yen    bigint not null,
  suspense_yen  bigint not null,
  rejected_yen  bigint not null,
  -- 速報 and its 取消, and debits that did not go through: what moves no money.
  noted_yen     bigint not null,
  taken_by      text not null,
  taken_on      date not null,
  taken_at      timestamptz not null,
  event_id      uuid not null,
  check (total_yen = posted_yen + suspense_yen + rejected_yen + noted_yen),
  unique (channel, sender, business_on, sequence)
);
create index payment_file_taken on collections.payment_file (taken_on);

-- A file that was not taken, with where and why. The file stays due.
create table collections.file_refusal (
  refusal_id   uuid primary key,
  channel      text not null,
  sha256       bytea not null,
  bytes        integer not null,
  faults       jsonb not null,
  delivered_by text not null,
  refused_on   date not null,
  refused_at   timestamptz not null,
  event_id     uuid not null
);
create index file_refusal_at on collections.file_refusal (refused_at);

create table collections.payment_record (
  receipt_no bigint primary key,
  file_id    uuid not null references collections.payment_file,
  row_no     integer not null check (row_no >= 1),
  stage      text not null check (stage in ('preliminary', 'final', 'cancellation')),
  kind       text not null,
  reference  text not null,
  amount_yen bigint not null check (amount_yen >= 0),
  paid_on    date not null,
  place      text not null,
  outcome    text not null check (outcome in ('posted', 'suspense', 'rejected', 'noted')),
  reason     text not null,
  slip_no    bigint,
  charge_id  uuid,
  event_id   uuid not null,
  unique (file_id, row_no)
);
create index payment_record_slip on collections.payment_record (slip_no) where outcome = 'posted';
create index payment_record_charge on collections.payment_record (charge_id) where charge_id is not null;
create index payment_record_suspense on collections.payment_record (receipt_no) where outcome = 'suspense';

create table collections.entry (
  entry_no    bigint primary key,
  kind        text not null check (kind in ('charge', 'charge-change', 'receipt', 'match', 'correction', 'fee', 'interest',
                 'appropriation', 'refund-decision', 'refund-paid', 'refund-returned', 'write-off', 'carry-over')),
  -- The day that the law counts: of the payment, the decision, the closing.
  valid_on    date not null,
  recorded_at timestamptz not null,
  receipt_no  bigint,
  -- What it rests on: a file and row, a decision, an approval.
  decision    text not null,
  reverses    bigint references collections.entry,
  event_id    uuid not null
);
create unique index entry_reversed_once on collections.entry (reverses) where reverses is not null;
create index entry_receipt on collections.entry (receipt_no) where receipt_no is not null;
create index entry_valid on collections.entry (valid_on);

-- Money that was paid beyond what was owed: each a claim of its own, paid back or used up once.
create table collections.overpayment (
  overpayment_no bigint primary key,
  person_number  text not null,
  charge_id      uuid not null references collections.charge,
  receipt_no     bigint,
  cause          text not null check (cause in ('paid-again', 'charge-reduced', 'paid-too-much')),
  amount_yen     bigint not null check (amount_yen > 0),
  paid_on        date not null,
  arose_on       date not null,
  event_id       uuid not null
);
create index overpayment_person on collections.overpayment (person_number);

-- One line of an entry: plus is debit, minus is credit. Lines about charges keep the parts of the tax apart.
create table collections.posting (
  entry_no         bigint not null references collections.entry,
  line             smallint not null check (line >= 1),
  ledger           text not null check (ledger in ('receivable', 'levy', 'cash', 'suspense', 'overpaid', 'refund-payable',
                      'refund-interest', 'written-off')),
  book_year        smallint not null,
  charge_id        uuid,
  receipt_no       bigint,
  overpayment_no   bigint,
  refund_id        uuid,
  ward_yen         bigint not null default 0,
  metropolitan_yen bigint not null default 0,
  forest_yen       bigint not null default 0,
  fee_yen          bigint not null default 0,
  interest_yen     bigint not null default 0,
  plain_yen        bigint not null default 0,
  amount_yen       bigint not null generated always as
    (ward_yen + metropolitan_yen + forest_yen + fee_yen + interest_yen + plain_yen) stored,
  event_id         uuid not null,
  primary key (entry_no, line),
  check ((ledger in ('receivable', 'levy', 'written-off')) = (charge_id is not null)),
  check (ledger not in ('receivable', 'levy', 'written-off') or plain_yen = 0),
  check ((ledger = 'suspense') = (receipt_no is not null)),
  check ((ledger = 'overpaid') = (overpayment_no is not null))
);
create index posting_charge on collections.posting (charge_id) where charge_id is not null;
create index posting_suspense on collections.posting (receipt_no) where receipt_no is not null;
create index posting_overpaid on collections.posting (overpayment_no) where overpayment_no is not null;

-- An entry is written whole by one statement, and what one statement writes balances entry by entry. Later lines could only be
-- added if they balanced by themselves. Held here, whoever writes.
create function collections.check_balance() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
  if exists (select from added group by entry_no having sum(amount_yen) <> 0) then
    raise exception 'an entry does not balance' using errcode = '23514', constraint = 'posting_balances';
  end if;
  return null;
end $$;
create trigger posting_balances after insert on collections.posting
  referencing new table as added for each statement execute function collections.check_balance();

-- What is open of each charge, beside the books and checked against them.
create table collections.charge_state (
  charge_id         uuid primary key references collections.charge,
  person_number     text not null,
  method            text not null,
  due_on            date not null,
  book_year         smallint not null,
  tax_yen           bigint not null check (tax_yen >= 0),
  ward_open         bigint not null check (ward_open >= 0),
  metropolitan_open bigint not null check (metropolitan_open >= 0),
  forest_open       bigint not null check (forest_open >= 0),
  fee_open          bigint not null default 0 check (fee_open >= 0),
  interest_open     bigint not null default 0 check (interest_open >= 0),
  preliminary       smallint not null default 0 check (preliminary >= 0),
  -- The day on which the tax was paid in full, as far as it is.
  settled_on        date
) with (fillfactor = 80);
create index charge_state_due on collections.charge_state (due_on)
  where ward_open + metropolitan_open + forest_open > 0;

-- The same from the books alone.
create view collections.state_from_books as
  select charge_id, sum(ward_yen)::bigint as ward_open, sum(metropolitan_yen)::bigint as metropolitan_open,
         sum(forest_yen)::bigint as forest_open, sum(fee_yen)::bigint as fee_open, sum(interest_yen)::bigint as interest_open
    from collections.posting where ledger = 'receivable' group by charge_id;

grant select, insert on all tables in schema collections to {app};
revoke insert on collections.state_from_books from {app};
grant update on collections.charge_state to {app};

select audit.declare_fact_table('collections.' || t)
  from unnest('{payer,charge,charge_revision,slip,payment_file,file_refusal,payment_record,entry,overpayment,posting}'::text[]) as t;
