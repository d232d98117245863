-- From the entry to the end of a certification: the entry is compared with the papers by another person, the board is heard, a second person certifies,
-- papers are handed out, the municipality gets its list, and before the end comes a guide. Facts alone. Old code may run beside it.

-- 記載の訂正: what was entered wrongly; the newest value of a field counts, the first stays.
create table child_chronic.entry_correction (
  correction_id uuid primary key,
  case_id       uuid not null references child_chronic.case_file,
  field         text not null check (field in ('patient_name', 'patient_kana', 'patient_birth_on', 'applicant_name', 'applicant_kana',
                                               'applicant_birth_on', 'applicant_address')),
  value         text not null check (value <> ''),
  corrected_by  text not null,
  corrected_at  timestamptz not null,
  event_id      uuid not null
);
create index on child_chronic.entry_correction (case_id, corrected_at);
-- The case as it is entered now.
create view child_chronic.case_now as
select f.case_id, f.case_number, f.kind, f.applied_on, coalesce(c.v->>'patient_name', f.patient_name) as patient_name,
       coalesce(c.v->>'patient_kana', f.patient_kana) as patient_kana,
       coalesce((c.v->>'patient_birth_on')::date, f.patient_birth_on) as patient_birth_on, f.applicant_is_patient,
       coalesce(c.v->>'applicant_name', f.applicant_name) as applicant_name, coalesce(c.v->>'applicant_kana', f.applicant_kana) as applicant_kana,
       coalesce((c.v->>'applicant_birth_on')::date, f.applicant_birth_on) as applicant_birth_on, f.applicant_sex,
       coalesce(c.v->>'applicant_address', f.applicant_address) as applicant_address, f.insurer, f.other_members, f.condition,
       f.registration_request, f.received_by, f.received_at
  from child_chronic.case_file f
  left join lateral (select jsonb_object_agg(x.field, x.value order by x.corrected_at) as v
                       from child_chronic.entry_correction x where x.case_id = f.case_id) c on true;
create table child_chronic.entry_check (
  check_id   uuid primary key,
  case_id    uuid not null references child_chronic.case_file,
  -- Fields that differ from the papers; none: the entry stands.
  differing  text[] not null,
  checked_by text not null,
  checked_at timestamptz not null,
  event_id   uuid not null
);
create index on child_chronic.entry_check (case_id, checked_at);

-- 申告と回答の相違: the examiner's reason for going by what the municipality answered.
create table child_chronic.difference_reason (
  result_id  uuid primary key references child_chronic.inquiry_result,
  case_id    uuid not null references child_chronic.case_file,
  reason     text not null check (reason <> ''),
  decided_by text not null,
  decided_at timestamptz not null,
  event_id   uuid not null
);

-- 世帯内のほかの医療費助成: another person's certificate of the same insurance, for the apportionment.
create table child_chronic.household_aid (
  aid_id             uuid primary key,
  case_id            uuid not null references child_chronic.case_file,
  person             text not null,
  scheme             text not null check (scheme in ('child-chronic', 'intractable')),
  certificate_number text not null,
  ceiling_yen        integer not null check (ceiling_yen between 0 and 30000),
  recorded_by        text not null,
  recorded_at        timestamptz not null,
  event_id           uuid not null,
  unique (case_id, scheme, certificate_number)
);

-- 審査会: who was on the agenda of which day, and what the board said.
create table child_chronic.board_meeting (
  meeting_id uuid primary key,
  held_on    date not null unique,
  called_by  text not null,
  called_at  timestamptz not null,
  event_id   uuid not null
);
create table child_chronic.board_item (
  meeting_id uuid not null references child_chronic.board_meeting,
  case_id    uuid not null references child_chronic.case_file,
  added_by   text not null,
  event_id   uuid not null,
  primary key (meeting_id, case_id)
);
create index on child_chronic.board_item (case_id);
create table child_chronic.board_opinion (
  case_id     uuid primary key references child_chronic.case_file,
  meeting_id  uuid not null,
  opinion     text not null check (opinion in ('approved', 'not-approved')),
  reason      text not null,
  recorded_by text not null,
  recorded_at timestamptz not null,
  event_id    uuid not null,
  foreign key (meeting_id, case_id) references child_chronic.board_item,
  check (opinion = 'approved' or reason <> '')
);

