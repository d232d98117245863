-- An outage is declared when it happens, a planned stop beforehand; either can end before its time. Older code goes on beside it.
alter table information_providing_network.maintenance_window
  add column kind text not null default 'planned' check (kind in ('planned', 'outage'));
create table information_providing_network.maintenance_end (
  window_id  uuid primary key references information_providing_network.maintenance_window,
  ended_at   timestamptz not null,
  event_id   uuid not null
);
grant select, insert on information_providing_network.maintenance_end to {app};
select audit.declare_fact_table('information_providing_network.maintenance_end');
