-- 副本 encrypted at rest, lodged by file, released before they count. What a copy says stands sealed under the key of its page;
-- page keys are objects of the sealed store, so that their own keys are outside this database and its backups. A copy that is
-- deleted alone takes its page's key with it: the others of the page are sealed anew under another key, and what an old dump
-- holds of the page opens for nobody. The log keeps a row's digest without the sealed text, with a salted commitment in its place.
-- Not for data of before: nothing is deployed.
create table intermediate_server.copy_page (
  page_id     uuid primary key,
  -- Reference of the key in the sealed store.
  sealed_key  uuid not null,
  opened_at   timestamptz not null,
  event_id    uuid not null
);
grant select, insert on intermediate_server.copy_page to {app};

alter table intermediate_server.lodged_copy drop column items;
alter table intermediate_server.lodged_copy
  add column ended boolean not null,
  add column page_id uuid references intermediate_server.copy_page,
  add column sealed bytea,
  add column commitment bytea check (length(commitment) = 32),
  add check ((ended and page_id is null and sealed is null and commitment is null)
          or (not ended and page_id is not null and sealed is not null and commitment is not null));
create index lodged_copy_page on intermediate_server.lodged_copy (page_id);
create index lodged_copy_batch on intermediate_server.lodged_copy (batch_id, org_person_number);
grant update (page_id, sealed) on intermediate_server.lodged_copy to {app};

-- The order in which lodgings came, and what a file is about. A lodging by file counts from its release.
alter table intermediate_server.lodging
  add column lodging_no bigint generated always as identity,
  add column needs_release boolean not null default false,
  add column information_code text,
  add column condition text,
  add column valid_from date;
create unique index lodging_no on intermediate_server.lodging (lodging_no);
create index lodging_full on intermediate_server.lodging (information_code, condition, lodging_no) where kind = 'full' and needs_release;

create table intermediate_server.copy_file (
  file_id           uuid primary key,
  system            text not null,
  kind              text not null check (kind in ('full', 'difference')),
  information_code  text not null,
  condition         text not null,
  valid_from        date not null,
  rows              integer not null check (rows > 0),
  parts             integer not null check (parts > 0),
  digest            text not null,
  announced_at      timestamptz not null,
  event_id          uuid not null
);
create table intermediate_server.copy_file_part (
  file_id      uuid not null references intermediate_server.copy_file,
  part         integer not null check (part > 0),
  content      uuid not null,
  sha256       text not null,
  received_at  timestamptz not null,
  event_id     uuid not null,
  primary key (file_id, part)
);
-- What the check of the whole found, for the clerk who releases.
create table intermediate_server.copy_file_check (
  file_id         uuid primary key references intermediate_server.copy_file,
  accepted        integer not null,
  rejected        integer not null,
  -- Persons who have a copy now and one in the file; who have none now; who have one now and none in the file (full files only).
  replaced        integer not null,
  added           integer not null,
  left_out        integer not null,
  checked_at      timestamptz not null,
  event_id        uuid not null
);
create table intermediate_server.copy_release (
  batch_id    uuid primary key references intermediate_server.lodging,
  decision    text not null check (decision in ('release', 'refuse')),
  reason      text not null check (length(reason) between 1 and 400),
  decided_by  text not null,
  decided_at  timestamptz not null,
  event_id    uuid not null
);
grant select, insert on intermediate_server.copy_file, intermediate_server.copy_file_part, intermediate_server.copy_file_check,
  intermediate_server.copy_release to {app};

select audit.declare_fact_table('intermediate_server.lodged_copy', null, '{page_id,sealed}');
select audit.declare_fact_table('intermediate_server.' || t)
  from unnest('{lodging,copy_page,copy_file,copy_file_part,copy_file_check,copy_release}'::text[]) as t;

-- The copy that counts for a person on a day: the newest by its valid day and then by its coming, of what was released, unless
-- a full file that came later and speaks from that day on has nothing of the person.
create function intermediate_server.copy_that_counts(p_person text, p_information text, p_condition text, p_on date)
returns setof intermediate_server.lodged_copy language sql stable as $$
  select v.* from intermediate_server.lodged_copy as v
    join intermediate_server.lodging as g on g.batch_id = v.batch_id
   where v.org_person_number = p_person and v.information_code = p_information and v.condition = p_condition and v.valid_from <= p_on
     and (not g.needs_release or exists (
       select from intermediate_server.copy_release as r where r.batch_id = v.batch_id and r.decision = 'release'))
     and not exists (
       select from intermediate_server.lodging as f
         join intermediate_server.copy_release as r on r.batch_id = f.batch_id and r.decision = 'release'
        where f.kind = 'full' and f.needs_release and f.information_code = p_information and f.condition = p_condition
          and f.lodging_no > g.lodging_no and f.valid_from <= p_on and v.valid_from <= f.valid_from)
   order by v.valid_from desc, v.copy_no desc limit 1
$$;
revoke execute on function intermediate_server.copy_that_counts(text, text, text, date) from public;
grant execute on function intermediate_server.copy_that_counts(text, text, text, date) to {app};
