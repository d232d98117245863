-- 中間サーバー of one organisation. Holds org person numbers and this organisation's own linkage codes; never an Individual Number,
-- never another body's code.
create schema intermediate_server;
grant usage on schema intermediate_server to {app};

-- ------------------------------------------------------------------------------------------ 符号管理 (IMS-F1)

create table intermediate_server.linkage_request (
  processing_number  uuid primary key,
  org_person_number  text not null,
  request_id         uuid not null,
  signed_number      text not null,
  requested_at       timestamptz not null,
  event_id           uuid not null
);
create index linkage_request_person on intermediate_server.linkage_request (org_person_number);
grant select, insert on intermediate_server.linkage_request to {app};

create table intermediate_server.linkage (
  org_person_number  text primary key,
  linkage_code       text not null unique,
  processing_number  uuid not null unique references intermediate_server.linkage_request,
  acquired_on        date not null,
  event_id           uuid not null
);
grant select, insert on intermediate_server.linkage to {app};

-- A code that came for one person number and is held by another: two numbers of one person, or a wrong one. For a clerk.
create table intermediate_server.linkage_conflict (
  processing_number  uuid primary key references intermediate_server.linkage_request,
  org_person_number  text not null,
  held_by            text not null,
  found_at           timestamptz not null,
  event_id           uuid not null
);
grant select, insert on intermediate_server.linkage_conflict to {app};

-- ------------------------------------------------------------------------------------------ 照合リスト (IMS-F8)

create table intermediate_server.permission_list (
  version       text primary key,
  published_on  date not null,
  rows          jsonb not null,
  signed        text not null,
  fetched_at    timestamptz not null,
  event_id      uuid not null
);
grant select, insert on intermediate_server.permission_list to {app};

-- ------------------------------------------------------------------------------------------ 副本 (IMS-F6)

create table intermediate_server.lodging (
  batch_id   uuid primary key,
  system     text not null,
  kind       text not null check (kind in ('full', 'difference')),
  digest     bytea not null,
  accepted   integer not null check (accepted >= 0),
  rejected   jsonb not null,
  lodged_at  timestamptz not null,
  event_id   uuid not null
);
grant select, insert on intermediate_server.lodging to {app};

-- Versions of copies: the newest by valid_from, then by copy_no, counts. items null ends what stood before.
create table intermediate_server.lodged_copy (
  copy_no               bigint generated always as identity primary key,
  org_person_number     text not null,
  information_code      text not null,
  condition             text not null,
  valid_from            date not null,
  items                 jsonb,
  auto_reply_blocked    boolean not null,
  withheld_from_person  boolean not null,
  batch_id              uuid not null,
  lodged_at             timestamptz not null,
  event_id              uuid not null
);
create index lodged_copy_person on intermediate_server.lodged_copy (org_person_number, information_code, condition, valid_from desc, copy_no desc);
grant select, insert, delete on intermediate_server.lodged_copy to {app};

-- ------------------------------------------------------------------------------------------ 情報照会 (IMS-F2)

create table intermediate_server.inquiry (
  inquiry_number     uuid primary key,
  asking_system      text not null,
  request_id         uuid not null,
  request_digest     bytea not null,
  asker              jsonb not null,
  org_person_number  text not null,
  procedure          text not null,
  information_code   text not null,
  items              text[] not null,
  condition          jsonb not null,
  provider           text not null,
  statement          text not null,
  asked_at           timestamptz not null,
  event_id           uuid not null,
  unique (asking_system, request_id)
);
grant select, insert on intermediate_server.inquiry to {app};

-- The private key of an open inquiry, under a key of its day that is not in the database. Deleted with the result.
create table intermediate_server.inquiry_key (
  inquiry_number  uuid primary key references intermediate_server.inquiry,
  key_day         date not null,
  sealed_key      bytea not null
);
create index inquiry_key_day on intermediate_server.inquiry_key (key_day);
grant select, insert, delete on intermediate_server.inquiry_key to {app};

-- 職員確認待ち at the provider; the answer is collected later.
create table intermediate_server.inquiry_held (
  inquiry_number  uuid primary key references intermediate_server.inquiry,
  permit_number   uuid not null,
  permit          text not null,
  evidence        text not null,
  held_at         timestamptz not null,
  event_id        uuid not null
);
grant select, insert on intermediate_server.inquiry_held to {app};

