-- 団体間回送: packages of one municipality for another, passed on unread, and what the receiver signed about each. Older code beside it
-- does not know the tables.
create table eltax.body_transfer (
  transfer_id  uuid primary key,
  kind         text not null check (kind in ('forwarded-documents', 'outside-levy-notice')),
  from_code    text not null check (from_code ~ '^[0-9]{6}$'),
  to_code      text not null check (to_code ~ '^[0-9]{6}$'),
  fiscal_year  int not null,
  records      int not null check (records >= 1),
  cover        text not null,
  -- Encrypted to the receiver by the sender; kept in the sealed store besides, so that it goes when its time is over.
  package_ref  uuid not null,
  accepted_at  timestamptz not null,
  event_id     uuid not null,
  check (from_code <> to_code)
);
create index on eltax.body_transfer (to_code, transfer_id);
create table eltax.body_transfer_receipt (
  transfer_id  uuid primary key references eltax.body_transfer,
  outcome      text not null check (outcome in ('received', 'returned')),
  reason       text,
  receipt      text not null,
  stated_at    timestamptz not null,
  event_id     uuid not null,
  check ((outcome = 'returned') = (reason is not null))
);
grant select, insert on eltax.body_transfer, eltax.body_transfer_receipt to {app};
select audit.declare_fact_table('eltax.' || t) from unnest(array['body_transfer', 'body_transfer_receipt']) t;
