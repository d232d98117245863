-- 照会許可用照合リストの案: a version is drafted from a file by one person and published by another, ahead of the day from which it counts.
-- Old code runs beside it.
create table information_providing_network.list_draft (
  draft_id      uuid primary key,
  version       text not null check (length(version) between 1 and 40),
  published_on  date not null,
  rows          jsonb not null,
  reason        text not null check (length(reason) between 1 and 400),
  approval_id   uuid not null unique,
  drafted_at    timestamptz not null,
  event_id      uuid not null
);
grant select, insert on information_providing_network.list_draft to {app};
select audit.declare_fact_table('information_providing_network.list_draft');
