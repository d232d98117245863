-- 比較: what-if runs, the year before, an old system's file. The sums by class and cause, and the persons who differ most.
-- Runs beside 0009.
create table resident_tax.comparison (
  comparison_id uuid primary key,
  kind          text not null check (kind in ('what-if', 'year-before', 'other-system')),
  fiscal_year   int not null,
  -- Name of the draft, or of the file.
  title         text not null check (length(btrim(title)) between 1 and 100),
  -- The draft's figures; the file's digest.
  basis         jsonb not null,
  compared      int not null check (compared >= 0),
  differing     int not null check (differing between 0 and compared),
  before_yen    bigint not null,
  after_yen     bigint not null,
  lines         jsonb not null,
  made_by       text not null,
  made_at       timestamptz not null,
  event_id      uuid not null
);
create table resident_tax.comparison_person (
  comparison_id uuid not null references resident_tax.comparison,
  rank          int not null check (rank >= 1),
  person_id     uuid not null references resident_tax.person,
  class         text not null,
  cause         text,
  before_yen    bigint,
  after_yen     bigint,
  event_id      uuid not null,
  primary key (comparison_id, rank)
);
select audit.declare_fact_table('resident_tax.comparison');
select audit.declare_fact_table('resident_tax.comparison_person');
grant select, insert on resident_tax.comparison, resident_tax.comparison_person to {app};

-- 月次更正: a run over those alone whose documents or register changed since their newest levy.
alter table resident_tax.batch_order drop constraint batch_order_kind_check;
alter table resident_tax.batch_order add constraint batch_order_kind_check
  check (kind in ('assessment', 'reassessment', 'notices', 'special-notices'));
