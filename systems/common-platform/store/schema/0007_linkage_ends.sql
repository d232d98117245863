-- 符号の終了: the organisation has no more to do with a person, or the code was obtained with a number that was never theirs. Who ordered
-- it is a fact; that the intermediate server did it is a running state whose steps stand in the log. Old code may run beside it.
create table common_platform.linkage_end_proposal (
  approval_id uuid primary key,
  persons     uuid[] not null check (cardinality(persons) between 1 and 500),
  before_on   date not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  event_id    uuid not null
);
create index on common_platform.linkage_end_proposal (event_id);
create table common_platform.linkage_end_decision (
  approval_id uuid primary key references common_platform.linkage_end_proposal,
  approved    boolean not null,
  decided_by  text not null,
  decided_at  timestamptz not null,
  event_id    uuid not null
);
create index on common_platform.linkage_end_decision (event_id);

create table common_platform.linkage_end (
  end_id     uuid primary key,
  person_id  uuid not null references common_platform.person,
  reason     text not null check (reason in ('deleted', 'wrong-person')),
  -- The approval of the list, or the correction that found the number wrong.
  ordered_by uuid not null,
  ordered_on date not null,
  ordered_at timestamptz not null,
  event_id   uuid not null
);
create index on common_platform.linkage_end (event_id);
create index on common_platform.linkage_end (person_id);
create table common_platform.linkage_end_work (
  end_id      uuid primary key references common_platform.linkage_end,
  state       text not null check (state in ('due', 'done')),
  word        text,
  tries       integer not null default 0,
  next_try_at timestamptz not null,
  settled_at  timestamptz,
  check ((state = 'done') = (settled_at is not null))
);
create index linkage_end_due on common_platform.linkage_end_work (next_try_at) where state = 'due';

grant select, insert on common_platform.linkage_end_proposal, common_platform.linkage_end_decision, common_platform.linkage_end,
  common_platform.linkage_end_work to {app};
grant update (state, word, tries, next_try_at, settled_at) on common_platform.linkage_end_work to {app};
select audit.declare_fact_table('common_platform.' || t)
  from unnest('{linkage_end_proposal,linkage_end_decision,linkage_end}'::text[]) as t;
