-- 減免 and 審査請求: what a person asked after the levy, what was found out about it, and what was decided. Facts only.
-- Nothing older runs beside it, as charges now add up to the levy less what was remitted.

create table resident_tax.reduction_application (
  application_id uuid primary key,
  person_id      uuid not null references resident_tax.person,
  fiscal_year    int not null,
  ground         text not null check (ground in ('public-assistance', 'income-lost', 'disaster', 'death', 'student', 'other')),
  statement      text not null check (length(btrim(statement)) between 1 and 500),
  -- 申請日: what was not yet due on this day can be remitted.
  applied_on     date not null,
  received_by    text not null,
  received_at    timestamptz not null,
  event_id       uuid not null,
  foreign key (person_id, fiscal_year) references resident_tax.notice_number
);
create index on resident_tax.reduction_application (person_id, fiscal_year);

create table resident_tax.reduction_inquiry (
  request_id       uuid primary key,
  application_id   uuid not null references resident_tax.reduction_application,
  procedure        text not null,
  information_code text not null,
  items            text[] not null,
  as_of            date not null,
  provider         text not null,
  asked_by         text not null,
  asked_at         timestamptz not null,
  event_id         uuid not null
);
create index on resident_tax.reduction_inquiry (application_id);

-- The answer as it came, unaltered: its text and the digest of its bytes (002 AC-16).
create table resident_tax.reduction_answer (
  answer_id      uuid primary key,
  request_id     uuid not null references resident_tax.reduction_inquiry,
  inquiry_number uuid not null,
  permit_number  uuid not null,
  result         text not null check (result in ('00', '10', '20', '50', '60')),
  answer_text    text not null,
  answer_sha256  bytea not null check (answer_sha256 = sha256(convert_to(answer_text, 'UTF8'))),
  ground         text not null,
  evidence       text not null,
  permit         text not null,
  received_at    timestamptz not null,
  event_id       uuid not null
);
create index on resident_tax.reduction_answer (request_id, received_at);
create table resident_tax.reduction_inquiry_refusal (
  refusal_id  uuid primary key,
  request_id  uuid not null references resident_tax.reduction_inquiry,
  word        text not null,
  refused_at  timestamptz not null,
  event_id    uuid not null
);
create index on resident_tax.reduction_inquiry_refusal (request_id);

create table resident_tax.reduction_draft (
  draft_id       uuid primary key,
  application_id uuid not null references resident_tax.reduction_application,
  approval_id    uuid not null unique,
  outcome        text not null check (outcome in ('remit', 'refuse')),
  -- Tenths of the ward's and the metropolis's tax; 森林環境税 is exempted as a whole or not at all (森林法 第10条).
  tenths         int not null check (tenths between 0 and 10),
  forest_exempt  boolean not null,
  -- 免除の月: from which month the forest tax is exempted.
  forest_month   date,
  reason         text not null check (length(btrim(reason)) between 1 and 500),
  drafted_by     text not null,
  drafted_at     timestamptz not null,
  event_id       uuid not null,
  unique (draft_id, drafted_by),
  check ((outcome = 'remit') = (tenths > 0 or forest_exempt)),
  check (forest_exempt = (forest_month is not null))
);
create index on resident_tax.reduction_draft (application_id);
create table resident_tax.reduction_part (
  draft_id       uuid not null references resident_tax.reduction_draft,
  charge_id      uuid not null references resident_tax.charge,
  -- The charge as it stood when the draft was made; another revision since makes the draft void.
  from_revision  int not null,
  ward_yen       bigint not null check (ward_yen >= 0),
  metropolis_yen bigint not null check (metropolis_yen >= 0),
  forest_yen     bigint not null check (forest_yen >= 0),
  event_id       uuid not null,
  primary key (draft_id, charge_id),
  foreign key (charge_id, from_revision) references resident_tax.charge_revision (charge_id, revision)
);
create index on resident_tax.reduction_part (charge_id);

-- 減免決定・不承認, or the draft given back.
create table resident_tax.reduction_decision (
  draft_id        uuid primary key,
  drafted_by      text not null,
  outcome         text not null check (outcome in ('remitted', 'refused', 'returned')),
  -- Why the approver decided although the answer does not support the ground.
  override_reason text check (length(btrim(override_reason)) between 1 and 500),
  reason          text,
  decided_by      text not null,
  decided_on      date not null,
  decided_at      timestamptz not null,
  event_id        uuid not null,
  foreign key (draft_id, drafted_by) references resident_tax.reduction_draft (draft_id, drafted_by),
  check (decided_by <> drafted_by),
  check ((outcome = 'returned') = (reason is not null))
);

/* ---- charges add up to the levy less what was remitted ---- */

