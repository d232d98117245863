-- The civil date of a town's instance. In real use the table stays empty and the law's date is today's in Tokyo.
create schema serve;
create table serve.civil_date (
  moved_no bigint generated always as identity primary key,
  civil_on date not null,
  moved_at timestamptz not null,
  event_id uuid not null
);
grant usage on schema serve to {app};
grant select, insert on serve.civil_date to {app};
