-- Rights that rest while a handler's training is not recorded; told by the organisation's governance. Old code does not know
-- the message and would refuse it.
create table staff_directory.training_hold (
  hold_id     uuid primary key,
  staff_id    text not null references staff_directory.account,
  fiscal_year int not null,
  held_on     date not null,
  held_at     timestamptz not null,
  event_id    uuid not null
);
create index training_hold_staff on staff_directory.training_hold (staff_id);
create index training_hold_event on staff_directory.training_hold (event_id);

create table staff_directory.training_release (
  hold_id     uuid primary key references staff_directory.training_hold,
  released_on date not null,
  released_at timestamptz not null,
  event_id    uuid not null
);
create index training_release_event on staff_directory.training_release (event_id);

select audit.declare_fact_table('staff_directory.training_hold');
select audit.declare_fact_table('staff_directory.training_release');

grant select, insert on staff_directory.training_hold, staff_directory.training_release to {app};
