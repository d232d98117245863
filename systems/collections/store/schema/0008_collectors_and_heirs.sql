-- Who pays over for others (特別徴収義務者, 年金保険者) is reminded too: by runs of their own whose letters name all of its people that it has
-- not paid for. Where it is written to is told with the charges. Nothing older runs beside it.
alter table collections.reminder_run add addressed_to text check (addressed_to = 'collectors');
-- Rows of one run with one number are one letter.
alter table collections.reminder_letter add designation_number text;

create table collections.collector (
  designation_number text not null check (designation_number ~ '^[0-9A-Z-]{1,12}$'),
  version     integer not null check (version >= 1),
  name        text not null,
  postal_code text check (postal_code ~ '^[0-9]{7}$'),
  address     text not null,
  event_id    uuid not null,
  primary key (designation_number, version)
);

alter table collections.paper drop constraint paper_kind_check, drop constraint paper_check;
alter table collections.paper
  add constraint paper_kind_check check (kind in ('slip', 'reminders', 'collector-reminders', 'demand', 'tax-certificate', 'refund-notice',
    'debit-notices', 'cash-receipt')),
  add constraint paper_check check ((kind in ('reminders', 'collector-reminders', 'debit-notices')) = (person_number is null));

grant select, insert on collections.collector to {app};
select audit.declare_fact_table('collections.collector');

-- 執行停止: on which ground of 地方税法 第15条の7第1項. Only the first lets a claim end at once (第5項).
alter table collections.hold add ground text
  check (ground is null or (ground in ('no-property', 'livelihood', 'whereabouts') and kind = 'execution-stopped'));
create index hold_stopped on collections.hold (from_on) where kind = 'execution-stopped';
