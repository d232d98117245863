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

-- 遡及: applied in their turn with a day before that of the change applied last. Someone looks at each.
create table prefectural_juki.notice_review (
  change_id         uuid primary key,
  person_id         uuid not null,
  municipality_code text not null,
  reason            text not null,
  changed_on        date not null,
  listed_at         timestamptz not null,
  event_id          uuid not null
);
create index notice_review_listed on prefectural_juki.notice_review (listed_at);
create table prefectural_juki.notice_reviewed (
  change_id   uuid primary key references prefectural_juki.notice_review,
  note        text not null,
  reviewed_by text not null,
  reviewed_at timestamptz not null,
  event_id    uuid not null
);

select audit.declare_fact_table('prefectural_juki.notice_review');
select audit.declare_fact_table('prefectural_juki.notice_reviewed');
grant select, insert on prefectural_juki.notice_review, prefectural_juki.notice_reviewed to {app};

select audit.declare_fact_table('prefectural_juki.notice_journal');
select audit.declare_fact_table('prefectural_juki.national_refusal');
grant select, insert on prefectural_juki.notice_journal, prefectural_juki.national_refusal to {app};
