-- Who receives papers of a dead person's tax, and how each payer receives its notices. Facts only; the newest counts. Older code beside it
-- writes notices to the dead person's address as before, and every payer's notice as data.

-- 相続人代表者 (地方税法 第9条の2): as the heirs told, or as the ward designated.
create table resident_tax.heir_representative (
  person_id      uuid not null references resident_tax.person,
  version        int not null check (version >= 1),
  name           text not null check (name <> ''),
  postal_code    text not null check (postal_code ~ '^[0-9]{7}$'),
  address        text not null check (address <> ''),
  basis          text not null check (basis in ('told-by-heirs', 'designated')),
  evidence       text not null check (evidence <> ''),
  noted_by       text not null,
  noted_on       date not null,
  event_id       uuid not null,
  primary key (person_id, version)
);

-- 受取方法 of a payer's notices; without an entry they go as data.
create table resident_tax.notice_channel (
  designation_number text not null references resident_tax.special_collector,
  version        int not null check (version >= 1),
  channel        text not null check (channel in ('electronic', 'paper')),
  evidence       text not null check (evidence <> ''),
  noted_by       text not null,
  noted_on       date not null,
  event_id       uuid not null,
  primary key (designation_number, version)
);
alter table resident_tax.special_notice
  add column channel         text not null default 'electronic' check (channel in ('electronic', 'paper')),
  add column numbers_printed boolean not null default false;

select audit.declare_fact_table('resident_tax.' || t) from unnest(array['heir_representative', 'notice_channel']) t;
grant select, insert on resident_tax.heir_representative, resident_tax.notice_channel to {app};
