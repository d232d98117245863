-- Persons of one organisation (共通連携基盤 / 団体内統合利用番号連携サーバー). person_id never changes; every number is an
-- attribute. Individual Numbers stand in the vault, what may hold one in the sealed store; of linkage codes only state and
-- day; of what is relayed only who, what and when. First version; nothing older runs beside it.
create schema common_platform;
grant usage on schema common_platform to {app};

create table common_platform.person (
  person_id         uuid primary key,
  org_person_number text not null unique check (org_person_number ~ '^[0-9]{15}$'),
  made_on           date not null,
  made_at           timestamptz not null,
  event_id          uuid not null
);

-- Which reference of the vault is this person's; the newest counts, older ones are their former numbers.
create table common_platform.person_number (
  person_id  uuid not null references common_platform.person,
  number_ref uuid not null,
  since_at   timestamptz not null,
  event_id   uuid not null,
  primary key (person_id, number_ref)
);

-- What the newest source says of the person. Closing a version moves it unchanged to the history.
create table common_platform.particulars (
  person_id          uuid primary key references common_platform.person,
  source             text not null,
  change_id          uuid not null unique,
  reason             text not null,
  status             text not null check (status in ('resident', 'moving-out', 'removed', 'unregistered')),
  name               text not null,
  name_kana          text not null,
  birth_on           date not null,
  sex                text not null check (sex in ('male', 'female', 'other')),
  address            text not null,
  postal_code        text,
  municipality_code  text,
  household_number   text,
  relationship       text,
  became_resident_on date,
  removed_on         date,
  address_protected  boolean not null,
  name_key           text not null,
  kana_key           text not null,
  changed_on         date not null,
  recorded_at        timestamptz not null,
  event_id           uuid not null
);
create index particulars_name on common_platform.particulars (name_key, birth_on);
create index particulars_kana on common_platform.particulars (kana_key);

create table common_platform.particulars_history (
  like common_platform.particulars including constraints,
  closed_at       timestamptz not null,
  closed_event_id uuid not null,
  primary key (change_id)
);
create index particulars_history_person on common_platform.particulars_history (person_id);

-- 宛名番号 of each business ↔ person. A business that has no number of its own yet is bound without one.
create table common_platform.binding (
  binding_id       uuid primary key,
  person_id        uuid not null references common_platform.person,
  system           text not null,
  addressee_number text check (addressee_number ~ '^[0-9]{1,15}$'),
  bound_at         timestamptz not null,
  event_id         uuid not null,
  unique (system, addressee_number)
);
create index binding_person on common_platform.binding (person_id, system);

-- Requests of business systems to register a person, by their own request id.
create table common_platform.registration (
  request_id    uuid primary key,
  system        text not null,
  person_id     uuid not null references common_platform.person,
  known         boolean not null,
  registered_at timestamptz not null,
  event_id      uuid not null
);

-- What does not agree and waits for a clerk. The content lies in the sealed store, because it holds a number.
create table common_platform.held_case (
  case_id          uuid primary key,
  source           text not null,
  addressee_number text,
  why              text not null,
  candidate_id     uuid not null references common_platform.person,
  differing        text[] not null,
  opened_on        date not null,
  opened_at        timestamptz not null,
  event_id         uuid not null
);
create index held_case_source on common_platform.held_case (source, addressee_number);
create index held_case_candidate on common_platform.held_case (candidate_id);

create table common_platform.held_change (
  case_id    uuid not null references common_platform.held_case,
  change_no  integer not null check (change_no > 0),
  change_id  uuid not null unique,
  sealed_ref uuid not null,
  held_at    timestamptz not null,
  event_id   uuid not null,
  primary key (case_id, change_no)
);

create table common_platform.held_proposal (
  approval_id uuid primary key,
  case_id     uuid not null references common_platform.held_case,
  changes     integer not null,
  decision    text not null check (decision in ('same-person', 'separate-person', 'return-to-source')),
  evidence    text not null,
  reason      text not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  event_id    uuid not null
);
create index held_proposal_case on common_platform.held_proposal (case_id);

