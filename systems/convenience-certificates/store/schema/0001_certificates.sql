-- Records of certificates as the tax system told them, whose card is whose, requests of the stores and what became of each.
-- Facts only. The paper is bound to the person of the request by keys, not by the order of anything (INC-01, INC-03).
create schema convenience_certificates;
grant usage on schema convenience_certificates to {app};
create sequence convenience_certificates.document_serial maxvalue 99999999;

create table convenience_certificates.certificate_record (
  record_id          uuid primary key,
  org_person_number  text not null check (org_person_number ~ '^[0-9]{15}$'),
  addressee_number   text not null,
  fiscal_year        int not null,
  -- The newest of a person's year counts.
  ordinal            int not null check (ordinal >= 1),
  version            text not null check (version ~ '^[0-9a-f]{64}$'),
  restriction        text not null check (restriction in ('0', '1', '2', '3', '4', '5')),
  content            jsonb,
  recorded_at        timestamptz not null,
  received_at        timestamptz not null,
  event_id           uuid not null,
  unique (org_person_number, fiscal_year, ordinal),
  unique (record_id, org_person_number),
  check ((restriction = '0') = (content is not null))
);
create index on convenience_certificates.certificate_record (addressee_number);

create table convenience_certificates.card (
  cert_serial        text primary key check (cert_serial ~ '^[0-9a-f]{1,40}$'),
  org_person_number  text not null check (org_person_number ~ '^[0-9]{15}$'),
  registered_at      timestamptz not null,
  event_id           uuid not null,
  unique (cert_serial, org_person_number)
);

create table convenience_certificates.request (
  request_id         text primary key check (request_id ~ '^[0-9A-HJKMNP-TV-Z]{26}$'),
  fingerprint        bytea not null check (octet_length(fingerprint) = 32),
  kiosk_id           text not null,
  cert_type          text not null,
  tax_year           int not null,
  copies             int not null check (copies between 1 and 10),
  cert_serial        text not null,
  -- Whose card it is; null where nobody registered it.
  org_person_number  text,
  received_at        timestamptz not null,
  event_id           uuid not null,
  unique (request_id, org_person_number),
  foreign key (cert_serial, org_person_number) references convenience_certificates.card (cert_serial, org_person_number)
);
create index on convenience_certificates.request (received_at);

-- The one answer of a request; `reason` is ours, the store is told `result` alone.
create table convenience_certificates.request_end (
  request_id  text primary key references convenience_certificates.request,
  result      text not null check (result in ('00', '10', '11', '12', '20', '21', '30', '31', '40', '90')),
  reason      text not null,
  took_ms     int not null check (took_ms >= 0),
  ended_at    timestamptz not null,
  event_id    uuid not null,
  unique (request_id, result)
);

create table convenience_certificates.document (
  request_id         text primary key,
  document_no        text not null unique check (document_no ~ '^KS-[0-9]{4}-[0-9]{8}$'),
  -- Card, record and paper name one person, or nothing is kept.
  org_person_number  text not null,
  record_id          uuid not null,
  result             text not null default '00' check (result = '00'),
  pages              int not null check (pages >= 1),
  fee_yen            int not null check (fee_yen >= 0),
  subject_check      text not null,
  sha256             bytea not null check (octet_length(sha256) = 32),
  sealed_ref         uuid not null unique,
  issued_at          timestamptz not null,
  event_id           uuid not null,
  foreign key (request_id, org_person_number) references convenience_certificates.request (request_id, org_person_number),
  foreign key (record_id, org_person_number) references convenience_certificates.certificate_record (record_id, org_person_number),
  foreign key (request_id, result) references convenience_certificates.request_end (request_id, result)
);

create table convenience_certificates.outcome (
  request_id    text primary key references convenience_certificates.document,
  outcome       text not null check (outcome in ('printed', 'printFailed', 'cancelled')),
  fee_yen       int not null check (fee_yen >= 0),
  printed_at    timestamptz,
  civil_on      date not null,
  told_at       timestamptz not null,
  event_id      uuid not null,
  check ((outcome = 'printed') = (printed_at is not null))
);
create index on convenience_certificates.outcome (civil_on);

-- 縮退運用: declared and ended by people; the newest row says which.
create table convenience_certificates.degraded_switch (
  switch_no   int primary key check (switch_no >= 1),
  on_         boolean not null,
  reason      text not null check (length(btrim(reason)) between 1 and 200),
  switched_by text not null,
  switched_at timestamptz not null,
  event_id    uuid not null
);

create table convenience_certificates.degraded_issue (
  issue_id           uuid primary key,
  document_no        text not null unique check (document_no ~ '^KD-[0-9]{4}-[0-9]{8}$'),
  switch_no          int not null references convenience_certificates.degraded_switch,
  org_person_number  text not null,
  record_id          uuid not null,
  copies             int not null check (copies between 1 and 10),
  fee_yen            int not null check (fee_yen >= 0),
  identified_by      text not null,
  pages              int not null check (pages >= 1),
  subject_check      text not null,
  sha256             bytea not null check (octet_length(sha256) = 32),
  sealed_ref         uuid not null unique,
  issued_by          text not null,
  issued_at          timestamptz not null,
  event_id           uuid not null,
  foreign key (record_id, org_person_number) references convenience_certificates.certificate_record (record_id, org_person_number)
);

select audit.declare_fact_table('convenience_certificates.' || t) from unnest(array['certificate_record', 'card', 'request',
  'request_end', 'document', 'outcome', 'degraded_switch', 'degraded_issue']) t;
grant select, insert on all tables in schema convenience_certificates to {app};
grant usage on sequence convenience_certificates.document_serial to {app};
