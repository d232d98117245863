-- 期割 stand in the levy itself: of a ward's three million parts each was a row with two index entries, a reference to check and a
-- digest, more work than the levies. Parts of levies of before stay where they are, tied to the log as they were.
-- Code of before may run beside it: it goes on writing parts as rows, and they are read with the others.
alter table resident_tax.assessment
  add column instalment_due_on date[],
  add column instalment_yen    bigint[];

create function resident_tax.sum_of(p_amounts bigint[]) returns numeric
language sql immutable parallel safe set search_path = pg_catalog as $$
  select coalesce(sum(a), 0) from unnest(p_amounts) as a
$$;

-- The parts of a levy add up to it, none below zero, each with its day (002 AC-23).
alter table resident_tax.assessment
  add constraint instalments_whole check (
    instalment_yen is null and instalment_due_on is null
    or cardinality(instalment_yen) = cardinality(instalment_due_on) and cardinality(instalment_yen) between 0 and 12
       and array_position(instalment_yen, null) is null and array_position(instalment_due_on, null) is null
       and 0 <= all (instalment_yen) and resident_tax.sum_of(instalment_yen) = annual_yen);

-- A levy whose parts are rows is still looked at when all of them stand, at commit.
drop trigger instalments_add_up on resident_tax.assessment;
create constraint trigger instalments_add_up after insert on resident_tax.assessment
  deferrable initially deferred for each row when (new.instalment_yen is null) execute function resident_tax.instalments_add_up();

create view resident_tax.instalment as
  select i.assessment_id, i.part_no, i.due_on, i.amount_yen from resident_tax.assessment_instalment i
  union all
  select a.assessment_id, p.part_no::int, p.due_on, p.amount_yen
    from resident_tax.assessment a
    cross join lateral unnest(a.instalment_due_on, a.instalment_yen) with ordinality as p(due_on, amount_yen, part_no);

grant select on resident_tax.instalment to {app};
