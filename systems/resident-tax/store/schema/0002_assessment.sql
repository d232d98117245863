-- 賦課: what was computed, who approved it, the notices made from it and the copies lodged of it. Facts only; the state of an
-- assessment is read from them. The schema repeats the domain's promises: sums add up, nobody decides what they drafted.
-- Runs beside 0001; nothing older runs beside it.

-- 一括処理の指示: a clerk orders, the instance's own work carries it out (after a crash too).
create table resident_tax.batch_order (
  order_id     uuid primary key,
  kind         text not null check (kind in ('assessment', 'notices')),
  fiscal_year  int not null check (fiscal_year between 2000 and 2100),
  ordered_by   text not null,
  ordered_at   timestamptz not null,
  event_id     uuid not null
);
create index on resident_tax.batch_order (kind, ordered_at);

-- A stopped or failed run goes on only when somebody says so.
create table resident_tax.batch_order_resumed (
  order_id     uuid not null references resident_tax.batch_order,
  resumed_at   timestamptz not null,
  resumed_by   text not null,
  event_id     uuid not null,
  primary key (order_id, resumed_at)
);

-- What the order covers, fixed when its run begins: in = out + rejected is held against it, whatever arrives meanwhile.
create table resident_tax.batch_order_item (
  order_id     uuid not null references resident_tax.batch_order,
  ord          int not null check (ord >= 1),
  item_id      uuid not null,
  event_id     uuid not null,
  primary key (order_id, ord),
  unique (order_id, item_id)
);

-- A computed levy. `input` and the two versions are what the reasons are regenerated from; they are not stored.
create table resident_tax.assessment (
  assessment_id             uuid primary key,
  person_id                 uuid not null references resident_tax.person,
  fiscal_year               int not null check (fiscal_year between 2000 and 2100),
  -- 1 is the first; each later one takes the place of the one before.
  version                   int not null check (version >= 1),
  previous_id               uuid unique references resident_tax.assessment,
  order_id                  uuid references resident_tax.batch_order,
  report_ids                uuid[] not null check (cardinality(report_ids) >= 1),
  input                     jsonb not null,
  input_digest              bytea not null check (octet_length(input_digest) = 32),
  rates_version             text not null,
  rules_version             text not null,
  status                    text not null check (status in ('not-taxable', 'exempt', 'per-capita-only', 'taxed')),
  collection                text not null check (collection in ('none', 'ordinary', 'special', 'pension', 'mixed')),
  total_income_yen          bigint not null,
  taxable_yen               bigint not null check (taxable_yen >= 0 and taxable_yen % 1000 = 0),
  ward_per_income_yen       bigint not null check (ward_per_income_yen >= 0 and ward_per_income_yen % 100 = 0),
  metropolis_per_income_yen bigint not null check (metropolis_per_income_yen >= 0 and metropolis_per_income_yen % 100 = 0),
  ward_per_capita_yen       bigint not null check (ward_per_capita_yen >= 0),
  metropolis_per_capita_yen bigint not null check (metropolis_per_capita_yen >= 0),
  forest_tax_yen            bigint not null check (forest_tax_yen >= 0),
  annual_yen                bigint not null,
  drafted_by                text not null,
  drafted_at                timestamptz not null,
  event_id                  uuid not null,
  unique (person_id, fiscal_year, version),
  unique (assessment_id, drafted_by),
  unique (assessment_id, person_id),
  check ((version = 1) = (previous_id is null)),
  check (annual_yen = ward_per_income_yen + metropolis_per_income_yen + ward_per_capita_yen + metropolis_per_capita_yen + forest_tax_yen)
);
create index on resident_tax.assessment (fiscal_year, person_id);
create index on resident_tax.assessment (order_id);

-- 期割
create table resident_tax.assessment_instalment (
  assessment_id uuid not null references resident_tax.assessment,
  part_no       int not null check (part_no between 1 and 12),
  due_on        date not null,
  amount_yen    bigint not null check (amount_yen >= 0),
  event_id      uuid not null,
  primary key (assessment_id, part_no)
);

