-- 収受簿 and 送付簿: every document that enters, and the bags in which documents travel between offices. Facts alone.
create schema receipts;
grant usage on schema receipts to {app};

-- Gap-free numbers: a refusal undoes the number with the rest.
create table receipts.counter (
  series text not null,
  year   int  not null,
  last   int  not null check (last >= 1),
  primary key (series, year)
);

create table receipts.receipt (
  receipt_number text primary key,
  received_on    date not null,
  -- From whom, as a kind or a body; a person's name stands on the paper and in the case.
  sender         text not null,
  documents      text[] not null check (cardinality(documents) >= 1),
  sheets         int not null check (sheets >= 1),
  channel        text not null check (channel in ('counter', 'post', 'bag', 'online')),
  holder         text not null,
  registered_by  text not null,
  registered_at  timestamptz not null,
  event_id       uuid not null
);
create index on receipts.receipt (event_id);
create index on receipts.receipt (received_on, receipt_number);

-- What a document was used for. One receipt stands for one matter.
create table receipts.use (
  receipt_number text primary key references receipts.receipt,
  matter         text not null,
  used_by        text not null,
  used_at        timestamptz not null,
  event_id       uuid not null
);
create index on receipts.use (event_id);

create table receipts.bag (
  bag_number  text primary key,
  from_office text not null,
  to_office   text not null check (to_office <> from_office),
  sent_by     text not null,
  sent_on     date not null,
  sent_at     timestamptz not null,
  event_id    uuid not null
);
create index on receipts.bag (event_id);
create table receipts.bag_item (
  bag_number     text not null references receipts.bag,
  receipt_number text not null references receipts.receipt,
  primary key (bag_number, receipt_number)
);
create index on receipts.bag_item (receipt_number);

-- Taken over by name, or stopped because something was missing or too much.
create table receipts.bag_outcome (
  outcome_id uuid primary key,
  bag_number text not null references receipts.bag,
  outcome    text not null check (outcome in ('taken-over', 'differs')),
  missing    text[] not null,
  surplus    text[] not null,
  note       text not null,
  by_staff   text not null,
  at         timestamptz not null,
  event_id   uuid not null
);
create unique index on receipts.bag_outcome (bag_number) where outcome = 'taken-over';
create index on receipts.bag_outcome (event_id);
create index on receipts.bag_outcome (bag_number, at);

grant select, insert on all tables in schema receipts to {app};
grant update (last) on receipts.counter to {app};
select audit.declare_fact_table('receipts.' || t) from unnest('{receipt,use,bag,bag_outcome}'::text[]) as t;
