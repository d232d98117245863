-- 二重登録: which record a 職権消除 ended for which other one, and that this was taken back. Facts: a later row says more, none is changed.
create table prefectural_juki.duplicate_link (
  -- The change that ended the record or brought it back.
  change_id          uuid primary key,
  kind               text not null check (kind in ('merged', 'undone')),
  person_id          uuid not null,
  survivor_code      text not null check (survivor_code ~ '^[0-9]{11}$'),
  -- Null: the record that stays is one of another prefecture.
  survivor_person_id uuid check (survivor_person_id <> person_id),
  changed_on         date not null,
  noted_at           timestamptz not null,
  event_id           uuid not null
);
create index duplicate_link_person on prefectural_juki.duplicate_link (person_id);
create index duplicate_link_survivor on prefectural_juki.duplicate_link (survivor_person_id) where survivor_person_id is not null;
select audit.declare_fact_table('prefectural_juki.duplicate_link');
grant select, insert on prefectural_juki.duplicate_link to {app};

-- A link ends with the version of the record that it stands beside (住民基本台帳法施行令第30条の6), sealed and erased like it.
alter function prefectural_juki.ending_rows(date) rename to ending_versions;
create function prefectural_juki.ending_rows(p_until date)
returns table (table_name text, person_id uuid, change_id uuid, event_id uuid, kept_until date, record jsonb)
language sql stable set search_path = pg_catalog as $$
  with versions as materialized (select * from prefectural_juki.ending_versions(p_until))
  select 'prefectural_juki.identification', v.person_id, v.change_id, v.event_id, v.kept_until, v.record from versions v
  union all
  select 'prefectural_juki.duplicate_link', v.person_id, l.change_id, l.event_id, v.kept_until, to_jsonb(l)
    from versions v join prefectural_juki.duplicate_link l using (change_id)
$$;
revoke execute on function prefectural_juki.ending_rows(date) from public;
grant execute on function prefectural_juki.ending_rows(date) to {app};

create function prefectural_juki.remove_sealed_links(p_changes uuid[]) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare v_count integer;
begin
  delete from prefectural_juki.duplicate_link l using unnest(p_changes) as r(c) where l.change_id = r.c;
  get diagnostics v_count = row_count;
  return v_count;
end $$;
revoke execute on function prefectural_juki.remove_sealed_links(uuid[]) from public;
grant execute on function prefectural_juki.remove_sealed_links(uuid[]) to {app};

create function prefectural_juki.keep_link() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if to_regclass('retention.sealed_row') is null
     or not exists (select from retention.sealed_row r
                     where r.table_name = 'prefectural_juki.duplicate_link' and r.row_key = old.change_id::text) then
    raise exception 'retention: a link is deleted before the end of its term' using errcode = 'MR001';
  end if;
  return old;
end $$;
create trigger keep_link before delete on prefectural_juki.duplicate_link
  for each row execute function prefectural_juki.keep_link();
revoke execute on function prefectural_juki.keep_link() from public;
