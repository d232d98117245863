-- 都道府県知事保存本人確認情報ファイル (requirement 003 §4.1): the current record of each person and, unchanged, all earlier ones.
-- Made for fourteen million persons on one modest machine: codes as numbers, words as enums, widest and most aligned columns
-- first, no index that another one makes superfluous. The Individual Number stands in the vault, under `person:<person_id>`.
create schema prefectural_juki;
grant usage on schema prefectural_juki to {app};

create type prefectural_juki.sex as enum ('male', 'female', 'other');
create type prefectural_juki.status as enum ('resident', 'moving-out', 'removed');
create type prefectural_juki.retention_flag as enum ('current', 'removed');
create type prefectural_juki.change_reason as enum (
  'initial-load', 'moved-in', 'moved-in-special', 'moved-in-from-abroad', 'moved-within', 'moved-out', 'moved-out-completed',
  'moved-out-cancelled', 'moved-out-abroad', 'household-change', 'birth', 'death', 'disappearance', 'family-register-change',
  'naturalised', 'nationality-lost', 'entered-ex-officio', 'removed-ex-officio', 'restored-ex-officio', 'corrected-ex-officio',
  'address-renamed', 'residence-status-change', 'code-change', 'number-change', 'name-reading', 'former-surname', 'protection-start', 'protection-end');

create table prefectural_juki.identification (
  person_id                       uuid not null,
  number_ref                      uuid not null,
  change_id                       uuid not null,
  event_id                        uuid not null,
  resident_record_code            bigint not null check (resident_record_code between 0 and 99999999999),
  source_timestamp                timestamptz not null,
  recorded_at                     timestamptz not null,
  birth_date                      date not null,
  change_date                     date not null,
  notice_received_date            date not null,
  became_resident_on              date not null,
  update_sequence_no              integer not null check (update_sequence_no >= 1),
  change_reason                   prefectural_juki.change_reason not null,
  sex                             prefectural_juki.sex not null,
  status                          prefectural_juki.status not null,
  retention_flag                  prefectural_juki.retention_flag not null,
  name_gaiji_count                smallint not null check (name_gaiji_count >= 0),
  address_gaiji_count             smallint not null check (address_gaiji_count >= 0),
  former_surname_gaiji_count      smallint not null check (former_surname_gaiji_count >= 0),
  name_gaiji_change_seq           smallint not null,
  address_gaiji_change_seq        smallint not null,
  former_surname_gaiji_change_seq smallint not null,
  gaiji_flag                      boolean not null,
  deleted_flag                    boolean not null,
  retroactive                     boolean not null,
  name_kanji                      text not null,
  name_furigana                   text not null,
  name_kana_normalised            text not null,
  -- The name as it is searched: variants folded, no spaces (kanjiSearchKey).
  name_key                        text not null,
  address                         text not null,
  municipality_code               text not null check (municipality_code ~ '^[0-9]{6}$'),
  aza_code                        text not null,
  operator_id                     text not null,
  terminal_id                     text not null,
  former_surname_kanji            text,
  former_surname_furigana         text,
  check (deleted_flag = (status = 'removed')),
  check (deleted_flag = (retention_flag = 'removed'))
);

-- Names and addresses for matching, as kanjiSearchKey of the program makes them; a test holds the two together. Addresses are
-- compared only within what other items have narrowed down, so that no second column keeps them.
create function prefectural_juki.kanji_key(p_text text) returns text
language sql immutable parallel safe return translate(
  normalize(regexp_replace(p_text, '[\ufe00-\ufe0f\U000e0100-\U000e01ef]', '', 'g'), nfkc),
  '﨑髙邊邉齋齊斎澤濱濵廣國櫻眞惠榮藏龍' || chr(32) || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(5760) || chr(8232) || chr(8233) || chr(65279),
  '崎高辺辺斉斉斉沢浜浜広国桜真恵栄蔵竜');

-- Every two characters that stand beside each other. A name of two or three characters holds no trigram. Written with
-- substr, because a loop over fourteen million names takes five minutes.
create function prefectural_juki.grams(p_key text) returns text[]
language sql immutable parallel safe return
  case when length(p_key) <= 9 then array_remove(array[
         substr(p_key, 1, 2), substr(p_key, 2, 2), substr(p_key, 3, 2), substr(p_key, 4, 2),
         substr(p_key, 5, 2), substr(p_key, 6, 2), substr(p_key, 7, 2), substr(p_key, 8, 2)], '')
       else string_to_array(rtrim(regexp_replace(p_key, '(..)', '\1 ', 'g') || regexp_replace(substr(p_key, 2), '(..)', '\1 ', 'g')), ' ') end;

