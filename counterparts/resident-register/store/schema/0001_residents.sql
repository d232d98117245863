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
  -- 旧氏 and its reading stand together or not at all.
  former_surname       text,
  former_surname_kana  text,
  -- 本籍・筆頭者: Japanese nationals only.
  registered_domicile  text,
  family_register_head text,
  -- 外国人住民: null for Japanese nationals.
  nationality          text,
  residence_status     text,
  residence_until      date,
  alias                text,
  moved_from           text,
  -- What was received and how the filer proved who they are.
  filing_document      text,
  identity_check       text,
  -- The change that this one undoes or puts right; the second person who approved.
  corrects_change      uuid,
  approved_by          text,
  reason               text not null,
  changed_on           date not null,
  filed_on             date not null,
  operator_id          text not null,
  terminal_id          text not null,
  change_id            uuid not null,
  recorded_at          timestamptz not null,
  event_id             uuid not null,
  check ((removed_on is not null) = (status = 'removed')),
  check ((planned_removal_on is not null) = (status = 'moving-out')),
  check ((former_surname is null) = (former_surname_kana is null)),
  check (nationality is not null or num_nonnulls(residence_status, residence_until, alias) = 0),
  check (nationality is null or num_nonnulls(registered_domicile, family_register_head) = 0),
  check (approved_by is distinct from operator_id)
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
create index resident_history_household on resident_register.resident_history (household_number);
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

-- Changes that cannot take effect at once: they wait for a second person, for codes of the national server, or for both.
create table resident_register.pending_change (
  pending_id   uuid primary key,
  kind         text not null,
  -- Null for a person who is not in the register yet.
  person_id    uuid,
  version      int,
  -- All that is to be carried out; an Individual Number is never among it.
  command      jsonb not null,
  summary      text not null,
  -- Null where no second person is asked.
  approval_id  uuid unique,
  needs_codes  boolean not null,
  filed_by     text not null,
  terminal_id  text not null,
  filed_at     timestamptz not null,
  event_id     uuid not null,
  check ((person_id is null) = (version is null))
);
create table resident_register.pending_outcome (
  pending_id   uuid primary key references resident_register.pending_change,
  outcome      text not null check (outcome in ('done', 'returned', 'refused')),
  -- Why it was sent back or could not be carried out.
  note         text not null,
  person_id    uuid,
  change_id    uuid,
  decided_by   text,
  at           timestamptz not null,
  event_id     uuid not null
);

-- A form that is posted twice does its work once: the key was drawn when the form was shown.
create table resident_register.form_request (
  request_key  uuid primary key,
  digest       bytea not null,
  answer       jsonb not null,
  done_at      timestamptz not null,
  event_id     uuid not null
);

-- 支援措置: each application of a person; what became of it follows from the rows below. From its arrival the address is withheld.
create table resident_register.protection (
  protection_id  uuid primary key,
  application_id uuid not null,
  person_id      uuid not null,
  received_from  text not null check (received_from in ('applicant', 'municipality')),
  ground         text not null check (ground in ('domestic-violence', 'stalking', 'child-abuse', 'other')),
  opposing_party text not null,
  consulted_body text not null,
  applied_on     date not null,
  filed_by       text not null,
  filed_at       timestamptz not null,
  event_id       uuid not null
);
create index protection_person on resident_register.protection (person_id);
create table resident_register.protection_step (
  protection_id uuid not null references resident_register.protection,
  step          int not null check (step >= 1),
  kind          text not null check (kind in ('granted', 'refused', 'extended', 'ended')),
  -- The last day on which it stands, after 'granted' and 'extended'.
  until_on      date,
  note          text not null,
  decided_by    text not null,
  approved_by   text,
  decided_on    date not null,
  at            timestamptz not null,
  event_id      uuid not null,
  primary key (protection_id, step),
  check ((until_on is not null) = (kind in ('granted', 'extended'))),
  check (approved_by is distinct from decided_by)
);
-- 解除対象一覧: who was to be lifted on the day it was drawn. Each row is judged again when it is carried out.
create table resident_register.lift_list (
  list_id     uuid primary key,
  drawn_on    date not null,
  expires_on  date not null,
  drawn_by    text not null,
  at          timestamptz not null,
  event_id    uuid not null
);
create table resident_register.lift_row (
  list_id       uuid not null references resident_register.lift_list,
  protection_id uuid not null references resident_register.protection,
  event_id      uuid not null,
  primary key (list_id, protection_id)
);
create table resident_register.lift_outcome (
  list_id       uuid not null,
  protection_id uuid not null,
  outcome       text not null check (outcome in ('lifted', 'refused')),
  why           text not null,
  by            text not null,
  at            timestamptz not null,
  event_id      uuid not null,
  primary key (list_id, protection_id),
  foreign key (list_id, protection_id) references resident_register.lift_row
);

-- 住民票の写しの交付. Requests that were refused stand here too: whoever asks for a protected person must be known.
create table resident_register.certificate (
  certificate_id uuid primary key,
  document_id    text unique,
  person_id      uuid not null,
  persons        uuid[] not null,
  requester      text not null check (requester in ('self', 'household', 'proxy', 'third-party', 'public-body')),
  requester_name text not null,
  purpose        text not null,
  proof          text not null,
  items          text[] not null,
  result         text not null check (result in ('issued', 'refused')),
  why            text,
  sealed_ref     uuid,
  sha256         bytea,
  pages          int,
  fee_yen        int not null check (fee_yen >= 0),
  issued_on      date not null,
  by             text not null,
  at             timestamptz not null,
  event_id       uuid not null,
  check ((result = 'issued') = (document_id is not null)),
  check ((result = 'issued') = (sealed_ref is not null)),
  check ((result = 'refused') = (why is not null))
);
create index certificate_person on resident_register.certificate (person_id, at);
create sequence resident_register.certificate_seq minvalue 1;

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
  resolution  text not null check (resolution in ('corrected', 'resent', 'withdrawn', 'no-action')),
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
select audit.declare_fact_table('resident_register.pending_change');
select audit.declare_fact_table('resident_register.pending_outcome');
select audit.declare_fact_table('resident_register.protection');
select audit.declare_fact_table('resident_register.protection_step');
select audit.declare_fact_table('resident_register.lift_list');
select audit.declare_fact_table('resident_register.lift_row');
select audit.declare_fact_table('resident_register.lift_outcome');
select audit.declare_fact_table('resident_register.certificate');

grant usage on sequence resident_register.addressee_number_seq, resident_register.household_number_seq,
  resident_register.certificate_seq to {app};
grant select, insert, delete on resident_register.resident to {app};
-- A row lock needs the update privilege on a column; the key is one that nothing sets.
grant update (filing_id) on resident_register.birth_filing to {app};
grant select, insert on resident_register.resident_history, resident_register.birth_filing, resident_register.birth_registered,
  resident_register.returned_notice, resident_register.returned_resolution, resident_register.load_chunk,
  resident_register.pending_change,
  resident_register.pending_outcome,
  resident_register.form_request,
  resident_register.protection,
  resident_register.protection_step,
  resident_register.lift_list,
  resident_register.lift_row,
  resident_register.lift_outcome,
  resident_register.certificate to {app};
