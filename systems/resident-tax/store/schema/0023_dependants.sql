-- 扶養否認: a relative whom a document names and for whom no deduction is given, decided by a second person, and the monthly file that
-- tells the tax agency of it (番号利用法 第19条). Older code beside it gives the deduction until its next start; a levy drafted by it is
-- found by the next 月次更正, because the denial is newer than the draft.
create table resident_tax.dependant_denial (
  denial_id      uuid primary key,
  -- The taxpayer whose deduction is denied.
  person_id      uuid not null references resident_tax.person,
  fiscal_year    int not null,
  report_id      uuid not null,
  relative_no    int not null,
  -- As which kind of head the relative was counted, and with which disability.
  head           text not null check (head in ('spouse', 'ordinary', 'specified', 'elderly', 'elderly-living-together', 'under-sixteen')),
  disability     text not null check (disability in ('none', 'ordinary', 'special', 'special-living-together')),
  under_23       boolean not null,
  abroad         boolean not null,
  reason         text not null check (reason in ('income-over-limit', 'claimed-by-other', 'separate-livelihood', 'not-a-relative', 'family-employee')),
  note           text not null check (note <> ''),
  event_id       uuid not null,
  foreign key (report_id, relative_no) references resident_tax.report_relative
);
create index on resident_tax.dependant_denial (person_id, fiscal_year);
create index on resident_tax.dependant_denial (report_id, relative_no);
create table resident_tax.dependant_denial_step (
  denial_id  uuid not null references resident_tax.dependant_denial,
  step_no    int not null check (step_no >= 1),
  step       text not null check (step in ('proposed', 'decided', 'rejected', 'cancelled')),
  by         text not null,
  note       text,
  on_day     date not null,
  at         timestamptz not null,
  event_id   uuid not null,
  primary key (denial_id, step_no)
);

-- 扶養控除関係情報: one file a month. Its content stands in the sealed store.
create table resident_tax.denial_notice (
  notice_id    uuid primary key,
  -- First day of the month up to whose end it tells what was decided; one that was returned is made again.
  month        date not null check (extract(day from month) = 1),
  persons      int not null check (persons >= 1),
  records      int not null check (records >= persons),
  -- Of the file, which begins with random bytes: it cannot be used to try out what the file holds.
  file_sha256  text not null check (file_sha256 ~ '^[0-9a-f]{64}$'),
  sealed_ref   uuid not null,
  made_by      text not null,
  event_id     uuid not null
);
create table resident_tax.denial_notice_item (
  notice_id  uuid not null references resident_tax.denial_notice,
  denial_id  uuid not null references resident_tax.dependant_denial,
  -- A denial is told once, and that it no longer stands once; what the agency returned is told again.
  kind       text not null check (kind in ('denied', 'withdrawn')),
  event_id   uuid not null,
  primary key (notice_id, denial_id, kind)
);
create index on resident_tax.denial_notice_item (denial_id);
create table resident_tax.denial_notice_step (
  notice_id  uuid not null references resident_tax.denial_notice,
  step_no    int not null check (step_no >= 1),
  step       text not null check (step in ('made', 'approved', 'received', 'returned')),
  by         text not null,
  note       text,
  -- With `received` and `returned`: what the tax agency signed.
  receipt    text,
  on_day     date not null,
  at         timestamptz not null,
  event_id   uuid not null,
  primary key (notice_id, step_no),
  check ((step in ('received', 'returned')) = (receipt is not null))
);

-- What was written to the tax agency goes when nobody's denial stands in it any more.
create or replace function resident_tax.files_left_over() returns table (ref uuid)
language sql stable security definer set search_path = pg_catalog as $$
  select i.sealed_ref from resident_tax.intake i join resident_tax.intake_outcome o using (intake_id)
   where o.accepted_count > 0 and not exists (select from resident_tax.report r where r.intake_id = i.intake_id)
  union
  select x.ref from resident_tax.special_notice n cross join lateral (values (n.package_ref), (n.employees_ref)) as x(ref)
   where not exists (select from resident_tax.special_notice_person p where p.notice_id = n.notice_id)
  union
  select f.sealed_ref from resident_tax.print_file f
   where not exists (select from resident_tax.document d where d.order_id = f.order_id)
  union
  select p.sealed_ref from resident_tax.print_job_part p join resident_tax.print_job j using (job_id)
   where j.order_id is not null and not exists (select from resident_tax.document d where d.order_id = j.order_id)
  union all
  select n.sealed_ref from resident_tax.denial_notice n
   where not exists (select from resident_tax.denial_notice_item i where i.notice_id = n.notice_id)
$$;

select audit.declare_fact_table('resident_tax.' || t) from unnest(array['dependant_denial', 'dependant_denial_step', 'denial_notice',
  'denial_notice_item', 'denial_notice_step']) t;
grant select, insert on resident_tax.dependant_denial, resident_tax.dependant_denial_step, resident_tax.denial_notice,
  resident_tax.denial_notice_item, resident_tax.denial_notice_step to {app};
