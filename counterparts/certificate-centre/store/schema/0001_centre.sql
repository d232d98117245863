-- Challenges, requests of the machines and their ends. No certificate is kept: what the body answers goes through.
create schema certificate_centre;
grant usage on schema certificate_centre to {app};

create table certificate_centre.challenge (
  digest    bytea primary key check (octet_length(digest) = 32),
  made_at   timestamptz not null,
  event_id  uuid not null
);

create table certificate_centre.request (
  request_id    text primary key check (request_id ~ '^[0-9A-HJKMNP-TV-Z]{26}$'),
  kiosk_id      text not null,
  municipality  text not null check (municipality ~ '^[0-9]{6}$'),
  cert_type     text not null,
  tax_year      text not null,
  copies        int not null check (copies between 1 and 10),
  cert_serial   text not null,
  -- One assertion of a card serves one request.
  challenge     bytea not null unique references certificate_centre.challenge,
  checked_at    timestamptz not null,
  event_id      uuid not null
);

create table certificate_centre.answer (
  request_id   text primary key references certificate_centre.request,
  document_no  text not null unique,
  fee_yen      int not null check (fee_yen >= 0),
  answered_at  timestamptz not null,
  event_id     uuid not null
);

create table certificate_centre.outcome (
  request_id   text primary key references certificate_centre.answer,
  outcome      text not null check (outcome in ('printed', 'printFailed', 'cancelled')),
  fee_yen      int not null check (fee_yen >= 0),
  told_at      timestamptz not null,
  event_id     uuid not null
);

select audit.declare_fact_table('certificate_centre.' || t) from unnest(array['challenge', 'request', 'answer', 'outcome']) t;
grant select, insert on all tables in schema certificate_centre to {app};
