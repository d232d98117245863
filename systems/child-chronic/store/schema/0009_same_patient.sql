-- 同じ氏名・生年月日の患者: whether two cases are of one patient where nothing but name and birthday says so. Facts; of a pair the newest counts.
-- Old code may run beside it.
create table child_chronic.patient_judgement (
  judgement_id  uuid primary key,
  case_id       uuid not null references child_chronic.case_file,
  other_case_id uuid not null references child_chronic.case_file,
  is_same       boolean not null,
  reason        text not null check (reason <> ''),
  judged_by     text not null,
  judged_at     timestamptz not null,
  event_id      uuid not null,
  check (case_id <> other_case_id)
);
create index on child_chronic.patient_judgement (least(case_id, other_case_id), greatest(case_id, other_case_id), judged_at);
create index on child_chronic.patient_judgement (event_id);
grant select, insert on child_chronic.patient_judgement to {app};
select audit.declare_fact_table('child_chronic.patient_judgement');
