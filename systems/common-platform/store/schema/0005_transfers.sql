-- 庁内連携: the ordinance list as dated rows that change only with two persons, what was asked under which row, who of the source
-- approved, and what came of it. Routing and digests only: what is relayed is never here.
create table common_platform.transfer_rule (
  rule_id      uuid primary key,
  asker        text not null,
  task         text not null,
  source       text not null,
  information  text not null,
  items        text[] not null check (cardinality(items) > 0),
  ground       text not null,
  law_revision text not null,
  approval     text not null check (approval in ('rule', 'person')),
  valid_from   date not null,
  valid_until  date check (valid_until >= valid_from),
  -- null: a row of the list with which the platform was set up.
  change_id    uuid,
  event_id     uuid not null,
  unique (asker, task, source, information, valid_from)
);

-- A change of the list: drafted, tried on what was asked before, approved by a second person, in force from its day.
create table common_platform.rule_draft (
  change_id    uuid primary key,
  asker        text not null,
  task         text not null,
  source       text not null,
  information  text not null,
  items        text[] not null check (cardinality(items) > 0),
  ground       text not null,
  law_revision text not null,
  approval     text not null check (approval in ('rule', 'person')),
  valid_from   date not null,
  valid_until  date check (valid_until >= valid_from),
  reason       text not null,
  drafted_by   text not null,
  drafted_at   timestamptz not null,
  event_id     uuid not null
);
create table common_platform.rule_trial (
  trial_id     uuid primary key,
  change_id    uuid not null references common_platform.rule_draft,
  approval_id  uuid not null unique,
  tried        integer not null,
  newly_let    integer not null,
  newly_refused integer not null,
  tried_by     text not null,
  tried_at     timestamptz not null,
  event_id     uuid not null
);
create index rule_trial_change on common_platform.rule_trial (change_id);

create table common_platform.transfer (
  request_id  uuid primary key,
  asker       text not null,
  staff_id    text,
  source      text not null,
  task        text not null,
  information text not null,
  rule_id     uuid not null references common_platform.transfer_rule,
  items       text[] not null,
  persons     integer not null,
  asked       bytea not null check (octet_length(asked) = 32),
  asked_on    date not null,
  asked_at    timestamptz not null,
  event_id    uuid not null
);
create index transfer_asked on common_platform.transfer (asked_at);

-- A person of the source said yes or no.
create table common_platform.transfer_approval (
  request_id  uuid primary key references common_platform.transfer,
  approved    boolean not null,
  reason      text,
  decided_by  text not null,
  decided_at  timestamptz not null,
  event_id    uuid not null
);

-- `routing` may hold counts, words and digests, whatever somebody tries to put there.
create table common_platform.transfer_outcome (
  outcome_id  uuid primary key,
  request_id  uuid not null references common_platform.transfer,
  routing     jsonb not null,
  answered_at timestamptz not null,
  event_id    uuid not null,
  constraint transfer_outcome_holds_no_payload check (
    jsonb_typeof(routing) = 'object'
    and routing - '{answered,empty,left_out,digest,word}'::text[] = '{}'::jsonb
    and coalesce(jsonb_typeof(routing -> 'answered'), 'number') = 'number'
    and coalesce(jsonb_typeof(routing -> 'empty'), 'number') = 'number'
    and coalesce(jsonb_typeof(routing -> 'left_out'), 'number') = 'number'
    and coalesce(routing ->> 'digest', repeat('0', 64)) ~ '^[0-9a-f]{64}$'
    and coalesce(routing ->> 'word', 'word') ~ '^[a-z-]{1,60}$')
);
create index transfer_outcome_request on common_platform.transfer_outcome (request_id);

-- 緊急時: by paper or medium, with a second person, on a list until the receiver confirms.
create table common_platform.emergency_transfer (
  emergency_id uuid primary key,
  approval_id  uuid not null unique,
  asker        text not null,
  source       text not null,
  rule_id      uuid not null references common_platform.transfer_rule,
  person_id    uuid not null references common_platform.person,
  medium       text not null check (medium in ('paper', 'encrypted-medium')),
  ledger_entry text not null,
  reason       text not null,
  asked_by     text not null,
  asked_at     timestamptz not null,
  event_id     uuid not null
);
create table common_platform.emergency_step (
  emergency_id uuid not null references common_platform.emergency_transfer,
  step         text not null check (step in ('approved', 'refused', 'received')),
  step_by      text not null,
  step_at      timestamptz not null,
  event_id     uuid not null,
  primary key (emergency_id, step)
);

grant select, insert on common_platform.transfer_rule, common_platform.rule_draft, common_platform.rule_trial,
  common_platform.transfer, common_platform.transfer_approval, common_platform.transfer_outcome,
  common_platform.emergency_transfer, common_platform.emergency_step to {app};
select audit.declare_fact_table('common_platform.' || t)
  from unnest('{transfer_rule,rule_draft,rule_trial,transfer,transfer_approval,transfer_outcome,emergency_transfer,emergency_step}'::text[]) as t;
