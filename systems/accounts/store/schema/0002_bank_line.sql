-- Files that went to a bank over the line, and why a transfer came back. Facts only; nothing older runs beside it.
create table accounts.line_delivery (
  delivery_id uuid primary key,
  kind        text not null check (kind in ('debit', 'transfer')),
  batch_id    uuid not null,
  bank        text not null check (bank ~ '^[0-9]{4}$'),
  answer      text not null check (answer in ('taken', 'repeated', 'refused')),
  rule        text,
  sent_on     date not null,
  sent_by     text not null,
  event_id    uuid not null,
  check ((answer = 'refused') = (rule is not null))
);
create index line_delivery_batch on accounts.line_delivery (batch_id, bank);
alter table accounts.transfer_outcome add reason text;
alter table accounts.transfer_outcome add check (reason is null or outcome = 'returned');

grant select, insert on accounts.line_delivery to {app};
select audit.declare_fact_table('accounts.line_delivery');
