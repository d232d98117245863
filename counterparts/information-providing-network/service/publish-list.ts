import { type PermissionList, permissionList } from '@musubi/contracts/exchange/messages.ts';
import { messageTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findList, insertList, listOn, type StoredList, signedAfter, versionsOfList } from '../store/lists.ts';

/**
 * 照会許可用照合リストの公表: a version is signed once and stands for ever. Publishing the same again changes nothing;
 * the same version with other rows is refused.
 */
export const publishList = act('list.publish', {
  right: ['information-providing-network', 'list', 'update'],
  async run(
    tx,
    deps: Deps,
    given: PermissionList,
  ): Promise<Result<{ version: string }, 'version-published-otherwise'>> {
    const list = permissionList.parse(given);
    const standing = await findList(tx, list.version);
    if (standing !== undefined) {
      if (canonicalJson(standing.rows) !== canonicalJson(list.rows)) return err('version-published-otherwise');
      tx.record({ event: 'list.already-published', detail: { version: list.version } });
      return ok({ version: list.version });
    }
    await publishInto(tx, deps, list);
    tx.record({
      event: 'list.published',
      facts: ['information_providing_network.list_version'],
      detail: { version: list.version, rows: list.rows.length },
    });
    return ok({ version: list.version });
  },
});

/** Signs a version and keeps it, once. False where the version is there already. */
export async function publishInto(tx: Tx, deps: Pick<Deps, 'identity'>, list: PermissionList): Promise<boolean> {
  if ((await findList(tx, list.version)) !== undefined) return false;
  await insertList(tx, list, signMessage(deps.identity, messageTypes.permissionList, list));
  return true;
}

/** The list that counts on a day, as signed, and the one after it. */
export const readList = look('list.read', {
  right: ['information-providing-network', 'list', 'read'],
  async run(
    tx,
    { lists }: Deps,
    { on }: { on: Temporal.PlainDate },
  ): Promise<{ readonly list: StoredList | undefined; readonly next: string | null }> {
    return { list: await listOn(tx, on, lists), next: (await signedAfter(tx, on)) ?? null };
  },
});

/** Every version with its day, the newest first. */
export const listVersions = look('list.versions', {
  right: ['information-providing-network', 'list', 'read'],
  run: (tx, _deps: Deps, _query: null) => versionsOfList(tx),
});
