-- 引き取られずに消去した申請: each is an incident with its receipt number and nothing of its content, for the operators to take up with the body.
create table mynaportal.application_incident (
  receipt_number  uuid primary key references mynaportal.application,
  platform        text not null,
  opened_on       date not null,
  opened_at       timestamptz not null,
  event_id        uuid not null
);
create index on mynaportal.application_incident (event_id);
grant select, insert on mynaportal.application_incident to {app};
select audit.declare_fact_table('mynaportal.application_incident');
