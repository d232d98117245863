-- 特別徴収税額通知 from municipalities to payers: passed on unread, fetched by the addressee alone, withdrawn where the municipality says
-- so. Older code beside it does not know the tables.
create table eltax.special_notice (
  notice_id          uuid primary key,
  from_code          text not null check (from_code ~ '^[0-9]{6}$'),
  payer_number       text not null check (payer_number ~ '^[0-9]{13}$'),
  cover              text not null,
  -- Encrypted to the payer by the municipality; kept in the sealed store besides, so that it goes when it is withdrawn.
  payer_ref          uuid not null,
  employees_ref      uuid,
  accepted_on        date not null,
  -- The last day on which it can be fetched.
  fetch_until        date not null check (fetch_until > accepted_on),
  accepted_at        timestamptz not null,
  event_id           uuid not null
);
create index on eltax.special_notice (payer_number, notice_id);
create table eltax.special_notice_fetch (
  fetch_id    uuid primary key,
  notice_id   uuid not null references eltax.special_notice,
  part        text not null check (part in ('payer', 'employees')),
  fetched_by  text not null,
  fetched_at  timestamptz not null,
  event_id    uuid not null
);
create index on eltax.special_notice_fetch (notice_id);
-- 配信停止. It may come before the notice itself: what comes later under its id is not taken.
create table eltax.special_notice_recall (
  notice_id   uuid primary key,
  from_code   text not null check (from_code ~ '^[0-9]{6}$'),
  fetched     boolean not null,
  recalled_at timestamptz not null,
  event_id    uuid not null
);
grant select, insert on eltax.special_notice, eltax.special_notice_fetch, eltax.special_notice_recall to {app};
select audit.declare_fact_table('eltax.' || t) from unnest(array['special_notice', 'special_notice_fetch', 'special_notice_recall']) t;
