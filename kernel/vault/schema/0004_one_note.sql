-- As before, in half the time: while no digest rotates numbers are looked up by one way alone, and what was asked and what was given
-- are noted in one statement. Readying a statement that writes costs more than its rows.
create or replace function vault.find_each(p_at timestamptz, p_version integer, p_events uuid[], p_purposes text[], p_nos integer[], p_digests bytea[])
returns table (asked_no integer, number_ref uuid, owner text, holds boolean, stale boolean)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare v_known boolean;
begin
  perform vault.share_keys();
  if not exists (select from vault.key_state s where p_version in (s.digest_version, s.next_digest_version)) then
    return query select null::integer, null::uuid, null::text, null::boolean, true; return;
  end if;
  if to_regclass('audit.intake_event') is not null then
    select exists (select from audit.intake_event where event_id = any (p_events)) into v_known;
    if v_known then raise exception 'vault: the event of this use stands already' using errcode = 'MV002'; end if;
  end if;
  if not exists (select from vault.next_digest) then
    return query
      with hits as materialized (
        select d.no, n.number_ref, n.owner_id, n.owner_pattern, n.held
          from unnest(p_nos, p_digests) as d(no, digest) join vault.number n on n.digest = d.digest),
      noted as (
        insert into vault.use (event_id, operation, purpose, number_ref, asked, at)
          select u.event_id, 'find', u.purpose, null::uuid, 1, p_at from unnest(p_events, p_purposes) as u(event_id, purpose)
          union all select p_events[g.no], 'find', p_purposes[g.no], g.number_ref, null, p_at
                      from (select distinct h.no, h.number_ref from hits h) as g)
      select h.no, h.number_ref, vault.owner_of(k.pattern, h.owner_id), h.held, false
        from hits h join vault.owner_pattern k on k.pattern_no = h.owner_pattern order by h.no, h.number_ref;
    return;
  end if;
  return query
    with hits as materialized (
      select d.no, n.number_ref, n.owner_id, n.owner_pattern, n.held
        from unnest(p_nos, p_digests) as d(no, digest) join vault.number n on n.digest = d.digest
      union
      select d.no, n.number_ref, n.owner_id, n.owner_pattern, n.held from unnest(p_nos, p_digests) as d(no, digest)
        join vault.next_digest x on x.digest = d.digest join vault.number n on n.number_ref = x.number_ref),
    noted as (
      insert into vault.use (event_id, operation, purpose, number_ref, asked, at)
        select u.event_id, 'find', u.purpose, null::uuid, 1, p_at from unnest(p_events, p_purposes) as u(event_id, purpose)
        union all select p_events[g.no], 'find', p_purposes[g.no], g.number_ref, null, p_at
                    from (select distinct h.no, h.number_ref from hits h) as g)
    select h.no, h.number_ref, vault.owner_of(k.pattern, h.owner_id), h.held, false
      from hits h join vault.owner_pattern k on k.pattern_no = h.owner_pattern order by h.no, h.number_ref;
end $$;
