-- 既存住民基本台帳システム: who lives here, every change as a row of its own, and what the clerks have yet to do.
create schema resident_register;
grant usage on schema resident_register to {app};

create sequence resident_register.addressee_number_seq minvalue 1 maxvalue 9999999999 start 1000001;
create sequence resident_register.household_number_seq minvalue 1 maxvalue 999999999 start 100001;

create table resident_register.resident (
  person_id            uuid primary key,
  -- 更新順番号 of this person's record, from 1: also the version that a clerk read.
  sequence             int not null check (sequence >= 1),
  addressee_number     text not null unique check (addressee_number ~ '^[0-9]{1,15}$'),
  resident_record_code text not null unique check (resident_record_code ~ '^[0-9]{11}$'),
  number_ref           uuid not null unique,
  status               text not null check (status in ('resident', 'moving-out', 'removed')),
  name                 text not null,
  name_kana            text not null,
  name_key             text not null,
  kana_key             text not null,
  birth_date           date not null,
  sex                  text not null check (sex in ('male', 'female', 'other')),
  address              text not null,
  postal_code          text check (postal_code ~ '^[0-9]{7}$'),
  household_number     text not null,
  relationship         text not null,
  became_resident_on   date not null,
  planned_removal_on   date,
  removed_on           date,
  moved_to             text,
  address_protected    boolean not null,
  reason               text not null,
  changed_on           date not null,
  filed_on             date not null,
  operator_id          text not null,
  terminal_id          text not null,
  change_id            uuid not null,
  recorded_at          timestamptz not null,
  event_id             uuid not null,
  check ((removed_on is not null) = (status = 'removed')),
  check ((planned_removal_on is not null) = (status = 'moving-out'))
);
create index resident_kana on resident_register.resident (kana_key, birth_date);
create index resident_name on resident_register.resident (name_key, birth_date);
create index resident_household on resident_register.resident (household_number);
create index resident_change on resident_register.resident (change_id);
create index resident_leaving on resident_register.resident (planned_removal_on) where status = 'moving-out';

create table resident_register.resident_history (
  like resident_register.resident,
  closed_event_id uuid not null,
  closed_at       timestamptz not null,
  primary key (person_id, sequence)
);
create index resident_history_change on resident_register.resident_history (change_id);

-- 出生届 that wait for their codes. The request to the national server bears the filing's id, so a repeat gets the same codes.
create table resident_register.birth_filing (
  filing_id        uuid primary key,
  name             text not null,
  name_kana        text not null,
  birth_date       date not null,
  sex              text not null,
  household_of     uuid not null,
  relationship     text not null,
  filed_on         date not null,
  operator_id      text not null,
  terminal_id      text not null,
  filed_at         timestamptz not null,
  event_id         uuid not null
);
create table resident_register.birth_registered (
  filing_id uuid primary key references resident_register.birth_filing,
  person_id uuid not null unique,
  event_id  uuid not null
);

-- What the network sent back: the counter's work list.
create table resident_register.returned_notice (
  return_id          uuid primary key,
  kind               text not null check (kind in ('refused', 'claimed-elsewhere', 'moved-in-elsewhere')),
  person_id          uuid,
  change_id          uuid,
  refused_by         text,
  rule               text,
  items              text[] not null,
  present_at         text,
  other_municipality text,
  returned_at        timestamptz not null,
  event_id           uuid not null
);
create table resident_register.returned_resolution (
  return_id   uuid primary key references resident_register.returned_notice,
  resolution  text not null check (resolution in ('corrected', 'withdrawn', 'no-action')),
  note        text not null,
  resolved_by text not null,
  resolved_at timestamptz not null,
  event_id    uuid not null
);

-- Chunks of the first load that were taken.
create table resident_register.load_chunk (
  load_id   uuid not null,
  chunk     int not null,
  accepted  int not null,
  rejected  jsonb not null,
  loaded_at timestamptz not null,
  event_id  uuid not null,
  primary key (load_id, chunk)
);

select audit.declare_fact_table('resident_register.resident',
  p_stands_in => '{resident_register.resident,resident_register.resident_history}',
  p_excluded => '{closed_event_id,closed_at}', p_key => '{person_id,sequence}');
select audit.declare_fact_table('resident_register.birth_filing');
select audit.declare_fact_table('resident_register.birth_registered');
select audit.declare_fact_table('resident_register.returned_notice');
select audit.declare_fact_table('resident_register.returned_resolution');
select audit.declare_fact_table('resident_register.load_chunk');

grant usage on sequence resident_register.addressee_number_seq, resident_register.household_number_seq to {app};
grant select, insert, delete on resident_register.resident to {app};
-- A row lock needs the update privilege on a column; the key is one that nothing sets.
grant update (filing_id) on resident_register.birth_filing to {app};
grant select, insert on resident_register.resident_history, resident_register.birth_filing, resident_register.birth_registered,
  resident_register.returned_notice, resident_register.returned_resolution, resident_register.load_chunk to {app};
