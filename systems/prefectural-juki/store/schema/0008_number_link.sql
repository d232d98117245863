-- Numbers of persons abroad, for inquiries at the supplementary register's server (JPS-X9): the two operations, and no third.

-- Each inquiry that server showed us: signed by its asker, bound to one person from its first sight on.
create table prefectural_juki.number_inquiry (
  inquiry_id     uuid primary key,
  person_id      uuid not null,
  request_digest bytea not null,
  asker          text not null,
  requester      text not null,
  task           text not null,
  ground         text not null,
  document       text not null,
  opened_at      timestamptz not null,
  event_id       uuid not null
);
create index number_inquiry_person on prefectural_juki.number_inquiry (person_id);

create table prefectural_juki.number_inquiry_step (
  step_id    uuid primary key,
  inquiry_id uuid not null references prefectural_juki.number_inquiry,
  -- answered: 取得; queued, linked, not-linked: 紐付け into the open inquiry, and what that server said.
  step       text not null check (step in ('answered', 'queued', 'linked', 'not-linked')),
  word       text,
  stepped_at timestamptz not null,
  event_id   uuid not null,
  check ((step = 'not-linked') = (word is not null))
);
create unique index number_inquiry_step_once on prefectural_juki.number_inquiry_step (inquiry_id, step) where step <> 'answered';
create index number_inquiry_step_inquiry on prefectural_juki.number_inquiry_step (inquiry_id);

select audit.declare_fact_table('prefectural_juki.number_inquiry');
select audit.declare_fact_table('prefectural_juki.number_inquiry_step');
grant select, insert on prefectural_juki.number_inquiry, prefectural_juki.number_inquiry_step to {app};
