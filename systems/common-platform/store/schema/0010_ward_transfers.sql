-- 別表2: from which terminal somebody asked stands beside who asked; a paper that was moved by hand is printed once, with the digest of
-- what stood on it and never the content. Old code may run beside it.
alter table common_platform.transfer add column terminal text;
alter table common_platform.emergency_step drop constraint emergency_step_step_check;
alter table common_platform.emergency_step add constraint emergency_step_step_check
  check (step in ('approved', 'refused', 'printed', 'received'));
alter table common_platform.emergency_step add column sheet_sha256 bytea check (octet_length(sheet_sha256) = 32);
alter table common_platform.emergency_step add constraint emergency_step_sheet_check
  check ((step = 'printed') = (sheet_sha256 is not null));
