-- 更新案内の締め: somebody states that nobody whose term ends in the month was left without a guide or a stated exclusion.
create table child_chronic.renewal_closing (
  closing_id uuid primary key,
  month      text not null check (month ~ '^[0-9]{4}-[0-9]{2}$'),
  guided     integer not null check (guided >= 0),
  excluded   integer not null check (excluded >= 0),
  closed_by  text not null,
  closed_on  date not null,
  event_id   uuid not null
);
create index on child_chronic.renewal_closing (month);

grant select, insert on child_chronic.renewal_closing to {app};
select audit.declare_fact_table('child_chronic.renewal_closing');
