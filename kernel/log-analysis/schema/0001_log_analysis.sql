-- Analysis of an instance's own log (ログ分析). `use` is drawn from the log and can be drawn again; the rest are facts.
-- First version; nothing older runs beside it.
create schema log_analysis;
grant usage on schema log_analysis to {app};

-- One use of persons' data by staff, as its event says it, refused ones too; and sign-ins of contractors' people. Persons stand in audit.subject.
create table log_analysis.use (
  event_id     uuid primary key,
  leaf_index   bigint not null unique,
  staff_id     text not null,
  kind         text not null check (kind in ('search', 'read', 'output', 'sign-in')),
  at           timestamptz not null,
  -- As the clock on the wall in Tokyo shows it.
  local_on     date not null,
  local_minute int not null check (local_minute between 0 and 1439),
  -- The civil date of the event: months of reports are civil.
  civil_on     date not null,
  document     text,
  refused      boolean not null,
  contractor   boolean not null,
  terminal_id  text
);
create index use_staff on log_analysis.use (staff_id, at);
create index use_contractor on log_analysis.use (civil_on) where contractor;

-- How far the log was looked through.
create table log_analysis.scan (
  scan_id     uuid primary key,
  from_index  bigint not null,
  up_to_index bigint not null check (up_to_index >= from_index),
  uses        int not null,
  cases       int not null,
  scanned_at  timestamptz not null,
  event_id    uuid not null
);
create index scan_up_to on log_analysis.scan (up_to_index desc);

-- A suspicion that a rule raised. One for each rule, person acting, person concerned and day.
create table log_analysis.suspicion (
  case_id   uuid primary key,
  rule      text not null,
  staff_id  text not null,
  -- The person concerned, where the rule is about one: internal id.
  subject   text,
  local_on  date not null,
  events    uuid[] not null check (cardinality(events) >= 1),
  opened_on date not null,
  due_on    date not null,
  event_id  uuid not null
);
create unique index suspicion_once on log_analysis.suspicion (rule, staff_id, local_on, coalesce(subject, ''));
create index suspicion_on on log_analysis.suspicion (local_on);

-- What the analyst found after comparing with the application documents. Nobody judges his own case.
create table log_analysis.verdict (
  case_id    uuid primary key references log_analysis.suspicion,
  staff_id   text not null,
  verdict    text not null check (verdict in ('justified', 'improper', 'unclear')),
  document   text not null check (length(document) <= 60),
  comparison text not null check (comparison in ('agrees', 'differs', 'no-document')),
  note       text not null check (length(note) between 1 and 1000),
  incident   text check (length(incident) <= 40),
  decided_by text not null,
  decided_on date not null,
  decided_at timestamptz not null,
  event_id   uuid not null,
  check (decided_by <> staff_id),
  check (verdict <> 'improper' or incident is not null)
);

-- 定期点検: due by calendar, signed when every case of its days has its verdict.
create table log_analysis.review (
  review_id uuid primary key,
  from_on   date not null unique,
  until_on  date not null check (until_on >= from_on),
  due_on    date not null,
  opened_on date not null,
  event_id  uuid not null
);
create table log_analysis.review_signed (
  review_id uuid primary key references log_analysis.review,
  uses      int not null,
  cases     int not null,
  improper  int not null,
  note      text not null check (length(note) <= 1000),
  signed_by text not null,
  signed_on date not null,
  signed_at timestamptz not null,
  event_id  uuid not null
);
create table log_analysis.review_overdue (
  review_id uuid primary key references log_analysis.review,
  raised_on date not null,
  event_id  uuid not null
);

-- Persons whose record draws curiosity (news), and who of the staff is which person: looks at them are always cases.
create table log_analysis.watched (
  watch_id uuid primary key,
  subject  text not null,
  -- The staff id where it is the record of a colleague.
  staff_id text,
  reason   text not null check (length(reason) between 1 and 200),
  until_on date not null,
  added_by text not null,
  added_on date not null,
  event_id uuid not null
);
create index watched_subject on log_analysis.watched (subject);

-- Lists of the persons whom a range of the log touched (影響範囲), for an incident.
create table log_analysis.affected_list (
  list_id     uuid primary key,
  incident    text not null check (length(incident) between 1 and 40),
  from_at     timestamptz not null,
  until_at    timestamptz not null,
  staff_id    text,
  terminal_id text,
  events      int not null,
  persons     int not null,
  digest      bytea not null check (length(digest) = 32),
  taken_by    text not null,
  taken_on    date not null,
  event_id    uuid not null,
  check (until_at > from_at)
);
create table log_analysis.affected_person (
  list_id  uuid not null references log_analysis.affected_list,
  subject  text not null,
  times    int not null check (times >= 1),
  first_at timestamptz not null,
  last_at  timestamptz not null,
  primary key (list_id, subject)
);

select audit.declare_fact_table('log_analysis.' || t) from unnest(array['scan', 'suspicion', 'verdict', 'review', 'review_signed',
  'review_overdue', 'watched', 'affected_list']) as t;

grant select, insert on log_analysis.use, log_analysis.scan, log_analysis.suspicion, log_analysis.verdict, log_analysis.review,
  log_analysis.review_signed, log_analysis.review_overdue, log_analysis.watched, log_analysis.affected_list,
  log_analysis.affected_person to {app};
