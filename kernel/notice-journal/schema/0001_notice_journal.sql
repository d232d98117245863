create schema notice_journal;
grant usage on schema notice_journal to {app};

create table notice_journal.entry (
  journal_id  uuid primary key,
  peer        text not null,
  family      text not null,
  number      bigint not null,
  digest      bytea not null,
  bytes       int not null,
  -- The id that a change carries through all levels; null for a message of many.
  change_id   uuid,
  result      text not null check (result in ('applied', 'refused')),
  rule        text,
  -- Names of the items at fault, never their values.
  items       text[] not null,
  accepted    int not null check (accepted >= 0),
  rejected    int not null check (rejected >= 0),
  received_at timestamptz not null,
  event_id    uuid not null,
  unique (peer, family, number)
);
create index entry_change on notice_journal.entry (change_id);
create index entry_at on notice_journal.entry (received_at);

select audit.declare_fact_table('notice_journal.entry');

grant select, insert on notice_journal.entry to {app};
