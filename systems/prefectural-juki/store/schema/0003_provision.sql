-- To whom what went, for which registered task, and what was only passed on.

-- 提供先・移転先: master data with validity. `peer` is the business system that may ask for it, by its certificate.
create table prefectural_juki.recipient (
  recipient_id  uuid primary key,
  kind          text not null check (kind in ('department', 'agency', 'municipal-agency')),
  name          text not null,
  peer          text unique check (peer ~ '^[a-z0-9-]+/[a-z0-9-]+$'),
  valid_from    date not null,
  registered_by text not null,
  registered_at timestamptz not null,
  event_id      uuid not null
);
create table prefectural_juki.recipient_end (
  recipient_id uuid primary key references prefectural_juki.recipient,
  ends_on      date not null,
  reason       text not null,
  ended_by     text not null,
  ended_at     timestamptz not null,
  event_id     uuid not null
);

-- 事務: from the use notification (使用通知); answers nothing before the permission stands.
create table prefectural_juki.task (
  task_id                    uuid primary key,
  code                       text not null unique check (code ~ '^[A-Z0-9][A-Z0-9-]{0,39}$'),
  name                       text not null,
  recipient_id               uuid not null references prefectural_juki.recipient,
  ground_kind                text not null check (ground_kind in ('schedule-5', 'schedule-6', 'ordinance-department', 'ordinance-agency')),
  ground_text                text not null,
  items                      text[] not null check (cardinality(items) between 1 and 8),
  number_ground              text check (number_ground in ('number-act-9-1', 'number-act-9-2')),
  code_ground                text check (code_ground in ('act-28-2013-supplementary-22-7')),
  includes_removed           boolean not null,
  includes_other_prefectures boolean not null,
  is_emigrant_work           boolean not null,
  valid_from                 date not null,
  valid_until                date check (valid_until >= valid_from),
  notification_document      text not null,
  registered_by              text not null,
  registered_at              timestamptz not null,
  approval_id                uuid not null unique,
  event_id                   uuid not null,
  -- Number and code each with their own ground, from the day of registration on.
  check (not 'individualNumber' = any (items) or number_ground is not null),
  check (not 'residentRecordCode' = any (items) or code_ground is not null),
  unique (task_id, registered_by)
);
create index task_recipient on prefectural_juki.task (recipient_id);
create table prefectural_juki.task_permission (
  task_id       uuid primary key,
  registered_by text not null,
  permitted_by  text not null,
  permitted_at  timestamptz not null,
  event_id      uuid not null,
  foreign key (task_id, registered_by) references prefectural_juki.task (task_id, registered_by),
  check (permitted_by <> registered_by)
);
create table prefectural_juki.task_end (
  task_id  uuid primary key references prefectural_juki.task,
  ends_on  date not null,
  reason   text not null,
  ended_by text not null,
  ended_at timestamptz not null,
  event_id uuid not null
);

-- A task as it stands: recipient, permission and the earlier of the two ends, under the names that the store gives them.
create view prefectural_juki.task_now with (security_invoker = true) as
select t.task_id as "taskId", t.code, t.name, r.recipient_id as "recipientId", r.kind as "recipientKind", r.name as "recipientName",
       r.peer, r.valid_from as "recipientFrom", re.ends_on as "recipientUntil", t.ground_kind as "groundKind",
       t.ground_text as "groundText", t.items, t.number_ground as "numberGround", t.code_ground as "codeGround",
       t.includes_removed as "includesRemoved", t.includes_other_prefectures as "includesOtherPrefectures",
       t.is_emigrant_work as "isEmigrantWork", t.valid_from as "validFrom", least(t.valid_until, te.ends_on) as "validUntil",
       t.notification_document as "notificationDocument", t.registered_by as "registeredBy", t.registered_at as "registeredAt",
       t.approval_id as "approvalId", p.permitted_by as "permittedBy"
  from prefectural_juki.task t
  join prefectural_juki.recipient r using (recipient_id)
  left join prefectural_juki.recipient_end re using (recipient_id)
  left join prefectural_juki.task_permission p using (task_id)
  left join prefectural_juki.task_end te using (task_id);

-- Operators of terminals and the tasks that they hold.
create table prefectural_juki.task_operator (
  task_operator_id uuid primary key,
  task_id          uuid not null references prefectural_juki.task,
  staff_id         text not null,
  valid_from       date not null,
  valid_until      date not null check (valid_until >= valid_from),
  assigned_by      text not null,
  assigned_at      timestamptz not null,
  event_id         uuid not null
);
create index task_operator_staff on prefectural_juki.task_operator (staff_id, task_id);
create index task_operator_task on prefectural_juki.task_operator (task_id);
create table prefectural_juki.task_operator_end (
  task_operator_id uuid primary key references prefectural_juki.task_operator,
  ended_by         text not null,
  ended_at         timestamptz not null,
  event_id         uuid not null
);

-- 使用簿: at a terminal a number is asked for only within an entry that another person approved.
create table prefectural_juki.use_entry (
  entry_id     uuid primary key,
  task_id      uuid not null references prefectural_juki.task,
  staff_id     text not null,
  terminal_id  text,
  purpose      text not null,
  document     text not null,
  person_limit int not null check (person_limit between 1 and 1000),
  valid_until  date not null,
  opened_at    timestamptz not null,
  approval_id  uuid not null unique,
  event_id     uuid not null,
  unique (entry_id, staff_id)
);
create index use_entry_staff on prefectural_juki.use_entry (staff_id, opened_at);
create table prefectural_juki.use_permission (
  entry_id     uuid primary key,
  staff_id     text not null,
  permitted_by text not null,
  permitted_at timestamptz not null,
  event_id     uuid not null,
  foreign key (entry_id, staff_id) references prefectural_juki.use_entry (entry_id, staff_id),
  check (permitted_by <> staff_id)
);
create table prefectural_juki.use_closing (
  entry_id  uuid primary key references prefectural_juki.use_entry,
  outcome   text not null,
  closed_by text not null,
  closed_at timestamptz not null,
  event_id  uuid not null
);

