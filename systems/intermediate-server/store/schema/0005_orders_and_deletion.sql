-- 一括照会. A row's request id is made with the row: whatever is repeated after a crash is the same inquiry.
create table intermediate_server.inquiry_order (
  order_id          uuid primary key,
  asking_system     text not null,
  asker             jsonb not null,
  procedure         text not null,
  information_code  text not null,
  items             text[] not null,
  condition         jsonb not null,
  provider          text not null,
  persons           integer not null check (persons > 0),
  not_before        date not null,
  digest            bytea not null,
  ordered_at        timestamptz not null,
  event_id          uuid not null
);
create table intermediate_server.inquiry_order_row (
  order_id           uuid not null references intermediate_server.inquiry_order,
  row                integer not null check (row > 0),
  org_person_number  text not null,
  request_id         uuid not null unique,
  event_id           uuid not null,
  primary key (order_id, row)
);
create table intermediate_server.inquiry_order_outcome (
  order_id        uuid not null,
  row             integer not null,
  inquiry_number  uuid references intermediate_server.inquiry,
  refusal         text,
  noted_at        timestamptz not null,
  event_id        uuid not null,
  primary key (order_id, row),
  foreign key (order_id, row) references intermediate_server.inquiry_order_row,
  check (inquiry_number is not null or refusal is not null)
);
grant select, insert on intermediate_server.inquiry_order, intermediate_server.inquiry_order_row,
  intermediate_server.inquiry_order_outcome to {app};

-- 副本の削除: how many went, by what rule or order; who they were of is gone with them.
create table intermediate_server.copy_deletion (
  deletion_id       uuid primary key,
  ground            text not null check (ground in ('term', 'person-deleted')),
  copies            integer not null check (copies > 0),
  pages             integer not null check (pages >= 0),
  deleted_on        date not null,
  event_id          uuid not null
);
grant select, insert on intermediate_server.copy_deletion to {app};

select audit.declare_fact_table('intermediate_server.' || t)
  from unnest('{inquiry_order,inquiry_order_row,inquiry_order_outcome,copy_deletion}'::text[]) as t;
