-- Files of many persons: putting reads each owner's name once, and who asks for holders of one kind is given, and leaves a record of
-- having been given, those alone (a report's number is not asked of the reports that came before it). Older code may run beside it.
create or replace function vault.put(
  p_event uuid, p_purpose text, p_at timestamptz, p_cipher integer, p_digest integer, p_next integer,
  p_owners text[], p_refs uuid[], p_ciphertexts bytea[], p_digests bytea[], p_nexts bytea[])
returns table (owner text, number_ref uuid, outcome text, former_ref uuid)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare v_outcomes text[]; v_refs uuid[]; v_formers uuid[]; v_put bigint; v_patterns smallint[]; v_ids uuid[]; v_names text[];
begin
  perform vault.share_keys();
  if not exists (select from vault.key_state s where s.cipher_version = p_cipher and s.digest_version = p_digest
                    and s.next_digest_version is not distinct from p_next) then return; end if;
  perform vault.begin_use(p_event, 'put', p_purpose, cardinality(p_owners), p_at);
  -- What a name says is read once: an expression over the text costs more than writing the row.
  select array_agg(vault.id_of(u.o) order by u.ord), array_agg(vault.pattern_of(u.o) order by u.ord) into v_ids, v_names
    from unnest(p_owners) with ordinality as u(o, ord);
  perform vault.learn_patterns(array(select distinct n from unnest(v_names) as n));
  select array_agg(k.pattern_no order by u.ord) into v_patterns
    from unnest(v_names) with ordinality as u(n, ord) join vault.owner_pattern k on k.pattern = u.n;
  -- Everyone takes owners in the same order: two batches wait for each other and never in a circle.
  perform pg_advisory_xact_lock(hashtextextended('vault:' || locks.o, 0)) from (select o from unnest(p_owners) as o order by 1) as locks;

  -- A statement of its own, so that it sees what the writer before us committed.
  select array_agg(case when n.number_ref is null then 'new' when same.yes then 'same' else 'changed' end order by u.ord),
         array_agg(case when same.yes then n.number_ref else u.ref end order by u.ord),
         array_agg(case when same.yes then null else n.number_ref end order by u.ord)
    into v_outcomes, v_refs, v_formers
    from unnest(v_ids, v_patterns, p_refs, p_digests, p_nexts) with ordinality as u(id, pattern, ref, digest, next_digest, ord)
    left join vault.number n on n.owner_id = u.id and n.owner_pattern = u.pattern and n.held
    left join vault.next_digest x on x.number_ref = n.number_ref
    cross join lateral (select coalesce(n.digest = u.digest, false) or coalesce(x.digest = u.next_digest, false)
                            or coalesce(x.digest = u.digest, false) as yes) as same;

  if v_outcomes && array['new', 'changed'] then
    insert into vault.put_event (event_id, put_at) values (p_event, p_at) returning put_no into v_put;
  end if;
  with closed as (
    update vault.number n set held = false from unnest(v_formers) as u(former) where n.number_ref = u.former returning n.number_ref)
  insert into vault.former (number_ref, closed_event_id, closed_at) select c.number_ref, p_event, p_at from closed c;
  insert into vault.number (number_ref, owner_id, put_no, owner_pattern, key_version, digest_version, held, digest, ciphertext)
    select u.ref, u.id, v_put, u.pattern, p_cipher, p_digest, true, u.digest, u.ciphertext
      from unnest(v_ids, v_patterns, v_refs, v_outcomes, p_ciphertexts, p_digests) as u(id, pattern, ref, outcome, ciphertext, digest)
     where u.outcome <> 'same';
  if p_next is not null then
    insert into vault.next_digest (number_ref, digest_version, digest)
      select u.ref, p_next, u.digest from unnest(v_refs, v_outcomes, p_nexts) as u(ref, outcome, digest) where u.outcome <> 'same';
  end if;
  insert into vault.use (event_id, operation, purpose, number_ref, at)
    select p_event, 'put', p_purpose, r, p_at from unnest(v_refs) as r;
  return query select u.owner, u.ref, u.outcome, u.former from unnest(p_owners, v_refs, v_outcomes, v_formers) as u(owner, ref, outcome, former);
end $$;

-- As vault.find, of owners whose name begins with p_kind.
create function vault.find_among(p_event uuid, p_purpose text, p_at timestamptz, p_version integer, p_asked integer, p_nos integer[],
  p_digests bytea[], p_kind text)
returns table (asked_no integer, number_ref uuid, owner text, holds boolean, stale boolean)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare v_kinds smallint[];
begin
  perform vault.share_keys();
  if not exists (select from vault.key_state s where p_version in (s.digest_version, s.next_digest_version)) then
    return query select null::integer, null::uuid, null::text, null::boolean, true; return;
  end if;
  perform vault.begin_use(p_event, 'find', p_purpose, p_asked, p_at);
  v_kinds := array(select k.pattern_no from vault.owner_pattern k where starts_with(k.pattern, p_kind));
  return query
    with hits as materialized (
      select d.no, n.number_ref, n.owner_id, n.owner_pattern, n.held
        from unnest(p_nos, p_digests) as d(no, digest) join vault.number n on n.digest = d.digest
       where n.owner_pattern = any (v_kinds)
      union
      select d.no, n.number_ref, n.owner_id, n.owner_pattern, n.held from unnest(p_nos, p_digests) as d(no, digest)
        join vault.next_digest x on x.digest = d.digest join vault.number n on n.number_ref = x.number_ref
       where n.owner_pattern = any (v_kinds)),
    noted as (
      insert into vault.use (event_id, operation, purpose, number_ref, at)
        select distinct p_event, 'find', p_purpose, h.number_ref, p_at from hits h)
    select h.no, h.number_ref, vault.owner_of(k.pattern, h.owner_id), h.held, false
      from hits h join vault.owner_pattern k on k.pattern_no = h.owner_pattern order by h.no, h.number_ref;
end $$;

revoke all on function vault.find_among(uuid, text, timestamptz, integer, integer, integer[], bytea[], text) from public;
grant execute on function vault.find_among(uuid, text, timestamptz, integer, integer, integer[], bytea[], text) to {app};
