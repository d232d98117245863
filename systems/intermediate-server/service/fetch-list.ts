import { type PermissionList, permissionList } from '@musubi/contracts/exchange/messages.ts';
import { messageTypes, readSigned } from '@musubi/contracts/exchange/signed.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { networkPeer } from '../clients/network.ts';
import type { Deps } from '../deps.ts';
import { insertList } from '../store/lists.ts';

/** 照合リストの受領: kept once per version. A version that comes again with other rows is refused: the first stays. */
export const takeList = act('list.take', {
  right: ['intermediate-server', 'list', 'update'],
  async run(
    tx,
    deps: Deps,
    { signed }: { signed: string },
  ): Promise<Result<PermissionList, 'bad-signature' | 'version-differs'>> {
    const at = deps.machineClock.now();
    const read = readSigned(signed, messageTypes.permissionList, permissionList, deps.trust, at);
    if (!read.ok || partyId(read.value.signer) !== deps.network) return err('bad-signature');
    const list = read.value.payload;
    const standing = await insertList(tx, list, signed, at);
    if (canonicalJson(standing) !== canonicalJson(list.rows)) return err('version-differs');
    tx.record({
      event: 'list.taken',
      facts: ['intermediate_server.permission_list'],
      detail: { version: list.version, rows: list.rows.length },
    });
    return ok(list);
  },
});

/** Fetches the list of today and keeps it. `unavailable`: the network could not be reached or has none. */
export async function fetchList(
  deps: Deps,
  actor: Actor,
): Promise<Result<PermissionList, 'unavailable' | 'bad-signature' | 'version-differs' | 'not-authorised'>> {
  const fetched = await networkPeer(deps.peers, deps.network).fetchPermissionList(deps.civilClock.today());
  return fetched.ok ? takeList(deps, actor, { signed: fetched.value.list }) : err('unavailable');
}
