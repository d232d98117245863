-- 滞納処分の執行停止, and that it was taken back, are told to the payer in writing (地方税法 第15条の7第2項, 第15条の8第2項). Old code runs beside
-- it: it makes no such paper.
alter table collections.paper drop constraint paper_kind_check;
alter table collections.paper
  add constraint paper_kind_check check (kind in ('slip', 'reminders', 'collector-reminders', 'demand', 'tax-certificate', 'refund-notice',
    'debit-notices', 'cash-receipt', 'stop-notice', 'stop-end-notice'));
