-- Rotation of one body's key: under which version a body has its code of a root. What is turned for a body is turned into the code
-- that it has; a code that is sealed anew counts from then on. Codes of all versions stay understood.
alter table linkage_root.holder add column version integer not null default 1 check (version between 1 and 255);
alter table linkage_root.holder alter column version drop default;
alter table linkage_root.holder drop constraint holder_pkey;
alter table linkage_root.holder add primary key (holder_check, version);

create table linkage_root.key_rotation (
  request_id    uuid primary key,
  organisation  text not null,
  version       integer not null,
  rotated_at    timestamptz not null,
  event_id      uuid not null
);
grant select, insert on linkage_root.key_rotation to {app};

select audit.declare_fact_table('linkage_root.' || t) from unnest('{holder,key_rotation}'::text[]) as t;
