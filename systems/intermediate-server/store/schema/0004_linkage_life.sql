-- 符号の一生: replaced by a notice of the root process, ended on the body's order. A code that ended is deleted; that it ended, why and
-- when stays. Merges are decided by a clerk.
grant delete on intermediate_server.linkage to {app};

create table intermediate_server.linkage_notice (
  notice_id  uuid primary key,
  kind       text not null check (kind in ('code-changed', 'merged', 'undone')),
  notice     text not null,
  counts_from date not null,
  taken_at   timestamptz not null,
  event_id   uuid not null
);
create table intermediate_server.linkage_ended (
  end_id             uuid primary key,
  org_person_number  text not null,
  why                text not null check (why in ('code-changed', 'merged', 'undone', 'deleted', 'wrong-person')),
  notice_id          uuid references intermediate_server.linkage_notice,
  ended_on           date not null,
  event_id           uuid not null
);
create index linkage_ended_person on intermediate_server.linkage_ended (org_person_number);

-- 統合の事案. other_person: who holds the survivor's code in this body, if anyone does.
create table intermediate_server.linkage_case (
  notice_id          uuid primary key references intermediate_server.linkage_notice,
  kind               text not null check (kind in ('code-changed', 'merged', 'undone')),
  org_person_number  text not null,
  other_person       text,
  opened_at          timestamptz not null,
  event_id           uuid not null
);
create table intermediate_server.linkage_case_decision (
  notice_id   uuid primary key references intermediate_server.linkage_case,
  decision    text not null check (decision in ('same-person', 'not-same-person')),
  reason      text not null check (length(reason) between 1 and 400),
  decided_by  text not null,
  decided_at  timestamptz not null,
  event_id    uuid not null
);
grant select, insert on intermediate_server.linkage_notice, intermediate_server.linkage_ended, intermediate_server.linkage_case,
  intermediate_server.linkage_case_decision to {app};
-- A code that replaced another stands under the number with which the first was obtained.
alter table intermediate_server.linkage drop constraint linkage_processing_number_key;

select audit.declare_fact_table('intermediate_server.' || t)
  from unnest('{linkage_notice,linkage_ended,linkage_case,linkage_case_decision}'::text[]) as t;
