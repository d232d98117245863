-- 保存期間: a case, whole, five years after the last movement about its patient (会計法 第30条, 地方自治法 第236条), and the ninety days
-- in which somebody looks at the list before it goes. What belongs to a case belongs to it by foreign key, so that a table added later goes
-- with it unasked. Old code may run beside it: nothing is taken out by itself.

-- 副本の終了: copies of cases that are to go are ended for other bodies first.
create table child_chronic.copy_end (
  batch_id uuid not null,
  row_no   integer not null check (row_no >= 1),
  case_id  uuid not null references child_chronic.case_file,
  sent_by  text not null,
  sent_at  timestamptz not null,
  event_id uuid not null,
  primary key (batch_id, row_no)
);
create index on child_chronic.copy_end (case_id, sent_at);
create table child_chronic.copy_end_outcome (
  batch_id uuid not null,
  row_no   integer not null,
  state    text not null check (state in ('ended', 'error')),
  code     text,
  at       timestamptz not null,
  event_id uuid not null,
  primary key (batch_id, row_no),
  foreign key (batch_id, row_no) references child_chronic.copy_end
);
grant select, insert on child_chronic.copy_end, child_chronic.copy_end_outcome to {app};
select audit.declare_fact_table('child_chronic.' || t) from unnest('{copy_end,copy_end_outcome}'::text[]) as t;

-- The last day on which something moved in each case: what was received, asked, answered, decided, and the end of what was certified. Cases
-- that share a beneficiary number are one patient's, who moves in all of them.
create view child_chronic.case_movement as
with moved as (
  select f.case_id, c.beneficiary_number,
         greatest(f.applied_on, c.decided_on, p.valid_until, d.decided_on, g.made_on,
                  ((select max(x.at) from (
                     select f.received_at as at
                     union all select r.answered_at from child_chronic.registration r where r.case_id = f.case_id
                     union all select i.asked_at from child_chronic.inquiry i where i.case_id = f.case_id
                     union all select s.received_at from child_chronic.inquiry i join child_chronic.inquiry_result s using (request_id) where i.case_id = f.case_id
                     union all select t.proposed_at from child_chronic.tier_proposal t where t.case_id = f.case_id
                     union all select e.checked_at from child_chronic.entry_check e where e.case_id = f.case_id
                     union all select e.corrected_at from child_chronic.entry_correction e where e.case_id = f.case_id
                     union all select n.recorded_at from child_chronic.consent n where n.case_id = f.case_id
                     union all select b.recorded_at from child_chronic.board_opinion b where b.case_id = f.case_id
                     union all select q.proposed_at from child_chronic.certification_proposal q where q.case_id = f.case_id
                     union all select z.ended_at from child_chronic.certification_end z where z.case_id = f.case_id) as x)
                   at time zone 'Asia/Tokyo')::date) as moved_on
    from child_chronic.case_file f
         left join child_chronic.certification c on c.case_id = f.case_id
         left join child_chronic.certification_proposal p on p.approval_id = c.approval_id
         left join child_chronic.tier_decision d on d.case_id = f.case_id
         left join child_chronic.renewal_guide g on g.case_id = f.case_id)
select case_id, coalesce(max(moved_on) over (partition by coalesce(beneficiary_number, case_id::text)), moved_on) as moved_on from moved;

-- Cases without movement for five years on p_on: the list, with what still stands in the way of their going.
create function child_chronic.quiet_cases(p_on date)
returns table (case_id uuid, moved_on date, kept_until date, held_for text)
language sql stable security definer set search_path = pg_catalog as $$
  select m.case_id, m.moved_on, (m.moved_on + interval '5 years')::date + 90,
         -- A registration that the platform corrected took its copies along.
         case when exists (select from child_chronic.copy_row r join child_chronic.copy_outcome o using (batch_id, row_no)
                            where r.case_id = m.case_id and o.state = 'accepted')
               and exists (select from child_chronic.registration g where g.case_id = m.case_id and g.org_person_number is not null
                              and not exists (select from child_chronic.registration_end e where e.registration_id = g.registration_id))
               and not exists (select from child_chronic.copy_end e join child_chronic.copy_end_outcome o using (batch_id, row_no)
                                where e.case_id = m.case_id and o.state = 'ended') then 'copy-not-ended' end
    from child_chronic.case_movement m where (m.moved_on + interval '5 years')::date < p_on