-- Whole at commit: the parts of a levy add up to it (002 AC-23).
create function resident_tax.instalments_add_up() returns trigger language plpgsql set search_path = pg_catalog as $$
declare
  v_parts bigint;
begin
  select coalesce(sum(amount_yen), 0) into v_parts
    from resident_tax.assessment_instalment where assessment_id = new.assessment_id;
  if v_parts <> new.annual_yen then
    raise exception 'instalments of assessment % do not add up', new.assessment_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger instalments_add_up after insert on resident_tax.assessment
  deferrable initially deferred for each row execute function resident_tax.instalments_add_up();

-- What a clerk settled before the reports of a person could be used together. It holds for exactly the reports that were seen.
create table resident_tax.report_settlement (
  settlement_id     uuid primary key,
  person_id         uuid not null references resident_tax.person,
  fiscal_year       int not null,
  seen_report_ids   uuid[] not null,
  left_out_ids      uuid[] not null,
  spouse_income_yen bigint check (spouse_income_yen >= 0),
  questions         text[] not null,
  reason            text not null check (length(btrim(reason)) between 1 and 500),
  settled_by        text not null,
  settled_at        timestamptz not null,
  event_id          uuid not null,
  check (left_out_ids <@ seen_report_ids)
);
create index on resident_tax.report_settlement (person_id, fiscal_year, settled_at);

-- 決裁: drafts handed to a second person together; the approval itself stands in approvals.
create table resident_tax.submission (
  submission_id  uuid primary key,
  approval_id    uuid not null unique,
  fiscal_year    int not null,
  item_count     int not null check (item_count >= 1),
  total_yen      bigint not null check (total_yen >= 0),
  -- Over every assessment's id, input and amounts.
  content_digest bytea not null check (octet_length(content_digest) = 32),
  submitted_by   text not null,
  submitted_at   timestamptz not null,
  event_id       uuid not null
);
create table resident_tax.submission_item (
  submission_id  uuid not null references resident_tax.submission,
  assessment_id  uuid not null references resident_tax.assessment,
  event_id       uuid not null,
  primary key (submission_id, assessment_id)
);
create index on resident_tax.submission_item (assessment_id);
create table resident_tax.submission_end (
  submission_id  uuid primary key references resident_tax.submission,
  -- Withdrawn by those who submitted it, as where the approval's time ran out.
  outcome        text not null check (outcome in ('decided', 'returned', 'withdrawn')),
  reason         text,
  ended_by       text not null,
  ended_at       timestamptz not null,
  event_id       uuid not null,
  check ((outcome = 'decided') = (reason is null))
);

-- 賦課決定
create table resident_tax.assessment_decision (
  assessment_id  uuid primary key,
  submission_id  uuid not null references resident_tax.submission,
  drafted_by     text not null,
  decided_by     text not null,
  decided_on     date not null,
  decided_at     timestamptz not null,
  event_id       uuid not null,
  foreign key (assessment_id, drafted_by) references resident_tax.assessment (assessment_id, drafted_by),
  check (decided_by <> drafted_by)
);
create index on resident_tax.assessment_decision (submission_id);

-- 文書台帳: one row a document; the PDF stands in the sealed store. `position` is its place among its order's documents.
create table resident_tax.document (
  document_id   text primary key,
  kind          text not null check (kind in ('tax-notice')),
  fiscal_year   int not null,
  serial        int not null check (serial >= 1),
  assessment_id uuid not null,
  person_id     uuid not null,
  order_id      uuid references resident_tax.batch_order,
  position      int,
  pages         int not null check (pages >= 1),
  subject_check text not null,
  amount_yen    bigint not null,
  sha256        bytea not null check (octet_length(sha256) = 32),
  size_bytes    bigint not null,
  sealed_ref    uuid not null unique,
  -- Characters printed in another shape than registered: only where a clerk allowed it.
  other_shapes  int not null default 0,
  issued_on     date not null,
  issued_at     timestamptz not null,
  event_id      uuid not null,
  unique (kind, fiscal_year, serial),
  -- 一人一通 (INC-33): a levy is notified once.
  unique (kind, assessment_id),
  unique (order_id, position),
  check ((order_id is null) = (position is null)),
  -- The document is about the person of its assessment, by id and never by place in a list (INC-34).
  foreign key (assessment_id, person_id) references resident_tax.assessment (assessment_id, person_id)
);
create index on resident_tax.document (person_id);

