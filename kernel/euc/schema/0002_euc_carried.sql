-- Lists about persons leave on media alone: which hand-over of the media ledger carries which extraction, and how the list differs
-- from the one that was made, because it is made anew on the day it leaves. Older code knows nothing of it and goes on.
create table euc.carried (
  hand_over_id  uuid primary key,
  extraction_id uuid not null references euc.output,
  receiver      text not null,
  rows          integer not null check (rows >= 0),
  -- Rows that stood in the list that was made and no longer hold, and rows that have come since.
  gone          integer not null check (gone >= 0),
  come          integer not null check (come >= 0),
  approval_id   uuid not null unique,
  as_of         date not null,
  asked_by      text not null,
  asked_at      timestamptz not null,
  event_id      uuid not null
);
create index carried_extraction on euc.carried (extraction_id);
grant select, insert on euc.carried to {app};
select audit.declare_fact_table('euc.carried');
