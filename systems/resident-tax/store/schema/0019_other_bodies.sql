-- What concerns other bodies: letters of inquiry (照会文書), answers of the resident register network, persons taxed without an address
-- here (住登外課税), documents sent on (回送) and notices of such levies. Older code beside it meets no new state of a report before
-- somebody uses the new pages. What belongs to a report goes with it at the end of its term, by foreign key.

alter table resident_tax.announced_delivery drop constraint announced_delivery_procedure_check;
alter table resident_tax.announced_delivery add constraint announced_delivery_procedure_check check (procedure in
  ('salary-payment-report', 'pension-payment-report', 'tax-return', 'one-stop-notice', 'ward-return', 'portal-return',
   'forwarded-documents'));
alter table resident_tax.match_step drop constraint match_step_step_check;
alter table resident_tax.match_step add constraint match_step_step_check check (step in
  ('compared', 'link-proposed', 'proposal-returned', 'linked', 'not-resident', 'rejected', 'superseded',
   'forwarding-listed', 'forwarding-withdrawn', 'forwarded', 'forwarding-returned'));
alter table resident_tax.report_state drop constraint report_state_state_check;
alter table resident_tax.report_state add constraint report_state_state_check check (state in
  ('linked', 'candidates', 'none', 'awaiting-second', 'not-resident', 'rejected', 'superseded', 'forwarding', 'forwarded'));
alter table resident_tax.report_state add constraint report_state_forwarded_names_nobody
  check (state not in ('forwarding', 'forwarded') or person_id is null);
-- Who is taxed here and registered elsewhere has a state too: the four particulars as the network gave them.
alter table resident_tax.person_state drop constraint person_state_status_check;
alter table resident_tax.person_state add constraint person_state_status_check
  check (status in ('resident', 'moving-out', 'removed', 'outside'));

-- 照会: a question about a document whose person is not certain, to who filed it or to the person.
create table resident_tax.investigation (
  investigation_id uuid primary key,
  report_id        uuid not null references resident_tax.report,
  channel          text not null check (channel in ('letter', 'telephone')),
  addressee_kind   text not null check (addressee_kind in ('payer', 'person')),
  addressee_name   text not null,
  -- Of a letter. Null where it is not printed: who is protected is written to by way of the section that keeps the address.
  addressee_address text,
  question         text not null check (question <> ''),
  answer_by        date not null,
  drafted_by       text not null,
  drafted_on       date not null,
  event_id         uuid not null
);
create index on resident_tax.investigation (report_id);
create table resident_tax.investigation_step (
  investigation_id uuid not null references resident_tax.investigation,
  step_no          int not null check (step_no >= 1),
  step             text not null check (step in ('drafted', 'approved', 'rejected', 'sent', 'answered', 'withdrawn')),
  -- With `answered`: what came out of it, and where the person is registered or taxed.
  finding          text check (finding in
    ('this-person', 'taxable-here-registered-elsewhere', 'taxed-elsewhere', 'filed-in-error', 'not-known', 'no-answer')),
  municipality_code text check (municipality_code ~ '^[0-9]{6}$'),
  note             text,
  -- With `approved`: the letter as it is printed, in the sealed store.
  letter_ref       uuid,
  by               text not null,
  on_day           date not null,
  at               timestamptz not null,
  event_id         uuid not null,
  primary key (investigation_id, step_no),
  check ((step = 'answered') = (finding is not null)),
  check (step <> 'answered' or note <> '')
);

-- 住基ネット照会: what was asked and what came back. The number stands in the vault under `outside-inquiry:ID`.
create table resident_tax.network_inquiry (
  inquiry_id   uuid primary key,
  report_id    uuid not null references resident_tax.report,
  name         text not null,
  birth_date   date not null,
  address      text not null,
  asked_by     text not null,
  asked_at     timestamptz not null,
  event_id     uuid not null
);
create index on resident_tax.network_inquiry (report_id);
create table resident_tax.network_answer (
  inquiry_id   uuid primary key references resident_tax.network_inquiry,
  result       text not null check (result in ('given', 'not-identified', 'failed')),
  word         text,
  name         text,
  birth_date   date,
  sex          text check (sex in ('male', 'female', 'other')),
  address      text,
  number_ref   uuid,
  answered_at  timestamptz not null,
  event_id     uuid not null,
  check ((result = 'given') = (number_ref is not null and name is not null and birth_date is not null and sex is not null and address is not null)),
  check ((result = 'failed') = (word is not null))
);

