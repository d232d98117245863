-- 副本ファイルの不受理 (INC-52): rows of a part did not agree with their own tie, so that a number stood beside what is another's; the whole file was
-- refused as it came. Old code may run beside it: it does not know such a file as decided and waits for parts that nobody sends.
create table intermediate_server.copy_file_refusal (
  file_id    uuid primary key references intermediate_server.copy_file,
  part       integer not null,
  rows       integer not null check (rows > 0),
  refused_at timestamptz not null,
  event_id   uuid not null
);
create index on intermediate_server.copy_file_refusal (event_id);
grant select, insert on intermediate_server.copy_file_refusal to {app};
select audit.declare_fact_table('intermediate_server.copy_file_refusal');
