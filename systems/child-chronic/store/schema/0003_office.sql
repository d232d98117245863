-- What the office does around a case: how identity was checked and on which form it came, questions to insurers by registered mail,
-- and the standing of lodged copies. Facts alone. Old code may run beside it.
create table child_chronic.intake_check (
  case_id            uuid primary key references child_chronic.case_file,
  receipt_number     text not null unique,
  form_version       text not null,
  number_document    text not null,
  identity_documents text[] not null check (cardinality(identity_documents) >= 1),
  proxy_authority    text,
  checked_by         text not null,
  checked_on         date not null,
  event_id           uuid not null
);
create index on child_chronic.intake_check (event_id);

-- 保険者マスタ: where questions go. A change is a new row; the newest counts.
create table child_chronic.insurer (
  row_id        uuid primary key,
  insurer_code  text not null check (insurer_code ~ '^[0-9]{8}$'),
  name          text not null,
  postal_code   text not null check (postal_code ~ '^[0-9]{7}$'),
  address       text not null,
  registered_by text not null,
  registered_at timestamptz not null,
  event_id      uuid not null
);
create index on child_chronic.insurer (event_id);
create index on child_chronic.insurer (insurer_code, registered_at);

-- 同意: who agreed to which question about whom, on which paper; another person compares it with the case.
create table child_chronic.consent (
  consent_id     uuid primary key,
  case_id        uuid not null references child_chronic.case_file,
  insurer_code   text not null,
  signer         text not null check (signer in ('applicant', 'proxy')),
  signed_on      date not null,
  receipt_number text not null,
  recorded_by    text not null,
  recorded_at    timestamptz not null,
  event_id       uuid not null
);
create index on child_chronic.consent (event_id);
create index on child_chronic.consent (case_id, recorded_at);
create table child_chronic.consent_match (
  consent_id uuid primary key references child_chronic.consent,
  matched_by text not null,
  matched_at timestamptz not null,
  event_id   uuid not null
);
create index on child_chronic.consent_match (event_id);

create table child_chronic.insurer_batch (
  batch_id     uuid primary key,
  batch_number text not null unique,
  insurer_code text not null,
  condition    text not null,
  extracted_by text not null,
  extracted_on date not null,
  extracted_at timestamptz not null,
  event_id     uuid not null
);
create index on child_chronic.insurer_batch (event_id);
create table child_chronic.insurer_inquiry (
  inquiry_id   uuid primary key,
  batch_id     uuid not null references child_chronic.insurer_batch,
  case_id      uuid not null references child_chronic.case_file,
  consent_id   uuid not null references child_chronic.consent,
  legal_ground text not null,
  -- Why it was added by hand; null where the condition found it.
  added_ground text,
  created_by   text not null,
  event_id     uuid not null,
  unique (batch_id, case_id)
);
create index on child_chronic.insurer_inquiry (event_id);
create index on child_chronic.insurer_inquiry (case_id);
create table child_chronic.insurer_piece (
  inquiry_id      uuid primary key references child_chronic.insurer_inquiry,
  tracking_number text not null unique check (tracking_number ~ '^[0-9]{11}$'),
  address         text not null,
  entered_by      text not null,
  event_id        uuid not null
);
create index on child_chronic.insurer_piece (event_id);
create table child_chronic.insurer_batch_close (
  batch_id  uuid primary key references child_chronic.insurer_batch,
  pieces    integer not null,
  closed_by text not null,
  closed_on date not null,
  event_id  uuid not null
);
create index on child_chronic.insurer_batch_close (event_id);
create table child_chronic.insurer_answer (
  inquiry_id     uuid primary key references child_chronic.insurer_inquiry,
  receipt_number text not null,
  category       text not null check (category in ('ア', 'イ', 'ウ', 'エ', 'オ', '該当なし')),
  valid_from     date not null,
  form_version   text not null,
  entered_by     text not null,
  event_id       uuid not null
);
create index on child_chronic.insurer_answer (event_id);
-- 二人目の照合: another person keys it from the paper and finds the same.
create table child_chronic.insurer_answer_check (
  inquiry_id uuid primary key references child_chronic.insurer_answer,
  checked_by text not null,
  event_id   uuid not null
);
create index on child_chronic.insurer_answer_check (event_id);

-- 副本: what was handed to the platform for lodging, and what it said.
create table child_chronic.copy_batch (
  batch_id uuid primary key,
  copies   integer not null,
  sent_by  text not null,
  sent_at  timestamptz not null,
  event_id uuid not null
);
create index on child_chronic.copy_batch (event_id);
create table child_chronic.copy_row (
  batch_id uuid not null references child_chronic.copy_batch,
  row_no   integer not null,
  case_id  uuid not null references child_chronic.tier_decision,
  primary key (batch_id, row_no)
);
create index on child_chronic.copy_row (case_id);
create table child_chronic.copy_outcome (
  batch_id uuid not null,
  row_no   integer not null,
  state    text not null check (state in ('accepted', 'error')),
  code     text,
  at       timestamptz not null,
  event_id uuid not null,
  primary key (batch_id, row_no),
  foreign key (batch_id, row_no) references child_chronic.copy_row
);
create index on child_chronic.copy_outcome (event_id);
-- 確認リスト, signed: how many decisions stood in which state on the day.
create table child_chronic.copy_check (
  check_id    uuid primary key,
  decisions   integer not null,
  accepted    integer not null,
  open        integer not null,
  explanation text not null,
  signed_by   text not null,
  signed_on   date not null,
  event_id    uuid not null
);
create index on child_chronic.copy_check (event_id);

grant select, insert on child_chronic.intake_check, child_chronic.insurer, child_chronic.consent, child_chronic.consent_match,
  child_chronic.insurer_batch, child_chronic.insurer_inquiry, child_chronic.insurer_piece, child_chronic.insurer_batch_close,
  child_chronic.insurer_answer, child_chronic.insurer_answer_check, child_chronic.copy_batch, child_chronic.copy_row,
  child_chronic.copy_outcome, child_chronic.copy_check to {app};
select audit.declare_fact_table('child_chronic.' || t)
  from unnest('{intake_check,insurer,consent,consent_match,insurer_batch,insurer_inquiry,insurer_piece,insurer_batch_close,insurer_answer,insurer_answer_check,copy_batch,copy_outcome,copy_check}'::text[]) as t;

-- 保存期間: a case and its decision are kept for five years (claims for and against public bodies lapse then), whoever asks to delete.
-- The day is the machine's: where a training town's days run ahead of it, rows are kept longer, never shorter.
create function child_chronic.keep() returns trigger language plpgsql as $$
declare
  counted date := case when tg_table_name = 'case_file' then (to_jsonb(old)->>'applied_on')::date else (to_jsonb(old)->>'decided_on')::date end;
begin
  if counted + interval '5 years' >= (now() at time zone 'Asia/Tokyo')::date then
    raise exception 'this row is kept until its term is over' using errcode = 'MC001';
  end if;
  return old;
end $$;
create trigger keep_case before delete on child_chronic.case_file for each row execute function child_chronic.keep();
create trigger keep_decision before delete on child_chronic.tier_decision for each row execute function child_chronic.keep();
