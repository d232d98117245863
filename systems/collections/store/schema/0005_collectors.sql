-- Who pays over for the payer (特別徴収義務者, 年金保険者) may change with each revision of a charge: each says its own, the state the newest.
-- Nothing older runs beside it.
alter table collections.charge_revision add designation_number text, add collector_name text,
  add check ((designation_number is null) = (collector_name is null));
alter table collections.charge_state add designation_number text, add collector_name text;
create index charge_state_collector on collections.charge_state (designation_number) where designation_number is not null;
-- What a collector's month is looked up by is the state; the charge keeps who it was at first.
drop index collections.charge_collector;
