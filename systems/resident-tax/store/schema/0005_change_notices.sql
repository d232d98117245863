-- 税額変更通知書: a levy that changed after its notice is told by a notice of its own. Runs beside 0004.
alter table resident_tax.document drop constraint document_kind_check;
alter table resident_tax.document add constraint document_kind_check check (kind in ('tax-notice', 'change-notice'));
-- Numbers are given over both kinds, so that a document's name says one thing.
alter table resident_tax.document drop constraint document_kind_fiscal_year_serial_key;
alter table resident_tax.document add constraint document_serial_key unique (fiscal_year, serial);
