-- The national server's register (機構保存本人確認情報), the codes that it gave out, and its journals.
create schema national_juki;
grant usage on schema national_juki to {app};

-- One row per Resident Record Code that was ever given: never deleted, never given again.
create table national_juki.code_holder (
  holder_id            uuid primary key,
  resident_record_code text not null unique check (resident_record_code ~ '^[0-9]{11}$'),
  number_ref           uuid not null unique,
  -- Register and municipality that asked; null for codes that were in use before this system.
  assigned_to          text,
  municipality_code    text,
  request_id           uuid,
  request_digest       bytea,
  ground               text not null check (ground in ('birth', 'first-entry', 'initial-load')),
  assigned_at          timestamptz not null,
  event_id             uuid not null,
  unique (assigned_to, request_id),
  check ((ground = 'initial-load') = (assigned_to is null))
);

-- 住民票コード変更, 個人番号変更: what was given to be put in the place of what a person has; in force when the notice comes.
-- The new number stands in the vault under `replacement:<replacement_id>` until then.
create table national_juki.replacement (
  replacement_id uuid primary key,
  holder_id      uuid not null references national_juki.code_holder,
  ground         text not null check (ground in ('code-change', 'number-change')),
  new_code       text unique check (new_code ~ '^[0-9]{11}$'),
  number_ref     uuid not null,
  assigned_to    text not null,
  request_id     uuid not null,
  request_digest bytea not null,
  assigned_at    timestamptz not null,
  event_id       uuid not null,
  unique (assigned_to, request_id),
  check ((new_code is not null) = (ground = 'code-change'))
);
create index replacement_holder on national_juki.replacement (holder_id);
create table national_juki.replacement_in_force (
  replacement_id uuid primary key references national_juki.replacement,
  since_at       timestamptz not null,
  event_id       uuid not null
);

-- One current record per code; closed ones stand unchanged in the history.
create table national_juki.record (
  holder_id            uuid primary key references national_juki.code_holder,
  resident_record_code text not null unique,
  status               text not null check (status in ('resident', 'moving-out', 'removed')),
  name                 text not null,
  birth_date           date not null,
  sex                  text not null,
  address              text not null,
  change_reason        text not null,
  changed_on           date not null,
  municipality_code    text not null,
  reported_by          text not null,
  change_id            uuid not null,
  recorded_at          timestamptz not null,
  event_id             uuid not null
);
create table national_juki.record_history (
  like national_juki.record,
  closed_event_id uuid not null,
  closed_at       timestamptz not null,
  primary key (holder_id, change_id)
);

-- A processing number resolves one person, once.
create table national_juki.linkage_request (
  processing_number uuid primary key,
  request_id        uuid not null,
  asker             text not null,
  made_for          text not null,
  holder_id         uuid not null references national_juki.code_holder,
  accepted_at       timestamptz not null,
  event_id          uuid not null
);

select audit.declare_fact_table('national_juki.code_holder');
select audit.declare_fact_table('national_juki.replacement');
select audit.declare_fact_table('national_juki.replacement_in_force');
select audit.declare_fact_table('national_juki.record',
  p_stands_in => '{national_juki.record,national_juki.record_history}',
  p_excluded => '{closed_event_id,closed_at}', p_key => '{holder_id,change_id}');
select audit.declare_fact_table('national_juki.linkage_request');

grant select, insert on national_juki.replacement, national_juki.replacement_in_force, national_juki.code_holder, national_juki.linkage_request to {app};
grant select, insert, delete on national_juki.record to {app};
-- A row lock needs the update privilege on a column; the key is one that nothing sets. Records are locked by their holder.
grant update (holder_id) on national_juki.code_holder to {app};
grant select, insert on national_juki.record_history to {app};
