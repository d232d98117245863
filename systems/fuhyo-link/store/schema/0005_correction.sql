-- 手作業による入力・削除・訂正 (FPS-X9): by a registered procedure, with the values before and after, under a second person, and looked
-- at again by somebody else. No column holds an Individual Number.
create table fuhyo_link.manual_correction (
  correction_id  uuid primary key,
  kind           text not null check (kind in ('enter', 'correct', 'remove')),
  supplement_id  uuid not null,
  procedure_no   text not null,
  reason         text not null check (reason <> ''),
  document       text not null check (document <> ''),
  -- The version that was looked at; the correction fails where another one stands by then.
  base_change_id uuid,
  before_values  jsonb not null,
  after_values   jsonb not null,
  approval_id    uuid not null unique,
  proposed_by    text not null,
  proposed_on    date not null,
  event_id       uuid not null,
  check ((kind = 'enter') = (base_change_id is null))
);
create index manual_correction_supplement on fuhyo_link.manual_correction (supplement_id);
create table fuhyo_link.manual_correction_done (
  correction_id uuid primary key references fuhyo_link.manual_correction,
  change_id     uuid not null,
  done_by       text not null,
  done_on       date not null,
  event_id      uuid not null
);
create table fuhyo_link.manual_correction_review (
  correction_id uuid primary key references fuhyo_link.manual_correction_done,
  by_procedure  boolean not null,
  note          text not null,
  reviewed_by   text not null,
  reviewed_on   date not null,
  event_id      uuid not null,
  check (by_procedure or note <> '')
);
select audit.declare_fact_table('fuhyo_link.' || name)
  from unnest(array['manual_correction', 'manual_correction_done', 'manual_correction_review']) as name;
grant select, insert on fuhyo_link.manual_correction, fuhyo_link.manual_correction_done, fuhyo_link.manual_correction_review to {app};
