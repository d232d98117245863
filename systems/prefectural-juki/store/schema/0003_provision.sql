-- To whom what went, and what was only passed on.
-- 提供・移転の記録, refused ones too (JPS-X3).
create table prefectural_juki.provision_record (
  provision_id uuid primary key,
  person_id    uuid not null,
  recipient    text not null,
  ground       text not null,
  method       text not null check (method in ('network', 'medium', 'paper')),
  items        text[] not null,
  result       text not null check (result in ('given', 'refused')),
  provided_at  timestamptz not null,
  event_id     uuid not null
);
create index provision_record_person on prefectural_juki.provision_record (person_id, provided_at);

-- Linkage requests that were passed on: neither content nor person is known here.
create table prefectural_juki.linkage_relay (
  relay_id   uuid primary key,
  request_id uuid not null,
  asker      text not null,
  task       text not null,
  relayed_at timestamptz not null,
  event_id   uuid not null
);

select audit.declare_fact_table('prefectural_juki.provision_record');
select audit.declare_fact_table('prefectural_juki.linkage_relay');
grant select, insert on prefectural_juki.provision_record, prefectural_juki.linkage_relay to {app};
