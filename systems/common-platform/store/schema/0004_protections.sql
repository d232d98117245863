-- 支援措置 reaches every system that prints an address, and that it did can be shown. One row per change and receiver; whether the
-- receiver has applied it is the outcome of the stream's message, read from there.
create table common_platform.protection_notice (
  notice_id    uuid primary key,
  person_id    uuid not null references common_platform.person,
  change_id    uuid not null,
  is_protected boolean not null,
  receiver     text not null,
  message_id   uuid not null,
  noticed_on   date not null,
  noticed_at   timestamptz not null,
  event_id     uuid not null,
  unique (change_id, receiver)
);
create index protection_notice_person on common_platform.protection_notice (person_id, noticed_at);
create index protection_notice_message on common_platform.protection_notice (message_id);

-- Receivers that did not take a change in time: told once to those who answer for 支援措置.
create table common_platform.protection_overdue (
  notice_id  uuid primary key references common_platform.protection_notice,
  found_at   timestamptz not null,
  event_id   uuid not null
);

-- A receiver compares its own set of protected persons with ours, by digest.
create table common_platform.protection_comparison (
  comparison_id uuid primary key,
  system        text not null,
  told          integer not null,
  ours          integer not null,
  equal         boolean not null,
  compared_on   date not null,
  compared_at   timestamptz not null,
  event_id      uuid not null
);
create index protection_comparison_system on common_platform.protection_comparison (system, compared_at);

create view common_platform.protection_state as
  select n.notice_id, n.person_id, n.is_protected, n.receiver, n.noticed_on, n.noticed_at,
         o.state as message_state, case when o.state = 'applied' then o.settled_at end as acknowledged_at,
         exists (select 1 from common_platform.protection_overdue x where x.notice_id = n.notice_id) as overdue_told
    from common_platform.protection_notice n left join streams.outgoing o on o.message_id = n.message_id;

grant select, insert on common_platform.protection_notice, common_platform.protection_overdue,
  common_platform.protection_comparison to {app};
grant select on common_platform.protection_state to {app};
select audit.declare_fact_table('common_platform.' || t)
  from unnest('{protection_notice,protection_overdue,protection_comparison}'::text[]) as t;
