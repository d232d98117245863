-- The national server's supplements (機構保存附票本人確認情報): the 18 items, the current record and all earlier ones. No number.
create schema national_fuhyo;
grant usage on schema national_fuhyo to {app};

create table national_fuhyo.record (
  record_id            uuid primary key,
  resident_record_code text not null unique check (resident_record_code ~ '^[0-9]{11}$'),
  record_state         text not null check (record_state in ('domestic', 'abroad', 'removed')),
  managing_municipality_code text not null,
  -- The prefecture's server that reports it, `organisation/system`.
  reported_by          text not null,
  birth_date           date not null,
  sex                  text not null,
  name_key             text not null,
  kana_key             text not null,
  address_key          text not null,
  last_address_key     text,
  -- The 18 items as they were notified.
  items                jsonb not null check (not items ?| array['individualNumber']),
  update_sequence_no   bigint not null,
  change_id            uuid not null,
  recorded_at          timestamptz not null,
  event_id             uuid not null
);
create index record_kana on national_fuhyo.record (kana_key, birth_date);
create index record_name on national_fuhyo.record (name_key, birth_date);
create index record_birth on national_fuhyo.record (birth_date);

create table national_fuhyo.record_history (
  like national_fuhyo.record,
  closed_event_id uuid not null,
  closed_at       timestamptz not null,
  primary key (record_id, change_id)
);

-- Who asked for what kind of key, and whether one person was found.
create table national_fuhyo.lookup (
  row_id     uuid primary key,
  lookup_id  uuid not null,
  asker      text not null,
  task       text not null,
  key_kind   text not null check (key_kind in ('code', 'four-items')),
  record_id  uuid,
  asked_at   timestamptz not null,
  event_id   uuid not null
);
create index lookup_asker on national_fuhyo.lookup (asker, lookup_id);

select audit.declare_fact_table('national_fuhyo.record',
  p_stands_in => '{national_fuhyo.record,national_fuhyo.record_history}',
  p_excluded => '{closed_event_id,closed_at}', p_key => '{record_id,change_id}');
select audit.declare_fact_table('national_fuhyo.lookup');

grant select, insert, delete on national_fuhyo.record to {app};
grant select, insert on national_fuhyo.record_history, national_fuhyo.lookup to {app};
