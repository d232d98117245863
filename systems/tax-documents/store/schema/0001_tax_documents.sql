-- Tax documents as they were filed, and their images. Contents and images stand in the sealed store: they hold Individual Numbers.
-- Facts only. First version; nothing older runs beside it.
create schema tax_documents;
grant usage on schema tax_documents to {app};

create table tax_documents.document (
  document_id   uuid primary key,
  kind          text not null check (kind in
    ('salary-payment-report', 'pension-payment-report', 'tax-return', 'one-stop-notice', 'ward-return')),
  income_year   int not null check (income_year between 2016 and 2100),
  reception_no  text not null,
  row_number    int not null check (row_number >= 1),
  payer_name    text not null,
  name          text not null,
  kana          text not null,
  born_on       date,
  -- Forms in which names are searched.
  name_key      text not null,
  kana_key      text not null,
  -- The document as it was filed.
  content_ref   uuid not null unique,
  received_at   timestamptz not null,
  event_id      uuid not null
);
create index on tax_documents.document (name_key);
create index on tax_documents.document (kana_key text_pattern_ops);
create index on tax_documents.document (reception_no, row_number);

-- One object for one content: the digest is keyed, because an image holds a number and a plain digest would let it be guessed.
create table tax_documents.image (
  image_id      uuid primary key,
  digest        bytea not null unique check (octet_length(digest) = 32),
  sealed_ref    uuid not null unique,
  pages         int not null check (pages >= 1),
  size_bytes    int not null check (size_bytes >= 1),
  drawn_at      timestamptz not null,
  event_id      uuid not null
);

-- Which image a document has; without one it holds characters that the fonts do not draw, and waits for a clerk.
create table tax_documents.document_image (
  document_id   uuid primary key references tax_documents.document,
  image_id      uuid references tax_documents.image,
  -- Where such characters stand: the place, never the text.
  undrawable    text[] not null default '{}',
  event_id      uuid not null,
  check ((image_id is null) = (cardinality(undrawable) > 0))
);
create index on tax_documents.document_image (image_id);

-- 個人番号欄の表示: who opened an image with its numbers, and what for.
create table tax_documents.number_look (
  look_id       uuid primary key,
  document_id   uuid not null references tax_documents.document,
  purpose       text not null check (length(btrim(purpose)) between 5 and 200),
  looked_by     text not null,
  looked_at     timestamptz not null,
  event_id      uuid not null
);
create index on tax_documents.number_look (document_id, looked_at);

select audit.declare_fact_table('tax_documents.' || t) from unnest(array['document', 'image', 'document_image', 'number_look']) t;
grant select, insert on all tables in schema tax_documents to {app};
