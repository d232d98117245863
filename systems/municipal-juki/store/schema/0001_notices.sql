-- 区市町村CS: what passed, what came back, and how each was dealt with. Notices themselves stand only in the sealed store.
create schema municipal_juki;
grant usage on schema municipal_juki to {app};

create table municipal_juki.notice_journal (
  journal_id  uuid primary key,
  peer        text not null,
  family      text not null,
  number      bigint not null,
  digest      bytea not null,
  bytes       int not null,
  change_id   uuid,
  result      text not null check (result in ('applied', 'refused')),
  rule        text,
  items       text[] not null,
  accepted    int not null check (accepted >= 0),
  rejected    int not null check (rejected >= 0),
  received_at timestamptz not null,
  event_id    uuid not null,
  unique (peer, family, number)
);
create index notice_journal_change on municipal_juki.notice_journal (change_id);

-- The error work list: refusals of this server and of those above, and what they tell of other municipalities.
create table municipal_juki.returned (
  return_id          uuid primary key,
  kind               text not null check (kind in ('refused', 'claimed-elsewhere', 'moved-in-elsewhere')),
  change_id          uuid,
  refused_by         text,
  rule               text,
  items              text[] not null,
  present_at         text,
  other_municipality text,
  returned_at        timestamptz not null,
  event_id           uuid not null,
  check ((kind = 'refused') = (change_id is not null)),
  check ((kind = 'refused') = (rule is not null))
);
create index returned_at on municipal_juki.returned (returned_at);

create table municipal_juki.returned_resolution (
  return_id   uuid primary key references municipal_juki.returned,
  note        text not null,
  resolved_by text not null,
  resolved_at timestamptz not null,
  event_id    uuid not null
);

select audit.declare_fact_table('municipal_juki.notice_journal');
select audit.declare_fact_table('municipal_juki.returned');
select audit.declare_fact_table('municipal_juki.returned_resolution');

grant select, insert on municipal_juki.notice_journal, municipal_juki.returned, municipal_juki.returned_resolution to {app};
