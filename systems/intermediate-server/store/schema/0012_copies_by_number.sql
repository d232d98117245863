-- Copies of a file are copied in under numbers that are drawn beforehand: what ties them to the log is then made while the database
-- writes them, and not read back. Older code, which lets the column number itself, runs beside it.
grant usage on sequence intermediate_server.lodged_copy_copy_no_seq to {app};
