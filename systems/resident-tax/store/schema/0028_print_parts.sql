-- 印刷用データ: a part is one file, set in one go. A document of a run stands on pages of a part and is set anew from what it says (sealed, by
-- digest) wherever it is shown alone. A part without faces stays in the office: the printing contractor never gets it.
-- Runs beside 0020: rows of before have no part and hold their own PDF.
alter table resident_tax.document add column part_no int, add column first_page int check (first_page >= 1);
alter table resident_tax.document add check ((part_no is null) = (first_page is null) and (part_no is null or order_id is not null));
alter table resident_tax.print_file add column handling text not null default 'contractor' check (handling in ('contractor', 'office'));
