import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { linkageCodeOf, pseudonymOf, rootBehind, versionOf } from '../domain/linkage-code.ts';
import { versionHeld } from '../store/derivations.ts';
import { holderCheckOf, successorOf } from './succeed.ts';

export interface Turn {
  readonly from: string;
  readonly to: string;
  readonly linkageCode: string;
  readonly inquiryNumber: string;
}

/** 符号の変換: A's code becomes B's, for one inquiry. The codes pass through and stay nowhere. */
export const turn = act('linkage.turn', {
  right: ['linkage-root', 'turning', 'update'],
  // It reads and records.
  shares: () => true,
  async run(
    tx,
    { keys, organisations }: Deps,
    { from, to, linkageCode, inquiryNumber }: Turn,
  ): Promise<Result<{ linkageCode: string; pseudonym: string }, 'not-your-linkage-code' | 'unknown-organisation'>> {
    if (!organisations.has(from) || !organisations.has(to)) return err('unknown-organisation');
    const version = versionOf(linkageCode);
    const key = version === undefined ? undefined : await keys.bodyKey(from, version);
    if (key === undefined) return err('not-your-linkage-code');
    const held = rootBehind(linkageCode, from, key);
    if (!held.ok) return held;
    const digestKey = await keys.pseudonymKey();
    // Almost nobody has a successor: both are asked at once.
    const [root, direct] = await Promise.all([
      successorOf(tx, digestKey, held.value),
      versionHeld(tx, holderCheckOf(digestKey, to, held.value)),
    ]);

    const known = root.equals(held.value) ? direct : await versionHeld(tx, holderCheckOf(digestKey, to, root));
    const theirs = known ?? (await keys.versions(to)).at(-1)!;
    tx.record({ event: 'linkage.turned', recipient: to, detail: { from, inquiryNumber, keyVersion: theirs } });
    return ok({
      linkageCode: linkageCodeOf(root, to, theirs, (await keys.bodyKey(to, theirs))!),
      pseudonym: pseudonymOf(digestKey, root),
    });
  },
});
