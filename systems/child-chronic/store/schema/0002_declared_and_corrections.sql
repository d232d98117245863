-- What the applicant stated about their tax on the form, beside which the municipality's answer is shown; and registrations that
-- the platform corrected (INC-53), after which the case waits for a new one. Old code may run beside it.
create table child_chronic.declared_tax (
  case_id        uuid primary key references child_chronic.case_file,
  taxed          text check (taxed in ('taxed', 'exempt')),
  per_income_yen integer check (per_income_yen >= 0),
  event_id       uuid not null,
  check (taxed is not null or per_income_yen is not null)
);

create table child_chronic.registration_end (
  registration_id uuid primary key references child_chronic.registration,
  correction_id   uuid not null,
  kind            text not null check (kind in ('unlinked', 'merged')),
  ended_on        date not null,
  ended_at        timestamptz not null,
  event_id        uuid not null
);
create table child_chronic.correction (
  correction_id uuid primary key,
  kind          text not null,
  registrations integer not null,
  corrected_on  date not null,
  received_at   timestamptz not null,
  event_id      uuid not null
);
-- After a correction the case is registered once more.
drop index child_chronic.registration_once;

-- What another business was told about a decided case, by which transfer.
create table child_chronic.transfer_answer (
  answer_id   uuid primary key,
  transfer_id uuid not null,
  asker       text not null,
  ground      text not null,
  persons     integer not null,
  held        integer not null,
  answered_at timestamptz not null,
  event_id    uuid not null
);
create index transfer_answer_transfer on child_chronic.transfer_answer (transfer_id);

grant select, insert on child_chronic.declared_tax, child_chronic.registration_end, child_chronic.correction,
  child_chronic.transfer_answer to {app};
select audit.declare_fact_table('child_chronic.' || t)
  from unnest('{declared_tax,registration_end,correction,transfer_answer}'::text[]) as t;
