-- A row of an order that was refused for a time alone (maintenance, another version of the list) is asked anew, as an inquiry of its own.
create table intermediate_server.inquiry_order_again (
  order_id    uuid not null,
  row         integer not null,
  request_id  uuid not null primary key,
  refusal     text not null,
  noted_at    timestamptz not null,
  event_id    uuid not null,
  foreign key (order_id, row) references intermediate_server.inquiry_order_row
);
create index inquiry_order_again_row on intermediate_server.inquiry_order_again (order_id, row, noted_at desc);
grant select, insert on intermediate_server.inquiry_order_again to {app};
-- Days on which the network said which version of the list counts: a list that nobody confirmed for long is stale.
create table intermediate_server.list_confirmed (
  on_date       date primary key,
  version       text not null references intermediate_server.permission_list,
  confirmed_at  timestamptz not null,
  event_id      uuid not null
);
grant select, insert on intermediate_server.list_confirmed to {app};

select audit.declare_fact_table('intermediate_server.' || t) from unnest('{inquiry_order_again,list_confirmed}'::text[]) as t;
