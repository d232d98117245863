-- 通知の締め: said once all levies in force of a year have their notice; what is decided later needs another one. Runs beside 0006.
create table resident_tax.notice_closing (
  closing_id   uuid primary key,
  fiscal_year  int not null,
  levies       int not null check (levies >= 0),
  closed_by    text not null,
  closed_on    date not null,
  closed_at    timestamptz not null,
  event_id     uuid not null
);
create index on resident_tax.notice_closing (fiscal_year, closed_at);
select audit.declare_fact_table('resident_tax.notice_closing');
grant select, insert on resident_tax.notice_closing to {app};
