import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Row } from '@musubi/kernel/euc/source.ts';

/** Every person as known now, in blocks. A protected address is not in it, whoever asks. */
export const personRows = (tx: Tx): AsyncIterable<Row[]> =>
  tx.cursor<Row>(2_000)`
    select p.person_id::text as "_person", p.org_person_number as number, d.name, d.name_kana as kana,
           d.birth_on::text as born, d.sex, case when d.address_protected then null else d.address end as address,
           case when d.address_protected then null else d.postal_code end as postal, d.status,
           d.municipality_code as municipality, d.household_number as household, d.relationship,
           d.became_resident_on::text as became, d.removed_on::text as removed, d.changed_on::text as changed,
           d.source, coalesce(l.state, 'none') as linkage
      from common_platform.particulars d join common_platform.person p using (person_id)
           left join common_platform.linkage l using (person_id)
     order by p.org_person_number`;

/** What was relayed, without persons: for statistics of use. */
export const inquiryRows = (tx: Tx): AsyncIterable<Row[]> =>
  tx.cursor<Row>(2_000)`
    select i.system, i.procedure, i.information_code as information, i.provider, i.asked_on::text as asked,
           coalesce(a.result, a.refusal, 'open') as outcome
      from common_platform.relayed_inquiry i
           left join lateral (select result, refusal from common_platform.relayed_answer x
                               where x.request_id = i.request_id order by x.answered_at desc limit 1) a on true
     order by i.asked_at`;
