import { keyVersionOf } from '@musubi/contracts/exchange/linkage-life.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import { rootPeer } from '../clients/network.ts';
import type { Deps } from '../deps.ts';
import { codesAfter, type HeldLinkage, linkageOfPerson, lockLinkages } from '../store/linkage-life.ts';
import { replace } from './linkage-life.ts';

const right = ['intermediate-server', 'linkage-upkeep', 'update'] as const;
/** Codes of one call. */
const atOnce = 200;

const nextCodes = look('linkage.next-codes', {
  right,
  run: (tx, _deps: Deps, { after }: { after: string }) => codesAfter(tx, after, atOnce),
});

const takeResealed = act('linkage.take-resealed', {
  right,
  async run(
    tx,
    deps: Deps,
    { pairs }: { pairs: readonly { readonly held: HeldLinkage; readonly code: string }[] },
  ): Promise<Result<number, never>> {
    await lockLinkages(tx);
    const persons: string[] = [];
    for (const { held, code } of pairs) {
      // A notice that came meanwhile was about a newer code: that one stands.
      if ((await linkageOfPerson(tx, held.person))?.code !== held.code) continue;
      await replace(tx, deps, held, code, { why: 'key-rotated', noticeId: null });
      persons.push(held.person);
    }
    tx.record({
      event: 'linkage.codes-resealed',
      subjects: persons,
      facts: persons.length === 0 ? [] : ['intermediate_server.linkage', 'intermediate_server.linkage_ended'],
      detail: { codes: persons.length },
    });
    return ok(persons.length);
  },
});

/**
 * 符号の再封緘: after a rotation of this body's key its codes are sealed anew, a few hundred at a time. A crash between the root process
 * and here is repaired by the next round: the old code is still ours, and gives the same new one. Gives how many were replaced.
 */
export async function resealCodes(deps: Deps, actor: Actor): Promise<number> {
  const root = rootPeer(deps.peers, deps.root);
  const newest = await root.reseal([]);
  if (!newest.ok) return 0;
  const { version } = newest.value;
  let replaced = 0;
  for (let after = ''; ; ) {
    const read = await nextCodes(deps, actor, { after });
    if (!read.ok || read.value.length === 0) return replaced;
    after = read.value.at(-1)!.person;
    const old = read.value.filter(({ code }) => keyVersionOf(code) < version);
    if (old.length === 0) continue;
    const given = await root.reseal(old.map(({ code }) => code));
    if (!given.ok) return replaced;
    const pairs = old.map((held, i) => ({ held, code: given.value.linkageCodes[i]! }));
    const taken = await takeResealed(deps, actor, { pairs });
    if (taken.ok) replaced += taken.value;
  }
}
