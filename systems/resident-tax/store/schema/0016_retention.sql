-- 保存期間: a person's tax year, whole, seven years from its last due date (地方税法 第17条の5, 第18条). What belongs to a year belongs to
-- it by foreign key, so that a table added later goes with it unasked. Old code may run beside it: nothing is taken out by itself.

-- The rows of years whose term ends up to p_until, for some persons in order, into two temporary tables of the transaction.
create function resident_tax.collect_ending(p_until date, p_after uuid, p_subjects int, p_persons uuid[]) returns void
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
        from (select a.person_id, a.fiscal_year from resident_tax.assessment a
              union
              select s.person_id, r.income_year + 1 from resident_tax.report_state s join resident_tax.report r using (report_id)
               where s.person_id is not null) as u
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

-- Foreign keys within this schema, with their condition over c (child) and p (parent).
create function resident_tax.references_inside() returns table (child oid, parent oid, condition text)
language sql stable set search_path = pg_catalog as $$
  select con.conrelid, con.confrelid,
         (select string_agg(format('c.%I = p.%I', a.attname, b.attname), ' and ' order by k.ord)
            from unnest(con.conkey, con.confkey) with ordinality as k(child_col, parent_col, ord)
            join pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.child_col
            join pg_attribute b on b.attrelid = con.confrelid and b.attnum = k.parent_col)
    from pg_constraint con
   where con.contype = 'f' and con.connamespace = 'resident_tax'::regnamespace
     and (select relnamespace from pg_class where oid = con.confrelid) = 'resident_tax'::regnamespace
$$;

-- The facts among what was collected, as the audit log keys them. What is no fact (where a report stands) can be made again and goes unsealed.
create function resident_tax.collected_facts()
returns table (person_id uuid, kept_until date, held_for text, table_name text, row_key text, event_id uuid, record jsonb)
language plpgsql security definer set search_path = pg_catalog as $$
declare f audit.fact_table;
begin
  for f in select t.* from audit.fact_table t
            where t.fact_table like 'resident\_tax.%' and to_regclass(t.fact_table)::oid in (select r.rel from pg_temp.ending_row r)
  loop
    return query execute format(
      'select x.person_id, u.kept_until, u.held_for, %L, %s, (j ->> %L)::uuid, j
         from (select r.person_id, r.fiscal_year, to_jsonb(t) as j from pg_temp.ending_row r join %s t on t.ctid = r.tid
                where r.rel = %s) as x join pg_temp.ending_unit u using (person_id, fiscal_year)',
      f.fact_table, audit.key_expression(f), f.event_column, f.fact_table::regclass, f.fact_table::regclass::oid);
  end loop;
end $$;

create function resident_tax.ending_rows(p_until date, p_after uuid, p_subjects int)
returns table (person_id uuid, kept_until date, held_for text, table_name text, row_key text, event_id uuid, record jsonb)
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform resident_tax.collect_ending(p_until, p_after, p_subjects, null);
  return query select * from resident_tax.collected_facts();
end $$;

-- Takes sealed years out, children first, with the numbers that stood in their documents. Gives how many facts went.
create function resident_tax.remove_ended(p_until date, p_persons uuid[], p_numbers uuid[]) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  v_rel oid;
  v_facts integer;
begin
  perform resident_tax.collect_ending(p_until, null, null, p_persons);
  delete from pg_temp.ending_row r using pg_temp.ending_unit u
   where u.person_id = r.person_id and u.fiscal_year = r.fiscal_year and (u.kept_until <> p_until or u.held_for is not null);
  if exists (select from resident_tax.collected_facts() as f
              where not exists (select from retention.sealed_row s where s.table_name = f.table_name and s.row_key = f.row_key)) then
    raise exception 'retention: a row of an ended year is not sealed' using errcode = 'MR001';
  end if;
  select count(*) into v_facts from resident_tax.collected_facts();
  loop
    select r.rel into v_rel from (select distinct rel from pg_temp.ending_row) as r
     where not exists (select from resident_tax.references_inside() as f
                        where f.parent = r.rel and f.child <> r.rel and f.child in (select rel from pg_temp.ending_row))
     order by r.rel limit 1;
    exit when v_rel is null;
    execute format('delete from %s t using pg_temp.ending_row r where r.rel = %s and t.ctid = r.tid', v_rel::regclass, v_rel);
    delete from pg_temp.ending_row where rel = v_rel;
    v_rel := null;
  end loop;
  if exists (select from pg_temp.ending_row) then
    raise exception 'retention: the tables of a year refer to each other in a circle' using errcode = 'MR003';
  end if;
  delete from vault.next_digest where number_ref = any (p_numbers);
  delete from vault.former where number_ref = any (p_numbers);
  delete from vault.number where number_ref = any (p_numbers);
  return v_facts;
end $$;

-- Files of many persons of which nobody's row is left: the file that came, the notices to a payer, the print file.
create function resident_tax.files_left_over() returns table (ref uuid)
language sql stable security definer set search_path = pg_catalog as $$
  select i.sealed_ref from resident_tax.intake i join resident_tax.intake_outcome o using (intake_id)
   where o.accepted_count > 0 and not exists (select from resident_tax.report r where r.intake_id = i.intake_id)
  union all
  select x.ref from resident_tax.special_notice n cross join lateral (values (n.package_ref), (n.employees_ref)) as x(ref)
   where not exists (select from resident_tax.special_notice_person p where p.notice_id = n.notice_id)
  union all
  select f.sealed_ref from resident_tax.print_file f
   where not exists (select from resident_tax.document d where d.order_id = f.order_id)
$$;

revoke execute on function resident_tax.collect_ending(date, uuid, int, uuid[]), resident_tax.references_inside(),
  resident_tax.collected_facts(), resident_tax.ending_rows(date, uuid, int), resident_tax.remove_ended(date, uuid[], uuid[]),
  resident_tax.files_left_over() from public;
grant execute on function resident_tax.ending_rows(date, uuid, int), resident_tax.remove_ended(date, uuid[], uuid[]),
  resident_tax.files_left_over() to {app};

-- Whatever role asks: a row of a tax year leaves its table only when it stands in the seal.
create function resident_tax.keep_until_sealed() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
  f audit.fact_table;
  v_key text;
begin
  select * into strict f from audit.fact_table where fact_table = 'resident_tax.' || tg_table_name;
  select string_agg(to_jsonb(old) ->> k, '/' order by o) into v_key from unnest(f.key_columns) with ordinality as u(k, o);
  -- A database without the schema set of retention seals nothing, and so lets nothing go.
  if to_regclass('retention.sealed_row') is null
     or not exists (select from retention.sealed_row s where s.table_name = f.fact_table and s.row_key = v_key) then
    raise exception 'retention: a row of % is deleted before the end of its term', f.fact_table using errcode = 'MR001';
  end if;
  return old;
end $$;
revoke execute on function resident_tax.keep_until_sealed() from public;
do $$
declare v_table text;
begin
  foreach v_table in array array['assessment', 'assessment_decision', 'assessment_instalment', 'report', 'report_relative', 'charge',
    'charge_revision', 'payment_slip', 'notice_number', 'document', 'certificate_issue', 'objection', 'objection_ruling']
  loop
    execute format('create trigger keep_until_sealed before delete on resident_tax.%I for each row execute function resident_tax.keep_until_sealed()', v_table);
  end loop;
end $$;
