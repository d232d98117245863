-- 都道府県知事保存本人確認情報ファイル (requirement 003 §4.1): the current record of each person and, unchanged, all earlier ones.
create schema prefectural_juki;
grant usage on schema prefectural_juki to {app};

create table prefectural_juki.identification (
  person_id                     uuid primary key,
  resident_record_code          text not null unique check (resident_record_code ~ '^[0-9]{11}$'),
  name_kanji                    text not null,
  name_gaiji_count              int not null check (name_gaiji_count >= 0),
  name_furigana                 text not null,
  birth_date                    date not null,
  sex                           text not null check (sex in ('male', 'female', 'other')),
  address                       text not null,
  address_gaiji_count           int not null check (address_gaiji_count >= 0),
  number_ref                    uuid not null unique,
  change_reason                 text not null,
  change_date                   date not null,
  retention_flag                text not null check (retention_flag in ('current', 'removed')),
  name_kana_normalised          text not null,
  municipality_code             text not null check (municipality_code ~ '^[0-9]{6}$'),
  aza_code                      text not null,
  operator_id                   text not null,
  terminal_id                   text not null,
  source_timestamp              timestamptz not null,
  notice_received_date          date not null,
  gaiji_flag                    boolean not null,
  deleted_flag                  boolean not null,
  update_sequence_no            bigint not null check (update_sequence_no >= 1),
  name_gaiji_change_seq         int not null,
  address_gaiji_change_seq      int not null,
  former_surname_kanji          text,
  former_surname_gaiji_count    int not null,
  former_surname_furigana       text,
  former_surname_gaiji_change_seq int not null,
  -- Beside the 28 items: what the checks need.
  status                        text not null check (status in ('resident', 'moving-out', 'removed')),
  became_resident_on            date not null,
  name_key                      text not null,
  address_key                   text not null,
  retroactive                   boolean not null,
  change_id                     uuid not null,
  recorded_at                   timestamptz not null,
  event_id                      uuid not null,
  check (deleted_flag = (status = 'removed')),
  check (deleted_flag = (retention_flag = 'removed'))
);
create index identification_kana on prefectural_juki.identification (name_kana_normalised, birth_date);
create index identification_name on prefectural_juki.identification (name_key, birth_date);
create index identification_birth on prefectural_juki.identification (birth_date);

create table prefectural_juki.identification_history (
  like prefectural_juki.identification,
  closed_event_id uuid not null,
  closed_at       timestamptz not null,
  primary key (person_id, change_id)
);

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

-- 提供・移転の記録, refused ones too (JPS-X3).
create table prefectural_juki.provision_record (
  provision_id uuid primary key,
  person_id    uuid not null,
  recipient    text not null,
  ground       text not null,
  method       text not null check (method in ('network', 'medium', 'paper')),
  items        text[] not null,
  result       text not null check (result in ('given', 'refused')),
  provided_at  timestamptz not null,
  event_id     uuid not null
);
create index provision_record_person on prefectural_juki.provision_record (person_id, provided_at);

-- Linkage requests that were passed on: neither content nor person is known here.
create table prefectural_juki.linkage_relay (
  relay_id   uuid primary key,
  request_id uuid not null,
  asker      text not null,
  task       text not null,
  relayed_at timestamptz not null,
  event_id   uuid not null
);

select audit.declare_fact_table('prefectural_juki.identification',
  p_stands_in => '{prefectural_juki.identification,prefectural_juki.identification_history}',
  p_excluded => '{closed_event_id,closed_at}', p_key => '{person_id,change_id}');
select audit.declare_fact_table('prefectural_juki.notice_journal');
select audit.declare_fact_table('prefectural_juki.national_refusal');
select audit.declare_fact_table('prefectural_juki.provision_record');
select audit.declare_fact_table('prefectural_juki.linkage_relay');

grant select, insert, delete on prefectural_juki.identification to {app};
grant select, insert on prefectural_juki.identification_history, prefectural_juki.notice_journal,
  prefectural_juki.national_refusal, prefectural_juki.provision_record, prefectural_juki.linkage_relay to {app};