create table common_platform.held_decision (
  case_id     uuid primary key references common_platform.held_case,
  approval_id uuid not null unique references common_platform.held_proposal,
  decision    text not null,
  person_id   uuid references common_platform.person,
  decided_by  text not null,
  decided_on  date not null,
  decided_at  timestamptz not null,
  event_id    uuid not null
);

-- 符号取得の状況: a running state that the steps beside it explain.
create table common_platform.linkage (
  person_id    uuid primary key references common_platform.person,
  state        text not null check (state in ('wanted', 'requested', 'held', 'refused')),
  word         text,
  acquired_on  date,
  requested_at timestamptz,
  tries        integer not null default 0,
  next_try_at  timestamptz not null,
  check ((state = 'held') = (acquired_on is not null))
);
create index linkage_due on common_platform.linkage (next_try_at) where state in ('wanted', 'requested');

create table common_platform.linkage_step (
  step_id   uuid primary key,
  person_id uuid not null references common_platform.person,
  step      text not null check (step in ('wanted', 'requested', 'accepted', 'refused', 'postponed', 'held')),
  word      text,
  stepped_on date not null,
  stepped_at timestamptz not null,
  event_id  uuid not null
);
create index linkage_step_person on common_platform.linkage_step (person_id, stepped_at);

-- 業務 × 事務手続 (ask) and 業務 × 特定個人情報 (lodge), by day.
create table common_platform.task_binding (
  task_binding_id uuid primary key,
  system          text not null,
  kind            text not null check (kind in ('ask', 'lodge')),
  code            text not null,
  ground          text not null,
  valid_from      date not null,
  valid_until     date check (valid_until >= valid_from),
  event_id        uuid not null,
  unique (system, kind, code, valid_from)
);

create table common_platform.relayed_inquiry (
  request_id       uuid primary key,
  system           text not null,
  person_id        uuid not null references common_platform.person,
  procedure        text not null,
  information_code text not null,
  provider         text not null,
  asked            bytea not null check (octet_length(asked) = 32),
  asked_on         date not null,
  asked_at         timestamptz not null,
  event_id         uuid not null
);

create table common_platform.relayed_answer (
  answer_id       uuid primary key,
  request_id      uuid not null references common_platform.relayed_inquiry,
  result          text,
  refusal         text,
  inquiry_number  uuid,
  permit_number   uuid,
  evidence_sha256 bytea,
  answered_at     timestamptz not null,
  event_id        uuid not null,
  check ((result is null) <> (refusal is null))
);
create index relayed_answer_request on common_platform.relayed_answer (request_id);

create table common_platform.relayed_batch (
  batch_id    uuid primary key,
  system      text not null,
  rows        integer not null,
  held_back   jsonb not null,
  received_on date not null,
  received_at timestamptz not null,
  event_id    uuid not null
);

create table common_platform.relayed_batch_outcome (
  outcome_id  uuid primary key,
  batch_id    uuid not null references common_platform.relayed_batch,
  accepted    integer,
  rejected    integer,
  refusal     text,
  answered_at timestamptz not null,
  event_id    uuid not null,
  check ((refusal is null) = (accepted is not null and rejected is not null))
);
create index relayed_batch_outcome_batch on common_platform.relayed_batch_outcome (batch_id);

grant select, insert on all tables in schema common_platform to {app};
grant delete on common_platform.particulars to {app};
grant update (state, word, acquired_on, requested_at, tries, next_try_at) on common_platform.linkage to {app};

select audit.declare_fact_table('common_platform.particulars',
  p_stands_in => '{common_platform.particulars,common_platform.particulars_history}',
  p_excluded => '{closed_at,closed_event_id}', p_key => '{change_id}');
select audit.declare_fact_table('common_platform.' || t)
  from unnest('{person,person_number,binding,registration,held_case,held_change,held_proposal,held_decision,linkage_step,task_binding,relayed_inquiry,relayed_answer,relayed_batch,relayed_batch_outcome}'::text[]) as t;