create table prefectural_juki.identification_history (
  like prefectural_juki.identification,
  closed_event_id uuid not null,
  closed_at       timestamptz not null
) partition by range (closed_at);
-- Catches what no monthly partition takes, so that a change is never refused for want of one.
create table prefectural_juki.identification_history_default partition of prefectural_juki.identification_history default;

-- Partitions from the month of p_at on, made ahead. Safe to repeat.
create function prefectural_juki.ensure_history_partitions(p_at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog set timezone = 'UTC' as $$
declare
  v_from timestamptz := date_trunc('month', p_at);
  v_name text;
begin
  perform pg_advisory_xact_lock(420600301);
  for i in 1 .. 3 loop
    v_name := 'identification_history_' || to_char(v_from, 'YYYYMM');
    if to_regclass('prefectural_juki.' || v_name) is null
       and not exists (select 1 from prefectural_juki.identification_history_default
                        where closed_at >= v_from and closed_at < v_from + interval '1 month') then
      execute format('create table prefectural_juki.%I partition of prefectural_juki.identification_history for values from (%L) to (%L)',
        v_name, v_from, v_from + interval '1 month');
    end if;
    v_from := v_from + interval '1 month';
  end loop;
end $$;
revoke execute on function prefectural_juki.ensure_history_partitions(timestamptz) from public;
grant execute on function prefectural_juki.ensure_history_partitions(timestamptz) to {app};

-- The indexes of the current table, in one place: a first load drops and builds them anew (store/bulk-load.ts).
create function prefectural_juki.make_indexes() returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  alter table prefectural_juki.identification add constraint identification_pkey primary key (person_id);
  create unique index identification_code on prefectural_juki.identification (resident_record_code);
  create index identification_kana on prefectural_juki.identification (name_kana_normalised text_pattern_ops, birth_date, sex);
  create index identification_birth on prefectural_juki.identification (birth_date);
  create index identification_name on prefectural_juki.identification (name_key text_pattern_ops);
  create index identification_municipality on prefectural_juki.identification (municipality_code);
  create index identification_event on prefectural_juki.identification (event_id);
  create index identification_grams on prefectural_juki.identification using gin (prefectural_juki.grams(name_key));
  create index identification_kana_part on prefectural_juki.identification using gin (name_kana_normalised gin_trgm_ops);
end $$;
revoke execute on function prefectural_juki.make_indexes() from public;
create function prefectural_juki.drop_indexes() returns void
language plpgsql set search_path = pg_catalog as $$
begin
  alter table prefectural_juki.identification drop constraint identification_pkey;
  drop index prefectural_juki.identification_code, prefectural_juki.identification_kana, prefectural_juki.identification_birth,
    prefectural_juki.identification_name, prefectural_juki.identification_municipality, prefectural_juki.identification_event,
    prefectural_juki.identification_grams, prefectural_juki.identification_kana_part;
end $$;
revoke execute on function prefectural_juki.drop_indexes() from public;
select prefectural_juki.make_indexes();

-- First load from prepared files (jobs/first-load.ts): begun, each file once, finished. Written by the owner's tool.
create table prefectural_juki.first_load (
  step     text primary key check (step in ('begun', 'finished')),
  records  bigint not null,
  at       timestamptz not null,
  event_id uuid not null
);
create table prefectural_juki.loaded_file (
  municipality_code text not null,
  file_no           integer not null,
  digest            bytea not null check (length(digest) = 32),
  records           integer not null check (records > 0),
  loaded_at         timestamptz not null,
  event_id          uuid not null,
  primary key (municipality_code, file_no)
);
select audit.declare_fact_table('prefectural_juki.first_load');
select audit.declare_fact_table('prefectural_juki.loaded_file');
grant select on prefectural_juki.first_load, prefectural_juki.loaded_file to {app};

alter table prefectural_juki.identification_history add primary key (person_id, change_id, closed_at);
create index identification_history_code on prefectural_juki.identification_history (resident_record_code);
create index identification_history_event on prefectural_juki.identification_history (event_id);

select audit.declare_fact_table('prefectural_juki.identification',
  p_stands_in => '{prefectural_juki.identification,prefectural_juki.identification_history}',
  p_excluded => '{closed_event_id,closed_at}', p_key => '{person_id,change_id}');

grant select, insert, delete on prefectural_juki.identification to {app};
grant select, insert on prefectural_juki.identification_history to {app};
grant execute on function prefectural_juki.kanji_key(text), prefectural_juki.grams(text) to {app};
