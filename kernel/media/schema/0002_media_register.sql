-- 磁気ディスク管理簿 and what stands beside it: registered media with their steps, lendings, output records, the keys of receivers, keys of our
-- own for what comes in, stock-takings, and where papers and boxes are. Facts only: where a medium is follows from its last step.
-- Old code beside it: yes; hand-overs without a medium stay as they are.

-- The receiver's age key as its office registered it; the newest row stands. A public key.
create table media.receiver_key (
  key_no         bigint generated always as identity primary key,
  receiver       text not null check (length(receiver) between 1 and 130),
  recipient_key  text not null check (recipient_key ~ '^age1[a-z0-9]+$' and length(recipient_key) between 40 and 4000),
  -- 鍵の登録書: number of the paper by which the office gave its key.
  document       text not null check (document <> ''),
  registered_by  text not null,
  registered_at  timestamptz not null,
  event_id       uuid not null
);
create index receiver_key_of on media.receiver_key (receiver, key_no desc);

-- Our own age identities: what comes in is encrypted to the newest of them. The secret lies in the sealed store.
create table media.receiving_key (
  key_id        uuid primary key,
  recipient     text not null unique,
  secret_ref    uuid not null,
  made_by       text not null,
  made_at       timestamptz not null,
  event_id      uuid not null
);

create table media.medium (
  medium_id      uuid primary key,
  serial         text not null unique check (serial ~ '^[A-Z0-9][A-Z0-9-]{2,39}$'),
  kind           text not null check (kind in ('designated-dvd-rw', 'magnetic-disk', 'other')),
  registered_by  text not null,
  registered_at  timestamptz not null,
  registered_on  date not null,
  event_id       uuid not null
);

-- 貸出しの申請; it takes effect by the step 'lent', under the approval.
create table media.lending (
  lending_id    uuid primary key,
  medium_id     uuid not null references media.medium,
  department    text not null check (length(department) between 1 and 130),
  purpose       text not null check (purpose <> ''),
  document      text not null check (document <> ''),
  due_on        date not null,
  approval_id   uuid not null unique,
  requested_by  text not null,
  requested_at  timestamptz not null,
  event_id      uuid not null
);

create table media.medium_step (
  medium_id   uuid not null references media.medium,
  step_no     integer not null check (step_no >= 1),
  step        text not null check (step in ('registered', 'lent', 'loaded', 'written', 'handed-over', 'received', 'erased', 'returned',
                'collected', 'missing', 'found', 'destroyed', 'moved')),
  state       text not null check (state in ('in-store', 'lent', 'loaded', 'written', 'handed-over', 'received', 'erased', 'to-erase',
                'missing', 'destroyed')),
  -- Where it is: a shelf of the house, or the department.
  place       text not null check (place <> ''),
  lending_id  uuid references media.lending,
  by_staff    text not null,
  at          timestamptz not null,
  civil_on    date not null,
  detail      jsonb not null,
  event_id    uuid not null,
  primary key (medium_id, step_no),
  -- Never back from the shredder, whatever a program believes.
  check (state <> 'destroyed' or step = 'destroyed'),
  -- Destruction names who did it and who saw it, and these are two people.
  check (step <> 'destroyed' or (detail ->> 'witness' <> '' and detail ->> 'witness' <> detail ->> 'person'))
);
create index medium_step_state on media.medium_step (state, civil_on);

-- One row a writing: which medium, which file, how many records (出力記録).
create table media.output (
  output_id     uuid primary key,
  hand_over_id  uuid not null unique references media.hand_over,
  medium_id     uuid not null references media.medium,
  lending_id    uuid not null references media.lending,
  department    text not null,
  sha256        text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes         bigint not null check (bytes > 0),
  records       integer not null check (records >= 0),
  terminal      text not null,
  written_by    text not null,
  written_at    timestamptz not null,
  event_id      uuid not null
);

-- What came in on a medium: each container once, by its digest.
create table media.import (
  import_id    uuid primary key,
  sha256       text not null unique check (sha256 ~ '^[0-9a-f]{64}$'),
  medium_id    uuid references media.medium,
  department   text not null,
  bytes        bigint not null,
  imported_by  text not null,
  imported_at  timestamptz not null,
  event_id     uuid not null
);

