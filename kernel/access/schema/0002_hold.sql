-- Rights of a person that are held back for a while (a lapsed training) without being taken away. Old code beside it would
-- not heed a hold; systems of one organisation are updated together.
create table access.rights_held (
  hold_id     uuid primary key,
  staff_id    text not null check (length(staff_id) between 1 and 64),
  because     text not null,
  received_at timestamptz not null,
  event_id    uuid not null
);
create index rights_held_staff on access.rights_held (staff_id);

create table access.rights_released (
  hold_id     uuid primary key references access.rights_held,
  received_at timestamptz not null,
  event_id    uuid not null
);

select audit.declare_fact_table('access.rights_held');
select audit.declare_fact_table('access.rights_released');

grant select, insert on access.rights_held, access.rights_released to {app};
