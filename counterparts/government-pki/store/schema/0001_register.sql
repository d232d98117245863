-- The register of an authority: tokens, certificates, revocations and lists are facts, inserted and never changed.
create schema government_pki;
grant usage on schema government_pki to {app};

-- Only the digest of a token is kept: whoever reads this table cannot enrol.
create table government_pki.enrolment_token (
  token_hash    bytea primary key check (octet_length(token_hash) = 32),
  organisation  text not null,
  system        text not null,
  expires_at    timestamptz not null,
  event_id      uuid not null
);

-- The one use of a token; a second enrolment waits on this key and then sees which requests the first one brought.
create table government_pki.enrolment (
  token_hash      bytea primary key references government_pki.enrolment_token,
  request_digest  bytea not null check (octet_length(request_digest) = 32),
  enrolled_at     timestamptz not null,
  event_id        uuid not null
);

create table government_pki.certificate (
  serial        text primary key,
  fingerprint   text not null unique check (fingerprint ~ '^[0-9a-f]{64}$'),
  organisation  text not null,
  system        text not null,
  purpose       text not null check (purpose in ('tls', 'signing', 'encryption', 'log')),
  der           bytea not null,
  issuer_der    bytea not null,
  valid_from    timestamptz not null,
  valid_until   timestamptz not null check (valid_until > valid_from),
  token_hash    bytea references government_pki.enrolment,
  event_id      uuid not null
);
create index certificate_holder on government_pki.certificate (organisation, system, purpose, valid_from desc);

create table government_pki.revocation (
  serial      text primary key references government_pki.certificate,
  reason      text not null check (reason in ('key-compromise', 'affiliation-changed', 'superseded', 'cessation')),
  revoked_at  timestamptz not null,
  event_id    uuid not null
);

create table government_pki.revocation_list (
  list_number  bigint primary key check (list_number > 1),
  der          bytea not null,
  issuer_der   bytea not null,
  this_update  timestamptz not null,
  next_update  timestamptz not null check (next_update > this_update),
  event_id     uuid not null
);

grant select, insert on all tables in schema government_pki to {app};