-- 印刷用データ: the documents of an order in parts, with control totals.
create table resident_tax.print_file (
  order_id      uuid not null references resident_tax.batch_order,
  part_no       int not null check (part_no >= 1),
  first_position int not null,
  last_position int not null,
  documents     int not null check (documents >= 1),
  pages         int not null check (pages >= documents),
  total_yen     bigint not null check (total_yen >= 0),
  sha256        bytea not null check (octet_length(sha256) = 32),
  size_bytes    bigint not null,
  sealed_ref    uuid not null unique,
  made_at       timestamptz not null,
  event_id      uuid not null,
  primary key (order_id, part_no),
  check (last_position >= first_position)
);

-- 副本登録: batches of copies to the common platform; a batch keeps its id and content until it is answered.
create table resident_tax.lodging_batch (
  batch_id      uuid primary key,
  copies        int not null check (copies between 1 and 500),
  content_digest bytea not null check (octet_length(content_digest) = 32),
  prepared_at   timestamptz not null,
  event_id      uuid not null
);
create table resident_tax.lodging_item (
  batch_id      uuid not null references resident_tax.lodging_batch,
  row_no        int not null check (row_no between 1 and 500),
  assessment_id uuid not null references resident_tax.assessment_decision,
  -- The copy as it is sent, without the person's number: a repeat sends the same bytes.
  copy          jsonb not null,
  event_id      uuid not null,
  primary key (batch_id, row_no)
);
create index on resident_tax.lodging_item (assessment_id);
-- A try that brought no answer, or a refusal of the whole batch.
create table resident_tax.lodging_attempt (
  batch_id      uuid not null references resident_tax.lodging_batch,
  attempt_no    int not null check (attempt_no >= 1),
  word          text not null,
  at            timestamptz not null,
  event_id      uuid not null,
  primary key (batch_id, attempt_no)
);
create table resident_tax.lodging_outcome (
  batch_id      uuid primary key references resident_tax.lodging_batch,
  accepted      int not null check (accepted >= 0),
  rejected      int not null check (rejected >= 0),
  at            timestamptz not null,
  event_id      uuid not null
);
create table resident_tax.lodging_reject (
  batch_id      uuid not null,
  row_no        int not null,
  code          text not null,
  event_id      uuid not null,
  primary key (batch_id, row_no),
  foreign key (batch_id, row_no) references resident_tax.lodging_item
);
-- A clerk looked at the reject and wants the copy sent again.
create table resident_tax.lodging_release (
  batch_id      uuid not null,
  row_no        int not null,
  released_by   text not null,
  released_at   timestamptz not null,
  event_id      uuid not null,
  primary key (batch_id, row_no),
  foreign key (batch_id, row_no) references resident_tax.lodging_reject
);

select audit.declare_fact_table('resident_tax.' || t) from unnest(array[
  'batch_order', 'batch_order_resumed', 'assessment', 'assessment_instalment', 'report_settlement', 'submission',
  'submission_item', 'submission_end', 'assessment_decision', 'document', 'print_file', 'lodging_batch', 'lodging_item',
  'lodging_attempt', 'lodging_outcome', 'lodging_reject', 'lodging_release']) t;

grant select, insert on resident_tax.batch_order, resident_tax.batch_order_resumed, resident_tax.batch_order_item,
  resident_tax.assessment, resident_tax.assessment_instalment, resident_tax.report_settlement, resident_tax.submission,
  resident_tax.submission_item, resident_tax.submission_end, resident_tax.assessment_decision, resident_tax.document,
  resident_tax.print_file, resident_tax.lodging_batch, resident_tax.lodging_item, resident_tax.lodging_attempt,
  resident_tax.lodging_outcome, resident_tax.lodging_reject, resident_tax.lodging_release to {app};
