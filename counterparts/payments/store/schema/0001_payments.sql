-- Where payers pay: what was taken, what was given back, the files of each day as they were written, and each try to hand them over.
-- Facts only. First version; nothing older runs beside it.
create schema payments;
grant usage on schema payments to {app};

create table payments.payment (
  payment_id   uuid primary key,
  -- Of what was presented: the same id with other contents is refused.
  request_hash bytea not null check (length(request_hash) = 32),
  body_code    text not null check (body_code ~ '^[0-9]{6}$'),
  channel      text not null,
  key          text not null,
  second       text not null,
  amount_yen   bigint not null check (amount_yen > 0),
  paid_on      date not null,
  -- The day whose file says that the money is there for good (確報).
  confirm_on   date not null check (confirm_on >= paid_on),
  event_id     uuid not null
);
create index payment_paid on payments.payment (body_code, channel, paid_on);
create index payment_confirm on payments.payment (body_code, channel, confirm_on);

create table payments.cancellation (
  payment_id   uuid primary key references payments.payment,
  cancelled_on date not null,
  event_id     uuid not null
);

-- One file a channel and business day, kept as it was written: a repeat is the same bytes.
create table payments.file (
  body_code   text not null,
  channel     text not null,
  business_on date not null,
  content     bytea not null,
  records     integer not null check (records >= 0),
  total_yen   bigint not null check (total_yen >= 0),
  event_id    uuid not null,
  primary key (body_code, channel, business_on)
);

create table payments.delivery (
  delivery_id uuid primary key,
  body_code   text not null,
  channel     text not null,
  business_on date not null,
  bytes       integer not null check (bytes > 0),
  outcome     text not null check (outcome in ('taken', 'repeated', 'refused')),
  tried_on    date not null,
  event_id    uuid not null,
  foreign key (body_code, channel, business_on) references payments.file
);
create index delivery_file on payments.delivery (body_code, channel, business_on);

grant select, insert on all tables in schema payments to {app};

select audit.declare_fact_table('payments.' || t) from unnest('{payment,cancellation,file,delivery}'::text[]) as t;
