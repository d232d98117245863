-- 手作業による入力・削除・訂正 (JPS-X11): by a registered procedure, with the values before and after, under a second person, and on
-- a list that somebody signs. The disclosure counter itself stands in the schema of the kernel's module.
create table prefectural_juki.manual_correction (
  correction_id  uuid primary key,
  kind           text not null check (kind in ('enter', 'correct', 'remove')),
  person_id      uuid not null,
  procedure_no   text not null,
  reason         text not null check (reason <> ''),
  document       text not null check (document <> ''),
  -- The version that was looked at; the correction fails where another one stands by then.
  base_change_id uuid,
  before_values  jsonb not null,
  after_values   jsonb not null,
  -- 入力 alone: the number, sealed until it goes to the vault.
  number_sealed  uuid,
  approval_id    uuid not null unique,
  proposed_by    text not null,
  proposed_on    date not null,
  event_id       uuid not null,
  check ((kind = 'enter') = (base_change_id is null))
);
create index manual_correction_person on prefectural_juki.manual_correction (person_id);
create table prefectural_juki.manual_correction_done (
  correction_id uuid primary key references prefectural_juki.manual_correction,
  change_id     uuid not null,
  done_by       text not null,
  done_on       date not null,
  event_id      uuid not null
);
-- 定期的な確認: each correction is looked at again by somebody who neither proposed nor carried it out.
create table prefectural_juki.manual_correction_review (
  correction_id uuid primary key references prefectural_juki.manual_correction_done,
  by_procedure  boolean not null,
  note          text not null,
  reviewed_by   text not null,
  reviewed_on   date not null,
  event_id      uuid not null,
  check (by_procedure or note <> '')
);
select audit.declare_fact_table('prefectural_juki.' || name)
  from unnest(array['manual_correction', 'manual_correction_done', 'manual_correction_review']) as name;
grant select, insert on prefectural_juki.manual_correction, prefectural_juki.manual_correction_done,
  prefectural_juki.manual_correction_review to {app};
