-- What the staff directory was told of a handler's training; the last row of a person is what it knows. Old code does not
-- tell and may run beside it.
create table governance.training_told (
  told_no     bigint generated always as identity primary key,
  staff_id    text not null,
  fiscal_year int not null,
  standing    text not null check (standing in ('lapsed', 'recorded')),
  told_on     date not null,
  told_at     timestamptz not null,
  event_id    uuid not null
);
create index training_told_staff on governance.training_told (staff_id, told_no desc);
create index training_told_event on governance.training_told (event_id);

select audit.declare_fact_table('governance.training_told');

grant select, insert on governance.training_told to {app};
