-- A section of the ward with a small system of its own (子育て支援課: 児童手当): whom it pays, what it asked the tax office of them, and what
-- came. First version; nothing older runs beside it.
create schema ward_sections;
grant usage on schema ward_sections to {app};

-- 対象者名簿: nobody else is asked about.
create table ward_sections.subject (
  subject_id        uuid primary key,
  reference         text not null unique,
  org_person_number text not null unique check (org_person_number ~ '^[0-9]{15}$'),
  name              text not null,
  name_kana         text not null,
  birth_on          date not null,
  added_by          text not null,
  added_on          date not null,
  added_at          timestamptz not null,
  event_id          uuid not null
);
create table ward_sections.subject_end (
  subject_id uuid primary key references ward_sections.subject,
  ended_by   text not null,
  ended_on   date not null,
  ended_at   timestamptz not null,
  event_id   uuid not null
);

create table ward_sections.question (
  request_id uuid primary key,
  subject_id uuid not null references ward_sections.subject,
  task       text not null,
  items      text[] not null check (cardinality(items) > 0),
  asked_by   text not null,
  terminal   text,
  asked_on   date not null,
  asked_at   timestamptz not null,
  event_id   uuid not null
);
create index question_subject on ward_sections.question (subject_id, asked_at);

-- What came of a question: items, "nothing held", or the word of a refusal.
create table ward_sections.answer (
  request_id  uuid primary key references ward_sections.question,
  state       text not null check (state in ('answered', 'nothing-held', 'refused')),
  word        text check (word ~ '^[a-z-]{1,60}$'),
  ground      text,
  items       jsonb not null,
  answered_at timestamptz not null,
  event_id    uuid not null,
  check ((state = 'refused') = (word is not null)),
  check (state = 'answered' or items = '{}'::jsonb)
);

grant select, insert on all tables in schema ward_sections to {app};
select audit.declare_fact_table('ward_sections.' || t) from unnest('{subject,subject_end,question,answer}'::text[]) as t;
