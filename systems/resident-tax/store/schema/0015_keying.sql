-- 入力委託: the steps of a batch of paper forms with a contractor, what was wrong with it, and what a clerk corrected from the paper.
-- Runs beside 0014.
create table resident_tax.keying_step (
  delivery_id  uuid not null references resident_tax.announced_delivery,
  -- 授受票, 検証, 返却票, 消去確認, 完了; delivered is the intake of the batch.
  step         text not null check (step in ('handed-over', 'verified', 'returned', 'erased', 'closed')),
  sheets       int not null check (sheets >= 1),
  -- Who of the contractor confirms by name, and the paper's number: both sides sign slips.
  other_side   text,
  evidence     text,
  done_on      date not null,
  done_by      text not null,
  done_at      timestamptz not null,
  event_id     uuid not null,
  primary key (delivery_id, step),
  check (step not in ('handed-over', 'returned', 'erased') or other_side <> ''),
  check (step <> 'erased' or evidence <> '')
);

create table resident_tax.keying_incident (
  incident_id  uuid primary key,
  delivery_id  uuid not null references resident_tax.announced_delivery,
  word         text not null,
  expected     int not null,
  found        int not null,
  opened_at    timestamptz not null,
  event_id     uuid not null
);
create index on resident_tax.keying_incident (delivery_id);
create table resident_tax.keying_incident_end (
  incident_id  uuid primary key references resident_tax.keying_incident,
  resolution   text not null check (resolution <> ''),
  ended_by     text not null,
  ended_at     timestamptz not null,
  event_id     uuid not null
);

create table resident_tax.keying_correction (
  delivery_id  uuid not null references resident_tax.announced_delivery,
  sheet_number int not null check (sheet_number >= 1),
  correction_no int not null check (correction_no >= 1),
  -- Element of the form; never one that holds an Individual Number.
  element      text not null,
  value        text not null,
  corrected_by text not null,
  corrected_at timestamptz not null,
  event_id     uuid not null,
  primary key (delivery_id, sheet_number, element, correction_no)
);

select audit.declare_fact_table('resident_tax.' || t)
  from unnest(array['keying_step', 'keying_incident', 'keying_incident_end', 'keying_correction']) t;
grant select, insert on resident_tax.keying_step, resident_tax.keying_incident, resident_tax.keying_incident_end,
  resident_tax.keying_correction to {app};
