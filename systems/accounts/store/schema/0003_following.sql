-- Branches that merge, with the day: an account follows, both codes stay known. What a file said at its time stands with its rows. And the
-- public-money receiving account: who agreed to its use, and what was asked. Facts only; nothing older runs beside it.
create table accounts.branch_change (
  change_id  uuid primary key,
  old_bank   text not null check (old_bank ~ '^[0-9]{4}$'),
  old_branch text not null check (old_branch ~ '^[0-9]{3}$'),
  new_bank   text not null check (new_bank ~ '^[0-9]{4}$'),
  new_branch text not null check (new_branch ~ '^[0-9]{3}$'),
  from_on    date not null,
  source     text not null,
  noted_by   text not null,
  event_id   uuid not null,
  unique (old_bank, old_branch, from_on),
  check ((old_bank, old_branch) <> (new_bank, new_branch))
);

-- Where an account stands on a day that was opened under these codes by `since`. A merged branch may merge again; a code that a bank
-- gives out anew later is another branch.
create function accounts.place_on(bank text, branch text, since date, on_day date) returns table (at_bank text, at_branch text)
language sql stable set search_path = pg_catalog as $$
  with recursive follow as (
    select bank as b, branch as r, since as since, 0 as n
    union all
    select c.new_bank, c.new_branch, c.from_on, n + 1
      from follow f cross join lateral (
        select c.new_bank, c.new_branch, c.from_on from accounts.branch_change c
         where c.old_bank = f.b and c.old_branch = f.r and c.from_on >= f.since and c.from_on <= on_day
         order by c.from_on limit 1) as c
     where n < 20)
  select b, r from follow order by n desc limit 1
$$;

alter table accounts.debit_request add branch text check (branch ~ '^[0-9]{3}$');
alter table accounts.transfer_order add bank text check (bank ~ '^[0-9]{4}$'), add branch text check (branch ~ '^[0-9]{3}$');
create index debit_request_mandate on accounts.debit_request (mandate_id);

create table accounts.public_money_consent (
  consent_id    uuid primary key,
  person_number text not null check (person_number ~ '^[0-9]{15}$'),
  agreed_on     date not null,
  evidence      text not null,
  noted_by      text not null,
  event_id      uuid not null
);
create index public_money_consent_person on accounts.public_money_consent (person_number);
-- One row an answer; `sha256` of what was told, as it was told.
create table accounts.public_money_inquiry (
  request_id     uuid primary key,
  consent_id     uuid not null references accounts.public_money_consent,
  person_number  text not null,
  inquiry_number uuid not null,
  result         text not null,
  sha256         bytea not null check (length(sha256) = 32),
  mandate_id     uuid references accounts.mandate,
  asked_by       text not null,
  asked_on       date not null,
  event_id       uuid not null
);
create index public_money_inquiry_person on accounts.public_money_inquiry (person_number);

grant select, insert on accounts.branch_change, accounts.public_money_consent, accounts.public_money_inquiry to {app};
select audit.declare_fact_table('accounts.' || t) from unnest('{branch_change,public_money_consent,public_money_inquiry}'::text[]) as t;
