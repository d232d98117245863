-- The day of birth leads to its few hundred persons by the beginning of their names: with three kana and a day the index of names alone was
-- read from end to end of that beginning, a hundred thousand entries among fourteen million. The index of days alone stays: a year of birth
-- beside a part of a name reads all entries of that year, and there it is an eighth of the size. Old code may run beside it.
create or replace function prefectural_juki.make_indexes() returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  alter table prefectural_juki.identification add constraint identification_pkey primary key (person_id);
  create unique index identification_code on prefectural_juki.identification (resident_record_code);
  create index identification_kana on prefectural_juki.identification (name_kana_normalised text_pattern_ops, birth_date, sex);
  create index identification_birth on prefectural_juki.identification (birth_date);
  create index identification_birth_kana on prefectural_juki.identification (birth_date, name_kana_normalised text_pattern_ops);
  create index identification_name on prefectural_juki.identification (name_key text_pattern_ops);
  create index identification_municipality on prefectural_juki.identification (municipality_code);
  create index identification_event on prefectural_juki.identification (event_id);
  create index identification_grams on prefectural_juki.identification using gin (prefectural_juki.grams(name_key));
  create index identification_kana_part on prefectural_juki.identification using gin (name_kana_normalised gin_trgm_ops);
end $$;

create or replace function prefectural_juki.drop_indexes() returns void
language plpgsql set search_path = pg_catalog as $$
begin
  alter table prefectural_juki.identification drop constraint identification_pkey;
  drop index prefectural_juki.identification_code, prefectural_juki.identification_kana, prefectural_juki.identification_birth,
    prefectural_juki.identification_birth_kana, prefectural_juki.identification_name, prefectural_juki.identification_municipality,
    prefectural_juki.identification_event, prefectural_juki.identification_grams, prefectural_juki.identification_kana_part;
end $$;

create index identification_birth_kana on prefectural_juki.identification (birth_date, name_kana_normalised text_pattern_ops);