$$;

-- Foreign keys within this schema, with their condition over c (child) and p (parent).
create function child_chronic.references_inside() returns table (child oid, parent oid, condition text)
language sql stable set search_path = pg_catalog as $$
  select con.conrelid, con.confrelid,
         (select string_agg(format('c.%I = p.%I', a.attname, b.attname), ' and ' order by k.ord)
            from unnest(con.conkey, con.confkey) with ordinality as k(child_col, parent_col, ord)
            join pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.child_col
            join pg_attribute b on b.attrelid = con.confrelid and b.attnum = k.parent_col)
    from pg_constraint con
   where con.contype = 'f' and con.connamespace = 'child_chronic'::regnamespace
     and (select relnamespace from pg_class where oid = con.confrelid) = 'child_chronic'::regnamespace
$$;

-- The rows of cases whose term ends up to p_until, for some of them in order, into two temporary tables of the transaction.
create function child_chronic.collect_ending(p_until date, p_after uuid, p_subjects int, p_cases uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  v record;
  v_round int := 0;
  v_rows bigint;
  v_new bigint;
begin
  create temp table if not exists ending_case (case_id uuid primary key, kept_until date, held_for text) on commit drop;
  create temp table if not exists ending_row (rel oid, tid tid, case_id uuid, round int, primary key (rel, tid)) on commit drop;
  delete from pg_temp.ending_case;
  delete from pg_temp.ending_row;
  insert into pg_temp.ending_case
  select q.case_id, q.kept_until, q.held_for from child_chronic.quiet_cases(p_until) q
   where q.kept_until <= p_until and (p_after is null or q.case_id > p_after) and (p_cases is null or q.case_id = any (p_cases))
   order by q.case_id limit p_subjects;
  insert into pg_temp.ending_row
  select 'child_chronic.case_file'::regclass, f.ctid, e.case_id, 0 from pg_temp.ending_case e join child_chronic.case_file f using (case_id);
  loop
    v_round := v_round + 1;
    v_new := 0;
    for v in
      select f.child, f.child::regclass as rel, f.parent, f.parent::regclass as parent_rel, f.condition
        from child_chronic.references_inside() as f
       where exists (select from pg_temp.ending_row r where r.rel = f.parent and r.round = v_round - 1)
    loop
      execute format('insert into pg_temp.ending_row select %s, c.ctid, r.case_id, %s from pg_temp.ending_row r
                        join %s p on p.ctid = r.tid join %s c on %s where r.rel = %s and r.round = %s on conflict do nothing',
                     v.child, v_round, v.parent_rel, v.rel, v.condition, v.parent, v_round - 1);
      get diagnostics v_rows = row_count;
      v_new := v_new + v_rows;
    end loop;
    exit when v_new = 0;
  end loop;
end $$;

-- The facts among what was collected, as the audit log keys them. What is no fact goes unsealed.
create function child_chronic.collected_facts()
returns table (case_id uuid, kept_until date, held_for text, table_name text, row_key text, event_id uuid, record jsonb)
language plpgsql security definer set search_path = pg_catalog as $$
declare f audit.fact_table;
begin
  for f in select t.* from audit.fact_table t
            where t.fact_table like 'child\_chronic.%' and to_regclass(t.fact_table)::oid in (select r.rel from pg_temp.ending_row r)
  loop
    return query execute format(
      'select x.case_id, u.kept_until, u.held_for, %L, %s, (j ->> %L)::uuid, j
         from (select r.case_id, to_jsonb(t) as j from pg_temp.ending_row r join %s t on t.ctid = r.tid where r.rel = %s) as x
              join pg_temp.ending_case u using (case_id)',
      f.fact_table, audit.key_expression(f), f.event_column, f.fact_table::regclass, f.fact_table::regclass::oid);
  end loop;
end $$;

create function child_chronic.ending_rows(p_until date, p_after uuid, p_subjects int)
returns table (case_id uuid, kept_until date, held_for text, table_name text, row_key text, event_id uuid, record jsonb)
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform child_chronic.collect_ending(p_until, p_after, p_subjects, null);
  return query select * from child_chronic.collected_facts();
end $$;

-- Takes sealed cases out, children first, with the numbers that stood in them. Gives how many facts went.
create function child_chronic.remove_ended(p_until date, p_cases uuid[], p_numbers uuid[]) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  v_rel oid;
  v_facts integer;
begin
  perform child_chronic.collect_ending(p_until, null, null, p_cases);
  delete from pg_temp.ending_row r using pg_temp.ending_case u
   where u.case_id = r.case_id and (u.kept_until <> p_until or u.held_for is not null);
  if exists (select from child_chronic.collected_facts() as f
              where not exists (select from retention.sealed_row s where s.table_name = f.table_name and s.row_key = f.row_key)) then
    raise exception 'retention: a row of an ended case is not sealed' using errcode = 'MC001';
  end if;
  select count(*) into v_facts from child_chronic.collected_facts();
  loop
    select r.rel into v_rel from (select distinct rel from pg_temp.ending_row) as r
     where not exists (select from child_chronic.references_inside() as f
                        where f.parent = r.rel and f.child <> r.rel and f.child in (select rel from pg_temp.ending_row))
     order by r.rel limit 1;
    exit when v_rel is null;
    execute format('delete from %s t using pg_temp.ending_row r where r.rel = %s and t.ctid = r.tid', v_rel::regclass, v_rel);
    delete from pg_temp.ending_row where rel = v_rel;
    v_rel := null;
  end loop;
  if exists (select from pg_temp.ending_row) then
    raise exception 'retention: the tables of a case refer to each other in a circle' using errcode = 'MC003';
  end if;
  delete from vault.next_digest where number_ref = any (p_numbers);
  delete from vault.former where number_ref = any (p_numbers);
  delete from vault.number where number_ref = any (p_numbers);
  return v_facts;
end $$;

-- Lists that went to the register on a medium, of whose persons none is left.
create function child_chronic.files_left_over() returns table (ref uuid)
language sql stable security definer set search_path = pg_catalog as $$
  select f.sealed_ref from child_chronic.register_use_file f
   where not exists (select from child_chronic.register_use_row r where r.entry_id = f.entry_id)
$$;

revoke execute on function child_chronic.quiet_cases(date), child_chronic.references_inside(),
  child_chronic.collect_ending(date, uuid, int, uuid[]), child_chronic.collected_facts(), child_chronic.ending_rows(date, uuid, int),
  child_chronic.remove_ended(date, uuid[], uuid[]), child_chronic.files_left_over() from public;
grant execute on function child_chronic.quiet_cases(date), child_chronic.ending_rows(date, uuid, int),
  child_chronic.remove_ended(date, uuid[], uuid[]), child_chronic.files_left_over() to {app};

-- Whatever role asks: a case, its tier and its certification leave their tables only when they stand in the seal, which begins when the term
-- is about to end.
create or replace function child_chronic.keep() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if to_regclass('retention.sealed_row') is null or not exists (
       select from retention.sealed_row s where s.table_name = 'child_chronic.' || tg_table_name and s.row_key = to_jsonb(old) ->> 'case_id') then
    raise exception 'this row is kept until its term is over' using errcode = 'MC001';
  end if;
  return old;
end $$;
revoke execute on function child_chronic.keep() from public;
