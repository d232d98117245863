-- Two processes that sign at once could sign two sizes in the wrong order; the lock makes it one after the other.
create function audit.lock_checkpoints() returns void
language sql security definer set search_path = pg_catalog as $$ select pg_advisory_xact_lock(6962, 3) $$;
revoke execute on function audit.lock_checkpoints() from public;
grant execute on function audit.lock_checkpoints() to {app};