-- Domains, because a check of a domain is compiled once a session and a check of a table read anew with each statement.
create domain prefectural_juki.provision_method as text check (value in ('network', 'terminal', 'medium', 'paper'));
create domain prefectural_juki.provision_key as text check (value in ('code', 'number', 'four-items', 'selected', 'none'));
create domain prefectural_juki.provision_source as text check (value in ('prefecture', 'national'));
create domain prefectural_juki.provision_result as text check (value in ('given', 'refused'));

-- 提供・移転の記録, refused ones too (JPS-X3). Never updated, never deleted (requirement 003 A12).
create table prefectural_juki.provision_record (
  provision_id uuid primary key,
  -- Null where nobody was identified.
  person_id    uuid,
  -- No foreign key: a thousand inquiries a second would all lock the one row of their task.
  task_id      uuid,
  -- Number that the asker gave its inquiry; null for what nobody asked for.
  inquiry_id   uuid,
  -- 一括提供 to which it belongs.
  order_id     uuid,
  -- 使用簿 within which a number was asked for.
  use_entry_id uuid,
  event_id     uuid not null,
  provided_at  timestamptz not null,
  -- SHA-256 over this row's id and the key. None for a number: how it was used stands in the vault's record of uses.
  key_digest   bytea,
  hit_count    smallint,
  -- Who asked: `organisation/system` by certificate, `organisation/staffId` by session, or this instance itself.
  asker        text not null default '',
  -- Who asks within the asking system, or the signed-in operator.
  operator_id  text not null default '',
  terminal_id  text,
  -- Name of the recipient as it was then; for a notice the peer.
  recipient    text not null,
  ground       text not null,
  document     text not null default '',
  method       prefectural_juki.provision_method not null,
  key_kind     prefectural_juki.provision_key not null default 'none',
  source       prefectural_juki.provision_source not null default 'prefecture',
  items        text[] not null,
  withheld     text[] not null default '{}',
  result       prefectural_juki.provision_result not null,
  refusal      text,
  check ((result = 'refused') = (refusal is not null) and (refusal is null or items = '{}'))
);
create index provision_record_person on prefectural_juki.provision_record (person_id, provided_at) where person_id is not null;
create index provision_record_recipient on prefectural_juki.provision_record (recipient, provided_at);
create index provision_record_time on prefectural_juki.provision_record (provided_at);
create index provision_record_order on prefectural_juki.provision_record (order_id) where order_id is not null;
create index provision_record_use on prefectural_juki.provision_record (use_entry_id) where use_entry_id is not null;
-- One inquiry, one answer, one record.
create unique index provision_record_inquiry on prefectural_juki.provision_record (asker, inquiry_id) where inquiry_id is not null;

-- What left for the national server and what came back: digests and sizes, nothing of the person (JPS-F4).
create table prefectural_juki.national_inquiry (
  inquiry_id     uuid not null,
  asker          text not null,
  -- Under which it goes to the national server: askers choose their numbers, and two may choose the same.
  national_id    uuid not null unique,
  peer           text not null,
  task_id        uuid not null,
  key_kind       text not null,
  sent_at        timestamptz not null,
  event_id       uuid not null,
  primary key (asker, inquiry_id)
);
create table prefectural_juki.national_answer (
  inquiry_id     uuid not null,
  asker          text not null,
  request_digest bytea,
  request_bytes  int not null,
  answer_digest  bytea,
  answer_bytes   int not null,
  result         text not null,
  answered_at    timestamptz not null,
  event_id       uuid not null,
  primary key (asker, inquiry_id),
  foreign key (asker, inquiry_id) references prefectural_juki.national_inquiry (asker, inquiry_id)
);

-- Each answer that was printed at a terminal.
create table prefectural_juki.print_record (
  print_id     uuid primary key,
  provision_id uuid not null references prefectural_juki.provision_record,
  printed_by   text not null,
  terminal_id  text,
  printed_at   timestamptz not null,
  event_id     uuid not null
);
create index print_record_provision on prefectural_juki.print_record (provision_id);

-- Linkage requests that were passed on: neither content nor person is known here.
create table prefectural_juki.linkage_relay (
  relay_id   uuid primary key,
  request_id uuid not null,
  asker      text not null,
  task       text not null,
  relayed_at timestamptz not null,
  event_id   uuid not null
);

select audit.declare_fact_table('prefectural_juki.' || name)
  from unnest(array['recipient', 'recipient_end', 'task', 'task_permission', 'task_end', 'task_operator', 'task_operator_end',
    'use_entry', 'use_permission', 'use_closing', 'provision_record', 'national_inquiry', 'national_answer', 'print_record',
    'linkage_relay']) as name;
grant select, insert on prefectural_juki.recipient, prefectural_juki.recipient_end, prefectural_juki.task,
  prefectural_juki.task_permission, prefectural_juki.task_end, prefectural_juki.task_operator, prefectural_juki.task_operator_end,
  prefectural_juki.use_entry, prefectural_juki.use_permission, prefectural_juki.use_closing, prefectural_juki.provision_record,
  prefectural_juki.national_inquiry, prefectural_juki.national_answer, prefectural_juki.print_record,
  prefectural_juki.linkage_relay to {app};
grant select on prefectural_juki.task_now to {app};
