-- 納入内訳: for whom an employer's payment is, where the employer said so; told to the body before the day's file. Facts only.
create table payments.remittance (
  payment_id         uuid primary key references payments.payment,
  body_code          text not null,
  designation_number text not null,
  month              text not null,
  lines              jsonb not null,
  event_id           uuid not null
);
create table payments.remittance_told (
  payment_id uuid primary key references payments.remittance,
  outcome    text not null check (outcome in ('taken', 'repeated', 'refused')),
  told_on    date not null,
  event_id   uuid not null
);
grant select, insert on payments.remittance, payments.remittance_told to {app};
select audit.declare_fact_table('payments.' || t) from unnest('{remittance,remittance_told}'::text[]) as t;
