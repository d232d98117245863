-- The portal knows a person by its own linkage code and by nothing else: no name, no number, no code of the register.
create schema mynaportal;
grant usage on schema mynaportal to {app};

-- The code is sealed deterministically (AES-SIV under a key outside the database), so that the same person finds the same account.
create table mynaportal.account (
  account_id    uuid primary key,
  sealed_code   bytea not null unique,
  event_id      uuid not null
);
create index on mynaportal.account (event_id);

-- Which certificate leads to which account; a renewed card gets a row of its own.
create table mynaportal.card (
  fingerprint  text primary key check (fingerprint ~ '^[0-9a-f]{64}$'),
  account_id   uuid not null references mynaportal.account,
  event_id     uuid not null
);
create index on mynaportal.card (event_id);

create table mynaportal.linkage_request (
  processing_number  uuid primary key,
  fingerprint        text not null,
  until_at           timestamptz not null,
  event_id           uuid not null
);
create index on mynaportal.linkage_request (event_id);

create table mynaportal.linkage_delivery (
  processing_number  uuid primary key references mynaportal.linkage_request,
  account_id         uuid not null references mynaportal.account,
  event_id           uuid not null
);
create index on mynaportal.linkage_delivery (event_id);

-- A challenge that a card has answered; a second answer to it is a replay.
create table mynaportal.challenge_use (
  nonce_digest  bytea primary key check (octet_length(nonce_digest) = 32),
  used_at       timestamptz not null,
  event_id      uuid not null
);
create index on mynaportal.challenge_use (event_id);

create table mynaportal.session (
  session_id     uuid primary key,
  token_hash     bytea not null unique check (octet_length(token_hash) = 32),
  account_id     uuid not null references mynaportal.account,
  csrf_secret    bytea not null check (octet_length(csrf_secret) = 32),
  opened_at      timestamptz not null,
  last_seen_at   timestamptz not null,
  expires_at     timestamptz not null,
  ended_at       timestamptz,
  ended_because  text check (ended_because in ('signed-out', 'superseded')),
  event_id       uuid not null
);
create index on mynaportal.session (account_id) where ended_at is null;

grant select, insert on all tables in schema mynaportal to {app};
grant update (last_seen_at, ended_at, ended_because) on mynaportal.session to {app};
