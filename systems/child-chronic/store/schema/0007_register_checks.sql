-- 住基照会: what an entry of the use ledger (使用簿) asks the prefecture's resident register about, by whose approval, on which lent medium,
-- and what came back about each person. All rows are facts. Old code may run beside it: it asks nobody and holds no case.
create sequence child_chronic.register_use_no;
grant usage on sequence child_chronic.register_use_no to {app};

create table child_chronic.register_use (
  entry_id      uuid primary key,
  -- Stands on the list as its request document.
  entry_number  text not null unique,
  task_code     text not null,
  purpose       text not null check (purpose <> ''),
  -- 利用届 and its permission, without which the register is not used.
  notification  text not null check (notification <> ''),
  approval_id   uuid not null unique,
  requested_by  text not null,
  requested_at  timestamptz not null,
  event_id      uuid not null
);
create table child_chronic.register_use_row (
  entry_id uuid not null references child_chronic.register_use,
  row_no   integer not null check (row_no >= 1),
  case_id  uuid not null references child_chronic.case_file,
  -- With what the person is asked for: the number, or the particulars where none was given.
  key_kind text not null check (key_kind in ('number', 'particulars')),
  event_id uuid not null,
  primary key (entry_id, row_no),
  unique (entry_id, case_id)
);
create index on child_chronic.register_use_row (case_id);

create table child_chronic.register_use_file (
  entry_id     uuid primary key references child_chronic.register_use,
  hand_over_id uuid not null unique,
  sealed_ref   uuid not null,
  serial       text not null,
  written_by   text not null,
  written_at   timestamptz not null,
  event_id     uuid not null
);
create table child_chronic.register_use_import (
  import_id   uuid primary key,
  entry_id    uuid not null references child_chronic.register_use,
  serial      text not null,
  rows        integer not null,
  imported_by text not null,
  imported_at timestamptz not null,
  event_id    uuid not null
);
create index on child_chronic.register_use_import (entry_id);

-- What the register says of a row; empty where nobody was identified. A number found by the particulars is in the vault alone.
create table child_chronic.register_answer (
  entry_id      uuid not null,
  row_no        integer not null,
  import_id     uuid not null references child_chronic.register_use_import,
  result        text not null check (result in ('given', 'not-identified', 'wrong-key', 'key-not-allowed', 'too-few-items')),
  name          text,
  birth_on      date,
  sex           text check (sex in ('male', 'female', 'other')),
  address       text,
  candidate_ref uuid,
  answered_at   timestamptz not null,
  event_id      uuid not null,
  primary key (entry_id, row_no),
  foreign key (entry_id, row_no) references child_chronic.register_use_row
);
create table child_chronic.register_candidate_decision (
  entry_id   uuid not null,
  row_no     integer not null,
  accepted   boolean not null,
  reason     text not null check (reason <> ''),
  decided_by text not null,
  decided_at timestamptz not null,
  event_id   uuid not null,
  primary key (entry_id, row_no),
  foreign key (entry_id, row_no) references child_chronic.register_answer
);
create table child_chronic.register_use_close (
  entry_id  uuid primary key references child_chronic.register_use,
  outcome   text not null check (outcome <> ''),
  closed_by text not null,
  closed_at timestamptz not null,
  event_id  uuid not null
);

-- The number of an applicant as it was put right: the newest counts, the first stays.
create table child_chronic.applicant_number_change (
  change_id  uuid primary key,
  case_id    uuid not null references child_chronic.case_file,
  number_ref uuid not null,
  reason     text not null check (reason <> ''),
  changed_by text not null,
  changed_at timestamptz not null,
  event_id   uuid not null
);
create index on child_chronic.applicant_number_change (case_id, changed_at);

create view child_chronic.applicant_number_now as
select n.case_id, coalesce(c.number_ref, n.number_ref) as ref
  from child_chronic.applicant_number n
  left join lateral (select x.number_ref from child_chronic.applicant_number_change x
                      where x.case_id = n.case_id order by x.changed_at desc limit 1) c on true;

grant select on child_chronic.applicant_number_now to {app};
grant select, insert on child_chronic.register_use, child_chronic.register_use_row, child_chronic.register_use_file,
  child_chronic.register_use_import, child_chronic.register_answer, child_chronic.register_candidate_decision,
  child_chronic.register_use_close, child_chronic.applicant_number_change to {app};
select audit.declare_fact_table('child_chronic.' || t)
  from unnest('{register_use,register_use_row,register_use_file,register_use_import,register_answer,register_candidate_decision,register_use_close,applicant_number_change}'::text[]) as t;
