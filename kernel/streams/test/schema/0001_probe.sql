-- What the tests' acts write: the senders' payloads and the receivers' facts.
create schema probe;
grant usage on schema probe to {app};
create table probe.payload (ref uuid primary key, bytes bytea not null);
create table probe.fact (
  id bigint generated always as identity primary key,
  sender text not null, family text not null, number bigint not null, subject text not null, step int not null,
  event_id uuid not null
);
grant select, insert, update on probe.payload to {app};
grant select, insert on probe.fact to {app};
