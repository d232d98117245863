-- Extractions that clerks build by clicking (EUC): saved queries, what was asked for by whom and why, and what came out. The
-- output itself lies in the sealed store. First version; nothing older runs beside it.
create schema euc;
grant usage on schema euc to {app};

create table euc.saved_query (
  query_id uuid primary key,
  name     text not null,
  query    jsonb not null,
  saved_by text not null,
  saved_at timestamptz not null,
  event_id uuid not null
);
create index saved_query_name on euc.saved_query (name, saved_at);

create table euc.extraction (
  extraction_id uuid primary key,
  title         text not null,
  purpose       text not null,
  query         jsonb not null,
  counted       integer not null,
  approval_id   uuid unique,
  asked_by      text not null,
  asked_on      date not null,
  asked_at      timestamptz not null,
  event_id      uuid not null
);
create index extraction_asked on euc.extraction (asked_at);

create table euc.output (
  extraction_id uuid primary key references euc.extraction,
  sealed_ref    uuid not null,
  rows          integer not null,
  sha256        bytea not null check (octet_length(sha256) = 32),
  made_by       text not null,
  made_on       date not null,
  made_at       timestamptz not null,
  event_id      uuid not null
);

-- Each time an output left for a reader, and each list that came back.
create table euc.handed_out (
  handed_id     uuid primary key,
  extraction_id uuid not null references euc.output,
  form          text not null check (form in ('csv', 'xlsx')),
  handed_to     text not null,
  handed_at     timestamptz not null,
  event_id      uuid not null
);
create index handed_out_extraction on euc.handed_out (extraction_id);
create table euc.came_back (
  return_id     uuid primary key,
  extraction_id uuid not null references euc.output,
  differing     integer not null,
  taken         boolean not null check (taken = (differing = 0)),
  brought_by    text not null,
  brought_at    timestamptz not null,
  event_id      uuid not null
);
create index came_back_extraction on euc.came_back (extraction_id);

grant select, insert on all tables in schema euc to {app};
select audit.declare_fact_table('euc.' || t) from unnest('{saved_query,extraction,output,handed_out,came_back}'::text[]) as t;
