-- お知らせ (IMS-F12): what the body has to say to a person at the portal. The content is an object of the sealed store; it is erased when its
-- days are over, and what became of the notice stays.
create table intermediate_server.person_notice (
  notice_id          uuid primary key,
  system             text not null,
  org_person_number  text not null,
  digest             bytea not null check (length(digest) = 32),
  content            uuid not null,
  open_from          date not null,
  open_until         date not null check (open_from <= open_until),
  lodged_at          timestamptz not null,
  event_id           uuid not null
);
create index person_notice_person on intermediate_server.person_notice (org_person_number, open_until);
create table intermediate_server.notice_delivered (
  notice_id     uuid primary key references intermediate_server.person_notice,
  request_id    uuid not null,
  delivered_at  timestamptz not null,
  event_id      uuid not null
);
create table intermediate_server.notice_opened (
  notice_id  uuid primary key references intermediate_server.notice_delivered,
  opened_at  timestamptz not null,
  event_id   uuid not null
);
create table intermediate_server.notice_erased (
  notice_id  uuid primary key references intermediate_server.person_notice,
  erased_on  date not null,
  event_id   uuid not null
);
grant select, insert on intermediate_server.person_notice, intermediate_server.notice_delivered, intermediate_server.notice_opened,
  intermediate_server.notice_erased to {app};
select audit.declare_fact_table('intermediate_server.' || t)
  from unnest('{person_notice,notice_delivered,notice_opened,notice_erased}'::text[]) as t;
