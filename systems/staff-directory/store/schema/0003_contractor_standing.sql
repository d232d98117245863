-- What the organisation's governance says of a contractor's person: admitted or not, under a work order or not. The last row of
-- a person holds. Told also before the account exists, so no reference to it. Old code does not know the message and would
-- refuse it; it lets contractors' people in without an order.
create table staff_directory.contractor_standing (
  standing_no bigint generated always as identity primary key,
  staff_id    text not null check (staff_id ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
  standing    text not null check (standing in ('none', 'admitted', 'ordered')),
  because     text,
  order_label text,
  valid_until date,
  told_on     date not null,
  told_at     timestamptz not null,
  event_id    uuid not null,
  check ((standing = 'none') = (because is not null)),
  check ((standing = 'ordered') = (order_label is not null)),
  check ((standing = 'ordered') = (valid_until is not null))
);
create index contractor_standing_staff on staff_directory.contractor_standing (staff_id, standing_no desc);
create index contractor_standing_event on staff_directory.contractor_standing (event_id);

select audit.declare_fact_table('staff_directory.contractor_standing');

grant select, insert on staff_directory.contractor_standing to {app};
