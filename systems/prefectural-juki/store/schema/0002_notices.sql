-- Notices as they came and what became of them: the journal, and what the national server refused.
create table prefectural_juki.notice_journal (
  journal_id  uuid primary key,
  peer        text not null,
  family      text not null,
  number      bigint not null,
  digest      bytea not null,
  bytes       int not null,
  change_id   uuid,
  result      text not null check (result in ('applied', 'refused')),
  rule        text,
  -- Names of the items at fault, never their values.
  items       text[] not null,
  accepted    int not null check (accepted >= 0),
  rejected    int not null check (rejected >= 0),
  received_at timestamptz not null,
  event_id    uuid not null,
  unique (peer, family, number)
);
create index notice_journal_change on prefectural_juki.notice_journal (change_id);

-- What the national server refused of what had been applied here.
create table prefectural_juki.national_refusal (
  return_id         uuid primary key,
  change_id         uuid not null,
  municipality_code text not null,
  rule              text not null,
  received_at       timestamptz not null,
  event_id          uuid not null
);

select audit.declare_fact_table('prefectural_juki.notice_journal');
select audit.declare_fact_table('prefectural_juki.national_refusal');
grant select, insert on prefectural_juki.notice_journal, prefectural_juki.national_refusal to {app};
