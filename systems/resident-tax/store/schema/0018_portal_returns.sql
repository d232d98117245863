-- 電子申告 (RTX-102): a return that the person signed at the portal is a delivery of one record, in the ledger beside the files of payers.
-- Older code does not write the word and reads it as text.
alter table resident_tax.announced_delivery drop constraint announced_delivery_procedure_check;
alter table resident_tax.announced_delivery add constraint announced_delivery_procedure_check check (procedure in
  ('salary-payment-report', 'pension-payment-report', 'tax-return', 'one-stop-notice', 'ward-return', 'portal-return'));
