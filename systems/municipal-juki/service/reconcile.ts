import { residentChanges, residentLoads } from '@musubi/contracts/juki/notices.ts';
import {
  compareBuckets,
  compareEntries,
  compareRecords,
  type Difference,
  finishRun,
  maxRecords,
  registerBuckets,
  registerEntries,
  registerRecords,
  runKey,
  type Scope,
  type ShownRecord,
  startRun,
} from '@musubi/contracts/juki/reconciliation.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { CallError, PeerClient } from '@musubi/kernel/http/client.ts';
import type { AnyEndpoint, ParamsOf, RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { insertResult, insertRun, type RunResult, underWay } from '../store/reconciliation.ts';

const right = ['municipal-juki', 'reconciliation', 'update'] as const;
const ground = '住民基本台帳法第30条の6・第30条の22';

const noteStart = act('municipal-juki.start-reconciliation', {
  right,
  async run(
    tx,
    deps: Deps,
    { runId, scope }: { readonly runId: string; readonly scope: Scope },
    actor,
  ): Promise<Result<undefined, never>> {
    const by = actor.kind === 'staff' ? actor.staffId : actor.kind;
    await insertRun(tx, { runId, scope, by, startedOn: deps.civilClock.today() }, deps.machineClock.now());
    tx.record({
      event: 'reconciliation.started',
      ground,
      facts: ['municipal_juki.reconciliation_run'],
      recipient: deps.prefecturalJuki,
      detail: { runId, scope },
    });
    return ok(undefined);
  },
});

/** Records pass through; what is on its way from here is said beside them. */
const relayRecords = act('municipal-juki.relay-records', {
  right,
  async run(
    tx,
    deps: Deps,
    { runId, records }: { readonly runId: string; readonly records: readonly ShownRecord[] },
  ): Promise<Result<ShownRecord[], never>> {
    const codes = records.flatMap((r) => r.record?.residentRecordCode ?? []);
    const families = { single: residentChanges.name, bulk: residentLoads.name };
    const open = await underWay(tx, { receiver: deps.prefecturalJuki, ...families }, codes);
    tx.record({
      event: 'reconciliation.records-relayed',
      ground,
      subjects: codes,
      recipient: deps.prefecturalJuki,
      detail: { runId, records: records.length },
    });
    return ok(
      records.map((r) => ({
        ...r,
        underWay: r.underWay || (r.record !== null && open.has(r.record.residentRecordCode)),
      })),
    );
  },
});

const noteResult = act('municipal-juki.finish-reconciliation', {
  right,
  async run(
    tx,
    deps: Deps,
    command: RunResult & { readonly runId: string; readonly differences: readonly Difference[] },
  ): Promise<Result<undefined, never>> {
    const { runId, differences, ...result } = command;
    await insertResult(tx, runId, result, differences, deps.machineClock.now());
    tx.record({
      event: 'reconciliation.finished',
      ground,
      facts: ['municipal_juki.reconciliation_result', 'municipal_juki.reconciliation_difference'],
      subjects: differences.map((d) => d.residentRecordCode),
      detail: { runId, ...result, differences: differences.length },
    });
    return ok(undefined);
  },
});

export interface Reconciled extends RunResult {
  readonly runId: string;
  readonly differences: readonly Difference[];
}

/** A step that had no good answer: the run is over and has reported nothing. */
export class Interrupted extends Error {
  readonly word: string;
  constructor(step: string, word: string) {
    super(`reconciliation stopped at ${step}: ${word}`);
    this.word = word;
  }
}

/** Buckets of one call; about sixty entries each. */
const bucketsAtOnce = 256;

/**
 * 整合性確認 from end to end (MCS-F3): register and prefecture are asked in turn; differences stand in both servers only when the
 * prefecture has ended the run.
 *
 * @throws Interrupted where a step had no good answer
 */
export async function reconcile(
  peers: Pick<PeerClient, 'call'>,
  deps: Deps,
  actor: Actor,
  scope: Scope,
): Promise<Reconciled> {
  const runId = deps.newId();
  const wire = { bytes: 0 };
  const ask = async <E extends AnyEndpoint>(endpoint: E, peer: string, body: RequestOf<E>): Promise<ResponseOf<E>> => {
    const answered: Result<ResponseOf<E>, CallError<E>> = await peers.call(endpoint, peer, {} as ParamsOf<E>, body);
    if (!answered.ok) throw new Interrupted(endpoint.id, String(answered.error));
    if (peer === deps.prefecturalJuki)
      wire.bytes += Buffer.byteLength(JSON.stringify(body)) + Buffer.byteLength(JSON.stringify(answered.value));
    return answered.value;
  };
  const { municipalityCode, prefecturalJuki, residentRegister } = deps;
  const started = await noteStart(deps, actor, { runId, scope });
  if (!started.ok) throw new Interrupted('start', started.error);
  const secret = Buffer.from(deps.random.bytes(32)).toString('base64url');
  const agreed = await ask(startRun, prefecturalJuki, { runId, municipalityCode, scope, secret });
  const key = runKey(secret, agreed.secret).toString('base64url');
  const { bits, records, digests } = await ask(registerBuckets, residentRegister, { runId, scope, key });
  const { differing } = await ask(compareBuckets, prefecturalJuki, { runId, bits, records, digests });
  for (let at = 0; at < differing.length; at += bucketsAtOnce) {
    const buckets = differing.slice(at, at + bucketsAtOnce);
    const { entries } = await ask(registerEntries, residentRegister, { runId, scope, key, bits, buckets });
    const { wanted } = await ask(compareEntries, prefecturalJuki, { runId, buckets, entries });
    for (let from = 0; from < wanted.length; from += maxRecords) {
      const tags = wanted.slice(from, from + maxRecords);
      const shown = await ask(registerRecords, residentRegister, { runId, scope, key, bits, buckets, tags });
      const relayed = await relayRecords(deps, actor, { runId, records: shown.records });
      if (!relayed.ok) throw new Interrupted('relay', relayed.error);
      await ask(compareRecords, prefecturalJuki, { runId, records: relayed.value });
    }
  }
  const { compared, underWay: open, differences } = await ask(finishRun, prefecturalJuki, { runId, bytes: wire.bytes });
  const result = { records, compared, underWay: open, bytes: wire.bytes };
  const noted = await noteResult(deps, actor, { runId, ...result, differences });
  if (!noted.ok) throw new Interrupted('finish', noted.error);
  return { runId, ...result, differences };
}
