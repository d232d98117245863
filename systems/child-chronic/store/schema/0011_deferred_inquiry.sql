-- 順番を待つ照会: the number under which an inquiry waits for its turn, and when that is likely to come, as it was told first. The system asks
-- again by itself. Old code may run beside it: it waits for the clerk.
create table child_chronic.inquiry_deferral (
  request_id       uuid primary key references child_chronic.inquiry,
  reception_number integer not null,
  expected_at      timestamptz not null,
  noted_at         timestamptz not null,
  event_id         uuid not null
);
grant select, insert on child_chronic.inquiry_deferral to {app};
select audit.declare_fact_table('child_chronic.inquiry_deferral');
