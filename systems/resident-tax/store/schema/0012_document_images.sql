-- Which documents were handed to the images of tax documents, each once. Runs beside 0011.
create table resident_tax.document_filing (
  report_id   uuid primary key references resident_tax.report,
  message_id  uuid not null unique,
  handed_at   timestamptz not null,
  event_id    uuid not null
);
select audit.declare_fact_table('resident_tax.document_filing');
grant select, insert on resident_tax.document_filing to {app};
