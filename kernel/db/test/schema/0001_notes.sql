-- A small schema for the kernel's own tests.
create schema note;
create table note.note (
  note_id bigint generated always as identity primary key,
  words text not null,
  amount_yen bigint not null default 0 check (amount_yen >= 0),
  due_on date,
  body jsonb,
  bytes bytea,
  event_id uuid not null
);
grant usage on schema note to {app};
grant select, insert on note.note to {app};
