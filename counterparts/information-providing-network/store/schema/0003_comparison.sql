-- 記録の突合: what the network compared with each body's records, and where they disagree.
create table information_providing_network.comparison (
  comparison_id  uuid primary key,
  from_at        timestamptz not null,
  until_at       timestamptz not null,
  compared       integer not null,
  disagreements  integer not null,
  unreached      text[] not null,
  compared_at    timestamptz not null,
  event_id       uuid not null
);
create index comparison_until on information_providing_network.comparison (until_at);
create table information_providing_network.disagreement (
  comparison_id   uuid not null references information_providing_network.comparison,
  inquiry_number  uuid not null,
  kind            text not null check (kind in ('missing-at-asker', 'missing-at-provider', 'missing-at-network', 'results-differ', 'not-taken')),
  asker           text not null,
  provider        text not null,
  event_id        uuid not null,
  primary key (comparison_id, inquiry_number)
);
grant select, insert on information_providing_network.comparison, information_providing_network.disagreement to {app};
select audit.declare_fact_table('information_providing_network.' || t) from unnest('{comparison,disagreement}'::text[]) as t;
