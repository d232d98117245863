-- Requests of persons about their own records: what was asked, each step that was taken, each sheet that was made.
create schema disclosure;
grant usage on schema disclosure to {app};

-- Gap-free numbers: a refusal undoes the number with the rest.
create table disclosure.counter (
  series      text not null,
  fiscal_year int  not null,
  last        int  not null check (last >= 1),
  primary key (series, fiscal_year)
);

create table disclosure.request (
  request_id      uuid primary key,
  receipt_no      text not null unique,
  kind            text not null check (kind in ('disclosure', 'provision-history', 'correction', 'stop-of-use')),
  -- 様式 on which it was written, and the day on which it was handed in.
  form_name       text not null,
  received_on     date not null,
  due_on          date not null check (due_on >= received_on),
  channel         text not null check (channel in ('counter', 'post')),
  -- Whose record, as written on the form. There is no field for a number (requirement 003 A3).
  name            text not null,
  name_kana       text not null,
  birth_date      date not null,
  sex             text not null,
  address         text not null,
  requester_role  text not null check (requester_role in ('self', 'statutory', 'appointed')),
  requester_name  text not null,
  requester_address text not null,
  scope           text not null,
  -- 訂正等: the disclosure that it follows, and what is said to be wrong.
  follows         uuid references disclosure.request,
  claims          jsonb not null check (jsonb_typeof(claims) = 'array'),
  received_by     text not null,
  received_at     timestamptz not null,
  event_id        uuid not null,
  check ((kind = 'correction') = (follows is not null)),
  check ((kind = 'correction') = (jsonb_array_length(claims) > 0))
);
create index request_due on disclosure.request (due_on);

create table disclosure.step (
  step_id    uuid primary key,
  request_id uuid not null references disclosure.request,
  no         int  not null check (no >= 1),
  kind       text not null,
  detail     jsonb not null,
  taken_on   date not null,
  taken_by   text not null,
  taken_at   timestamptz not null,
  event_id   uuid not null,
  unique (request_id, no)
);

-- 帳票管理簿: one row a sheet set; `carries_number` names the article by which the type may.
create table disclosure.form (
  serial         text primary key,
  form_type      text not null,
  request_id     uuid references disclosure.request,
  carries_number text,
  ordered_by     text not null,
  ordered_on     date not null,
  ordered_at     timestamptz not null,
  event_id       uuid not null
);
create index form_request on disclosure.form (request_id);

create table disclosure.form_step (
  serial     text not null references disclosure.form,
  no         int  not null check (no >= 1),
  kind       text not null check (kind in ('made', 'handed-over', 'kept', 'disposed', 'spoiled', 'copy-erased')),
  detail     jsonb not null,
  sealed_ref uuid,
  taken_on   date not null,
  taken_by   text not null,
  taken_at   timestamptz not null,
  event_id   uuid not null,
  primary key (serial, no)
);
-- A sheet is made once and ends once.
create unique index form_step_once on disclosure.form_step (serial, kind);
create unique index form_step_end on disclosure.form_step (serial) where kind in ('handed-over', 'disposed', 'spoiled');

-- 定期点検: what the ledger says is in the safe, against what was found there.
create table disclosure.form_check (
  check_id    uuid primary key,
  expected    text[] not null,
  found       text[] not null,
  missing     text[] not null,
  surplus     text[] not null,
  explanation text not null,
  checked_on  date not null,
  checked_by  text not null,
  checked_at  timestamptz not null,
  event_id    uuid not null,
  check (explanation <> '' or (cardinality(missing) = 0 and cardinality(surplus) = 0))
);

create table disclosure.question (
  question_id uuid primary key,
  number      text not null unique,
  channel     text not null check (channel in ('counter', 'telephone', 'post', 'web')),
  subject     text not null,
  received_on date not null,
  owner       text not null,
  received_at timestamptz not null,
  event_id    uuid not null
);
create table disclosure.question_step (
  question_id uuid not null references disclosure.question,
  no          int  not null check (no >= 1),
  kind        text not null check (kind in ('handled', 'answered', 'incident', 'closed')),
  note        text not null,
  taken_on    date not null,
  taken_by    text not null,
  taken_at    timestamptz not null,
  event_id    uuid not null,
  primary key (question_id, no)
);
create unique index question_closed on disclosure.question_step (question_id) where kind = 'closed';

select audit.declare_fact_table('disclosure.request');
select audit.declare_fact_table('disclosure.step');
select audit.declare_fact_table('disclosure.form');
select audit.declare_fact_table('disclosure.form_step');
select audit.declare_fact_table('disclosure.form_check');
select audit.declare_fact_table('disclosure.question');
select audit.declare_fact_table('disclosure.question_step');

grant select, insert, update on disclosure.counter to {app};
grant select, insert on disclosure.request, disclosure.step, disclosure.form, disclosure.form_step, disclosure.form_check,
  disclosure.question, disclosure.question_step to {app};
