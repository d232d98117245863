-- 申告特例通知 are received too. Older code beside it never writes one.
alter table other_municipality.received drop constraint received_kind_check;
alter table other_municipality.received add constraint received_kind_check
  check (kind in ('forwarded-documents', 'outside-levy-notice', 'one-stop-notices'));
