-- Who is who, corrected: a wrong link undone, a person registered twice made one, two persons in one separated. Nothing that
-- was recorded is taken back; a correction is a fact beside it, and undone by another one. Old code may run beside it as long
-- as no correction has been made: it would still see a binding that was ended.

-- One addressee number may be bound anew after its wrong binding was ended; which one stands is decided under the lock of
-- identification.
alter table common_platform.binding drop constraint binding_system_addressee_number_key;
create index binding_addressee on common_platform.binding (system, addressee_number);

create table common_platform.correction_proposal (
  approval_id uuid primary key,
  kind        text not null check (kind in ('unlink', 'merge', 'separate', 'undo')),
  person_id   uuid not null references common_platform.person,
  -- merge: who ends in person_id. unlink: the binding. separate: the case that was decided wrongly. undo: the correction.
  target_id   uuid not null,
  number_goes text check (number_goes in ('stays', 'moves', 'former', 'wrong')),
  evidence    text not null,
  reason      text not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  event_id    uuid not null
);

create table common_platform.correction (
  correction_id uuid primary key,
  approval_id   uuid not null unique references common_platform.correction_proposal,
  kind          text not null check (kind in ('unlink', 'merge', 'separate', 'undo')),
  person_id     uuid not null references common_platform.person,
  target_id     uuid not null,
  decided_by    text not null,
  decided_on    date not null,
  decided_at    timestamptz not null,
  event_id      uuid not null
);
create index correction_person on common_platform.correction (person_id);
create index correction_target on common_platform.correction (target_id);

-- What a correction did, so that another one can undo exactly that.
create table common_platform.binding_end (
  binding_id    uuid primary key references common_platform.binding,
  correction_id uuid not null,
  ended_at      timestamptz not null,
  event_id      uuid not null
);
create index binding_end_correction on common_platform.binding_end (correction_id);
create table common_platform.corrected_binding (
  binding_id    uuid primary key references common_platform.binding,
  correction_id uuid not null,
  event_id      uuid not null
);
create index corrected_binding_correction on common_platform.corrected_binding (correction_id);
create table common_platform.number_disclaimer (
  person_id     uuid not null references common_platform.person,
  number_ref    uuid not null,
  correction_id uuid not null,
  disclaimed_at timestamptz not null,
  event_id      uuid not null,
  primary key (person_id, number_ref, correction_id)
);

-- Bindings that stand, numbers that count, persons who ended in another: what everybody else reads.
create view common_platform.standing_binding as
  select b.* from common_platform.binding b
   where not exists (select 1 from common_platform.binding_end e where e.binding_id = b.binding_id);
create view common_platform.undone_correction as
  select target_id as correction_id from common_platform.correction where kind = 'undo';
create view common_platform.standing_disclaimer as
  select d.person_id, d.number_ref from common_platform.number_disclaimer d
   where not exists (select 1 from common_platform.undone_correction u where u.correction_id = d.correction_id);
create view common_platform.merged_person as
  select c.target_id as ended_id, c.person_id as survivor_id, c.correction_id
    from common_platform.correction c
   where c.kind = 'merge'
     and not exists (select 1 from common_platform.undone_correction u where u.correction_id = c.correction_id);

-- Two persons who look alike and were found to be two. The smaller id first.
create table common_platform.distinct_pair (
  person_a uuid not null references common_platform.person,
  person_b uuid not null references common_platform.person,
  evidence text not null,
  noted_by text not null,
  noted_at timestamptz not null,
  event_id uuid not null,
  primary key (person_a, person_b),
  check (person_a < person_b)
);

-- Which copies went through for whom (routing, never content), so that they can be withdrawn.
create table common_platform.relayed_copy (
  person_id        uuid not null references common_platform.person,
  system           text not null,
  information_code text not null,
  condition        jsonb not null,
  valid_from       date not null,
  batch_id         uuid not null references common_platform.relayed_batch,
  ended            boolean not null,
  primary key (person_id, system, information_code, condition, valid_from)
);

-- Ends of copies that a correction ordered: a running state; each step is an event of the log.
create table common_platform.copy_withdrawal (
  withdrawal_id uuid primary key,
  correction_id uuid not null references common_platform.correction,
  person_id     uuid not null references common_platform.person,
  system        text not null,
  state         text not null check (state in ('due', 'done')),
  copies        integer not null,
  word          text,
  tries         integer not null default 0,
  next_try_at   timestamptz not null,
  settled_at    timestamptz,
  check ((state = 'done') = (settled_at is not null))
);
create index copy_withdrawal_due on common_platform.copy_withdrawal (next_try_at) where state = 'due';
create index copy_withdrawal_correction on common_platform.copy_withdrawal (correction_id);

grant select, insert on common_platform.correction_proposal, common_platform.correction, common_platform.binding_end,
  common_platform.corrected_binding, common_platform.number_disclaimer, common_platform.distinct_pair,
  common_platform.relayed_copy, common_platform.copy_withdrawal to {app};
grant select on common_platform.standing_binding, common_platform.undone_correction, common_platform.standing_disclaimer,
  common_platform.merged_person to {app};
grant update (batch_id, ended) on common_platform.relayed_copy to {app};
grant update (state, copies, word, tries, next_try_at, settled_at) on common_platform.copy_withdrawal to {app};

select audit.declare_fact_table('common_platform.' || t)
  from unnest('{correction_proposal,correction,binding_end,corrected_binding,number_disclaimer,distinct_pair}'::text[]) as t;
