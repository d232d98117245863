-- Another municipality's tax office as far as ours sees it: what it was sent, what it said of it, what it sent. Contents stand in the
-- sealed store. First version; nothing older runs beside it.
create schema other_municipality;
grant usage on schema other_municipality to {app};
create table other_municipality.received (
  transfer_id uuid primary key,
  kind        text not null check (kind in ('forwarded-documents', 'outside-levy-notice')),
  from_code   text not null check (from_code ~ '^[0-9]{6}$'),
  fiscal_year int not null,
  records     int not null check (records >= 1),
  outcome     text not null check (outcome in ('received', 'returned')),
  reason      text,
  sealed_ref  uuid,
  received_on date not null,
  event_id    uuid not null,
  check ((outcome = 'returned') = (reason is not null)),
  check ((outcome = 'received') = (sealed_ref is not null))
);
create table other_municipality.sent (
  transfer_id uuid primary key,
  kind        text not null check (kind in ('forwarded-documents', 'outside-levy-notice')),
  to_code     text not null check (to_code ~ '^[0-9]{6}$'),
  fiscal_year int not null,
  records     int not null check (records >= 1),
  sealed_ref  uuid not null,
  sent_on     date not null,
  event_id    uuid not null
);
grant select, insert on other_municipality.received, other_municipality.sent to {app};
select audit.declare_fact_table('other_municipality.' || t) from unnest(array['received', 'sent']) t;
