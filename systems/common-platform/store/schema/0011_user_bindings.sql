-- 利用者 × 事務: which clerk of a business may ask under which 事務, by day. A business with no row here is bound as a whole only. Old code may
-- run beside it.
create table common_platform.user_binding (
  user_binding_id uuid primary key,
  system          text not null,
  staff_id        text not null,
  code            text not null,
  valid_from      date not null,
  valid_until     date check (valid_until >= valid_from),
  event_id        uuid not null,
  unique (system, staff_id, code, valid_from)
);
grant select, insert on common_platform.user_binding to {app};
select audit.declare_fact_table('common_platform.user_binding');
