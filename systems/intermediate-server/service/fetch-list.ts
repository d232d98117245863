import { type PermissionList, permissionList } from '@musubi/contracts/exchange/messages.ts';
import { messageTypes, readSigned } from '@musubi/contracts/exchange/signed.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { networkPeer } from '../clients/network.ts';
import type { Deps } from '../deps.ts';
import { isConfirmed, isStale } from '../network-state.ts';
import { insertConfirmed, insertList, lastConfirmed } from '../store/lists.ts';

/** 照合リストの受領: kept once per version. A version that comes again with other rows is refused: the first stays. */
export const takeList = act('list.take', {
  right: ['intermediate-server', 'list', 'update'],
  async run(
    tx,
    deps: Deps,
    { signed, confirms }: { signed: string; confirms?: Temporal.PlainDate },
  ): Promise<Result<PermissionList, 'bad-signature' | 'version-differs'>> {
    const at = deps.machineClock.now();
    const read = readSigned(signed, messageTypes.permissionList, permissionList, deps.trust, at);
    if (!read.ok || partyId(read.value.signer) !== deps.network) return err('bad-signature');
    const list = read.value.payload;
    const standing = await insertList(tx, list, signed, at);
    if (canonicalJson(standing) !== canonicalJson(list.rows)) return err('version-differs');
    const isNewDay = confirms !== undefined && (await insertConfirmed(tx, list.version, confirms, at));
    tx.record({
      event: 'list.taken',
      facts: ['intermediate_server.permission_list', ...(isNewDay ? ['intermediate_server.list_confirmed'] : [])],
      detail: { version: list.version, rows: list.rows.length },
    });
    return ok(list);
  },
});

/**
 * Fetches the list of today, and the version that is published for a later day: that one counts on its day by itself.
 * `unavailable`: the network could not be reached or has none.
 */
export async function fetchList(
  deps: Deps,
  actor: Actor,
): Promise<Result<PermissionList, 'unavailable' | 'bad-signature' | 'version-differs' | 'not-authorised'>> {
  const today = deps.civilClock.today();
  const fetched = await networkPeer(deps.peers, deps.network).fetchPermissionList(today);
  if (!fetched.ok) return err('unavailable');
  const { list, next = null } = fetched.value;
  const taken = await takeList(deps, actor, { signed: list, confirms: today });
  if (!taken.ok) return taken;
  if (next !== null) {
    const ahead = await takeList(deps, actor, { signed: next });
    if (!ahead.ok) return ahead;
  }
  deps.heard.listConfirmedOn = today.toString();
  return taken;
}

const listJob: Actor = { kind: 'job', name: 'permission-list' };
const readConfirmed = look('list.read-confirmed', {
  right: ['intermediate-server', 'list', 'update'],
  run: (tx, deps: Deps, _query: null) => lastConfirmed(tx, deps.civilClock.today()),
});

/** Whether the list may be gone by now. Asks the network first where it has not said so today; two at once ask twice, to no harm. */
export async function isListStale(deps: Deps): Promise<boolean> {
  const today = deps.civilClock.today();
  if (isConfirmed(deps.heard, today)) return false;
  const fetched = await fetchList(deps, listJob);
  // A list that was refused is for the alarm; ours goes on to count, and the rows on it decide.
  if (!fetched.ok && fetched.error !== 'unavailable') return false;
  if (fetched.ok) return false;
  if (deps.heard.listConfirmedOn === undefined) {
    const last = await readConfirmed(deps, listJob, null);
    if (last.ok) deps.heard.listConfirmedOn = last.value;
  }
  return isStale(deps.heard, today);
}

/** For the loop: what the network has announced. Silence leaves what was heard before. */
export async function hearWindows(deps: Deps): Promise<boolean> {
  const told = await networkPeer(deps.peers, deps.network).announcedWindows();
  if (told.ok) deps.heard.windows = told.value.windows;
  return told.ok;
}
