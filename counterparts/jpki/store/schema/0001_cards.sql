-- Certificates of cards and whose they are. The Resident Record Code stands here in clear and nowhere else is it tied to a serial.
create schema jpki;
grant usage on schema jpki to {app};

-- The internal id under which events name a person.
create table jpki.holder (
  holder_id             uuid primary key,
  resident_record_code  text not null unique check (resident_record_code ~ '^[0-9]{11}$'),
  event_id              uuid not null
);
create index on jpki.holder (event_id);

-- Name, birth date, sex and address stand in the signature certificate alone; its text is not kept.
create table jpki.card_certificate (
  serial       text primary key,
  kind         text not null check (kind in ('signature', 'user-authentication')),
  card_number  uuid not null,
  holder_id    uuid not null references jpki.holder,
  fingerprint  text not null unique check (fingerprint ~ '^[0-9a-f]{64}$'),
  valid_from   timestamptz not null,
  valid_until  timestamptz not null check (valid_until > valid_from),
  event_id     uuid not null,
  unique (card_number, kind)
);
create index on jpki.card_certificate (holder_id);
create index on jpki.card_certificate (event_id);

create table jpki.revocation (
  serial      text primary key references jpki.card_certificate,
  reason      text not null check (reason in ('lost', 'returned', 'moved', 'died', 'superseded')),
  revoked_at  timestamptz not null,
  event_id    uuid not null
);
create index on jpki.revocation (event_id);

create table jpki.revocation_list (
  kind         text not null check (kind in ('signature', 'user-authentication')),
  list_number  bigint not null check (list_number > 0),
  der          bytea not null,
  this_update  timestamptz not null,
  next_update  timestamptz not null check (next_update > this_update),
  event_id     uuid not null,
  primary key (kind, list_number)
);
create index on jpki.revocation_list (event_id);

-- A card holder asked for a linkage code. One assertion serves one request.
create table jpki.card_linkage (
  request_id         uuid primary key,
  serial             text not null references jpki.card_certificate,
  assertion_digest   bytea not null unique check (octet_length(assertion_digest) = 32),
  processing_number  bytea not null check (octet_length(processing_number) = 32),
  accepted_at        timestamptz not null,
  event_id           uuid not null
);
create index on jpki.card_linkage (event_id);
comment on column jpki.card_linkage.processing_number is 'SHA-256 of the signed processing number';

grant select, insert on all tables in schema jpki to {app};
