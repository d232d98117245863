-- 口座の登録 on line: what was applied for under a card's signature, and what a clerk made of it. Facts only; nothing older runs beside it.
create table accounts.application (
  receipt_number uuid primary key,
  -- Whom the platform found for the card's particulars; null where it was not sure of one person.
  person_number  text check (person_number ~ '^[0-9]{15}$'),
  applicant      text not null,
  accepted_at    timestamptz not null,
  -- The account as it was typed; absent where the form could not be read.
  purpose        text check (purpose in ('debit', 'refund')),
  bank           text,
  branch         text,
  account_kind   text,
  account_number text,
  holder_kana    text,
  fault          text,
  event_id       uuid not null,
  check ((purpose is null) = (fault is not null))
);
create table accounts.application_decision (
  receipt_number uuid primary key references accounts.application,
  outcome        text not null check (outcome in ('registered', 'declined')),
  mandate_id     uuid references accounts.mandate,
  reason         text,
  decided_by     text not null,
  decided_on     date not null,
  event_id       uuid not null,
  check ((outcome = 'registered') = (mandate_id is not null)),
  check ((outcome = 'declined') = (reason is not null))
);
grant select, insert on accounts.application, accounts.application_decision to {app};
select audit.declare_fact_table('accounts.' || t) from unnest('{application,application_decision}'::text[]) as t;
