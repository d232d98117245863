import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import { orderErasure } from '@musubi/kernel/vault/sealed/erasure.ts';
import { type SealedId, unitOf } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps } from '../deps.ts';
import {
  type DeletableCopy,
  deleteRows,
  expiredCopies,
  insertDeletion,
  keyOfPage,
  lockPages,
  moveCopy,
  personsCopies,
  survivorsOn,
} from '../store/copies.ts';
import { openPage, pageKeyObject, sealAnew } from './copy-pages.ts';

/** Copies deleted in one act. */
const atOnce = 500;

/**
 * Deletes copies so that no dump of this database ever opens them: the keys of their pages are erased in the key store, and what else
 * stands on those pages is first sealed under new ones. The log keeps the digests, and that they went by this event.
 */
async function deleteCopies(
  tx: Tx,
  deps: Deps,
  copies: readonly DeletableCopy[],
  ground: 'term' | 'person-deleted',
): Promise<readonly string[]> {
  const pages = [...new Set(copies.flatMap(({ pageId }) => pageId ?? []))].sort();
  await lockPages(tx, pages);
  await deleteRows(tx, copies);
  const survivors = await survivorsOn(tx, pages);
  const page = survivors.length > 0 ? await openPage(tx, deps) : undefined;
  if (page !== undefined)
    for (const copy of survivors) await moveCopy(tx, copy.copyNo, page.pageId, await sealAnew(tx, deps, copy, page));
  for (const pageId of pages) {
    await orderErasure(tx, deps, unitOf((await keyOfPage(tx, pageId)) as SealedId, pageKeyObject), 'copy-deleted');
    deps.pageKeys.delete(pageId);
  }
  await insertDeletion(tx, {
    deletionId: deps.newId(),
    ground,
    copies: copies.length,
    pages: pages.length,
    on: deps.civilClock.today(),
  });
  return ['intermediate_server.copy_deletion', ...(page === undefined ? [] : ['intermediate_server.copy_page'])];
}

/** All copies of a person whom the body has deleted; inside the act that ends the person's code. */
export async function deleteCopiesOf(tx: Tx, deps: Deps, person: string): Promise<readonly string[]> {
  const copies = await personsCopies(tx, person);
  return copies.length === 0 ? [] : deleteCopies(tx, deps, copies, 'person-deleted');
}

/** 保存期間の満了による副本の削除, a few hundred an act. Gives how many went; 0 where nothing is over any more. */
export const deleteExpiredCopies = act('retention.delete-copies', {
  right: ['intermediate-server', 'retention', 'update'],
  async run(tx, deps: Deps, _command: null): Promise<Result<number, never>> {
    const before = deps.civilClock.today().subtract({ years: deps.copyYears });
    const copies = await expiredCopies(tx, before, atOnce);
    const facts = copies.length === 0 ? [] : await deleteCopies(tx, deps, copies, 'term');
    tx.record({ event: 'retention.copies-deleted', facts, detail: { copies: copies.length } });
    return ok(copies.length);
  },
});

export async function runCopyRetention(deps: Deps, actor: Actor): Promise<number> {
  for (let all = 0; ; ) {
    const done = await deleteExpiredCopies(deps, actor, null);
    if (!done.ok) throw new Error(`the deletion of copies was refused: ${done.error}`);
    if (done.value === 0) return all;
    all += done.value;
  }
}
