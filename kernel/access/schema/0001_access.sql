-- Sessions of staff at one system, and what the organisation's directory granted them here (design 6).
-- First version; nothing older runs beside it.
create schema access;
grant usage on schema access to {app};

-- Current state of a sign-in. The cookie's secret is kept only as its digest; ends are events of the log.
create table access.session (
  session_id    uuid primary key,
  token_hash    bytea not null unique check (octet_length(token_hash) = 32),
  staff_id      text not null check (length(staff_id) between 1 and 64),
  display_name  text not null,
  position      text,
  csrf_secret   bytea not null check (octet_length(csrf_secret) >= 32),
  -- The directory's own session, by which it ends this one.
  directory_sid text,
  terminal_id   text,
  -- As the directory enrolled the terminal; decides which functions open here.
  terminal_kind text check (terminal_kind in ('office', 'business', 'representative')),
  affiliation   text not null check (affiliation in ('employee', 'contractor')),
  account_until date not null,
  created_at    timestamptz not null,
  last_seen_at  timestamptz not null check (last_seen_at >= created_at),
  idle_seconds  int not null check (idle_seconds between 60 and 28800),
  expires_at    timestamptz not null check (expires_at > created_at),
  ended_at      timestamptz,
  ended_because text check (ended_because in ('signed-out', 'idle', 'expired', 'superseded', 'directory')),
  event_id      uuid not null,
  check (terminal_kind is null or terminal_id is not null),
  check ((ended_at is null) = (ended_because is null))
);
create index session_of_staff on access.session (staff_id) where ended_at is null;
create index session_event on access.session (event_id);

-- Grants as the directory's signed stream brought them; one row per change, never edited.
create table access.grant_given (
  grant_id    uuid primary key,
  staff_id    text not null check (length(staff_id) between 1 and 64),
  role        text not null check (role ~ '^[a-z][a-z0-9-]*$'),
  valid_from  date not null,
  valid_until date not null check (valid_until >= valid_from),
  received_at timestamptz not null,
  event_id    uuid not null
);
create index grant_given_staff on access.grant_given (staff_id);

create table access.grant_revoked (
  grant_id    uuid primary key references access.grant_given,
  because     text not null,
  received_at timestamptz not null,
  event_id    uuid not null
);

-- Order of the directory that all sessions of a person signed in before a moment end (suspension, transfer, theft).
create table access.sign_out_order (
  order_id    uuid primary key,
  staff_id    text not null,
  because     text not null,
  received_at timestamptz not null,
  event_id    uuid not null
);
create index sign_out_order_staff on access.sign_out_order (staff_id);

-- Between leaving for the directory and coming back: ten minutes, used once. Bound to the browser by a cookie.
create table access.sign_in_attempt (
  state_hash    bytea primary key check (octet_length(state_hash) = 32),
  nonce         text not null,
  code_verifier text not null,
  return_path   text not null check (return_path ~ '^/([^/\\]|$)'),
  -- After an idle lock the directory's memory of an earlier sign-in is not enough.
  again         boolean not null,
  started_at    timestamptz not null,
  expires_at    timestamptz not null
);
create index sign_in_attempt_expiry on access.sign_in_attempt (expires_at);

-- What passes between two requests of a sign-in and then expires: the provider's artefacts, challenges. Directory only.
create table access.passing (
  kind       text not null,
  key        text not null,
  payload    jsonb not null,
  family     text,
  expires_at timestamptz not null,
  primary key (kind, key)
);
create index passing_family on access.passing (family) where family is not null;
create index passing_expiry on access.passing (expires_at);

select audit.declare_fact_table('access.grant_given');
select audit.declare_fact_table('access.grant_revoked');
select audit.declare_fact_table('access.sign_out_order');

grant select, insert on access.session to {app};
grant update (last_seen_at, ended_at, ended_because) on access.session to {app};
grant select, insert on access.grant_given, access.grant_revoked, access.sign_out_order to {app};
grant select, insert, delete on access.sign_in_attempt to {app};
grant select, insert, update, delete on access.passing to {app};