create sequence child_chronic.beneficiary_no;
grant usage on sequence child_chronic.beneficiary_no to {app};

create table child_chronic.certification_proposal (
  approval_id        uuid primary key,
  case_id            uuid not null references child_chronic.case_file,
  outcome            text not null check (outcome in ('certified', 'refused')),
  disease_code       text,
  disease_name       text,
  valid_from         date,
  valid_until        date,
  -- 他の都道府県の受給者証, which the end of the term follows.
  other_certificate  text,
  ceiling_yen        integer check (ceiling_yen between 0 and 15000),
  tier               text,
  -- 按分 before and after, where there was one.
  apportionment      jsonb,
  reason             text not null,
  proposed_by        text not null,
  proposed_at        timestamptz not null,
  event_id           uuid not null,
  check ((outcome = 'certified') = (valid_from is not null and valid_until is not null and ceiling_yen is not null and disease_code is not null)),
  check (valid_until >= valid_from)
);
create index on child_chronic.certification_proposal (case_id, proposed_at);
create table child_chronic.certification_return (
  approval_id uuid primary key references child_chronic.certification_proposal,
  reason      text not null check (reason <> ''),
  returned_by text not null,
  returned_at timestamptz not null,
  event_id    uuid not null
);
create table child_chronic.certification (
  case_id            uuid primary key references child_chronic.case_file,
  approval_id        uuid not null unique references child_chronic.certification_proposal,
  -- Of the patient for all renewals, never another's; none where it was refused.
  beneficiary_number text check (beneficiary_number ~ '^[0-9]{7}$'),
  patient_kana       text not null,
  patient_birth_on   date not null,
  decided_by         text not null,
  decided_on         date not null,
  decided_at         timestamptz not null,
  event_id           uuid not null
);
create index on child_chronic.certification (patient_kana, patient_birth_on);
create table child_chronic.certification_end (
  case_id  uuid primary key references child_chronic.certification,
  -- The last day on which it holds.
  last_day date not null,
  why      text not null check (why in ('moved-out', 'died', 'recovered', 'withdrawn')),
  note     text not null check (note <> ''),
  ended_by text not null,
  ended_at timestamptz not null,
  event_id uuid not null
);

-- 更新の案内: one line for each certification that ends in the month, a guide or a stated exclusion.
create table child_chronic.renewal_guide (
  case_id  uuid primary key references child_chronic.certification,
  month    text not null check (month ~ '^[0-9]{4}-[0-9]{2}$'),
  excluded text check (excluded <> ''),
  made_by  text not null,
  made_on  date not null,
  event_id uuid not null
);

-- 区市町村への結果一覧.
create table child_chronic.result_list (
  list_id      uuid primary key,
  municipality text not null,
  made_by      text not null,
  made_on      date not null,
  made_at      timestamptz not null,
  event_id     uuid not null
);
create table child_chronic.result_list_row (
  case_id  uuid primary key references child_chronic.certification,
  list_id  uuid not null references child_chronic.result_list,
  event_id uuid not null
);
create index on child_chronic.result_list_row (list_id);

grant select on child_chronic.case_now to {app};
grant select, insert on child_chronic.entry_correction, child_chronic.entry_check, child_chronic.difference_reason,
  child_chronic.household_aid, child_chronic.board_meeting, child_chronic.board_item, child_chronic.board_opinion,
  child_chronic.certification_proposal, child_chronic.certification_return, child_chronic.certification, child_chronic.certification_end,
  child_chronic.renewal_guide, child_chronic.result_list, child_chronic.result_list_row to {app};
select audit.declare_fact_table('child_chronic.' || t)
  from unnest('{entry_correction,entry_check,difference_reason,household_aid,board_meeting,board_item,board_opinion,certification_proposal,certification_return,certification,certification_end,renewal_guide,result_list,result_list_row}'::text[]) as t;
create trigger keep_certification before delete on child_chronic.certification for each row execute function child_chronic.keep();
