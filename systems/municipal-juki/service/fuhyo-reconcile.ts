import { fuhyoChanges, fuhyoLoads } from '@musubi/contracts/fuhyo/notices.ts';
import {
  compareFuhyoBuckets,
  type FuhyoDifference,
  finishFuhyoRun,
  maxShown,
  registerFuhyoBuckets,
  registerFuhyoRecords,
  registerFuhyoResult,
  type ShownSupplement,
  startFuhyoRun,
} from '@musubi/contracts/fuhyo/reconciliation.ts';
import { runKey } from '@musubi/contracts/juki/reconciliation.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { CallError, PeerClient } from '@musubi/kernel/http/client.ts';
import type { AnyEndpoint, ParamsOf, RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { codesOnTheirWay } from '../store/fuhyo.ts';
import { underWay } from '../store/reconciliation.ts';
import { Interrupted } from './reconcile.ts';

const right = ['municipal-juki', 'reconciliation', 'update'] as const;
const ground = '住民基本台帳法第30条の41';

interface Shown {
  readonly records: ShownSupplement[];
  readonly leaving: string[];
}

/** Records pass through; what is on its way from here is said beside them. */
const relayRecords = act('municipal-juki.relay-fuhyo-records', {
  right,
  async run(
    tx,
    deps: Deps,
    { runId, records, leaving }: Shown & { readonly runId: string },
  ): Promise<Result<Shown, never>> {
    const receiver = deps.fuhyoLink ?? '';
    const codes = records.map((r) => r.record.residentRecordCode);
    const open = await underWay(tx, { receiver, single: fuhyoChanges.name, bulk: fuhyoLoads.name }, codes);
    tx.record({
      event: 'fuhyo-reconciliation.records-relayed',
      ground,
      subjects: codes,
      recipient: receiver,
      detail: { runId, records: records.length },
    });
    const onTheirWay = await codesOnTheirWay(tx, receiver, fuhyoChanges.name);
    return ok({
      records: records.map((r) => ({ ...r, underWay: r.underWay || open.has(r.record.residentRecordCode) })),
      leaving: [...new Set([...leaving, ...onTheirWay])].slice(0, maxShown),
    });
  },
});

export interface FuhyoReconciled {
  readonly runId: string;
  readonly compared: number;
  readonly underWay: number;
  readonly differences: readonly FuhyoDifference[];
}

/**
 * 附票の整合性確認 from end to end (MCS-F4): register and prefecture are asked in turn. Differences stand at the prefecture when it has
 * ended the run, and then in the register's work list.
 *
 * @throws Interrupted where a step had no good answer; then nothing was reported
 */
export async function reconcileFuhyo(
  peers: Pick<PeerClient, 'call'>,
  deps: Deps,
  actor: Actor,
): Promise<FuhyoReconciled> {
  const ask = async <E extends AnyEndpoint>(endpoint: E, peer: string, body: RequestOf<E>): Promise<ResponseOf<E>> => {
    const answered: Result<ResponseOf<E>, CallError<E>> = await peers.call(endpoint, peer, {} as ParamsOf<E>, body);
    if (!answered.ok) throw new Interrupted(endpoint.id, String(answered.error));
    return answered.value;
  };
  const { municipalityCode, fuhyoLink, residentRegister } = deps;
  if (fuhyoLink === undefined) throw new Interrupted('start', 'no server for supplements is set');
  const runId = deps.newId();
  const secret = Buffer.from(deps.random.bytes(32)).toString('base64url');
  const agreed = await ask(startFuhyoRun, fuhyoLink, { runId, municipalityCode, secret });
  const key = runKey(secret, agreed.secret).toString('base64url');
  const { bits, digests } = await ask(registerFuhyoBuckets, residentRegister, { runId, key });
  const { differing } = await ask(compareFuhyoBuckets, fuhyoLink, { runId, bits, digests });
  const shown = await ask(registerFuhyoRecords, residentRegister, { runId, bits, buckets: differing });
  const relayed = await relayRecords(deps, actor, { runId, ...shown });
  if (!relayed.ok) throw new Interrupted('relay', relayed.error);
  const result = await ask(finishFuhyoRun, fuhyoLink, { runId, ...relayed.value });
  const { compared, differences } = result;
  await ask(registerFuhyoResult, residentRegister, { runId, compared, differences });
  return { runId, ...result };
}
