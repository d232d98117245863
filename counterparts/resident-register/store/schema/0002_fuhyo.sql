-- 戸籍の附票: the supplement of each person whose 本籍 is in this ward. It follows the resident register, and lives on when the
-- person has left: with the address that another municipality notified, or abroad with the last one in Japan. No number.
create table resident_register.fuhyo (
  person_id                 uuid primary key,
  -- 更新順番号 of the supplement, from 1.
  sequence                  int not null check (sequence >= 1),
  resident_record_code      text not null unique check (resident_record_code ~ '^[0-9]{11}$'),
  former_code               text check (former_code ~ '^[0-9]{11}$'),
  name                      text not null,
  name_kana                 text not null,
  birth_date                date not null,
  sex                       text not null check (sex in ('male', 'female', 'other')),
  address                   text not null,
  address_municipality_code text check (address_municipality_code ~ '^[0-9]{6}$'),
  last_address              text,
  record_state              text not null check (record_state in ('domestic', 'abroad', 'removed')),
  notice_kind               text not null check (notice_kind in ('entry', 'correction', 'removal')),
  changed_on                date not null,
  operator_id               text not null,
  -- Number of the notice of another municipality, where one is the ground (住民基本台帳法第19条).
  ground_document           text,
  change_id                 uuid not null,
  recorded_at               timestamptz not null,
  event_id                  uuid not null,
  check ((record_state = 'removed') = (notice_kind = 'removal')),
  check (record_state <> 'abroad' or last_address is not null),
  check (record_state <> 'domestic' or address_municipality_code is not null)
);
create index fuhyo_change on resident_register.fuhyo (change_id);

create table resident_register.fuhyo_history (
  like resident_register.fuhyo,
  closed_event_id uuid not null,
  closed_at       timestamptz not null,
  primary key (person_id, sequence)
);
create index fuhyo_history_change on resident_register.fuhyo_history (change_id);

-- What the servers above refused.
create table resident_register.fuhyo_returned (
  return_id   uuid primary key,
  person_id   uuid,
  change_id   uuid not null,
  refused_by  text not null,
  rule        text not null,
  items       text[] not null,
  present_at  text,
  returned_at timestamptz not null,
  event_id    uuid not null
);

select audit.declare_fact_table('resident_register.fuhyo',
  p_stands_in => '{resident_register.fuhyo,resident_register.fuhyo_history}',
  p_excluded => '{closed_event_id,closed_at}', p_key => '{person_id,sequence}');
select audit.declare_fact_table('resident_register.fuhyo_returned');
grant select, insert, delete on resident_register.fuhyo to {app};
grant select, insert on resident_register.fuhyo_history, resident_register.fuhyo_returned to {app};

-- What a reconciliation of the supplements found, and the correcting notices that a clerk sent for it.
create table resident_register.fuhyo_difference (
  difference_id        uuid primary key,
  run_id               uuid not null,
  kind                 text not null check (kind in ('missing', 'surplus', 'differing')),
  resident_record_code text not null,
  items                text[] not null,
  found_at             timestamptz not null,
  event_id             uuid not null
);
create index fuhyo_difference_found on resident_register.fuhyo_difference (found_at);
create table resident_register.fuhyo_correction (
  difference_id uuid primary key references resident_register.fuhyo_difference,
  -- Null: nobody is kept here under this code; there is nothing to send.
  change_id     uuid,
  corrected_by  text not null,
  corrected_at  timestamptz not null,
  event_id      uuid not null
);
select audit.declare_fact_table('resident_register.fuhyo_difference');
select audit.declare_fact_table('resident_register.fuhyo_correction');
grant select, insert on resident_register.fuhyo_difference, resident_register.fuhyo_correction to {app};
