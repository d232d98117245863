-- What else a business sends through the platform: orders of inquiries, files of copies, notices. Only whose it is and what it is about;
-- the schema has no place for content. Old code may run beside it.
create table common_platform.relayed_matter (
  matter_id  uuid primary key,
  kind       text not null check (kind in ('inquiry-order', 'copy-file', 'person-notice')),
  system     text not null,
  code       text not null,
  ground     text not null,
  relayed_on date not null,
  relayed_at timestamptz not null,
  event_id   uuid not null
);
create index on common_platform.relayed_matter (event_id);
grant select, insert on common_platform.relayed_matter to {app};
select audit.declare_fact_table('common_platform.relayed_matter');
