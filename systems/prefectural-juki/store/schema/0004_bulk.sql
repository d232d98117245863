-- 一括提供 by medium (JPS-X2) and 大量出力 (JPS-X12). Facts only; how far an order is follows from its rows. What holds persons lies in
-- the sealed store and is erased when the receiver has confirmed the medium.

-- 依頼文書: what was received in writing. An order stands on exactly one.
create table prefectural_juki.bulk_document (
  document_no    text primary key check (document_no <> ''),
  recipient_name text not null,
  task_code      text not null,
  received_on    date not null,
  purpose        text not null check (purpose <> ''),
  -- How many persons the purpose concerns, as the document says: the approver sees it beside the list's count.
  stated_rows    integer not null check (stated_rows > 0),
  registered_by  text not null,
  registered_at  timestamptz not null,
  event_id       uuid not null
);
create table prefectural_juki.bulk_order (
  order_id       uuid primary key,
  order_no       bigint generated always as identity unique,
  document_no    text not null unique references prefectural_juki.bulk_document,
  task_id        uuid not null,
  task_code      text not null,
  -- The department or agency, by its name in the register of recipients; the medium is lent to this name.
  recipient_name text not null,
  medium_serial  text not null,
  -- Age key of the department as it stood when the order was made: part of what is approved.
  recipient_key  text not null,
  ground         text not null,
  items          text[] not null,
  settle_by_on   date not null,
  requested_by   text not null,
  requested_at   timestamptz not null,
  event_id       uuid not null
);
-- 検索条件のリスト, checked and complete, in parts of one chunk each.
create table prefectural_juki.bulk_list (
  order_id    uuid primary key references prefectural_juki.bulk_order,
  import_id   uuid not null unique,
  sha256      text not null,
  rows        integer not null check (rows > 0),
  approval_id uuid not null unique,
  loaded_by   text not null,
  loaded_at   timestamptz not null,
  terminal_id text not null,
  event_id    uuid not null
);
create table prefectural_juki.bulk_list_part (
  order_id   uuid not null references prefectural_juki.bulk_list,
  part_no    integer not null check (part_no >= 1),
  sealed_ref uuid not null,
  rows       integer not null check (rows > 0),
  event_id   uuid not null,
  primary key (order_id, part_no)
);
create table prefectural_juki.bulk_answer_part (
  order_id   uuid not null,
  part_no    integer not null,
  sealed_ref uuid not null,
  rows       integer not null check (rows > 0),
  given      integer not null check (given between 0 and rows),
  event_id   uuid not null,
  primary key (order_id, part_no),
  foreign key (order_id, part_no) references prefectural_juki.bulk_list_part
);
create table prefectural_juki.bulk_result (
  order_id     uuid primary key references prefectural_juki.bulk_list,
  hand_over_id uuid not null unique,
  sealed_ref   uuid not null,
  sha256       text not null,
  rows         integer not null,
  given        integer not null,
  finished_at  timestamptz not null,
  event_id     uuid not null
);
create table prefectural_juki.bulk_erasure (
  order_id  uuid primary key references prefectural_juki.bulk_order,
  objects   integer not null,
  erased_at timestamptz not null,
  event_id  uuid not null
);

-- 大量出力: an output of more records than the threshold, as it was asked for. The keys may name a person and are sealed.
create table prefectural_juki.mass_output (
  output_id    uuid primary key,
  task         text not null,
  document     text not null,
  keys_ref     uuid not null,
  records      integer not null check (records > 0),
  approval_id  uuid not null unique,
  requested_by text not null,
  requested_at timestamptz not null,
  event_id     uuid not null
);

select audit.declare_fact_table('prefectural_juki.' || name)
  from unnest(array['bulk_document', 'bulk_order', 'bulk_list', 'bulk_list_part', 'bulk_answer_part', 'bulk_result', 'bulk_erasure',
    'mass_output']) as name;
grant select, insert on prefectural_juki.bulk_document, prefectural_juki.bulk_order, prefectural_juki.bulk_list,
  prefectural_juki.bulk_list_part, prefectural_juki.bulk_answer_part, prefectural_juki.bulk_result, prefectural_juki.bulk_erasure,
  prefectural_juki.mass_output to {app};
