-- 特別徴収税額通知 by the portal of the local taxes: what goes to each person of a payer, who let it go, who fetched what when, and what was
-- called back. Facts only. Older code beside it makes notices without files for persons, and sends none.
create table resident_tax.special_notice_files (
  notice_id     uuid primary key references resident_tax.special_notice,
  -- 納税義務者用: one encrypted file a person, named by 受給者番号.
  files         int not null check (files >= 1),
  files_sha256  bytea not null check (octet_length(files_sha256) = 32),
  files_ref     uuid not null unique,
  -- What opens each of them, by row; given to the person alone.
  passwords_ref uuid not null unique,
  -- Rows of those who are told on paper: without 受給者番号, or with one that another of the payer's people bears (T03).
  paper_rows    int[] not null,
  event_id      uuid not null
);
create table resident_tax.special_notice_step (
  notice_id uuid not null references resident_tax.special_notice,
  step_no   int not null check (step_no >= 1),
  step      text not null check (step in ('released', 'sent', 'refused', 'recall-ordered', 'recalled')),
  by        text not null,
  -- Why it is called back, or the portal's word.
  note      text,
  -- With `recalled`: whether anybody had fetched any of it before.
  fetched   boolean,
  on_day    date not null,
  at        timestamptz not null,
  event_id  uuid not null,
  primary key (notice_id, step_no),
  check ((step = 'recalled') = (fetched is not null)),
  check (step not in ('recall-ordered', 'refused') or note is not null)
);
create unique index on resident_tax.special_notice_step (notice_id) where step = 'released';
create unique index on resident_tax.special_notice_step (notice_id) where step = 'recalled';
-- Called back before anybody fetched it: it tells nobody anything, and its people are told anew.
create function resident_tax.is_withdrawn(p_notice uuid) returns boolean language sql stable as $$
  select exists (select 1 from resident_tax.special_notice_step s where s.notice_id = p_notice and s.step = 'recalled' and not s.fetched)
$$;

-- 受領: as the portal says.
create table resident_tax.special_notice_fetch (
  notice_id  uuid not null references resident_tax.special_notice,
  part       text not null check (part in ('payer', 'employees')),
  fetched_by text not null,
  fetched_at timestamptz not null,
  event_id   uuid not null,
  primary key (notice_id, part, fetched_at)
);
create table resident_tax.special_notice_password_given (
  given_id  uuid primary key,
  notice_id uuid not null,
  row_no    int not null,
  person_id uuid not null references resident_tax.person,
  -- What the person showed.
  evidence  text not null check (evidence <> ''),
  given_by  text not null,
  on_day    date not null,
  event_id  uuid not null,
  foreign key (notice_id, row_no) references resident_tax.special_notice_person
);

-- Files for a payer's people go when nobody of the notice is left.
create or replace function resident_tax.files_left_over() returns table (ref uuid)
language sql stable security definer set search_path = pg_catalog as $$
  select i.sealed_ref from resident_tax.intake i join resident_tax.intake_outcome o using (intake_id)
   where o.accepted_count > 0 and not exists (select from resident_tax.report r where r.intake_id = i.intake_id)
  union
  select x.ref from resident_tax.special_notice n left join resident_tax.special_notice_files f using (notice_id)
   cross join lateral (values (n.package_ref), (n.employees_ref), (f.files_ref), (f.passwords_ref)) as x(ref)
   where x.ref is not null and not exists (select from resident_tax.special_notice_person p where p.notice_id = n.notice_id)
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

select audit.declare_fact_table('resident_tax.' || t) from unnest(array['special_notice_files', 'special_notice_step',
  'special_notice_fetch', 'special_notice_password_given']) t;
grant select, insert on resident_tax.special_notice_files, resident_tax.special_notice_step, resident_tax.special_notice_fetch,
  resident_tax.special_notice_password_given to {app};
