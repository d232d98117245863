-- What renews the five years besides reminders and holds: seizure, a demand for a share of what another seized, acknowledgement. And who
-- stands in the place of a payer who died. Facts only. Nothing older runs beside it.
create table collections.renewal (
  renewal_id uuid primary key,
  charge_id  uuid not null references collections.charge,
  kind       text not null check (kind in ('seizure', 'demand-for-delivery', 'acknowledgement')),
  on_day     date not null,
  evidence   text not null,
  noted_by   text not null,
  event_id   uuid not null
);
create index renewal_charge on collections.renewal (charge_id);
-- A seizure holds the time until it is lifted.
create table collections.renewal_end (
  renewal_id uuid primary key references collections.renewal,
  ended_on   date not null,
  reason     text not null,
  ended_by   text not null,
  event_id   uuid not null
);

-- 相続人: each owes the part of the dead payer's tax that its share makes; one of them may be named to receive the papers of all.
create table collections.succession (
  succession_id  uuid primary key,
  person_number  text not null unique check (person_number ~ '^[0-9]{15}$'),
  died_on        date not null,
  evidence       text not null,
  noted_by       text not null,
  event_id       uuid not null
);
create table collections.heir (
  succession_id  uuid not null references collections.succession,
  heir_no        smallint not null check (heir_no between 1 and 30),
  name           text not null,
  postal_code    text,
  address        text not null,
  share_numerator   integer not null check (share_numerator > 0),
  share_denominator integer not null check (share_denominator >= share_numerator),
  receives       boolean not null,
  event_id       uuid not null,
  primary key (succession_id, heir_no)
);
create unique index heir_receives on collections.heir (succession_id) where receives;

grant select, insert on collections.renewal, collections.renewal_end, collections.succession, collections.heir to {app};
select audit.declare_fact_table('collections.' || t) from unnest('{renewal,renewal_end,succession,heir}'::text[]) as t;
