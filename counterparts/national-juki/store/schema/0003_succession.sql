-- A Resident Record Code that took the place of another is told to the root of linkage codes, once for each change, until it
-- is taken. Old code beside it does not tell; what it misses stands in replacement_in_force.
create table national_juki.succession (
  succession_id uuid primary key references national_juki.replacement,
  holder_id     uuid not null references national_juki.code_holder,
  ended_code    text not null check (ended_code ~ '^[0-9]{11}$'),
  survivor_code text not null check (survivor_code ~ '^[0-9]{11}$' and survivor_code <> ended_code),
  changed_on    date not null,
  noted_at      timestamptz not null,
  event_id      uuid not null
);
create table national_juki.succession_told (
  succession_id uuid primary key references national_juki.succession,
  -- `taken`, or the root's word where it refused for good: then people look.
  result        text not null,
  bodies        int not null check (bodies >= 0),
  told_at       timestamptz not null,
  event_id      uuid not null
);
create index succession_event on national_juki.succession (event_id);
create index succession_told_event on national_juki.succession_told (event_id);
select audit.declare_fact_table('national_juki.succession');
select audit.declare_fact_table('national_juki.succession_told');
grant select, insert on national_juki.succession, national_juki.succession_told to {app};
