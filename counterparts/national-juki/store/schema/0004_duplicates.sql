-- 二重登録: a code that ended because its holder has another one, and the taking back of such an end, go to the root of linkage
-- codes in the line of the changed codes; they have no replacement. Old code beside it tells only changed codes.
alter table national_juki.succession drop constraint succession_succession_id_fkey;
-- Null: 住民票コードの変更.
alter table national_juki.succession add column kind text check (kind in ('merged', 'undone'));
create index succession_holder on national_juki.succession (holder_id);
