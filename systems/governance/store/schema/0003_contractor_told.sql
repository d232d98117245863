-- What the staff directory was told of a contractor's person; the last row of a person is what it knows. Old code does not
-- tell and may run beside it.
create table governance.contractor_told (
  told_no     bigint generated always as identity primary key,
  staff_id    text not null,
  standing    text not null check (standing in ('none', 'admitted', 'ordered')),
  because     text check (because in ('contract-ended', 'consent-ended', 'worker-removed')),
  order_label text,
  until       date,
  told_on     date not null,
  told_at     timestamptz not null,
  event_id    uuid not null,
  check ((standing = 'none') = (because is not null)),
  check ((standing = 'ordered') = (order_label is not null)),
  check ((standing = 'ordered') = (until is not null))
);
create index contractor_told_staff on governance.contractor_told (staff_id, told_no desc);
create index contractor_told_event on governance.contractor_told (event_id);

select audit.declare_fact_table('governance.contractor_told');

grant select, insert on governance.contractor_told to {app};
