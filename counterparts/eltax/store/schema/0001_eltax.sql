-- The portal of the local taxes: what was received, what the examination said, what was delivered and what became of it.
-- Files and manifests stand in the sealed store only; no digest of a file is kept, because that of a short file could be
-- guessed. First version; nothing older runs beside it.
create schema eltax;
grant usage on schema eltax to {app};

create sequence eltax.reception_seq;
grant usage on sequence eltax.reception_seq to {app};

create table eltax.reception (
  reception_id     uuid primary key,
  reception_number text not null unique check (reception_number ~ '^[0-9]{16}$'),
  submission_id    uuid not null,
  payer_number     text not null check (payer_number ~ '^[0-9]{13}$'),
  payer_name       text not null,
  procedure        text not null check (procedure in
    ('salary-payment-report', 'pension-payment-report', 'tax-return', 'one-stop-notice')),
  income_year      int not null,
  stated_records   int not null check (stated_records > 0),
  summaries        jsonb not null,
  manifest_ref     uuid not null,
  file_ref         uuid not null,
  file_length      int not null check (file_length > 0),
  receipt          text not null,
  received_at      timestamptz not null,
  received_on      date not null,
  event_id         uuid not null,
  unique (payer_number, submission_id)
);
create index reception_length on eltax.reception (payer_number, file_length);
create index reception_day on eltax.reception (received_on);
grant select, insert on eltax.reception to {app};

-- 審査結果. One per reception; none yet: it waits.
create table eltax.examination (
  reception_id uuid primary key references eltax.reception,
  result       text not null check (result in ('accepted', 'returned')),
  records      int not null check (records >= 0),
  reasons      jsonb not null,
  examined_at  timestamptz not null,
  event_id     uuid not null
);
grant select, insert on eltax.examination to {app};

create table eltax.delivery (
  delivery_id   uuid primary key,
  reception_id  uuid not null references eltax.reception,
  municipality  text not null check (municipality ~ '^[0-9]{6}$'),
  records       int not null check (records > 0),
  file_ref      uuid not null,
  file_length   int not null check (file_length > 0),
  available_at  timestamptz not null,
  event_id      uuid not null,
  unique (reception_id, municipality)
);
create index delivery_destination on eltax.delivery (municipality, delivery_id);
grant select, insert on eltax.delivery to {app};

create table eltax.delivery_fetch (
  fetch_id    uuid primary key,
  delivery_id uuid not null references eltax.delivery,
  fetched_by  text not null,
  fetched_at  timestamptz not null,
  event_id    uuid not null
);
create index delivery_fetch_delivery on eltax.delivery_fetch (delivery_id);
grant select, insert on eltax.delivery_fetch to {app};

create table eltax.delivery_outcome (
  delivery_id uuid primary key references eltax.delivery,
  outcome     text not null check (outcome in ('taken-in', 'returned')),
  accepted    int check (accepted >= 0),
  rejected    int check (rejected >= 0),
  reason      text,
  stated_by   text not null,
  stated_at   timestamptz not null,
  event_id    uuid not null,
  check ((outcome = 'taken-in') = (accepted is not null and rejected is not null)),
  check ((outcome = 'returned') = (reason is not null))
);
grant select, insert on eltax.delivery_outcome to {app};

-- The rows stay as evidence of filing; the sealed contents of a reception go when its time is over.
create table eltax.content_erasure (
  reception_id uuid primary key references eltax.reception,
  ordered_on   date not null,
  event_id     uuid not null
);
grant select, insert on eltax.content_erasure to {app};

select audit.declare_fact_table('eltax.' || t)
  from unnest(array['reception', 'examination', 'delivery', 'delivery_fetch', 'delivery_outcome', 'content_erasure']) t;
