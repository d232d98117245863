import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { linkageCodeOf, rootBehind, versionOf } from '../domain/linkage-code.ts';
import { findRotation, noteHolder, noteRotation } from '../store/derivations.ts';
import { holderCheckOf } from './succeed.ts';

/** 団体の鍵の更新: a further version. New codes are made under it at once; those that exist when the body asks for them anew. */
export const rotate = act('linkage.rotate-key', {
  right: ['linkage-root', 'key', 'update'],
  async run(
    tx,
    deps: Deps,
    { requestId, organisation }: { requestId: string; organisation: string },
  ): Promise<Result<{ version: number }, 'unknown-organisation' | 'request-key-reused'>> {
    if (!deps.organisations.has(organisation)) return err('unknown-organisation');
    const before = await findRotation(tx, requestId);
    if (before !== undefined) {
      if (before.organisation !== organisation) return err('request-key-reused');
      tx.record({ event: 'linkage.key-rotated-again', detail: { organisation, keyVersion: before.version } });
      return ok({ version: before.version });
    }
    // A body that has no key yet gets its first one with it.
    await deps.keys.versions(organisation);
    const version = await deps.keys.rotate(organisation);
    await noteRotation(tx, { requestId, organisation, version, at: deps.machineClock.now() });
    tx.record({
      event: 'linkage.key-rotated',
      facts: ['linkage_root.key_rotation'],
      detail: { organisation, keyVersion: version },
    });
    return ok({ version });
  },
});

/** The asking body's own codes under its newest key; from the commit these are what other bodies' codes are turned into. */
export const reseal = act('linkage.reseal', {
  right: ['linkage-root', 'resealing', 'update'],
  async run(
    tx,
    { keys, organisations }: Deps,
    { linkageCodes }: { linkageCodes: readonly string[] },
    actor,
  ): Promise<Result<{ version: number; linkageCodes: string[] }, 'not-your-linkage-code' | 'unknown-organisation'>> {
    if (actor.kind !== 'system' || !organisations.has(actor.organisation)) return err('unknown-organisation');
    const { organisation, system } = actor;
    const digestKey = await keys.pseudonymKey();
    const version = (await keys.versions(organisation)).at(-1)!;
    const newest = (await keys.bodyKey(organisation, version))!;
    const given: string[] = [];
    let resealed = 0;
    for (const code of linkageCodes) {
      const from = versionOf(code);
      const key = from === undefined ? undefined : await keys.bodyKey(organisation, from);
      const root = key && rootBehind(code, organisation, key);
      if (!root?.ok) return err('not-your-linkage-code');
      const check = holderCheckOf(digestKey, organisation, root.value);
      if (await noteHolder(tx, { check, organisation, system, version })) resealed += 1;
      given.push(linkageCodeOf(root.value, organisation, version, newest));
    }
    tx.record({
      event: 'linkage.resealed',
      recipient: `${organisation}/${system}`,
      facts: resealed > 0 ? ['linkage_root.holder'] : [],
      detail: { codes: given.length, keyVersion: version },
    });
    return ok({ version, linkageCodes: given });
  },
});
