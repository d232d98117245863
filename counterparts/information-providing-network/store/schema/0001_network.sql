-- The network's records: who asked whom for what, when, under which row of the list. No number, name, linkage code or payload.
create schema information_providing_network;
grant usage on schema information_providing_network to {app};

-- Published versions of the permission list; a version never changes.
create table information_providing_network.list_version (
  version       text primary key,
  published_on  date not null,
  rows          jsonb not null,
  signed        text not null,
  event_id      uuid not null
);
grant select, insert on information_providing_network.list_version to {app};

create table information_providing_network.processing_number (
  number        uuid primary key,
  request_id    uuid not null,
  organisation  text not null,
  system        text not null,
  issued_at     timestamptz not null,
  until_at      timestamptz not null,
  event_id      uuid not null
);
grant select, insert on information_providing_network.processing_number to {app};

-- One row per inquiry that got a permit. The permit commits to the provider's code and does not name it.
create table information_providing_network.inquiry (
  inquiry_number    uuid primary key,
  asker             text not null,
  provider          text not null,
  procedure         text not null,
  information_code  text not null,
  items             text[] not null,
  ground            text not null,
  list_version      text not null,
  list_row          text not null,
  statement         text not null,
  permit_number     uuid not null unique,
  permit            text not null,
  sealed_pseudonym  bytea not null,
  permitted_at      timestamptz not null,
  accept_until      timestamptz not null,
  event_id          uuid not null
);
create index inquiry_permitted_at on information_providing_network.inquiry (permitted_at);
grant select, insert on information_providing_network.inquiry to {app};

-- What became of a permit; several rows where an answer was held first, or was lost and collected.
create table information_providing_network.outcome (
  outcome_id      uuid primary key,
  inquiry_number  uuid not null references information_providing_network.inquiry,
  kind            text not null check (kind in ('answered', 'refused')),
  result          text,
  refusal         text,
  evidence        text,
  outcome_at      timestamptz not null,
  event_id        uuid not null,
  check ((kind = 'answered') = (result is not null and evidence is not null)),
  check ((kind = 'refused') = (refusal is not null))
);
create index outcome_inquiry on information_providing_network.outcome (inquiry_number);
grant select, insert on information_providing_network.outcome to {app};

-- Inquiries that got no permit. What a statement says is kept only where its signature stood.
create table information_providing_network.refusal (
  refusal_id        uuid primary key,
  peer              text not null,
  refusal           text not null,
  inquiry_number    uuid,
  asker             text,
  provider          text,
  procedure         text,
  information_code  text,
  items             text[],
  refused_at        timestamptz not null,
  event_id          uuid not null
);
create index refusal_refused_at on information_providing_network.refusal (refused_at);
create index refusal_inquiry on information_providing_network.refusal (inquiry_number);
grant select, insert on information_providing_network.refusal to {app};

-- Requests of persons through the portal: that one passed and which bodies answered; not who it was.
create table information_providing_network.person_request (
  request_id    uuid primary key,
  kind          text not null,
  requested_at  timestamptz not null,
  event_id      uuid not null
);
create table information_providing_network.person_request_answer (
  request_id    uuid not null references information_providing_network.person_request,
  organisation  text not null,
  state         text not null check (state in ('answered', 'unavailable', 'unknown')),
  event_id      uuid not null,
  primary key (request_id, organisation)
);
grant select, insert on information_providing_network.person_request, information_providing_network.person_request_answer to {app};

-- 計画停止. Inquiries inside a window are refused as provider-unavailable.
create table information_providing_network.maintenance_window (
  window_id  uuid primary key,
  provider   text,
  from_at    timestamptz not null,
  until_at   timestamptz not null,
  reason     text not null check (length(reason) between 1 and 200),
  event_id   uuid not null,
  check (from_at < until_at)
);
create index maintenance_until on information_providing_network.maintenance_window (until_at);
grant select, insert on information_providing_network.maintenance_window to {app};

select audit.declare_fact_table('information_providing_network.' || t)
  from unnest('{list_version,processing_number,inquiry,outcome,refusal,person_request,person_request_answer,maintenance_window}'::text[]) as t;
