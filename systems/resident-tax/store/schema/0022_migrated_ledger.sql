-- 移行した課税台帳: what the system before this one held, taken over once and never changed. A row stands by its key in the old ledger and by
-- the person here; its figures are the old system's and no assessment of this one. Runs beside 0021.
create table resident_tax.migrated_person (
  migration_id     uuid not null,
  addressee_number text not null,
  person_id        uuid not null references resident_tax.person,
  event_id         uuid not null,
  primary key (migration_id, addressee_number),
  unique (migration_id, person_id)
);
create index on resident_tax.migrated_person (person_id);

create table resident_tax.migrated_levy (
  migration_id     uuid not null,
  addressee_number text not null,
  fiscal_year      int not null check (fiscal_year between 1990 and 2100),
  ward_yen         bigint not null check (ward_yen >= 0),
  metropolis_yen   bigint not null check (metropolis_yen >= 0),
  paid_yen         bigint not null check (paid_yen >= 0),
  event_id         uuid not null,
  primary key (migration_id, addressee_number, fiscal_year),
  foreign key (migration_id, addressee_number) references resident_tax.migrated_person
);

-- The log ties a part's rows together by their event.
create index on resident_tax.migrated_person (event_id);
create index on resident_tax.migrated_levy (event_id);

grant select, insert on resident_tax.migrated_person, resident_tax.migrated_levy to {app};
select audit.declare_fact_table('resident_tax.' || t) from unnest('{migrated_person,migrated_levy}'::text[]) as t;
