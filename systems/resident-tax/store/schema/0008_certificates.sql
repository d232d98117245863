-- 証明書: what was issued from which facts, each copy, the hand-over; what the convenience stores' system was told and issued.
-- Facts only. A certificate is printed again from the levy and the state of the person that stand here. Runs beside 0007.
create sequence resident_tax.certificate_serial maxvalue 99999999;

create table resident_tax.certificate_issue (
  issue_id          uuid primary key,
  document_no       text not null unique check (document_no ~ '^KZ-[0-9]{4}-[0-9]{8}$'),
  kind              text not null check (kind in ('levy', 'exempt')),
  fiscal_year       int not null,
  assessment_id     uuid not null references resident_tax.assessment_decision,
  person_id         uuid not null,
  -- States of the person that were printed: of today, and of 1 January.
  person_version    int not null,
  levy_date_version int not null,
  -- 支援措置: the addresses are left out.
  address_shown     boolean not null,
  issuer            jsonb not null,
  form              text not null,
  requester         text not null check (requester in ('self', 'agent', 'household', 'public-body')),
  identified_by     text not null check (identified_by in ('individual-number-card', 'licence', 'passport', 'two-documents', 'official-letter')),
  purpose           text not null check (length(btrim(purpose)) between 1 and 100),
  copies            int not null check (copies between 1 and 10),
  fee_yen           int not null check (fee_yen >= 0),
  fee_waiver        text check (fee_waiver in ('public-use', 'public-assistance')),
  pages             int not null check (pages >= 1),
  subject_check     text not null,
  sha256            bytea not null check (octet_length(sha256) = 32),
  size_bytes        bigint not null,
  sealed_ref        uuid not null unique,
  issued_by         text not null,
  issued_on         date not null,
  issued_at         timestamptz not null,
  event_id          uuid not null,
  check ((fee_waiver is null) or fee_yen = 0),
  -- The paper is about the person of its levy, by id (INC-01).
  foreign key (assessment_id, person_id) references resident_tax.assessment (assessment_id, person_id),
  foreign key (person_id, person_version) references resident_tax.person_state (person_id, version),
  foreign key (person_id, levy_date_version) references resident_tax.person_state (person_id, version)
);
create index on resident_tax.certificate_issue (person_id, fiscal_year);
create index on resident_tax.certificate_issue (issued_on);

-- 再印刷: copies of one issue beyond those that were paid, numbered, each with its reason.
create table resident_tax.certificate_reprint (
  issue_id    uuid not null references resident_tax.certificate_issue,
  reprint_no  int not null check (reprint_no >= 1),
  reason      text not null check (length(btrim(reason)) between 1 and 200),
  printed_by  text not null,
  printed_at  timestamptz not null,
  event_id    uuid not null,
  primary key (issue_id, reprint_no)
);

-- 交付: once the sheets in hand were compared with what was printed (INC-04).
create table resident_tax.certificate_handover (
  issue_id    uuid primary key references resident_tax.certificate_issue,
  sheets      int not null check (sheets >= 1),
  handed_by   text not null,
  handed_at   timestamptz not null,
  event_id    uuid not null
);

-- コンビニ交付への連携: what that system was told of a person's year; the newest counts.
create table resident_tax.certificate_publication (
  record_id       uuid primary key,
  person_id       uuid not null references resident_tax.person,
  fiscal_year     int not null,
  ordinal         int not null check (ordinal >= 1),
  assessment_id   uuid not null references resident_tax.assessment_decision,
  person_version  int not null,
  restriction     text not null check (restriction in ('0', '1', '2', '3', '4', '5')),
  message_id      uuid not null,
  published_at    timestamptz not null,
  event_id        uuid not null,
  unique (person_id, fiscal_year, ordinal)
);

-- 証明書発行 elsewhere (store, degraded counter), each issue once.
create table resident_tax.certificate_issued_elsewhere (
  issue_id     uuid primary key,
  person_id    uuid not null references resident_tax.person,
  fiscal_year  int not null,
  document_no  text not null unique,
  channel      text not null check (channel in ('store', 'degraded-counter')),
  place        text not null,
  copies       int not null check (copies between 1 and 10),
  fee_yen      int not null check (fee_yen >= 0),
  -- Whether it was printed from what counted here when it was told: a certificate that did not is a case for a clerk.
  counted      boolean not null,
  issued_at    timestamptz not null,
  event_id     uuid not null
);
create index on resident_tax.certificate_issued_elsewhere (person_id);

select audit.declare_fact_table('resident_tax.' || t) from unnest(array[
  'certificate_issue', 'certificate_reprint', 'certificate_handover', 'certificate_publication', 'certificate_issued_elsewhere']) t;

grant select, insert on resident_tax.certificate_issue, resident_tax.certificate_reprint, resident_tax.certificate_handover,
  resident_tax.certificate_publication, resident_tax.certificate_issued_elsewhere to {app};
grant usage on sequence resident_tax.certificate_serial to {app};
