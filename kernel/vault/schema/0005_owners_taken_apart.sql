-- Putting takes owners' names apart already: to take them apart here by an expression cost a third of putting them. vault.put stays for
-- code of before and does the same by way of it.
-- p_ids, p_names: the uuid in each owner's name (zeros where it has none) and the name with * in its place.
create function vault.put_named(
  p_event uuid, p_purpose text, p_at timestamptz, p_cipher integer, p_digest integer, p_next integer,
  p_ids uuid[], p_names text[], p_refs uuid[], p_ciphertexts bytea[], p_digests bytea[], p_nexts bytea[])
returns table (ord bigint, number_ref uuid, outcome text, former_ref uuid)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare v_outcomes text[]; v_refs uuid[]; v_formers uuid[]; v_put bigint; v_patterns smallint[];
begin
  perform vault.share_keys();
  if not exists (select from vault.key_state s where s.cipher_version = p_cipher and s.digest_version = p_digest
                    and s.next_digest_version is not distinct from p_next) then return; end if;
  perform vault.begin_use(p_event, 'put', p_purpose, cardinality(p_ids), p_at);
  perform vault.learn_patterns(array(select distinct n from unnest(p_names) as n));
  select array_agg(k.pattern_no order by u.ord) into v_patterns
    from unnest(p_names) with ordinality as u(n, ord) join vault.owner_pattern k on k.pattern = u.n;
  -- Everyone takes owners in the same order: two batches wait for each other and never in a circle.
  perform pg_advisory_xact_lock(hashtextextended('vault:' || locks.o, 0)) from (
    select vault.owner_of(n, i) as o from unnest(p_names, p_ids) as u(n, i) order by 1) as locks;

  -- A statement of its own, so that it sees what the writer before us committed.
  select array_agg(case when n.number_ref is null then 'new' when same.yes then 'same' else 'changed' end order by u.ord),
         array_agg(case when same.yes then n.number_ref else u.ref end order by u.ord),
         array_agg(case when same.yes then null else n.number_ref end order by u.ord)
    into v_outcomes, v_refs, v_formers
    from unnest(p_ids, v_patterns, p_refs, p_digests, p_nexts) with ordinality as u(id, pattern, ref, digest, next_digest, ord)
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
      from unnest(p_ids, v_patterns, v_refs, v_outcomes, p_ciphertexts, p_digests) as u(id, pattern, ref, outcome, ciphertext, digest)
     where u.outcome <> 'same';
  if p_next is not null then
    insert into vault.next_digest (number_ref, digest_version, digest)
      select u.ref, p_next, u.digest from unnest(v_refs, v_outcomes, p_nexts) as u(ref, outcome, digest) where u.outcome <> 'same';
  end if;
  insert into vault.use (event_id, operation, purpose, number_ref, at)
    select p_event, 'put', p_purpose, r, p_at from unnest(v_refs) as r;
  return query select u.ord, u.ref, u.outcome, u.former from unnest(v_refs, v_outcomes, v_formers) with ordinality as u(ref, outcome, former, ord);
end $$;

create or replace function vault.put(
  p_event uuid, p_purpose text, p_at timestamptz, p_cipher integer, p_digest integer, p_next integer,
  p_owners text[], p_refs uuid[], p_ciphertexts bytea[], p_digests bytea[], p_nexts bytea[])
returns table (owner text, number_ref uuid, outcome text, former_ref uuid)
language sql security definer set search_path = pg_catalog as $$
  select p_owners[n.ord], n.number_ref, n.outcome, n.former_ref
    from vault.put_named(p_event, p_purpose, p_at, p_cipher, p_digest, p_next,
      array(select vault.id_of(u.o) from unnest(p_owners) with ordinality as u(o, ord) order by u.ord),
      array(select vault.pattern_of(u.o) from unnest(p_owners) with ordinality as u(o, ord) order by u.ord),
      p_refs, p_ciphertexts, p_digests, p_nexts) as n
   order by n.ord
$$;

revoke all on function vault.put_named(uuid, text, timestamptz, integer, integer, integer, uuid[], text[], uuid[], bytea[], bytea[], bytea[]) from public;
grant execute on function vault.put_named(uuid, text, timestamptz, integer, integer, integer, uuid[], text[], uuid[], bytea[], bytea[], bytea[]) to {app};
