-- 都道府県知事保存附票本人確認情報ファイル (requirement 003 §4.2): 18 items a person, the current record and, unchanged, all earlier
-- ones. There is no column for an Individual Number, and none for 本籍 or 筆頭者.
create schema fuhyo_link;
grant usage on schema fuhyo_link to {app};

create table fuhyo_link.supplement (
  supplement_id                uuid primary key,
  resident_record_code         text not null unique check (resident_record_code ~ '^[0-9]{11}$'),
  name_kanji                   text not null,
  name_gaiji_count             int not null check (name_gaiji_count >= 0),
  name_furigana                text not null,
  birth_date                   date not null,
  sex                          text not null check (sex in ('male', 'female', 'other')),
  address_municipality_code    text check (address_municipality_code ~ '^[0-9]{6}$'),
  address_kanji                text not null,
  address_gaiji_count          int not null check (address_gaiji_count >= 0),
  last_address_kanji           text,
  last_address_gaiji_count     int not null check (last_address_gaiji_count >= 0),
  change_date                  date not null,
  former_resident_record_code  text check (former_resident_record_code ~ '^[0-9]{11}$'),
  managing_municipality_code   text not null check (managing_municipality_code ~ '^[0-9]{6}$'),
  record_state                 text not null check (record_state in ('domestic', 'abroad', 'removed')),
  gaiji_flag                   boolean not null,
  gaiji_pattern                text not null check (gaiji_pattern in ('none', 'name', 'address', 'both')),
  notice_kind                  text not null check (notice_kind in ('entry', 'correction', 'removal')),
  -- Beside the 18 items: what checks, searches and retention need.
  update_sequence_no           bigint not null check (update_sequence_no >= 1),
  notice_received_date         date not null,
  name_key                     text not null,
  kana_key                     text not null,
  address_key                  text not null,
  last_address_key             text,
  retroactive                  boolean not null,
  change_id                    uuid not null,
  recorded_at                  timestamptz not null,
  event_id                     uuid not null,
  check ((notice_kind = 'removal') = (record_state = 'removed')),
  check (record_state <> 'abroad' or last_address_kanji is not null),
  check (record_state <> 'domestic' or address_municipality_code is not null)
);
create index supplement_kana on fuhyo_link.supplement (kana_key, birth_date);
create index supplement_name on fuhyo_link.supplement (name_key, birth_date);
create index supplement_birth on fuhyo_link.supplement (birth_date);

create table fuhyo_link.supplement_history (
  like fuhyo_link.supplement,
  closed_event_id uuid not null,
  closed_at       timestamptz not null,
  -- 150 years are counted from the next notice (requirement 003 §6, A11).
  closed_on       date not null,
  primary key (supplement_id, change_id)
);
create index supplement_history_closed on fuhyo_link.supplement_history (closed_on);

-- What the national server refused of what had been applied here.
create table fuhyo_link.national_refusal (
  return_id         uuid primary key,
  change_id         uuid not null,
  municipality_code text not null,
  rule              text not null,
  received_at       timestamptz not null,
  event_id          uuid not null
);

-- 提供・移転の記録, attempts that were not allowed too (FPS-X4).
create table fuhyo_link.provision_record (
  provision_id  uuid primary key,
  -- Null where nobody was identified.
  supplement_id uuid,
  inquiry_id    uuid,
  recipient     text not null,
  requester     text not null,
  task          text not null,
  ground        text not null,
  method        text not null check (method in ('network', 'terminal')),
  items         text[] not null,
  withheld      text[] not null,
  result        text not null check (result in ('given', 'refused')),
  word          text,
  provided_at   timestamptz not null,
  event_id      uuid not null,
  check ((result = 'refused') = (word is not null))
);
create index provision_record_supplement on fuhyo_link.provision_record (supplement_id, provided_at);
create index provision_record_inquiry on fuhyo_link.provision_record (inquiry_id);

select audit.declare_fact_table('fuhyo_link.supplement',
  p_stands_in => '{fuhyo_link.supplement,fuhyo_link.supplement_history}',
  p_excluded => '{closed_event_id,closed_at,closed_on}', p_key => '{supplement_id,change_id}');
select audit.declare_fact_table('fuhyo_link.national_refusal');
select audit.declare_fact_table('fuhyo_link.provision_record');

grant select, insert, delete on fuhyo_link.supplement to {app};
grant select, insert on fuhyo_link.supplement_history, fuhyo_link.national_refusal,
  fuhyo_link.provision_record to {app};
