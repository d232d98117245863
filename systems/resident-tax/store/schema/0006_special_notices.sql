-- 特別徴収税額通知: what each payer is told to collect, from whom and how much a month. A notice names exactly those persons of
-- whom that payer filed a report (INC-28). Runs beside 0005.
alter table resident_tax.batch_order drop constraint batch_order_kind_check;
alter table resident_tax.batch_order add constraint batch_order_kind_check check (kind in ('assessment', 'notices', 'special-notices'));

create table resident_tax.special_notice (
  notice_id          uuid primary key,
  order_id           uuid not null references resident_tax.batch_order,
  designation_number text not null references resident_tax.special_collector,
  fiscal_year        int not null,
  -- 連番 of the payer's year.
  sequence_no        int not null check (sequence_no between 1 and 999),
  persons            int not null check (persons >= 1),
  total_yen          bigint not null check (total_yen >= 0),
  pages              int not null check (pages >= 1),
  -- The electronic notice: a ZIP of TK01, the notice as PDF and the control totals.
  package_sha256     bytea not null check (octet_length(package_sha256) = 32),
  package_bytes      bigint not null,
  package_ref        uuid not null unique,
  -- 納税義務者用: a page a person, which the payer hands on closed.
  employees_sha256   bytea not null check (octet_length(employees_sha256) = 32),
  employees_ref      uuid not null unique,
  issued_on          date not null,
  issued_at          timestamptz not null,
  event_id           uuid not null,
  unique (designation_number, fiscal_year, sequence_no)
);
create index on resident_tax.special_notice (order_id);

create table resident_tax.special_notice_person (
  notice_id      uuid not null references resident_tax.special_notice,
  row_no         int not null check (row_no >= 1),
  person_id      uuid not null references resident_tax.person,
  -- The levy that was told, and the report of this payer that it rests on.
  assessment_id  uuid not null references resident_tax.charging,
  report_id      uuid not null references resident_tax.report,
  kind           text not null check (kind in ('first', 'change')),
  -- 通知連番 of the person at this payer.
  sequence_no    int not null check (sequence_no >= 1),
  collected_yen  bigint not null check (collected_yen >= 0),
  event_id       uuid not null,
  primary key (notice_id, row_no),
  unique (notice_id, person_id),
  check ((kind = 'first') = (sequence_no = 1))
);
create index on resident_tax.special_notice_person (person_id, assessment_id);

-- Every person of a notice has a report of that payer, of the income year (INC-28).
create function resident_tax.person_of_the_payer() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  if not exists (
    select 1 from resident_tax.special_notice n
      join resident_tax.special_collector c using (designation_number)
      join resident_tax.report r on r.report_id = new.report_id and r.kind = 'salary-payment-report'
      join resident_tax.report_state s on s.report_id = r.report_id and s.state = 'linked' and s.person_id = new.person_id
     where n.notice_id = new.notice_id and r.income_year = n.fiscal_year - 1
       and c.payer_key = coalesce(r.payer_number, 'name:' || r.payer_name)) then
    raise exception 'a person of notice % has no report of its payer', new.notice_id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger person_of_the_payer before insert on resident_tax.special_notice_person
  for each row execute function resident_tax.person_of_the_payer();

select audit.declare_fact_table('resident_tax.' || t) from unnest(array['special_notice', 'special_notice_person']) t;
grant select, insert on resident_tax.special_notice, resident_tax.special_notice_person to {app};
