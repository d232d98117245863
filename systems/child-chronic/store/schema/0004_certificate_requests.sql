-- 添付書類の省略: a tax certificate is asked of the applicant only where an inquiry over the network ended without data; which one, and how it
-- ended, stands with the request. Old code may run beside it.
create table child_chronic.certificate_request (
  certificate_request_id uuid primary key,
  case_id            uuid not null references child_chronic.case_file,
  inquiry_request_id uuid not null unique references child_chronic.inquiry (request_id),
  reason             text not null check (reason ~ '^(result-[0-9]{2}|[a-z-]{1,60})$'),
  asked_by           text not null,
  asked_on           date not null,
  asked_at           timestamptz not null,
  event_id           uuid not null
);
create index on child_chronic.certificate_request (event_id);
create index on child_chronic.certificate_request (case_id);
grant select, insert on child_chronic.certificate_request to {app};
select audit.declare_fact_table('child_chronic.certificate_request');
