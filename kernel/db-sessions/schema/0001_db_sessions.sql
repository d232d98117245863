-- Every session at this database that is not the running system's: written by the server itself at sign-in, whoever it is and
-- whatever it then does. The running system reads it and tells its log, whose heads other organisations keep.
create schema db_sessions;
grant usage on schema db_sessions to {app};

create table db_sessions.session (
  session_id  bigint generated always as identity primary key,
  account     text not null,
  -- What the session calls itself; `order:NUMBER` names the work order under which somebody looks or changes.
  application text not null,
  address     text,
  backend     integer not null,
  began_at    timestamptz not null default clock_timestamp()
);

-- Told to the log: once each.
create table db_sessions.told (
  session_id bigint primary key references db_sessions.session,
  order_no   text,
  told_at    timestamptz not null,
  event_id   uuid not null
);
create index told_event on db_sessions.told (event_id);
select audit.declare_fact_table('db_sessions.told');

grant select on db_sessions.session, db_sessions.told to {app};
grant insert on db_sessions.told to {app};

-- With the rights of the administrator who orders it (kernel/db/provision.ts), so that an account which may write nothing is written
-- down all the same, and the database's owner cannot change the function. Its statements go to the
-- server's log, outside this database; those of the product's own maintenance (`musubi-…`) are its code.
create function db_sessions.note_login() returns event_trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  application text := current_setting('application_name');
begin
  -- The placeholder stands for a quoted identifier.
  if '{app}' in (session_user, '"' || session_user || '"') or pg_is_in_recovery() then
    return;
  end if;
  insert into db_sessions.session (account, application, address, backend)
  values (session_user, left(application, 200), host(inet_client_addr()), pg_backend_pid());
  if application not like 'musubi-%' then
    perform set_config('log_statement', 'all', false);
  end if;
end $$;
