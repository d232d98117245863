-- Requests that may come twice (design §4.0): key, fingerprint and what answers the repeat, for 14 days.
-- The row is written in the transaction of the act that the request caused, so that neither stands without the other.
create schema http;
grant usage on schema http to {app};

create table http.request_key (
  peer         text not null check (peer ~ '^[a-z0-9-]+/[a-z0-9-]+$'),
  request_key  uuid not null,
  endpoint     text not null,
  fingerprint  bytea not null check (octet_length(fingerprint) = 32),
  -- Reference or answer without personal values; null only while its act runs.
  answer       jsonb,
  event_id     uuid not null,
  received_at  timestamptz not null default clock_timestamp(),
  primary key (peer, request_key)
);
create index request_key_received_at on http.request_key (received_at);

grant select, insert, delete on http.request_key to {app};
grant update (answer) on http.request_key to {app};
