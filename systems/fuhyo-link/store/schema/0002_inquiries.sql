-- Inquiries, and what became of the number that some of them asked for. The number itself stands in the temporary area, a
-- database of its own (store/temporary-numbers.ts); here stand only the steps.
create table fuhyo_link.inquiry (
  inquiry_id     uuid primary key,
  asker          text not null,
  requester      text not null,
  task           text not null,
  document       text not null,
  key_kind       text not null check (key_kind in ('code', 'four-items')),
  wants_number   boolean not null,
  wants_code     boolean not null,
  request_digest bytea not null,
  outcome        text not null check (outcome in ('identified', 'not-identified')),
  supplement_id  uuid,
  opened_at      timestamptz not null,
  event_id       uuid not null,
  check ((outcome = 'identified') = (supplement_id is not null))
);
create index inquiry_opened on fuhyo_link.inquiry (opened_at);

create table fuhyo_link.number_step (
  step_id    uuid primary key,
  inquiry_id uuid not null references fuhyo_link.inquiry,
  -- awaited: asked of the register; kept: in the temporary area; given: to the asker; erased: key destroyed; refused: by the register.
  step       text not null check (step in ('awaited', 'kept', 'given', 'erased', 'refused')),
  word       text,
  kept_until timestamptz,
  stepped_at timestamptz not null,
  event_id   uuid not null,
  check ((step = 'kept') = (kept_until is not null))
);
create unique index number_step_once on fuhyo_link.number_step (inquiry_id, step) where step in ('awaited', 'kept', 'erased');
create index number_step_inquiry on fuhyo_link.number_step (inquiry_id);

-- Inquiries to the national server (FPS-F4): nothing of the answer is kept.
create table fuhyo_link.national_lookup (
  lookup_id uuid primary key,
  task      text not null,
  document  text not null,
  key_kind  text not null check (key_kind in ('code', 'four-items')),
  result    text not null check (result in ('identified', 'not-identified', 'unavailable')),
  asked_at  timestamptz not null,
  event_id  uuid not null
);

select audit.declare_fact_table('fuhyo_link.inquiry');
select audit.declare_fact_table('fuhyo_link.number_step');
select audit.declare_fact_table('fuhyo_link.national_lookup');

grant select, insert on fuhyo_link.inquiry, fuhyo_link.number_step, fuhyo_link.national_lookup to {app};
