-- Signed texts of three to five kilobytes stand in these rows, made of certificates and signatures that no compression shortens.
-- The server tries all the same, for each row, above two kilobytes; up to this size rows are now kept as they are. Old code runs beside it.
alter table intermediate_server.linkage_request set (toast_tuple_target = 8160);
alter table intermediate_server.inquiry set (toast_tuple_target = 8160);
alter table intermediate_server.inquiry_held set (toast_tuple_target = 8160);
alter table intermediate_server.inquiry_result set (toast_tuple_target = 8160);
alter table intermediate_server.accepted_permit set (toast_tuple_target = 8160);
alter table intermediate_server.provision set (toast_tuple_target = 8160);
alter table intermediate_server.sealed_answer set (toast_tuple_target = 8160);
