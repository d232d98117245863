-- 代理人: who may look at what for whom, until when. Both are accounts; no name is kept. All are facts; what counts is computed.
create table mynaportal.agent_grant (
  grant_id       uuid primary key,
  principal      uuid not null references mynaportal.account,
  scopes         text[] not null check (cardinality(scopes) between 1 and 3 and scopes <@ '{records,information,notices}'::text[]),
  code_digest    bytea not null unique check (octet_length(code_digest) = 32),
  offered_at     timestamptz not null,
  offered_until  timestamptz not null,
  valid_from     date not null,
  valid_until    date not null check (valid_until >= valid_from),
  event_id       uuid not null
);
create index on mynaportal.agent_grant (event_id);
create index on mynaportal.agent_grant (principal);

-- The agent took the invitation. It counts only when the principal has confirmed that the check number is the one the agent sees.
create table mynaportal.agent_acceptance (
  grant_id      uuid primary key references mynaportal.agent_grant,
  agent         uuid not null references mynaportal.account,
  check_number  text not null check (check_number ~ '^[0-9]{6}$'),
  accepted_at   timestamptz not null,
  event_id      uuid not null
);
create index on mynaportal.agent_acceptance (event_id);
create index on mynaportal.agent_acceptance (agent);

create table mynaportal.agent_confirmation (
  grant_id      uuid primary key references mynaportal.agent_acceptance,
  confirmed_at  timestamptz not null,
  event_id      uuid not null
);
create index on mynaportal.agent_confirmation (event_id);

create table mynaportal.agent_end (
  grant_id  uuid primary key references mynaportal.agent_grant,
  ended_by  text not null check (ended_by in ('principal', 'agent')),
  ended_at  timestamptz not null,
  event_id  uuid not null
);
create index on mynaportal.agent_end (event_id);

-- 代理人による閲覧の履歴, which the principal sees.
create table mynaportal.agent_use (
  use_id    uuid primary key,
  grant_id  uuid not null references mynaportal.agent_confirmation,
  scope     text not null check (scope in ('records', 'information', 'notices')),
  used_at   timestamptz not null,
  event_id  uuid not null
);
create index on mynaportal.agent_use (event_id);
create index on mynaportal.agent_use (grant_id, used_at);

grant select, insert on mynaportal.agent_grant, mynaportal.agent_acceptance, mynaportal.agent_confirmation, mynaportal.agent_end,
  mynaportal.agent_use to {app};
select audit.declare_fact_table('mynaportal.' || t)
  from unnest('{agent_grant,agent_acceptance,agent_confirmation,agent_end,agent_use}'::text[]) as t;