-- 住登外課税 (地方税法 第294条第3項) and 家屋敷課税 (同条第1項第2号): on whose ground a person without an address in the register is taxed.
create table resident_tax.outside_taxable (
  person_id         uuid not null references resident_tax.person,
  fiscal_year       int not null check (fiscal_year between 2017 and 2100),
  kind              text not null check (kind in ('lives-here', 'office-or-house')),
  ground            text not null check (ground <> ''),
  -- Where the person is registered; who is notified of the levy.
  municipality_code text not null check (municipality_code ~ '^[0-9]{6}$'),
  municipality_name text not null,
  report_id         uuid not null references resident_tax.report,
  inquiry_id        uuid not null references resident_tax.network_inquiry,
  registered_by     text not null,
  registered_on     date not null,
  event_id          uuid not null,
  primary key (person_id, fiscal_year)
);

-- 他団体への送付: documents of people taxed elsewhere, and notices of levies on people registered elsewhere.
create table resident_tax.outgoing (
  outgoing_id   uuid primary key,
  kind          text not null check (kind in ('forwarded-document', 'outside-levy-notice')),
  report_id     uuid references resident_tax.report,
  person_id     uuid references resident_tax.person,
  assessment_id uuid references resident_tax.assessment,
  fiscal_year   int not null,
  target_code   text not null check (target_code ~ '^[0-9]{6}$'),
  target_name   text not null,
  ground        text not null,
  event_id      uuid not null,
  check ((kind = 'forwarded-document') = (report_id is not null)),
  check ((kind = 'outside-levy-notice') = (person_id is not null and assessment_id is not null))
);
create index on resident_tax.outgoing (report_id) where report_id is not null;
-- A person's levy of a year is told to a municipality once.
create unique index on resident_tax.outgoing (person_id, fiscal_year, target_code) where person_id is not null;
create table resident_tax.outgoing_step (
  outgoing_id  uuid not null references resident_tax.outgoing,
  step_no      int not null check (step_no >= 1),
  step         text not null check (step in ('listed', 'approved', 'withdrawn', 'sent', 'received', 'returned')),
  by           text not null,
  note         text,
  -- With `received` and `returned`: what the other body signed.
  receipt      text,
  on_day       date not null,
  at           timestamptz not null,
  event_id     uuid not null,
  primary key (outgoing_id, step_no),
  check ((step in ('received', 'returned')) = (receipt is not null))
);
-- The package as it was made, once: what is sent again is the same bytes. Its id is that of the transfer.
create table resident_tax.outgoing_package (
  outgoing_id  uuid primary key references resident_tax.outgoing,
  sealed_ref   uuid not null,
  made_at      timestamptz not null,
  event_id     uuid not null
);

-- 住登外課税通知 of others: they tax somebody who may be registered here. The number stands in the vault under `outside-notice:ID/ROW`.
create table resident_tax.incoming_levy_notice (
  transfer_id   uuid not null,
  row_no        int not null check (row_no >= 1),
  from_code     text not null check (from_code ~ '^[0-9]{6}$'),
  from_name     text not null,
  fiscal_year   int not null,
  name          text not null,
  kana          text not null,
  birth_date    date not null,
  address       text not null,
  number_ref    uuid not null,
  ground        text not null,
  -- Who holds that number here with the same birth date, where it is exactly one.
  person_id     uuid references resident_tax.person,
  received_on   date not null,
  event_id      uuid not null,
  primary key (transfer_id, row_no)
);
create index on resident_tax.incoming_levy_notice (person_id, fiscal_year) where person_id is not null;

select audit.declare_fact_table('resident_tax.' || t) from unnest(array['investigation', 'investigation_step', 'network_inquiry',
  'network_answer', 'outside_taxable', 'outgoing', 'outgoing_step', 'outgoing_package', 'incoming_levy_notice']) t;
grant select, insert on resident_tax.investigation, resident_tax.investigation_step, resident_tax.network_inquiry,
  resident_tax.network_answer, resident_tax.outside_taxable, resident_tax.outgoing, resident_tax.outgoing_step,
  resident_tax.outgoing_package, resident_tax.incoming_levy_notice to {app};