-- Written once. The digest is over the opened answer as it came.
create table intermediate_server.inquiry_result (
  inquiry_number  uuid primary key references intermediate_server.inquiry,
  permit_number   uuid not null,
  result          text not null,
  valid_from      date,
  items           jsonb not null,
  digest          bytea not null check (length(digest) = 32),
  evidence        text not null,
  permit          text not null,
  answered_at     timestamptz not null,
  answered_on     date not null,
  event_id        uuid not null
);
create index inquiry_result_answered_on on intermediate_server.inquiry_result (answered_on);
grant select, insert, delete on intermediate_server.inquiry_result to {app};

create table intermediate_server.inquiry_refused (
  inquiry_number  uuid primary key references intermediate_server.inquiry,
  refusal         text not null,
  refused_at      timestamptz not null,
  event_id        uuid not null
);
grant select, insert on intermediate_server.inquiry_refused to {app};

-- ------------------------------------------------------------------------------------------ 情報提供 (IMS-F3)

-- A permit serves once, and an inquiry gets one permit.
create table intermediate_server.accepted_permit (
  permit_number   uuid primary key,
  inquiry_number  uuid not null unique,
  permit          text not null,
  statement       text not null,
  accepted_at     timestamptz not null,
  event_id        uuid not null
);
grant select, insert on intermediate_server.accepted_permit to {app};

create table intermediate_server.provision (
  inquiry_number  uuid not null references intermediate_server.accepted_permit (inquiry_number),
  step            integer not null check (step in (1, 2)),
  result          text not null,
  evidence        text not null,
  provided_at     timestamptz not null,
  event_id        uuid not null,
  primary key (inquiry_number, step)
);
grant select, insert on intermediate_server.provision to {app};

-- The sealed answer, for the asker to collect until its term: it opens for the asker alone.
create table intermediate_server.sealed_answer (
  inquiry_number  uuid primary key references intermediate_server.accepted_permit (inquiry_number),
  answer          text not null,
  until_at        timestamptz not null
);
grant select, insert, delete on intermediate_server.sealed_answer to {app};

create table intermediate_server.held_provision (
  inquiry_number     uuid primary key references intermediate_server.accepted_permit (inquiry_number),
  org_person_number  text not null,
  reason             text not null check (reason in ('auto-reply-blocked', 'withheld-from-person')),
  due_on             date not null,
  held_at            timestamptz not null,
  event_id           uuid not null
);
grant select, insert on intermediate_server.held_provision to {app};

create table intermediate_server.held_decision (
  inquiry_number  uuid primary key references intermediate_server.held_provision,
  decision        text not null check (decision in ('release', 'refuse')),
  reason          text not null check (length(reason) between 1 and 400),
  decided_by      text not null,
  decided_at      timestamptz not null,
  event_id        uuid not null
);
grant select, insert on intermediate_server.held_decision to {app};

-- ------------------------------------------------------------------------------------------ 情報提供等記録 (IMS-F5)

create table intermediate_server.exchange_record (
  record_id             uuid primary key,
  inquiry_number        uuid,
  role                  text not null check (role in ('asker', 'provider')),
  org_person_number     text,
  asker                 text not null,
  provider              text not null,
  procedure             text not null,
  information_code      text not null,
  items                 text[] not null,
  ground                text not null,
  result                text,
  refusal               text,
  withheld_from_person  boolean not null,
  recorded_at           timestamptz not null,
  recorded_on           date not null,
  event_id              uuid not null,
  check ((result is null) <> (refusal is null))
);
create index exchange_record_inquiry on intermediate_server.exchange_record (inquiry_number);
create index exchange_record_person on intermediate_server.exchange_record (org_person_number, recorded_on);
create index exchange_record_at on intermediate_server.exchange_record (recorded_at);
grant select, insert on intermediate_server.exchange_record to {app};

select audit.declare_fact_table('intermediate_server.' || t)
  from unnest('{linkage_request,linkage,linkage_conflict,permission_list,lodging,lodged_copy,inquiry,inquiry_held,inquiry_result,inquiry_refused,accepted_permit,provision,held_provision,held_decision,exchange_record}'::text[]) as t;
