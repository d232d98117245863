-- INC-68: a term is a rule with a date. What was filed while a longer rule stood is kept by that one, and a rule that comes later reaches back
-- to what is there: nothing is destroyed before the longest end by any rule in force since it was filed. Rules are written down when a
-- release that knows them runs, so that an older release beside it keeps them too. Between approval and destruction lies a cooling period.
-- Old code writes no rule, no years and no cooling: its sealings count as made under the first rule, its erasures are refused.
create table retention.rule (
  retention_class text not null,
  version         int not null check (version >= 1),
  years           int not null check (years >= 1),
  ground          text not null check (ground <> ''),
  in_force_from   date not null,
  event_id        uuid not null,
  primary key (retention_class, version)
);
create table retention.cooling (
  proposal_id    uuid primary key references retention.proposal,
  approved_on    date not null,
  erasable_from  date not null check (erasable_from >= approved_on),
  event_id       uuid not null
);
-- Years that the row's own end was reckoned with.
alter table retention.sealing add column rule_years int check (rule_years >= 1);

-- A year more or less; from the last of February to the last of February, so that no leap day shortens a term.
create function retention.plus_years(p_on date, p_years int) returns date
language sql immutable set search_path = pg_catalog as $$
  select d + case when extract(month from p_on) = 2 and p_on + 1 = date_trunc('month', p_on::timestamp)::date + interval '1 month'
                   and extract(month from d + 1) = 2 then 1 else 0 end
    from (select (p_on + make_interval(years => p_years))::date as d) as moved
$$;

-- The longest end by any rule that was in force between filing and p_on, and which rule that is; without rules the end as it was reckoned.
create function retention.longest_end(p_class text, p_kept_until date, p_years int, p_on date,
  out ends_on date, out version int, out ground text)
language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(e.ends_on, p_kept_until), e.version, e.ground
    from (values (1)) as one(x)
    left join lateral (
      select r.version, r.ground, retention.plus_years(p_kept_until, r.years - coalesce(p_years, r.first_years)) as ends_on
        from (select x.*, lead(x.in_force_from) over (order by x.version) as superseded_on,
                     first_value(x.years) over (order by x.version) as first_years
                from retention.rule x where x.retention_class = p_class) as r
       where r.in_force_from <= p_on
         and (r.superseded_on is null
              or r.superseded_on > (p_kept_until - make_interval(years => coalesce(p_years, r.first_years)))::date)
       order by 3 desc, 1 desc limit 1) as e on true
$$;
revoke execute on function retention.longest_end(text, date, int, date) from public;
grant execute on function retention.longest_end(text, date, int, date) to {app};

create or replace function retention.keep_sealed() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare v_until date;
begin
  select greatest(s.kept_until, (retention.longest_end(s.retention_class, s.kept_until, s.rule_years, retention.today())).ends_on)
    into v_until from retention.sealing s where new.unit = 'object:' || s.ref;
  if v_until is null then return new; end if;
  if v_until >= retention.today() then
    raise exception 'retention: the term of % lasts to %', new.unit, v_until using errcode = 'MR001';
  end if;
  if not exists (select from retention.erasure e join retention.sealing s using (sealing_id) where new.unit = 'object:' || s.ref) then
    raise exception 'retention: % would be erased without a record', new.unit using errcode = 'MR002';
  end if;
  return new;
end $$;

select audit.declare_fact_table('retention.' || name) from unnest(array['rule', 'cooling']) as name;
grant select, insert on retention.rule, retention.cooling to {app};
