-- Scans of returns filed on paper, for the municipality of 1 January, and what it said of each. The scans stand in the sealed store; no
-- digest of them is kept. Older code beside it does not know the tables.
create table etax.return_image (
  image_id     uuid primary key,
  municipality text not null check (municipality ~ '^[0-9]{6}$'),
  income_year  int not null,
  return_no    text not null check (return_no ~ '^[0-9]{16}$'),
  pages        int not null check (pages >= 1),
  sealed_ref   uuid not null unique,
  handed_in_at timestamptz not null,
  event_id     uuid not null
);
create index on etax.return_image (municipality, handed_in_at, image_id);
create table etax.return_image_fetch (
  fetch_id   uuid primary key,
  image_id   uuid not null references etax.return_image,
  fetched_at timestamptz not null,
  event_id   uuid not null
);
create index on etax.return_image_fetch (image_id);
create table etax.return_image_outcome (
  image_id  uuid primary key references etax.return_image,
  outcome   text not null check (outcome in ('received', 'returned')),
  reason    text,
  stated_at timestamptz not null,
  event_id  uuid not null,
  check ((outcome = 'returned') = (reason is not null))
);
grant select, insert on etax.return_image, etax.return_image_fetch, etax.return_image_outcome to {app};
select audit.declare_fact_table('etax.' || t) from unnest(array['return_image', 'return_image_fetch', 'return_image_outcome']) t;
