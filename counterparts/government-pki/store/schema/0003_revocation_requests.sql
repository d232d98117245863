-- Two people revoke: one asks for a set of certificates with a reason, another approves, and the list is made in that act.
-- Older code that revokes by itself is no longer served; its revocations stand.
create table government_pki.revocation_request (
  request_id    uuid primary key,
  organisation  text not null,
  system        text not null,
  -- All of them are revoked together, or none.
  serials       text[] not null check (cardinality(serials) between 1 and 100),
  reason        text not null check (reason in ('key-compromise', 'affiliation-changed', 'superseded', 'cessation')),
  explanation   text not null check (length(explanation) between 1 and 400),
  approval_id   uuid not null unique,
  requested_at  timestamptz not null,
  event_id      uuid not null
);
create index revocation_request_newest on government_pki.revocation_request (requested_at desc);
grant select, insert on government_pki.revocation_request to {app};
select audit.declare_fact_table('government_pki.revocation_request');
