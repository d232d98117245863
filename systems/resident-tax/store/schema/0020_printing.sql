-- 印刷委託: what stands on an envelope's face, jobs given to the printing contractor with their approval, counts and erasure; mail that came
-- back and how it was served after all (地方税法 第20条, 第20条の2). Old code may run beside it: it makes notices without a face, which no job takes.

-- 宛名面 of a document as it was when the document was made.
create table resident_tax.document_face (
  document_id text primary key references resident_tax.document,
  postal_code text not null,
  address     text not null,
  name        text not null,
  event_id    uuid not null
);

create table resident_tax.print_job (
  job_id       uuid primary key,
  purpose      text not null check (purpose in ('proof', 'bulk')),
  order_id     uuid references resident_tax.batch_order,
  printer      text not null,
  form_id      text not null,
  form_version int not null check (form_version >= 1),
  documents    int not null check (documents >= 1),
  pages        int not null check (pages >= 1),
  total_yen    bigint not null check (total_yen >= 0),
  -- The signed 印刷依頼 as it is sent, however often.
  manifest     text not null,
  approval_id  uuid,
  made_by      text not null,
  made_on      date not null,
  event_id     uuid not null,
  check ((purpose = 'bulk') = (order_id is not null)),
  check ((purpose = 'bulk') = (approval_id is not null))
);
create index on resident_tax.print_job (printer, form_id, form_version);
create index on resident_tax.print_job (order_id);
-- 引抜き: documents of the run that do not go to the printer, and why.
create table resident_tax.print_job_held_back (
  job_id      uuid not null references resident_tax.print_job,
  document_id text not null references resident_tax.document,
  reason      text not null check (reason in ('address-protected', 'address-changed', 'no-face')),
  event_id    uuid not null,
  primary key (job_id, document_id)
);
create index on resident_tax.print_job_held_back (document_id);
create table resident_tax.print_job_part (
  job_id     uuid not null references resident_tax.print_job,
  part_no    int not null check (part_no >= 1),
  sha256     bytea not null check (octet_length(sha256) = 32),
  documents  int not null check (documents >= 1),
  sealed_ref uuid not null,
  event_id   uuid not null,
  primary key (job_id, part_no)
);
create table resident_tax.print_job_sent (
  job_id   uuid primary key references resident_tax.print_job,
  -- A run of notices is printed once.
  order_id uuid unique references resident_tax.batch_order,
  receipt  text not null,
  sent_by  text not null,
  sent_on  date not null,
  event_id uuid not null
);
create table resident_tax.print_job_report (
  job_id      uuid not null references resident_tax.print_job_sent,
  report_no   int not null check (report_no >= 1),
  state       text not null check (state in ('waiting-for-parts', 'printed', 'dispatched', 'erased')),
  printed     int not null check (printed >= 0),
  spoiled     int not null check (spoiled >= 0),
  dispatched  int not null check (dispatched >= 0),
  -- Words of what does not agree; of a proof the boxes that differ. Empty: all agrees.
  faults      text[] not null,
  signed      text not null,
  received_on date not null,
  event_id    uuid not null,
  primary key (job_id, report_no)
);
create table resident_tax.print_job_end (
  job_id    uuid primary key,
  -- The report that the end rests on: the last one, without a fault.
  report_no int not null,
  ended_by  text not null,
  ended_on  date not null,
  event_id  uuid not null,
  foreign key (job_id, report_no) references resident_tax.print_job_report
);
create table resident_tax.print_job_erasure (
  job_id   uuid primary key references resident_tax.print_job_end,
  signed   text not null,
  event_id uuid not null
);

-- 返戻: a notice that came back, until it was served after all.
create table resident_tax.returned_mail (
  return_id     uuid primary key,
  document_id   text not null references resident_tax.document,
  reason        text not null check (reason in ('unknown-address', 'moved', 'not-collected', 'refused', 'held-back')),
  returned_on   date not null,
  registered_by text not null,
  event_id      uuid not null
);
create index on resident_tax.returned_mail (document_id);
-- 再送達: sent again to an address that was found, or handed over.
create table resident_tax.redelivery (
  return_id    uuid primary key references resident_tax.returned_mail,
  method       text not null check (method in ('mail', 'hand')),
  delivered_on date not null,
  address      text not null,
  note         text not null,
  delivered_by text not null,
  event_id     uuid not null
);
-- 公示送達: what is posted, byte for byte, and who let it be posted.
create table resident_tax.public_notice (
  publication_id uuid primary key,
  return_id      uuid not null references resident_tax.returned_mail,
  ground         text not null,
  approval_id    uuid not null,
  sha256         bytea not null check (octet_length(sha256) = 32),
  sealed_ref     uuid not null unique,
  prepared_by    text not null,
  prepared_on    date not null,
  event_id       uuid not null
);
create index on resident_tax.public_notice (return_id);
create table resident_tax.public_notice_posted (
  publication_id uuid primary key references resident_tax.public_notice,
  posted_on      date not null,
  -- 掲示を始めた日から起算して七日を経過したとき.
  served_on      date not null check (served_on = posted_on + 7),
  posted_by      text not null,
  event_id       uuid not null
);

-- Notices that came back and were not delivered after all; `served_on`: the day from which a posting counts as service, where there is one.
create view resident_tax.undelivered as
  select r.document_id, r.return_id, min(p.served_on) as served_on
    from resident_tax.returned_mail r
    left join resident_tax.public_notice n using (return_id)
    left join resident_tax.public_notice_posted p using (publication_id)
   where not exists (select from resident_tax.redelivery d where d.return_id = r.return_id)
   group by r.document_id, r.return_id;
grant select on resident_tax.undelivered to {app};

-- Parts that were made anew without what was pulled out go with the documents of their run, as print files do.
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
$$;

select audit.declare_fact_table('resident_tax.' || t) from unnest('{document_face,print_job,print_job_part,print_job_held_back,print_job_sent,print_job_report,print_job_end,print_job_erasure,returned_mail,redelivery,public_notice,public_notice_posted}'::text[]) t;
grant select, insert on resident_tax.document_face, resident_tax.print_job, resident_tax.print_job_part, resident_tax.print_job_held_back, resident_tax.print_job_sent,
  resident_tax.print_job_report, resident_tax.print_job_end, resident_tax.print_job_erasure, resident_tax.returned_mail,
  resident_tax.redelivery, resident_tax.public_notice, resident_tax.public_notice_posted to {app};
