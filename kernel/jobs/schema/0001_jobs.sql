-- Batch runs (design 5): a run has steps, a step has chunks; each chunk's checkpoint commits with its act.
-- First version; nothing older runs beside it.
create schema jobs;
grant usage on schema jobs to {app};

create table jobs.run (
  run_id        uuid primary key,
  name          text not null,
  params        jsonb not null,
  params_digest bytea not null check (octet_length(params_digest) = 32),
  state         text not null check (state in ('queued', 'running', 'stopped', 'failed', 'blocked', 'done')),
  why           text,
  started_by    text not null,
  started_on    date not null,
  started_at    timestamptz not null,
  ended_at      timestamptz,
  event_id      uuid not null,
  unique (name, params_digest),
  check ((state in ('failed', 'blocked')) = (why is not null))
);

-- Apart from the run, so that heartbeats and a wish to stop never wait for a chunk.
create table jobs.lease (
  run_id            uuid primary key references jobs.run,
  holder            uuid,
  until             timestamptz,
  stop_requested_at timestamptz
);

create table jobs.step (
  run_id         uuid not null references jobs.run,
  step_no        int not null check (step_no >= 1),
  name           text not null,
  total          bigint not null check (total >= 0),
  chunks         int not null default 0,
  in_count       bigint not null default 0,
  out_count      bigint not null default 0,
  rejected_count bigint not null default 0,
  cursor         text,
  finished       boolean not null default false,
  started_at     timestamptz not null,
  finished_at    timestamptz,
  primary key (run_id, step_no),
  check (in_count = out_count + rejected_count),
  check (not finished or in_count = total)
);

create table jobs.chunk (
  run_id         uuid not null,
  step_no        int not null,
  chunk_no       int not null check (chunk_no >= 1),
  in_count       bigint not null,
  out_count      bigint not null,
  rejected_count bigint not null,
  done_at        timestamptz not null,
  event_id       uuid not null,
  primary key (run_id, step_no, chunk_no),
  foreign key (run_id, step_no) references jobs.step,
  check (in_count = out_count + rejected_count)
);

-- Row number and fault, never the value.
create table jobs.reject (
  reject_id  uuid primary key,
  run_id     uuid not null,
  step_no    int not null,
  chunk_no   int not null,
  row_number bigint not null,
  code       text not null check (code ~ '^[A-Za-z0-9._-]{1,60}$'),
  field      text check (length(field) <= 100),
  ref        text check (length(ref) <= 200),
  event_id   uuid not null,
  foreign key (run_id, step_no, chunk_no) references jobs.chunk deferrable initially deferred,
  unique (run_id, step_no, row_number)
);

create table jobs.reject_resolution (
  reject_id   uuid primary key references jobs.reject,
  resolution  text not null check (resolution in ('corrected', 'sent-back', 'not-needed')),
  resolved_by text not null,
  resolved_at timestamptz not null,
  event_id    uuid not null
);

-- Calendar jobs: each civil date on which a job was due, once.
create table jobs.due (
  job      text not null,
  civil_on date not null,
  run_id   uuid references jobs.run,
  noted_at timestamptz not null,
  primary key (job, civil_on)
);

grant select, insert on jobs.run, jobs.chunk, jobs.reject, jobs.reject_resolution, jobs.due, jobs.step, jobs.lease to {app};
grant update (state, why, ended_at) on jobs.run to {app};
grant update (holder, until, stop_requested_at) on jobs.lease to {app};
grant update (chunks, in_count, out_count, rejected_count, cursor, finished, finished_at) on jobs.step to {app};