-- 在庫照合, one a week. What should lie there is written down when it begins.
create table media.stock_taking (
  taking_id  uuid primary key,
  week_on    date not null unique check (extract(isodow from week_on) = 1),
  opened_by  text not null,
  opened_at  timestamptz not null,
  opened_on  date not null,
  event_id   uuid not null
);
create table media.stock_expected (
  taking_id  uuid not null references media.stock_taking,
  serial     text not null,
  place      text not null,
  event_id   uuid not null,
  primary key (taking_id, serial)
);
create table media.stock_counted (
  taking_id   uuid not null references media.stock_taking,
  serial      text not null,
  counted_by  text not null,
  counted_at  timestamptz not null,
  event_id    uuid not null,
  primary key (taking_id, serial)
);
create table media.stock_explanation (
  taking_id     uuid not null references media.stock_taking,
  serial        text not null,
  explanation   text not null check (explanation <> ''),
  explained_by  text not null,
  explained_at  timestamptz not null,
  event_id      uuid not null,
  primary key (taking_id, serial)
);
create table media.stock_closing (
  taking_id    uuid primary key references media.stock_taking,
  expected     integer not null,
  counted      integer not null,
  differences  integer not null,
  closed_by    text not null,
  closed_at    timestamptz not null,
  closed_on    date not null,
  event_id     uuid not null
);

-- 所在管理簿: papers, forms, binders and boxes. A place is a row; nothing is anywhere without one.
create table media.paper (
  paper_id       uuid primary key,
  number         text not null unique check (number ~ '^[A-Z0-9][A-Z0-9-]{2,39}$'),
  kind           text not null check (kind in ('document', 'form', 'binder', 'box')),
  title          text not null check (title <> ''),
  keep_until     date not null,
  registered_by  text not null,
  registered_at  timestamptz not null,
  event_id       uuid not null
);
create table media.paper_move (
  paper_id  uuid not null references media.paper,
  move_no   integer not null check (move_no >= 1),
  state     text not null check (state in ('kept', 'out', 'missing', 'destroyed')),
  place     text not null check (place <> ''),
  holder    text not null check (holder <> ''),
  due_on    date,
  reason    text not null check (reason <> ''),
  by_staff  text not null,
  at        timestamptz not null,
  civil_on  date not null,
  event_id  uuid not null,
  primary key (paper_id, move_no),
  check ((state = 'out') = (due_on is not null))
);

-- Reminders that were sent: one a day and lending, so that a repeated run reminds nobody twice.
create table media.reminder (
  medium_id    uuid not null references media.medium,
  reminded_on  date not null,
  event_id     uuid not null,
  primary key (medium_id, reminded_on)
);

-- Copies outside the schedule, each under a ticket: approved, made once, closed by a work report.
create table media.copy_ticket (
  ticket_id      uuid primary key,
  reason         text not null check (reason <> ''),
  from_place     text not null,
  to_place       text not null,
  recipient_key  text not null check (recipient_key ~ '^age1[a-z0-9]+$'),
  due_on         date not null,
  approval_id    uuid not null unique,
  requested_by   text not null,
  requested_at   timestamptz not null,
  event_id       uuid not null
);
create table media.copy_made (
  ticket_id  uuid primary key references media.copy_ticket,
  sha256     text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes      bigint not null,
  made_by    text not null,
  made_at    timestamptz not null,
  event_id   uuid not null
);
create table media.copy_closing (
  ticket_id  uuid primary key references media.copy_made,
  report     text not null check (report <> ''),
  closed_by  text not null,
  closed_at  timestamptz not null,
  event_id   uuid not null
);

-- A hand-over may go to an office that has no system of its own.
alter table media.hand_over drop constraint hand_over_receiver_check;
alter table media.hand_over add constraint hand_over_receiver_check check (length(receiver) between 1 and 130);

create function media.current_medium() returns table (
  medium_id uuid, serial text, kind text, registered_on date, step_no integer, state text, place text, lending_id uuid, department text,
  purpose text, due_on date, since date, by_staff text
) language sql stable security definer set search_path = media, pg_temp as $$
  select m.medium_id, m.serial, m.kind, m.registered_on, s.step_no, s.state, s.place,
         l.lending_id, l.department, l.purpose, l.due_on, s.civil_on, s.by_staff
    from media.medium m
    join lateral (select * from media.medium_step x where x.medium_id = m.medium_id order by x.step_no desc limit 1) s on true
    left join media.lending l on l.lending_id = s.lending_id
$$;
revoke all on function media.current_medium() from public;
grant execute on function media.current_medium() to {app};

grant select, insert on media.receiver_key, media.receiving_key, media.medium, media.lending, media.medium_step, media.output, media.import,
  media.stock_taking, media.stock_expected, media.stock_counted, media.stock_explanation, media.stock_closing,
  media.paper, media.paper_move, media.reminder, media.copy_ticket, media.copy_made, media.copy_closing to {app};

-- The log ties each of these rows to its event and looks them up by it.
do $$
declare v_table text;
begin
  foreach v_table in array array['hand_over', 'file', 'step', 'receiver_key', 'receiving_key', 'medium', 'lending', 'medium_step', 'output',
    'import', 'stock_taking', 'stock_expected', 'stock_counted', 'stock_explanation', 'stock_closing', 'paper', 'paper_move', 'reminder',
    'copy_ticket', 'copy_made', 'copy_closing']
  loop
    execute format('create index %I on media.%I (event_id)', v_table || '_event', v_table);
  end loop;
end $$;
