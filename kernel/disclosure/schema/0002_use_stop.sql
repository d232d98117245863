-- 利用停止 in force: whoever gives data of a person away looks here first. One row for each word that the decision stops.
create table disclosure.use_stop (
  request_id uuid not null references disclosure.request,
  word       text not null check (word <> ''),
  person_id  text not null,
  from_on    date not null,
  event_id   uuid not null,
  primary key (request_id, word)
);
create index use_stop_person on disclosure.use_stop (person_id);
create index use_stop_event on disclosure.use_stop (event_id);

create table disclosure.use_stop_end (
  request_id uuid primary key references disclosure.request,
  ended_on   date not null,
  event_id   uuid not null
);
create index use_stop_end_event on disclosure.use_stop_end (event_id);

create view disclosure.use_stop_now as
  select s.request_id, s.person_id, s.word, s.from_on from disclosure.use_stop s
   where not exists (select 1 from disclosure.use_stop_end e where e.request_id = s.request_id);

select audit.declare_fact_table('disclosure.use_stop');
select audit.declare_fact_table('disclosure.use_stop_end');

grant select, insert on disclosure.use_stop, disclosure.use_stop_end to {app};
grant select on disclosure.use_stop_now to {app};
