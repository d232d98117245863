-- Persons of a first load who could not be taken, by the sender's change.
create table resident_tax.load_rejection (
  rejection_id uuid primary key,
  load_id      uuid not null,
  row_no       int not null check (row_no >= 0),
  change_id    uuid not null,
  word         text not null,
  rejected_at  timestamptz not null,
  event_id     uuid not null
);
create index load_rejection_change on resident_tax.load_rejection (change_id);

grant select, insert on resident_tax.load_rejection to {app};
select audit.declare_fact_table('resident_tax.load_rejection');
