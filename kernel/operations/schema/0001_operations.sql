-- What those who run an instance must look at: alerts, who took them up, and to whom they went when nobody did. First version;
-- nothing older runs beside it.
create schema operations;
grant usage on schema operations to {app};

create table operations.alert (
  alert_id  uuid primary key,
  code      text not null check (code ~ '^[a-z-]{1,60}$'),
  about     text not null,
  detail    jsonb not null,
  opened_at timestamptz not null,
  event_id  uuid not null
);
create index alert_about on operations.alert (code, about, opened_at);
create table operations.alert_step (
  alert_id uuid not null references operations.alert,
  step     text not null check (step in ('acknowledged', 'escalated', 'closed')),
  step_by  text not null,
  note     text,
  step_at  timestamptz not null,
  event_id uuid not null,
  primary key (alert_id, step)
);

grant select, insert on operations.alert, operations.alert_step to {app};
select audit.declare_fact_table('operations.' || t) from unnest('{alert,alert_step}'::text[]) as t;
