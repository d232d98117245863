-- 送達日: the day on which a notice was served, as a clerk recorded it by the dispatch record or the receipt; the newest entry counts. What
-- was declared after that day is partly left out (地方税法 第313条第13項, 第15項). Facts only. Older code beside it knows no such day.
create table resident_tax.notice_service (
  service_id  uuid primary key,
  document_id text references resident_tax.document,
  notice_id   uuid references resident_tax.special_notice,
  served_on   date not null,
  evidence    text not null check (evidence <> ''),
  noted_by    text not null,
  noted_on    date not null check (noted_on >= served_on),
  noted_at    timestamptz not null,
  event_id    uuid not null,
  check ((document_id is null) <> (notice_id is null))
);
create index on resident_tax.notice_service (document_id, noted_at desc);
create index on resident_tax.notice_service (notice_id, noted_at desc);

-- Every notice of a person's year with the day of its service. `returned`: it came back and was served in no other way: it serves nobody.
create view resident_tax.service_day as
  select d.person_id, d.fiscal_year, d.document_id, null::uuid as notice_id, d.issued_on,
         case when b.back then b.served_on else coalesce(b.again_on, s.served_on) end as served_on,
         b.back and b.served_on is null as returned
    from resident_tax.document d
    cross join lateral (
      select coalesce(bool_or(x.return_id is null), false) as back, max(x.delivered_on) as again_on,
             min(g.served_on) filter (where x.return_id is null) as served_on
        from resident_tax.returned_mail r
        left join resident_tax.redelivery x using (return_id)
        left join resident_tax.public_notice n using (return_id)
        left join resident_tax.public_notice_posted g using (publication_id)
       where r.document_id = d.document_id) b
    left join lateral (select v.served_on from resident_tax.notice_service v
                        where v.document_id = d.document_id order by v.noted_at desc limit 1) s on true
   where d.reduction_id is null
  union all
  select p.person_id, n.fiscal_year, null, n.notice_id, n.issued_on, s.served_on, false
    from resident_tax.special_notice_person p
    join resident_tax.special_notice n using (notice_id)
    left join lateral (select v.served_on from resident_tax.notice_service v
                        where v.notice_id = n.notice_id order by v.noted_at desc limit 1) s on true
   where not resident_tax.is_withdrawn(n.notice_id);
grant select on resident_tax.service_day to {app};

select audit.declare_fact_table('resident_tax.notice_service');
grant select, insert on resident_tax.notice_service to {app};
