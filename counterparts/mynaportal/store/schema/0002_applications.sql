-- 電子申請: who applied for what where, and what became of it. The application itself is sealed to the body's platform before it is
-- stored, so that the portal cannot read it, and is erased when the body has taken it over, at the latest after the fifth open day.
create table mynaportal.application (
  receipt_number  uuid primary key,
  account_id      uuid not null references mynaportal.account,
  organisation    text not null,
  platform        text not null,
  procedure       text not null,
  form_version    text not null,
  content_sha256  bytea not null check (octet_length(content_sha256) = 32),
  accepted_on     date not null,
  accepted_at     timestamptz not null,
  erase_after     date not null,
  event_id        uuid not null
);
create index on mynaportal.application (event_id);
create index on mynaportal.application (account_id, accepted_at);
create index on mynaportal.application (platform, accepted_at);

create table mynaportal.application_envelope (
  receipt_number  uuid primary key references mynaportal.application,
  envelope        text not null
);

create table mynaportal.application_status (
  receipt_number  uuid not null references mynaportal.application,
  status          text not null check (status in ('20', '40', '50', '90')),
  status_at       timestamptz not null,
  event_id        uuid not null,
  primary key (receipt_number, status)
);
create index on mynaportal.application_status (event_id);

grant select, insert on mynaportal.application, mynaportal.application_envelope, mynaportal.application_status to {app};
grant delete on mynaportal.application_envelope to {app};
select audit.declare_fact_table('mynaportal.' || t) from unnest('{application,application_status}'::text[]) as t;
