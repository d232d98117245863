-- 移行した課税台帳: what the system before this one held, taken over once and never changed. A row stands by its key in the old ledger and by
-- the person here; its figures are the old system's and no assessment of this one. Runs beside 0021.
create table resident_tax.migrated_person (
  migration_id     uuid not null,
  addressee_number text not null,
  person_id        uuid not null references resident_tax.person,
  event_id         uuid not null,
  primary key (migration_id, addressee_number),
  unique (migration_id, person_id),
  unique (migration_id, addressee_number, person_id)
);
create index on resident_tax.migrated_person (person_id);

create table resident_tax.migrated_levy (
  migration_id     uuid not null,
  addressee_number text not null,
  person_id        uuid not null,
  fiscal_year      int not null check (fiscal_year between 1990 and 2100),
  ward_yen         bigint not null check (ward_yen >= 0),
  metropolis_yen   bigint not null check (metropolis_yen >= 0),
  paid_yen         bigint not null check (paid_yen >= 0),
  event_id         uuid not null,
  primary key (migration_id, addressee_number, fiscal_year),
  foreign key (migration_id, addressee_number, person_id)
    references resident_tax.migrated_person (migration_id, addressee_number, person_id)
);

-- The log ties a part's rows together by their event.
create index on resident_tax.migrated_person (event_id);
create index on resident_tax.migrated_levy (event_id);

grant select, insert on resident_tax.migrated_person, resident_tax.migrated_levy to {app};
select audit.declare_fact_table('resident_tax.' || t) from unnest('{migrated_person,migrated_levy}'::text[]) as t;
create index on resident_tax.migrated_levy (person_id, fiscal_year);
create trigger keep_until_sealed before delete on resident_tax.migrated_levy
  for each row execute function resident_tax.keep_until_sealed();

-- Years of which anything of a person is held. A levy that was taken over ends like one that was made here.
create view resident_tax.held_year as
select a.person_id, a.fiscal_year from resident_tax.assessment a
union
select s.person_id, r.income_year + 1 from resident_tax.report_state s join resident_tax.report r using (report_id)
 where s.person_id is not null
union
select m.person_id, m.fiscal_year from resident_tax.migrated_levy m;

-- As in 0016, over held_year.
create or replace function resident_tax.collect_ending(p_until date, p_after uuid, p_subjects int, p_persons uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  v record;
  v_round int := 0;
  v_rows bigint;
  v_new bigint;
begin
  create temp table if not exists ending_unit (person_id uuid, fiscal_year int, kept_until date, held_for text,
    primary key (person_id, fiscal_year)) on commit drop;
  create temp table if not exists ending_row (rel oid, tid tid, person_id uuid, fiscal_year int, round int, primary key (rel, tid)) on commit drop;
  delete from pg_temp.ending_unit;
  delete from pg_temp.ending_row;
  insert into pg_temp.ending_unit
  select y.person_id, y.fiscal_year, y.kept_until,
         -- 審査請求: what is being argued about stays.
         case when exists (
           select from resident_tax.objection o join resident_tax.assessment a using (assessment_id)
            where a.person_id = y.person_id and a.fiscal_year = y.fiscal_year
              and not exists (select from resident_tax.objection_ruling g where g.objection_id = o.objection_id)) then 'open-appeal' end
    from (
      select u.person_id, u.fiscal_year,
             (coalesce((select max(r.legal_due_on) from resident_tax.charge c join resident_tax.charge_revision r using (charge_id)
                         where c.person_id = u.person_id and c.fiscal_year = u.fiscal_year),
                       make_date(u.fiscal_year + 1, 3, 31)) + interval '7 years')::date as kept_until
        from resident_tax.held_year as u
       where u.fiscal_year <= extract(year from p_until)::int - 7
         and (p_after is null or u.person_id > p_after) and (p_persons is null or u.person_id = any (p_persons))) as y
   where y.kept_until <= p_until;
  if p_subjects is not null then
    delete from pg_temp.ending_unit
     where person_id not in (select distinct person_id from pg_temp.ending_unit order by 1 limit p_subjects);
  end if;

  for v in
    select c.oid, c.oid::regclass as rel from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'resident_tax' and c.relkind = 'r'
       and (select count(*) from pg_attribute a where a.attrelid = c.oid and a.attname in ('person_id', 'fiscal_year')) = 2
  loop
    execute format('insert into pg_temp.ending_row select %s, t.ctid, u.person_id, u.fiscal_year, 0 from pg_temp.ending_unit u
                      join %s t on t.person_id = u.person_id and t.fiscal_year = u.fiscal_year on conflict do nothing', v.oid, v.rel);
  end loop;
  -- A row about a person in a list or run of a year.
  for v in
    select f.child, f.child::regclass as rel, f.parent::regclass as parent, f.condition from resident_tax.references_inside() as f
     where exists (select from pg_attribute a where a.attrelid = f.child and a.attname = 'person_id')
       and not exists (select from pg_attribute a where a.attrelid = f.child and a.attname = 'fiscal_year')
       and exists (select from pg_attribute a where a.attrelid = f.parent and a.attname = 'fiscal_year')
  loop
    execute format('insert into pg_temp.ending_row select %s, c.ctid, u.person_id, u.fiscal_year, 0 from pg_temp.ending_unit u
                      join %s c on c.person_id = u.person_id join %s p on %s and p.fiscal_year = u.fiscal_year on conflict do nothing',
                   v.child, v.rel, v.parent, v.condition);
  end loop;
  insert into pg_temp.ending_row
  select 'resident_tax.report'::regclass, r.ctid, u.person_id, u.fiscal_year, 0
    from pg_temp.ending_unit u join resident_tax.report_state s on s.person_id = u.person_id
    join resident_tax.report r on r.report_id = s.report_id and r.income_year = u.fiscal_year - 1 on conflict do nothing;

  loop
    v_round := v_round + 1;
    v_new := 0;
    for v in
      select f.child, f.child::regclass as rel, f.parent, f.parent::regclass as parent_rel, f.condition
        from resident_tax.references_inside() as f
       where exists (select from pg_temp.ending_row r where r.rel = f.parent and r.round = v_round - 1)
    loop
      execute format('insert into pg_temp.ending_row select %s, c.ctid, r.person_id, r.fiscal_year, %s from pg_temp.ending_row r
                        join %s p on p.ctid = r.tid join %s c on %s where r.rel = %s and r.round = %s on conflict do nothing',
                     v.child, v_round, v.parent_rel, v.rel, v.condition, v.parent, v_round - 1);
      get diagnostics v_rows = row_count;
      v_new := v_new + v_rows;
    end loop;
    exit when v_new = 0;
  end loop;
end $$;
