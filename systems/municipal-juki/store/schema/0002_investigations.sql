-- 訂正等の申出に伴う調査: what the prefecture asked about a record of ours, and what was found in the register.
create table municipal_juki.investigation (
  investigation_id     uuid primary key,
  resident_record_code text not null check (resident_record_code ~ '^[0-9]{11}$'),
  asked_by             text not null,
  asked_on             date not null,
  answer_by            date not null,
  claims               jsonb not null,
  received_at          timestamptz not null,
  event_id             uuid not null
);
create table municipal_juki.investigation_answer (
  investigation_id uuid primary key references municipal_juki.investigation,
  finding          text not null check (finding in ('will-be-corrected', 'register-agrees', 'record-to-be-corrected')),
  note             text not null,
  found_on         date not null,
  answered_by      text not null,
  answered_at      timestamptz not null,
  event_id         uuid not null
);
select audit.declare_fact_table('municipal_juki.investigation');
select audit.declare_fact_table('municipal_juki.investigation_answer');
grant select, insert on municipal_juki.investigation, municipal_juki.investigation_answer to {app};
