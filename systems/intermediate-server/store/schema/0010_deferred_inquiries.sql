-- 混雑: an inquiry beyond capacity is taken with a number and asked by itself as soon as there is room. What was taken ends as an inquiry
-- of its own under the same request; here stands only how. Old code runs beside it and leaves the queue alone.
create table intermediate_server.deferred_inquiry (
  -- 受付番号
  reception_no       bigint generated always as identity primary key,
  asking_system      text not null,
  request_id         uuid not null,
  request_digest     bytea not null,
  asker              jsonb not null,
  org_person_number  text not null,
  procedure          text not null,
  information_code   text not null,
  items              text[] not null,
  condition          jsonb not null,
  provider           text not null,
  deferred_at        timestamptz not null,
  expected_at        timestamptz not null,
  event_id           uuid not null,
  unique (asking_system, request_id)
);
create table intermediate_server.deferred_end (
  reception_no  bigint primary key references intermediate_server.deferred_inquiry,
  outcome       text not null check (outcome in ('answered', 'held', 'refused')),
  refusal       text check ((refusal is null) = (outcome <> 'refused')),
  ended_at      timestamptz not null,
  event_id      uuid not null
);
-- What waits now: rebuilt from the two above by whoever doubts it, and small however much has waited before.
create table intermediate_server.deferred_waiting (
  reception_no  bigint primary key references intermediate_server.deferred_inquiry,
  provider      text not null,
  deferred_at   timestamptz not null
);
grant select, insert, delete on intermediate_server.deferred_waiting to {app};
grant select, insert on intermediate_server.deferred_inquiry, intermediate_server.deferred_end to {app};
select audit.declare_fact_table('intermediate_server.' || t) from unnest('{deferred_inquiry,deferred_end}'::text[]) as t;
