-- Documents that a sealed row names (a notice as PDF, the file it came in): their keys go with the erasure of the sealing. Old code
-- names none and may run beside it.
create table retention.sealed_object (
  ref        uuid primary key,
  sealing_id uuid not null references retention.sealing
);
create index sealed_object_sealing on retention.sealed_object (sealing_id);
grant select, insert on retention.sealed_object to {app};
