-- A small system for the tests of the log: what an assessment, an inquiry result and a register row with history look like.
create schema ward;
grant usage on schema ward to {app};
create table ward.assessment (assessment_id text primary key, levy_yen bigint not null, decided_at timestamptz not null default '2026-06-01T09:00:00+09', event_id uuid not null);
create table ward.inquiry_result (inquiry_no text not null, item text not null, value text, received bytea, event_id uuid not null, primary key (inquiry_no, item));
create table ward.resident (person_id text primary key, address text not null, memo text, event_id uuid not null);
create table ward.resident_history (person_id text not null, address text not null, memo text, event_id uuid not null, closed_event_id uuid not null, primary key (person_id, event_id));
select audit.declare_fact_table('ward.assessment');
select audit.declare_fact_table('ward.resident', '{ward.resident,ward.resident_history}', '{memo,closed_event_id}', '{person_id,event_id}');
grant select, insert on ward.assessment, ward.inquiry_result, ward.resident_history to {app};
grant select, insert, update, delete on ward.resident to {app};

create table ward.form (form_id text primary key, content jsonb not null, note text, event_id uuid not null);
select audit.declare_fact_table('ward.form');
