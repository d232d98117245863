-- Cases of 小児慢性特定疾病医療費の支給認定 (thin): intake, the applicant's number of the organisation, inquiries to other bodies
-- with what came back, the tier and its decision by a second person. All rows are facts; nothing is updated.
-- First version; nothing older runs beside it.
create schema child_chronic;
grant usage on schema child_chronic to {app};

create sequence child_chronic.case_no;
grant usage on sequence child_chronic.case_no to {app};

create table child_chronic.case_file (
  case_id              uuid primary key,
  case_number          text not null unique,
  kind                 text not null check (kind in ('new', 'renewal')),
  applied_on           date not null,
  patient_name         text not null,
  patient_kana         text not null,
  patient_birth_on     date not null,
  applicant_is_patient boolean not null,
  applicant_name       text not null,
  applicant_kana       text not null,
  applicant_birth_on   date not null,
  applicant_sex        text not null check (applicant_sex in ('male', 'female', 'other')),
  applicant_address    text not null,
  insurer              text not null check (insurer in ('employee-dependent', 'employee-own', 'national-health', 'public-assistance')),
  other_members        integer not null check (other_members >= 0),
  condition            text not null check (condition in ('general', 'severe', 'ventilator', 'haemophilia')),
  registration_request uuid not null unique,
  received_by          text not null,
  received_at          timestamptz not null,
  event_id             uuid not null
);
create index case_file_applied on child_chronic.case_file (applied_on, case_number);

create table child_chronic.applicant_number (
  case_id    uuid primary key references child_chronic.case_file,
  number_ref uuid not null,
  event_id   uuid not null
);

-- What the platform answered when the applicant was registered; the newest counts.
create table child_chronic.registration (
  registration_id   uuid primary key,
  case_id           uuid not null references child_chronic.case_file,
  org_person_number text check (org_person_number ~ '^[0-9]{15}$'),
  refusal           text,
  answered_at       timestamptz not null,
  event_id          uuid not null,
  check ((org_person_number is null) <> (refusal is null))
);
create index registration_case on child_chronic.registration (case_id, answered_at);
create unique index registration_once on child_chronic.registration (case_id) where org_person_number is not null;

create table child_chronic.inquiry (
  request_id       uuid primary key,
  case_id          uuid not null references child_chronic.case_file,
  procedure        text not null,
  information_code text not null,
  items            text[] not null,
  tax_year         integer not null,
  provider         text not null,
  asked_by         text not null,
  asked_at         timestamptz not null,
  event_id         uuid not null
);
create index inquiry_case on child_chronic.inquiry (case_id, asked_at);

-- What came back, with the provider's signed evidence and the permit.
create table child_chronic.inquiry_result (
  result_id      uuid primary key,
  request_id     uuid not null references child_chronic.inquiry,
  inquiry_number uuid not null,
  permit_number  uuid not null,
  result         text not null check (result in ('00', '10', '20', '50', '60')),
  valid_from     date,
  items          jsonb not null,
  ground         text not null,
  evidence       text not null,
  permit         text not null,
  answered_at    timestamptz not null,
  received_at    timestamptz not null,
  event_id       uuid not null
);
create index inquiry_result_request on child_chronic.inquiry_result (request_id, received_at);

create table child_chronic.inquiry_refusal (
  refusal_id uuid primary key,
  request_id uuid not null references child_chronic.inquiry,
  word       text not null,
  refused_at timestamptz not null,
  event_id   uuid not null
);
create index inquiry_refusal_request on child_chronic.inquiry_refusal (request_id, refused_at);

create table child_chronic.tier_proposal (
  approval_id   uuid primary key,
  case_id       uuid not null references child_chronic.case_file,
  result_id     uuid references child_chronic.inquiry_result,
  tier          text not null check (tier in ('1', '2', '3', '4', '5', '6')),
  ceiling_yen   integer not null check (ceiling_yen between 0 and 15000),
  basis         jsonb not null,
  rates_version text not null,
  proposed_by   text not null,
  proposed_at   timestamptz not null,
  event_id      uuid not null
);
create index tier_proposal_case on child_chronic.tier_proposal (case_id, proposed_at);

create table child_chronic.tier_return (
  approval_id uuid primary key references child_chronic.tier_proposal,
  reason      text not null,
  returned_by text not null,
  returned_at timestamptz not null,
  event_id    uuid not null
);

create table child_chronic.tier_decision (
  case_id     uuid primary key references child_chronic.case_file,
  approval_id uuid not null unique references child_chronic.tier_proposal,
  decided_by  text not null,
  decided_on  date not null,
  decided_at  timestamptz not null,
  event_id    uuid not null
);

grant select, insert on all tables in schema child_chronic to {app};

select audit.declare_fact_table('child_chronic.' || t)
  from unnest('{case_file,applicant_number,registration,inquiry,inquiry_result,inquiry_refusal,tier_proposal,tier_return,tier_decision}'::text[]) as t;
