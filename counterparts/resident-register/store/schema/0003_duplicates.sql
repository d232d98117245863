-- 二重登録: the record that a 職権消除 left standing for the same person, and its code. One row for each removal that was sent for that.
create table resident_register.duplicate (
  change_id     uuid primary key,
  person_id     uuid not null,
  survivor_code text not null check (survivor_code ~ '^[0-9]{11}$'),
  noted_at      timestamptz not null,
  event_id      uuid not null
);
create index duplicate_person on resident_register.duplicate (person_id);
select audit.declare_fact_table('resident_register.duplicate');
grant select, insert on resident_register.duplicate to {app};
