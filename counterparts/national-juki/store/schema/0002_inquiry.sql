-- Inquiries of prefectures (NCS-F2): who asked, on what ground, with what kind of key, which items went. Nothing of the person
-- but whom it was; a repeat is refused by the asker's own number.
create table national_juki.inquiry_record (
  asker       text not null,
  inquiry_id  uuid not null,
  ground      text not null,
  key_kind    text not null check (key_kind in ('code', 'number', 'four-items')),
  items       text[] not null,
  result      text not null check (result in ('given', 'not-identified')),
  hit_count   int not null check (hit_count >= 0),
  holder_id   uuid references national_juki.code_holder,
  answered_at timestamptz not null,
  event_id    uuid not null,
  primary key (asker, inquiry_id),
  check (result = 'given' or items = '{}')
);
create index record_birth on national_juki.record (birth_date);
select audit.declare_fact_table('national_juki.inquiry_record');
grant select, insert on national_juki.inquiry_record to {app};
