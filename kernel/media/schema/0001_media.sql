-- Exchange by media: what is handed over, to whom, with which slip, and what became of it (授受簿). Facts only: a step is a row.
-- Old code beside it: first migration, nothing before it.
create schema media;
revoke all on schema media from public;
grant usage on schema media to {app};

create table media.hand_over (
  hand_over_id   uuid primary key,
  kind           text not null check (kind ~ '^[a-z0-9][a-z0-9./:-]{0,79}$'),
  receiver       text not null check (receiver ~ '^[a-z0-9-]+/[a-z0-9-]+$'),
  -- age recipient (age1…): a public key.
  recipient_key  text not null check (recipient_key ~ '^age1[a-z0-9]+$' and length(recipient_key) between 40 and 4000),
  ground         text not null,
  approval_id    uuid not null unique,
  requested_by   text not null,
  requested_at   timestamptz not null,
  -- Day by which the medium comes back or is certified as erased.
  settle_by_on   date not null,
  event_id       uuid not null
);
create table media.file (
  hand_over_id  uuid not null references media.hand_over,
  file_no       integer not null check (file_no between 1 and 999),
  file_name     text not null check (file_name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
  sealed_ref    uuid not null,
  length_bytes  bigint not null check (length_bytes >= 0),
  records       integer not null check (records >= 0),
  -- Control totals by code: {"payment_yen": 1234000}.
  totals        jsonb not null,
  event_id      uuid not null,
  primary key (hand_over_id, file_no)
);
-- One row a step; the first of two people who take the same step at once wins.
create table media.step (
  hand_over_id  uuid not null references media.hand_over,
  step_no       integer not null check (step_no >= 1),
  state         text not null check (state in ('prepared', 'handed-over', 'reconciled', 'differs', 'returned', 'erased')),
  by_staff      text not null,
  at            timestamptz not null,
  civil_on      date not null,
  detail        jsonb not null,
  event_id      uuid not null,
  primary key (hand_over_id, step_no)
);
create index step_state on media.step (state, civil_on);

grant select, insert on media.hand_over, media.file, media.step to {app};
