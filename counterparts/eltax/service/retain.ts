import { act } from '@musubi/kernel/db/act.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import { type ErasureDeps, orderErasure } from '@musubi/kernel/vault/sealed/erasure.ts';
import type { Deps } from '../deps.ts';

/**
 * Orders the erasure of manifests, files and packages of receptions that are examined, delivered to the end (or returned) and
 * older than `keepDays`. What a municipality has not taken in is kept, whatever its age. The rows stay: they are the evidence.
 *
 * @returns receptions of this run, at most 100
 */
export const eraseOldContents = act('eltax.erase-contents', {
  right: ['eltax', 'retention', 'update'],
  async run(tx, deps: Deps & Pick<ErasureDeps, 'keyStore'>, { keepDays }: { keepDays: number }) {
    const today = deps.civilClock.today();
    const due = await tx<{ id: string; refs: string[] }>`
      select r.reception_id as id,
             array[r.manifest_ref, r.file_ref] || array(select d.file_ref from eltax.delivery d where d.reception_id = r.reception_id) as refs
        from eltax.reception r join eltax.examination e using (reception_id)
       where r.received_on < ${today.subtract({ days: keepDays })}
         and not exists (select from eltax.content_erasure c where c.reception_id = r.reception_id)
         and not exists (select from eltax.delivery d left join eltax.delivery_outcome o using (delivery_id)
                          where d.reception_id = r.reception_id and o.delivery_id is null)
       order by r.received_on, r.reception_id limit 100`;
    for (const { id, refs } of due) {
      for (const ref of refs) await orderErasure(tx, deps, `object:${ref}`, 'eltax/content-kept-until');
      await tx`insert into eltax.content_erasure (reception_id, ordered_on, event_id) values (${id}, ${today}, ${tx.eventId})`;
    }
    tx.record({
      event: 'contents.erasure-ordered',
      ...(due.length > 0 ? { facts: ['eltax.content_erasure'] } : {}),
      detail: { receptions: due.length },
    });
    return ok({ receptions: due.length });
  },
});
