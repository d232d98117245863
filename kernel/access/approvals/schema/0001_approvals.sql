-- Second-person approvals (design 6). Facts only: asked, decided, carried out. The schema repeats what the domain promises:
-- another person decides, once, and what is carried out is what was approved, once.
-- First version; nothing older runs beside it.
create schema approvals;
grant usage on schema approvals to {app};

create table approvals.request (
  approval_id    uuid primary key,
  kind           text not null check (length(kind) between 1 and 100),
  subject        text not null,
  payload_digest bytea not null check (octet_length(payload_digest) = 32),
  requested_by   text not null,
  requested_at   timestamptz not null,
  expires_at     timestamptz not null check (expires_at > requested_at),
  event_id       uuid not null,
  unique (approval_id, requested_by),
  unique (approval_id, payload_digest)
);
create index request_inbox on approvals.request (kind, requested_at);

create table approvals.decision (
  approval_id  uuid primary key,
  requested_by text not null,
  decision     text not null check (decision in ('approved', 'rejected')),
  decided_by   text not null,
  decided_at   timestamptz not null,
  event_id     uuid not null,
  foreign key (approval_id, requested_by) references approvals.request (approval_id, requested_by),
  unique (approval_id, decision),
  check (decided_by <> requested_by)
);

create table approvals.execution (
  approval_id    uuid primary key,
  payload_digest bytea not null,
  decision       text not null default 'approved' check (decision = 'approved'),
  executed_by    text not null,
  executed_at    timestamptz not null,
  event_id       uuid not null,
  foreign key (approval_id, payload_digest) references approvals.request (approval_id, payload_digest),
  foreign key (approval_id, decision) references approvals.decision (approval_id, decision)
);

grant select, insert on approvals.request, approvals.decision, approvals.execution to {app};
