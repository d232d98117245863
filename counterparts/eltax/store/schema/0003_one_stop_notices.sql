-- 申告特例通知 travel between bodies too. Older code beside it passes them on as it does every package.
alter table eltax.body_transfer drop constraint body_transfer_kind_check;
alter table eltax.body_transfer add constraint body_transfer_kind_check
  check (kind in ('forwarded-documents', 'outside-levy-notice', 'one-stop-notices'));
