-- 引き取れなかった申請: what the portal erased because nobody of ours fetched it in time (AC-11), a receipt number and nothing of its content; closed by
-- a person who says what was done.
create table common_platform.application_incident (
  receipt_number uuid primary key,
  procedure      text not null,
  accepted_at    timestamptz not null,
  erased_on      date not null,
  found_on       date not null,
  found_at       timestamptz not null,
  event_id       uuid not null
);
create index on common_platform.application_incident (erased_on);
create table common_platform.application_incident_close (
  receipt_number uuid primary key references common_platform.application_incident,
  done           text not null check (done <> ''),
  closed_by      text not null,
  closed_at      timestamptz not null,
  event_id       uuid not null
);

-- 利用者 × 事務 by application and approval (LNK-X2). Rows of the configuration have no proposal; an end counts from its day on.
create table common_platform.user_binding_proposal (
  approval_id uuid primary key,
  system      text not null,
  staff_id    text not null,
  code        text not null,
  valid_from  date not null,
  valid_until date check (valid_until >= valid_from),
  reason      text not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  event_id    uuid not null
);
create table common_platform.user_binding_decision (
  approval_id     uuid primary key references common_platform.user_binding_proposal,
  -- The row that came of it; none where it was not granted.
  user_binding_id uuid unique references common_platform.user_binding,
  decided_by      text not null,
  decided_at      timestamptz not null,
  event_id        uuid not null
);
create table common_platform.user_binding_end (
  user_binding_id uuid primary key references common_platform.user_binding,
  -- The first day on which it no longer holds.
  ended_on        date not null,
  reason          text not null,
  ended_by        text not null,
  ended_at        timestamptz not null,
  event_id        uuid not null
);

grant select, insert on common_platform.application_incident, common_platform.application_incident_close,
  common_platform.user_binding_proposal, common_platform.user_binding_decision, common_platform.user_binding_end to {app};
select audit.declare_fact_table('common_platform.' || t)
  from unnest('{application_incident,application_incident_close,user_binding_proposal,user_binding_decision,user_binding_end}'::text[]) as t;
