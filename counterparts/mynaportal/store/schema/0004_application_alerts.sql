-- 引き取られない申請: told to the portal's operators on the third and fourth open day, once each, before the content is erased.
create table mynaportal.application_alert (
  receipt_number  uuid not null references mynaportal.application,
  open_day        integer not null check (open_day in (3, 4)),
  alerted_on      date not null,
  event_id        uuid not null,
  primary key (receipt_number, open_day)
);
create index on mynaportal.application_alert (event_id);
grant select, insert on mynaportal.application_alert to {app};
select audit.declare_fact_table('mynaportal.application_alert');
