-- Statement, permit and evidence are a few kilobytes of certificates and signatures that no compression shortens; the server
-- tries all the same above two kilobytes, for each row. Up to this size rows are now kept as they are. Old code runs beside it.
alter table information_providing_network.inquiry set (toast_tuple_target = 8160);
alter table information_providing_network.outcome set (toast_tuple_target = 8160);
