-- Persons whom the ward may tax, the files that say what they earned, the reports in them, and whom each is about.
-- Individual Numbers stand in the vault, files in the sealed store; here are references only.
-- First version; nothing older runs beside it.
create schema resident_tax;
grant usage on schema resident_tax to {app};

-- 納税義務者 (RTX-F1.1). What is known of the person stands in person_state, a row for each change and never changed.
create table resident_tax.person (
  person_id         uuid primary key,
  org_person_number text not null unique check (org_person_number ~ '^[0-9]{15}$'),
  addressee_number  text not null unique check (addressee_number ~ '^[0-9]{1,15}$'),
  -- The state that counts now: the latest by the day of the change. Moves on, so it is no part of the fact.
  current_version   int not null default 1 check (current_version >= 1),
  event_id          uuid not null
);

create table resident_tax.person_state (
  person_id          uuid not null references resident_tax.person,
  version            int not null check (version >= 1),
  change_id          uuid not null unique,
  reason             text not null,
  changed_on         date not null,
  number_ref         uuid not null,
  status             text not null check (status in ('resident', 'moving-out', 'removed')),
  name               text not null,
  name_kana          text not null,
  birth_date         date not null,
  sex                text not null check (sex in ('male', 'female', 'other')),
  address            text not null,
  postal_code        text,
  municipality_code  text not null,
  household_number   text not null,
  relationship       text not null,
  became_resident_on date not null,
  removed_on         date,
  address_protected  boolean not null,
  -- Forms in which names and addresses are compared and searched.
  name_key           text not null,
  kana_key           text not null,
  address_key        text not null,
  recorded_at        timestamptz not null,
  event_id           uuid not null,
  primary key (person_id, version)
);
create index on resident_tax.person_state (name_key);
create index on resident_tax.person_state (kana_key text_pattern_ops);
create index on resident_tax.person_state (number_ref);
create index on resident_tax.person_state (household_number);

-- What the portal of the local taxes says that it holds for us, noted before anything is fetched: what is announced and
-- never taken in is a gap that stops the levy (INC-22).
create table resident_tax.announced_delivery (
  delivery_id    uuid primary key,
  reception_no   text not null,
  -- Which kind of document it holds; `ward-return` is a batch of paper forms that a contractor keys.
  procedure      text not null check (procedure in
    ('salary-payment-report', 'pension-payment-report', 'tax-return', 'one-stop-notice', 'ward-return')),
  income_year    int not null check (income_year between 2016 and 2100),
  -- Who sent it: the payer, the pension insurer, the tax agency, the municipality given to, the keying contractor.
  payer_number   text not null check (payer_number ~ '^[0-9]{13}$'),
  payer_name     text not null,
  record_count   int not null check (record_count >= 0),
  announced_on   date not null,
  event_id       uuid not null
);
create index on resident_tax.announced_delivery (income_year);

-- 受領: one file, received whole. The receipt ledger has every file, refused ones too.
create table resident_tax.intake (
  intake_id      uuid primary key,
  delivery_id    uuid not null unique references resident_tax.announced_delivery,
  reception_no   text not null,
  -- What the portal signed about the package, as it came.
  cover          text not null,
  income_year    int not null check (income_year between 2016 and 2100),
  sealed_ref     uuid not null,
  size_bytes     bigint not null check (size_bytes >= 0),
  -- Of the content with its long runs of digits masked: finds a file that may have come before, and cannot be used to
  -- try out Individual Numbers. Whether it is the same file is decided by comparing the files.
  masked_digest  bytea not null check (octet_length(masked_digest) = 32),
  -- Records that the file itself holds.
  record_count   int not null check (record_count >= 0),
  received_on    date not null,
  received_at    timestamptz not null,
  event_id       uuid not null
);
create index on resident_tax.intake (masked_digest);

-- The end of a file: refused as a whole at the gate, or taken in with its counts.
create table resident_tax.intake_outcome (
  intake_id      uuid primary key references resident_tax.intake,
  outcome        text not null check (outcome in ('taken-in', 'refused')),
  refusal        text,
  accepted_count int not null check (accepted_count >= 0),
  rejected_count int not null check (rejected_count >= 0),
  decided_at     timestamptz not null,
  event_id       uuid not null,
  check ((outcome = 'refused') = (refusal is not null)),
  check (outcome <> 'refused' or (accepted_count = 0 and rejected_count = 0))
);

-- The answer has reached the portal.
create table resident_tax.intake_acknowledged (
  intake_id      uuid primary key references resident_tax.intake,
  acknowledged_at timestamptz not null,
  event_id       uuid not null
);

