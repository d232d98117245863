-- From when on this instance is to have backups: where operations name it a folder for the first time. Without it an instance that was
-- never backed up at all would be late by nothing. Old code writes no row here and may run beside it.
create table backup.expected (
  only_row  boolean primary key default true check (only_row),
  since     date not null,
  since_at  timestamptz not null,
  event_id  uuid not null
);
select audit.declare_fact_table('backup.expected');
grant select, insert on backup.expected to {app};
