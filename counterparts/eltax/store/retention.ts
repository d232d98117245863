import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface OldReception {
  readonly id: string;
  /** Its manifest, its file and its packages in the sealed store. */
  readonly refs: readonly string[];
}

/** Receptions from before `day` whose packages all have an outcome, oldest first, not yet ordered to be erased. */
export async function receptionsOver(tx: Tx, day: Temporal.PlainDate, limit: number): Promise<OldReception[]> {
  return tx<OldReception>`
    select r.reception_id as id,
           array[r.manifest_ref, r.file_ref]
             || array(select d.file_ref from eltax.delivery d where d.reception_id = r.reception_id) as refs
      from eltax.reception r join eltax.examination e using (reception_id)
     where r.received_on < ${day}
       and not exists (select from eltax.content_erasure c where c.reception_id = r.reception_id)
       and not exists (select from eltax.delivery d left join eltax.delivery_outcome o using (delivery_id)
                        where d.reception_id = r.reception_id and o.delivery_id is null)
     order by r.received_on, r.reception_id limit ${limit}`;
}

export async function insertErasure(tx: Tx, receptionId: string, on: Temporal.PlainDate): Promise<void> {
  await tx`
    insert into eltax.content_erasure (reception_id, ordered_on, event_id) values (${receptionId}, ${on}, ${tx.eventId})`;
}
