-- 保存期間 (requirement 003 A11): superseded rows and removed persons 150 years from the notice that superseded or removed them.
-- Nothing leaves these tables before it is sealed for its last days; that holds for every role.
create index supplement_removed on fuhyo_link.supplement (notice_received_date) where record_state = 'removed';

-- Rows whose term ends up to p_until.
create function fuhyo_link.ending_rows(p_until date)
returns table (supplement_id uuid, change_id uuid, event_id uuid, kept_until date, record jsonb)
language sql stable set search_path = pg_catalog as $$
  select h.supplement_id, h.change_id, h.event_id, (h.closed_on + interval '150 years')::date, to_jsonb(h)
    from fuhyo_link.supplement_history h where (h.closed_on + interval '150 years')::date <= p_until
  union all
  select s.supplement_id, s.change_id, s.event_id, (s.notice_received_date + interval '150 years')::date, to_jsonb(s)
    from fuhyo_link.supplement s
   where s.record_state = 'removed' and (s.notice_received_date + interval '150 years')::date <= p_until
$$;

-- Takes sealed rows out. The triggers below refuse what is not sealed.
create function fuhyo_link.remove_sealed(p_supplements uuid[], p_changes uuid[]) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare v_current integer; v_history integer;
begin
  delete from fuhyo_link.supplement s using unnest(p_supplements, p_changes) as r(p, c)
   where s.supplement_id = r.p and s.change_id = r.c;
  get diagnostics v_current = row_count;
  delete from fuhyo_link.supplement_history h using unnest(p_supplements, p_changes) as r(p, c)
   where h.supplement_id = r.p and h.change_id = r.c;
  get diagnostics v_history = row_count;
  return v_current + v_history;
end $$;
revoke execute on function fuhyo_link.remove_sealed(uuid[], uuid[]), fuhyo_link.ending_rows(date) from public;
grant execute on function fuhyo_link.remove_sealed(uuid[], uuid[]), fuhyo_link.ending_rows(date) to {app};

create function fuhyo_link.is_sealed(p_supplement uuid, p_change uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  -- A database without the schema set of retention seals nothing, and so lets nothing go.
  if to_regclass('retention.sealed_row') is null then return false; end if;
  return exists (select from retention.sealed_row r
                  where r.table_name = 'fuhyo_link.supplement' and r.row_key = p_supplement || '/' || p_change);
end $$;

create function fuhyo_link.keep_history() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if not fuhyo_link.is_sealed(old.supplement_id, old.change_id) then
    raise exception 'retention: a row of the history is deleted before the end of its term' using errcode = 'MR001';
  end if;
  return old;
end $$;
create trigger keep_history before delete on fuhyo_link.supplement_history
  for each row execute function fuhyo_link.keep_history();

-- A current row leaves for the history in the same statement, or, removed and sealed, at the end of its term.
create function fuhyo_link.keep_current() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if exists (
    select from gone g
     where not exists (select from fuhyo_link.supplement_history h where h.supplement_id = g.supplement_id and h.change_id = g.change_id)
       and not (g.record_state = 'removed' and fuhyo_link.is_sealed(g.supplement_id, g.change_id))) then
    raise exception 'retention: a current row is deleted and does not stand in the history' using errcode = 'MR001';
  end if;
  return null;
end $$;
create trigger keep_current after delete on fuhyo_link.supplement
  referencing old table as gone for each statement execute function fuhyo_link.keep_current();
revoke execute on function fuhyo_link.is_sealed(uuid, uuid), fuhyo_link.keep_history(), fuhyo_link.keep_current() from public;
