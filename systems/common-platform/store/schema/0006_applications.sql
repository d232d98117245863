-- 申請管理: what was taken from the portal, whether its signature stood, and to which business it went. The application lies in the
-- sealed store; one whose signature, chain or revocation does not verify is quarantined and goes nowhere.
create table common_platform.application (
  receipt_number     uuid primary key,
  procedure          text not null,
  form_version       text not null,
  sealed_ref         uuid not null,
  content_sha256     bytea not null check (octet_length(content_sha256) = 32),
  state              text not null check (state in ('accepted', 'quarantined')),
  why                text,
  certificate_serial text,
  person_id          uuid references common_platform.person,
  receiver           text,
  message_id         uuid,
  portal_accepted_at timestamptz not null,
  taken_on           date not null,
  taken_at           timestamptz not null,
  event_id           uuid not null,
  check ((state = 'quarantined') = (why is not null)),
  check (state = 'accepted' or message_id is null)
);
create index application_taken on common_platform.application (taken_at);

-- The portal was told, and erased its copy.
create table common_platform.application_acknowledged (
  receipt_number  uuid primary key references common_platform.application,
  acknowledged_at timestamptz not null,
  event_id        uuid not null
);

grant select, insert on common_platform.application, common_platform.application_acknowledged to {app};
select audit.declare_fact_table('common_platform.' || t) from unnest('{application,application_acknowledged}'::text[]) as t;
