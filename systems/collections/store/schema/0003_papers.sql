-- Papers that were made: what, about whom, by whom, and the digest of the bytes. The paper itself is made again from its facts.
-- Nothing older runs beside it.
create table collections.paper (
  paper_id      uuid primary key,
  kind          text not null check (kind in ('slip', 'reminders', 'demand', 'tax-certificate', 'refund-notice')),
  -- What it was made from: a slip, a run, a charge's person and year, a refund.
  about         text not null,
  person_number text check (person_number ~ '^[0-9]{15}$'),
  sha256        bytea not null check (length(sha256) = 32),
  pages         integer not null check (pages > 0),
  made_on       date not null,
  made_by       text not null,
  event_id      uuid not null,
  -- A run's file holds the letters of many.
  check ((kind = 'reminders') = (person_number is null))
);
create index paper_about on collections.paper (about);

grant select, insert on collections.paper to {app};
select audit.declare_fact_table('collections.paper');
