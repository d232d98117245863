-- The root process of the network. No table of persons: what stands here names processing numbers and digests under keys
-- that are not in the database.
create schema linkage_root;
grant usage on schema linkage_root to {app};

-- One row per processing number that was used; person_check ties it to one person, so that a number cannot serve twice for two.
create table linkage_root.derivation (
  processing_number  uuid primary key,
  organisation       text not null,
  person_check       bytea not null check (length(person_check) = 32),
  derived_at         timestamptz not null,
  event_id           uuid not null
);
grant select, insert on linkage_root.derivation to {app};
select audit.declare_fact_table('linkage_root.derivation');
