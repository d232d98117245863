import { act } from '@musubi/kernel/db/act.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import { type ErasureDeps, orderErasure } from '@musubi/kernel/vault/sealed/erasure.ts';
import type { Deps } from '../deps.ts';
import { insertErasure, receptionsOver } from '../store/retention.ts';

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
    const due = await receptionsOver(tx, today.subtract({ days: keepDays }), 100);
    for (const { id, refs } of due) {
      for (const ref of refs) await orderErasure(tx, deps, `object:${ref}`, 'eltax/content-kept-until');
      await insertErasure(tx, id, today);
    }
    tx.record({
      event: 'contents.erasure-ordered',
      ...(due.length > 0 ? { facts: ['eltax.content_erasure'] } : {}),
      detail: { receptions: due.length },
    });
    return ok({ receptions: due.length });
  },
});
