-- 窓口申告: returns filed on paper at the counter, entered by one clerk and compared with the paper by another. The entry stands in the
-- sealed store. Runs beside 0016.
create table resident_tax.counter_filing (
  filing_id      uuid primary key,
  income_year    int not null check (income_year between 2016 and 2100),
  form_id        text not null,
  form_version   text not null,
  -- 本人確認: how number, person and, for a proxy, authority were shown.
  number_document    text not null,
  identity_documents text[] not null check (cardinality(identity_documents) >= 1),
  authority_document text,
  -- 対象者判定: taxed here as a resident, here without an address, or elsewhere.
  scope          text not null check (scope in ('resident', 'here-unregistered', 'elsewhere')),
  -- Where it belongs; the ground of a levy without an address.
  scope_detail   text,
  entry_ref      uuid not null unique,
  filed_on       date not null,
  entered_by     text not null,
  entered_at     timestamptz not null,
  event_id       uuid not null,
  check ((scope = 'resident') = (scope_detail is null))
);
create table resident_tax.counter_filing_end (
  filing_id      uuid primary key references resident_tax.counter_filing,
  -- Compared and taken in, returned to who entered it, or sent to where the person is taxed.
  outcome        text not null check (outcome in ('compared', 'returned', 'sent-on')),
  delivery_id    uuid references resident_tax.announced_delivery,
  note           text,
  ended_by       text not null,
  ended_at       timestamptz not null,
  event_id       uuid not null,
  check ((outcome = 'compared') = (delivery_id is not null)),
  check (outcome = 'compared' or note <> '')
);
select audit.declare_fact_table('resident_tax.' || t) from unnest(array['counter_filing', 'counter_filing_end']) t;
grant select, insert on resident_tax.counter_filing, resident_tax.counter_filing_end to {app};
