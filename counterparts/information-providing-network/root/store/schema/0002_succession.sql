-- Successors of roots: changed Resident Record Codes and merges. A root stands here as a keyed digest, and its successor sealed, both
-- under keys that are not in the database; nothing here says which person, or which two, it is about. A wrong merge is undone by a
-- later row, never by taking one away.
create table linkage_root.succession (
  request_id     uuid primary key,
  succession_no  bigint generated always as identity unique,
  kind           text not null check (kind in ('code-changed', 'merged', 'undone')),
  ended_check    bytea not null check (length(ended_check) = 32),
  -- Null in an 'undone' row: from its day on the ended root stands for itself again.
  successor      bytea,
  request_check  bytea not null check (length(request_check) = 32),
  counts_from    date not null,
  recorded_at    timestamptz not null,
  event_id       uuid not null,
  check ((kind = 'undone') = (successor is null))
);
create index succession_ended on linkage_root.succession (ended_check, succession_no desc);
grant select, insert on linkage_root.succession to {app};

-- Which bodies have a code of a root, by a digest under the same key: whom to tell. Who had the ended one gets the successor's.
create table linkage_root.holder (
  holder_check  bytea primary key check (length(holder_check) = 32),
  organisation  text not null,
  system        text not null,
  event_id      uuid not null
);
grant select, insert on linkage_root.holder to {app};

select audit.declare_fact_table('linkage_root.' || t) from unnest('{succession,holder}'::text[]) as t;
