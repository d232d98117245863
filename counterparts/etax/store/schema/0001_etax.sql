-- What municipalities told the tax agency of denied dependants, and what it said of each file. Contents stand in the sealed store. First
-- version; nothing older runs beside it.
create schema etax;
grant usage on schema etax to {app};
create table etax.denial_file (
  notice_id    uuid primary key,
  municipality text not null check (municipality ~ '^[0-9]{6}$'),
  month        text not null check (month ~ '^[0-9]{4}-[0-9]{2}$'),
  persons      int not null check (persons >= 1),
  records      int not null check (records >= persons),
  file_sha256  text not null check (file_sha256 ~ '^[0-9a-f]{64}$'),
  outcome      text not null check (outcome in ('received', 'returned')),
  reason       text,
  sealed_ref   uuid,
  received_on  date not null,
  event_id     uuid not null,
  check ((outcome = 'returned') = (reason is not null)),
  check ((outcome = 'received') = (sealed_ref is not null))
);
create unique index on etax.denial_file (municipality, month) where outcome = 'received';
grant select, insert on etax.denial_file to {app};
select audit.declare_fact_table('etax.denial_file');