create function resident_tax.remitted_yen(p_person uuid, p_year int, out ward bigint, out metropolis bigint, out forest bigint)
  language sql stable set search_path = pg_catalog as $$
  select coalesce(sum(p.ward_yen), 0), coalesce(sum(p.metropolis_yen), 0), coalesce(sum(p.forest_yen), 0)
    from resident_tax.reduction_application a
    join resident_tax.reduction_draft d using (application_id)
    join resident_tax.reduction_decision c on c.draft_id = d.draft_id and c.outcome = 'remitted'
    join resident_tax.reduction_part p on p.draft_id = d.draft_id
   where a.person_id = p_person and a.fiscal_year = p_year
$$;

create function resident_tax.assert_charges(p_assessment uuid) returns void language plpgsql set search_path = pg_catalog as $$
declare
  v_levy bigint;
  v_charged bigint;
begin
  select greatest(0, a.ward_per_income_yen + a.ward_per_capita_yen - r.ward)
         + greatest(0, a.metropolis_per_income_yen + a.metropolis_per_capita_yen - r.metropolis)
         + greatest(0, a.forest_tax_yen - r.forest),
         coalesce((
           select sum(x.amount_yen) from resident_tax.charge c
             join lateral (select y.amount_yen from resident_tax.charge_revision y
                            where y.charge_id = c.charge_id order by y.revision desc limit 1) x on true
            where c.person_id = a.person_id and c.fiscal_year = a.fiscal_year), 0)
    into v_levy, v_charged
    from resident_tax.assessment a cross join lateral resident_tax.remitted_yen(a.person_id, a.fiscal_year) r
   where a.assessment_id = p_assessment;
  if v_levy is distinct from v_charged then
    raise exception 'charges of assessment % do not add up', p_assessment using errcode = 'check_violation';
  end if;
end $$;

create or replace function resident_tax.charges_add_up() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  perform resident_tax.assert_charges(new.assessment_id);
  return null;
end $$;

-- 調定の変更 of a remission: the levy whose charges it lowered.
create table resident_tax.reduction_charging (
  draft_id      uuid primary key references resident_tax.reduction_decision,
  assessment_id uuid not null references resident_tax.charging,
  charged_at    timestamptz not null,
  event_id      uuid not null
);
create constraint trigger reduction_adds_up after insert on resident_tax.reduction_charging
  deferrable initially deferred for each row execute function resident_tax.charges_add_up();

/* ---- notices of a remission stand in the register of documents ---- */

alter table resident_tax.document drop constraint document_kind_check;
alter table resident_tax.document add constraint document_kind_check
  check (kind in ('tax-notice', 'change-notice', 'reduction-notice'));
alter table resident_tax.document add column reduction_id uuid references resident_tax.reduction_decision;
alter table resident_tax.document add constraint document_reduction check ((kind = 'reduction-notice') = (reduction_id is not null));
-- A levy is notified once (INC-33), and so is a remission; one levy may have several of these.
alter table resident_tax.document drop constraint document_kind_assessment_id_key;
create unique index document_levy_once on resident_tax.document (kind, assessment_id) where reduction_id is null;
create unique index document_reduction_once on resident_tax.document (reduction_id);

/* ---- 審査請求 ---- */

create table resident_tax.objection (
  objection_id  uuid primary key,
  person_id     uuid not null references resident_tax.person,
  assessment_id uuid not null references resident_tax.assessment_decision,
  -- 処分があったことを知った日, from which the three months count.
  known_on      date not null,
  filed_on      date not null check (filed_on >= known_on),
  in_time       boolean not null,
  -- 正当な理由 for being late, where there is one.
  late_reason   text,
  claim         text not null check (length(btrim(claim)) between 1 and 2000),
  received_by   text not null,
  received_at   timestamptz not null,
  event_id      uuid not null
);
create index on resident_tax.objection (assessment_id);
create index on resident_tax.objection (person_id);
create table resident_tax.objection_ruling (
  objection_id  uuid primary key references resident_tax.objection,
  received_by   text not null,
  -- 却下, 棄却, 認容 (全部・一部), 取下げ
  outcome       text not null check (outcome in ('dismissed', 'rejected', 'upheld', 'upheld-in-part', 'withdrawn')),
  ruled_on      date not null,
  reason        text not null check (length(btrim(reason)) between 1 and 2000),
  ruled_by      text not null,
  ruled_at      timestamptz not null,
  event_id      uuid not null,
  check (outcome = 'withdrawn' or ruled_by <> received_by)
);

select audit.declare_fact_table('resident_tax.' || t) from unnest(array[
  'reduction_application', 'reduction_inquiry', 'reduction_answer', 'reduction_inquiry_refusal', 'reduction_draft', 'reduction_part',
  'reduction_decision', 'reduction_charging', 'objection', 'objection_ruling']) t;
grant select, insert on resident_tax.reduction_application, resident_tax.reduction_inquiry, resident_tax.reduction_answer,
  resident_tax.reduction_inquiry_refusal, resident_tax.reduction_draft, resident_tax.reduction_part, resident_tax.reduction_decision,
  resident_tax.reduction_charging, resident_tax.objection, resident_tax.objection_ruling to {app};
grant execute on function resident_tax.remitted_yen(uuid, int) to {app};
grant execute on function resident_tax.assert_charges(uuid) to {app};
