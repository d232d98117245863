-- 保存期間 (住民基本台帳法施行令第30条の6): superseded rows and removed persons 150 years from the notice that superseded or removed
-- them. Nothing leaves these tables before it is sealed for its last days; that holds for every role.

create index identification_removed on prefectural_juki.identification (notice_received_date) where deleted_flag;
create index identification_history_received on prefectural_juki.identification_history (notice_received_date);

-- Rows whose term ends up to p_until. A superseded row counts from the notice that closed it, a removed one from its own.
create function prefectural_juki.ending_rows(p_until date)
returns table (person_id uuid, change_id uuid, event_id uuid, kept_until date, record jsonb)
language sql stable set search_path = pg_catalog as $$
  select * from (
    select h.person_id, h.change_id, h.event_id,
           (coalesce((select max(s.notice_received_date) from (
              select i.notice_received_date from prefectural_juki.identification i
               where i.person_id = h.person_id and i.event_id = h.closed_event_id
              union all
              select x.notice_received_date from prefectural_juki.identification_history x
               where x.person_id = h.person_id and x.event_id = h.closed_event_id and x.change_id <> h.change_id) as s),
              (h.closed_at at time zone 'Asia/Tokyo')::date) + interval '150 years')::date as kept_until,
           to_jsonb(h) as record
      from prefectural_juki.identification_history h
     where h.notice_received_date <= (p_until + 1 - interval '150 years')::date
    union all
    select i.person_id, i.change_id, i.event_id, (i.notice_received_date + interval '150 years')::date, to_jsonb(i)
      from prefectural_juki.identification i
     where i.deleted_flag and i.notice_received_date <= (p_until + 1 - interval '150 years')::date) as rows
   where kept_until <= p_until
$$;

-- Takes sealed rows out, with the numbers that no row names any more. The triggers below refuse what is not sealed.
create function prefectural_juki.remove_sealed(p_persons uuid[], p_changes uuid[], p_numbers uuid[]) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare v_current integer; v_history integer;
begin
  delete from prefectural_juki.identification i using unnest(p_persons, p_changes) as r(p, c)
   where i.person_id = r.p and i.change_id = r.c;
  get diagnostics v_current = row_count;
  delete from prefectural_juki.identification_history h using unnest(p_persons, p_changes) as r(p, c)
   where h.person_id = r.p and h.change_id = r.c;
  get diagnostics v_history = row_count;
  if exists (select from prefectural_juki.identification where number_ref = any (p_numbers))
     or exists (select from prefectural_juki.identification_history h where h.person_id = any (p_persons) and h.number_ref = any (p_numbers)) then
    raise exception 'retention: a number is still named by a row' using errcode = 'MR003';
  end if;
  delete from vault.next_digest where number_ref = any (p_numbers);
  delete from vault.former where number_ref = any (p_numbers);
  delete from vault.number where number_ref = any (p_numbers);
  return v_current + v_history;
end $$;
revoke execute on function prefectural_juki.remove_sealed(uuid[], uuid[], uuid[]) from public;
revoke execute on function prefectural_juki.ending_rows(date) from public;
grant execute on function prefectural_juki.remove_sealed(uuid[], uuid[], uuid[]), prefectural_juki.ending_rows(date) to {app};

create function prefectural_juki.is_sealed(p_person uuid, p_change uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  -- A database without the schema set of retention seals nothing, and so lets nothing go.
  if to_regclass('retention.sealed_row') is null then return false; end if;
  return exists (select from retention.sealed_row r
                  where r.table_name = 'prefectural_juki.identification' and r.row_key = p_person || '/' || p_change);
end $$;

create function prefectural_juki.keep_history() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if not prefectural_juki.is_sealed(old.person_id, old.change_id) then
    raise exception 'retention: a row of the history is deleted before the end of its term' using errcode = 'MR001';
  end if;
  return old;
end $$;
create trigger keep_history before delete on prefectural_juki.identification_history
  for each row execute function prefectural_juki.keep_history();

-- A current row leaves for the history in the same statement, or, removed and sealed, at the end of its term.
create function prefectural_juki.keep_current() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if exists (
    select from gone g
     where not exists (select from prefectural_juki.identification_history h where h.person_id = g.person_id and h.change_id = g.change_id)
       and not (g.deleted_flag and prefectural_juki.is_sealed(g.person_id, g.change_id))) then
    raise exception 'retention: a current row is deleted and does not stand in the history' using errcode = 'MR001';
  end if;
  return null;
end $$;
create trigger keep_current after delete on prefectural_juki.identification
  referencing old table as gone for each statement execute function prefectural_juki.keep_current();
revoke execute on function prefectural_juki.is_sealed(uuid, uuid), prefectural_juki.keep_history(), prefectural_juki.keep_current() from public;
