-- A printing contractor's books: what it was asked to print, what it got, what it made of it and when it erased the data. Facts, but for
-- the data itself, which is kept as it came, encrypted to this house, and goes when the job is closed. First version; nothing older runs beside it.
create schema printing;
grant usage on schema printing to {app};

create table printing.job (
  job_id          uuid primary key,
  customer        text not null,
  purpose         text not null check (purpose in ('proof', 'bulk')),
  form_id         text not null,
  form_version    int not null,
  documents       int not null check (documents >= 1),
  parts           jsonb not null,
  manifest_sha256 bytea not null check (octet_length(manifest_sha256) = 32),
  receipt         text not null,
  event_id        uuid not null
);
create table printing.part_received (
  job_id    uuid not null references printing.job,
  part_no   int not null check (part_no >= 1),
  documents int not null check (documents >= 1),
  event_id  uuid not null,
  primary key (job_id, part_no)
);
create table printing.erasure (
  job_id    uuid primary key references printing.job,
  signed    text not null,
  event_id  uuid not null
);
-- 印刷用データ as it came (JWE).
create table printing.part_content (
  job_id    uuid not null,
  part_no   int not null,
  content   text not null,
  primary key (job_id, part_no),
  foreign key (job_id, part_no) references printing.part_received
);

grant select, insert on all tables in schema printing to {app};
grant delete on printing.part_content to {app};

select audit.declare_fact_table('printing.' || t) from unnest('{job,part_received,erasure}'::text[]) as t;
