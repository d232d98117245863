-- 住登外者: a register of its own for persons whom the municipality's register does not know. A number is given once, belongs to a
-- person by steps (begun, ended), and is never given to another one, unless the two were found to be one. Old code may run beside it.
create table common_platform.outside_number (
  outside_number text primary key check (outside_number ~ '^9[0-9]{14}$'),
  given_on       date not null,
  given_at       timestamptz not null,
  event_id       uuid not null
);

create table common_platform.outside_step (
  step_id           uuid primary key,
  outside_number    text not null references common_platform.outside_number,
  step_no           integer not null check (step_no > 0),
  person_id         uuid not null references common_platform.person,
  step              text not null check (step in ('begun', 'ended')),
  why               text not null check (why in ('asked', 'merged', 'merge-undone', 'moved-in', 'died', 'not-needed')),
  -- begun: which business asked and on what ground. ended: what a clerk wrote.
  system            text,
  note              text,
  municipality_code text check (municipality_code ~ '^[0-9]{6}$'),
  stepped_by        text not null,
  stepped_on        date not null,
  stepped_at        timestamptz not null,
  event_id          uuid not null,
  unique (outside_number, step_no)
);
create index outside_step_person on common_platform.outside_step (person_id);

-- Whose each number is now, or last was.
create view common_platform.outside_standing as
  select s.* from common_platform.outside_step s
   where not exists (select 1 from common_platform.outside_step l
                      where l.outside_number = s.outside_number and l.step_no > s.step_no);

grant select, insert on common_platform.outside_number, common_platform.outside_step to {app};
grant select on common_platform.outside_standing to {app};
select audit.declare_fact_table('common_platform.' || t) from unnest('{outside_number,outside_step}'::text[]) as t;
