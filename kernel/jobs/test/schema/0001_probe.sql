create schema probe;
grant usage on schema probe to {app};
create table probe.done (step text not null, row_number int not null, event_id uuid not null, primary key (step, row_number));
grant select, insert on probe.done to {app};
