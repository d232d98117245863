import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { NoticeChannel } from '../domain/number-rule.ts';

export interface PayerChannel {
  readonly designationNumber: string;
  readonly name: string;
  /** 0 while nothing was noted. */
  readonly version: number;
  readonly channel: NoticeChannel;
  readonly evidence: string | null;
  readonly notedOn: string | null;
}

/** How a payer receives its notices: as noted last, else as data. Undefined where no such payer is known. */
export async function channelOf(tx: Tx, designationNumber: string): Promise<PayerChannel | undefined> {
  const [row] = await tx<PayerChannel>`
    select c.designation_number as "designationNumber", c.name, coalesce(n.version, 0) as version,
           coalesce(n.channel, 'electronic') as channel, n.evidence, n.noted_on::text as "notedOn"
      from resident_tax.special_collector c
      left join lateral (select * from resident_tax.notice_channel x
                          where x.designation_number = c.designation_number order by x.version desc limit 1) n on true
     where c.designation_number = ${designationNumber}`;
  return row;
}

/** @returns whether it was entered: of two clerks at once one is first */
export async function insertChannel(
  tx: Tx,
  row: Pick<PayerChannel, 'designationNumber' | 'version' | 'channel'> & {
    readonly evidence: string;
    readonly by: string;
    readonly on: Temporal.PlainDate;
  },
): Promise<boolean> {
  const added = await tx`
    insert into resident_tax.notice_channel (designation_number, version, channel, evidence, noted_by, noted_on, event_id)
    values (${row.designationNumber}, ${row.version}, ${row.channel}, ${row.evidence}, ${row.by}, ${row.on}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return added.length === 1;
}

/** 個人番号の参照 of these persons, as the register has them now. */
export async function numberRefsOf(tx: Tx, personIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx<{ personId: string; ref: string }>`
    select p.person_id as "personId", s.number_ref as ref
      from resident_tax.person p
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
     where p.person_id = any (${personIds}::uuid[])`;
  return new Map(rows.map(({ personId, ref }) => [personId, ref]));
}