-- 課税資料: one accepted record of a file, a report or a return of one person.
create table resident_tax.report (
  report_id         uuid primary key,
  kind              text not null check (kind in
    ('salary-payment-report', 'pension-payment-report', 'tax-return', 'one-stop-notice', 'ward-return')),
  intake_id         uuid not null references resident_tax.intake,
  row_number        int not null check (row_number >= 1),
  income_year       int not null check (income_year between 2016 and 2100),
  submission_kind   text not null check (submission_kind in ('new', 'added', 'correction', 'cancellation')),
  -- Who paid or was given to: the corporation number, or a reference where the payer is a person. Of a return: the tax office.
  payer_name        text not null,
  payer_number      text,
  payer_number_ref  uuid,
  recipient_number  text,
  -- The sender's own number of the document and of the one that it replaces: 受付番号 of a return, 通知番号 of a notice.
  reference_no      text,
  replaces_no       text,
  -- The day of filing, where it decides between two returns.
  filed_on          date,
  name              text not null,
  kana              text not null,
  born_on           date,
  address           text not null,
  number_ref        uuid,
  -- 支払金額, 公的年金等の支払金額, 寄附金額; of a return the total income it declares.
  paid_yen          bigint not null,
  -- All other columns by the names of the format, without any number of a person.
  columns           jsonb not null,
  name_key          text not null,
  address_key       text not null,
  event_id          uuid not null,
  unique (intake_id, row_number),
  check (payer_number is null or payer_number ~ '^[1-9][0-9]{12}$'),
  check (paid_yen >= 0 or kind in ('tax-return', 'ward-return'))
);
create index on resident_tax.report (name_key, income_year);
create index on resident_tax.report (number_ref);

-- The family that a report names.
create table resident_tax.report_relative (
  report_id         uuid not null references resident_tax.report,
  relative_no       int not null check (relative_no >= 1),
  kind              text not null check (kind in ('spouse', 'dependant', 'young')),
  name              text,
  kana              text,
  residence         text,
  born_on           date,
  number_ref        uuid,
  -- Who holds that number here, where it is exactly one person: what checks across households go by.
  person_id         uuid references resident_tax.person,
  event_id          uuid not null,
  primary key (report_id, relative_no)
);
create index on resident_tax.report_relative (person_id) where person_id is not null;

-- What was wrong with a record: rule, word and column, never the value. A rejected row has its faults here and its
-- reject in the batch run; warnings belong to accepted rows.
create table resident_tax.intake_fault (
  intake_id         uuid not null references resident_tax.intake,
  row_number        int not null check (row_number >= 1),
  fault_no          int not null check (fault_no >= 1),
  severity          text not null check (severity in ('reject', 'warning')),
  rule              text not null,
  word              text not null,
  column_number     int,
  field             text,
  event_id          uuid not null,
  primary key (intake_id, row_number, fault_no)
);

-- Persons whom a report might be about, with what agrees and what differs, best first.
create table resident_tax.match_candidate (
  candidate_id      uuid primary key,
  report_id         uuid not null references resident_tax.report,
  -- A report may be compared again when the register has changed; the latest round counts.
  round             int not null check (round >= 1),
  rank              int not null check (rank >= 1),
  person_id         uuid not null references resident_tax.person,
  agrees            text[] not null,
  differs           text[] not null,
  event_id          uuid not null,
  unique (report_id, round, rank)
);

-- Every step of 突合 of a report, first to last. `linked` by the rule needs number, name and birth date to agree.
create table resident_tax.match_step (
  report_id         uuid not null references resident_tax.report,
  step_no           int not null check (step_no >= 1),
  step              text not null check (step in ('compared', 'link-proposed', 'proposal-returned', 'linked', 'not-resident', 'rejected', 'superseded')),
  decided_by        text not null,
  person_id         uuid references resident_tax.person,
  reason_code       text not null,
  note              text,
  approval_id       uuid,
  at                timestamptz not null,
  event_id          uuid not null,
  primary key (report_id, step_no),
  check (step not in ('link-proposed', 'linked') or person_id is not null)
);

-- Where a report stands now; rebuilt from match_step at any time.
create table resident_tax.report_state (
  report_id         uuid primary key references resident_tax.report,
  state             text not null check (state in ('linked', 'candidates', 'none', 'awaiting-second', 'not-resident', 'rejected', 'superseded')),
  person_id         uuid references resident_tax.person,
  -- Number of the last match_step: what a clerk saw is what the clerk decides on.
  last_step         int not null check (last_step >= 1),
  round             int not null default 0,
  changed_at        timestamptz not null,
  check (state not in ('linked', 'awaiting-second') or person_id is not null),
  check (state not in ('candidates', 'none', 'not-resident', 'rejected') or person_id is null)
);
create index on resident_tax.report_state (person_id) where person_id is not null;
create index on resident_tax.report_state (state) where state in ('candidates', 'none', 'awaiting-second');

-- A correction or cancellation and the report whose place it takes (INC-23).
create table resident_tax.report_supersession (
  report_id         uuid primary key references resident_tax.report,
  by_report_id      uuid not null references resident_tax.report,
  event_id          uuid not null,
  check (report_id <> by_report_id)
);
create index on resident_tax.report_supersession (by_report_id);

select audit.declare_fact_table('resident_tax.person', p_excluded => '{current_version}');
select audit.declare_fact_table('resident_tax.person_state');
select audit.declare_fact_table('resident_tax.announced_delivery');
select audit.declare_fact_table('resident_tax.intake');
select audit.declare_fact_table('resident_tax.intake_outcome');
select audit.declare_fact_table('resident_tax.intake_acknowledged');
select audit.declare_fact_table('resident_tax.report');
select audit.declare_fact_table('resident_tax.report_relative');
select audit.declare_fact_table('resident_tax.intake_fault');
select audit.declare_fact_table('resident_tax.match_candidate');
select audit.declare_fact_table('resident_tax.match_step');
select audit.declare_fact_table('resident_tax.report_supersession');

grant select, insert on all tables in schema resident_tax to {app};
grant update (current_version) on resident_tax.person to {app};
grant update (state, person_id, last_step, round, changed_at) on resident_tax.report_state to {app};
