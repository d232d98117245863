-- Scans that the tax agency made of returns filed on paper, found by the number of the return. They stand in the sealed store and show
-- the number boxes as filled in. Older code beside it does not know the table and leaves the new column empty.
alter table tax_documents.document add column return_no text;
create index on tax_documents.document (return_no) where return_no is not null;

create table tax_documents.agency_image (
  image_id     uuid primary key,
  income_year  int not null check (income_year between 2016 and 2100),
  return_no    text not null check (return_no ~ '^[0-9]{16}$'),
  pages        int not null check (pages >= 1),
  sealed_ref   uuid not null unique,
  received_at  timestamptz not null,
  event_id     uuid not null
);
create index on tax_documents.agency_image (return_no, income_year);
select audit.declare_fact_table('tax_documents.agency_image');
grant select, insert on tax_documents.agency_image to {app};
