import {
  type ComparedSupplement,
  comparedItems,
  digestOfSupplement as digestOf,
  type FuhyoDifference,
  type ShownSupplement,
} from '@musubi/contracts/fuhyo/reconciliation.ts';
import { BucketDigests, bucketOf, runKey } from '@musubi/contracts/juki/reconciliation.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { compareAll } from '../domain/reconciliation.ts';
import {
  insertResult,
  insertRun,
  listRuns,
  lockRun,
  noteBuckets,
  presentOf,
  type RunLine,
} from '../store/reconciliation.ts';

const right = ['fuhyo-link', 'fuhyo-reconciliation', 'update'] as const;
const ground = '住民基本台帳法第30条の41';
const peerOf = (actor: Actor): string => (actor.kind === 'system' ? `${actor.organisation}/${actor.system}` : '');

/** 整合性確認 (FPS-F6) begins: a secret of each end makes the key of this run. */
export const startRun = act('fuhyo-link.start-reconciliation', {
  right,
  async run(
    tx,
    deps: Deps,
    command: { readonly runId: string; readonly municipalityCode: string; readonly secret: string },
    actor,
  ): Promise<Result<{ secret: string }, 'not-your-municipality' | 'run-reused'>> {
    const peer = peerOf(actor);
    if (deps.municipalities[command.municipalityCode] !== peer) return err('not-your-municipality');
    const known = await lockRun(tx, command.runId, peer);
    const detail = { runId: command.runId, municipality: command.municipalityCode };
    if (known?.secret === command.secret) {
      tx.record({ event: 'reconciliation.started-again', ground, detail });
      return ok({ secret: known.answer });
    }
    const answer = Buffer.from(deps.random.bytes(32)).toString('base64url');
    if (!(await insertRun(tx, { ...command, answer, peer }, deps.machineClock.now()))) return err('run-reused');
    const facts = ['fuhyo_link.reconciliation_run'];
    tx.record({ event: 'reconciliation.started', ground, facts, recipient: peer, detail });
    return ok({ secret: answer });
  },
});

/** Which buckets disagree. */
export const takeBuckets = act('fuhyo-link.compare-buckets', {
  right,
  async run(
    tx,
    _deps: Deps,
    command: { readonly runId: string; readonly bits: number; readonly digests: readonly string[] },
    actor,
  ): Promise<Result<{ differing: number[] }, 'no-such-run'>> {
    const run = await lockRun(tx, command.runId, peerOf(actor));
    if (!run || command.digests.length !== 2 ** command.bits) return err('no-such-run');
    const key = runKey(run.secret, run.answer);
    const own = new BucketDigests(command.bits);
    for await (const rows of presentOf(tx, run.municipalityCode))
      for (const row of rows) own.add(row.residentRecordCode, digestOf(key, row));
    const differing = own.texts().flatMap((digest, i) => (digest === command.digests[i] ? [] : [i]));
    await noteBuckets(tx, run.runId, command.bits, differing);
    tx.record({
      event: 'reconciliation.buckets-compared',
      ground,
      items: comparedItems,
      detail: { runId: run.runId, here: own.records, differing: differing.length },
    });
    return ok({ differing });
  },
});

/** The end: the municipality's records of the differing buckets beside ours; what was found becomes fact and goes back. */
export const finishRun = act('fuhyo-link.finish-reconciliation', {
  right,
  async run(
    tx,
    deps: Deps,
    command: {
      readonly runId: string;
      readonly records: readonly ShownSupplement[];
      readonly leaving: readonly string[];
    },
    actor,
  ): Promise<Result<{ compared: number; underWay: number; differences: FuhyoDifference[] }, 'no-such-run'>> {
    const peer = peerOf(actor);
    const run = await lockRun(tx, command.runId, peer);
    const { bits, differing } = run ?? {};
    if (!run || bits == null || differing == null) return err('no-such-run');
    const wanted = new Set(differing);
    const isWanted = (code: string): boolean => wanted.has(bucketOf(code, bits));
    const here: ComparedSupplement[] = [];
    let compared = 0;
    for await (const rows of presentOf(tx, run.municipalityCode)) {
      compared += rows.length;
      here.push(...rows.filter((row) => isWanted(row.residentRecordCode)));
    }
    const there = command.records.filter(({ record }) => isWanted(record.residentRecordCode));
    const { differences: found, underWay } = compareAll(there, here, comparedItems, new Set(command.leaving));
    const differences = found.map((d) => ({ ...d, items: [...d.items], differenceId: deps.newId() }));
    await insertResult(tx, run.runId, { compared, underWay }, differences, deps.machineClock.now());
    tx.record({
      event: 'reconciliation.finished',
      ground,
      facts: ['fuhyo_link.reconciliation_result', 'fuhyo_link.reconciliation_difference'],
      items: comparedItems,
      recipient: peer,
      detail: { runId: run.runId, compared, underWay, differences: differences.length },
    });
    return ok({ compared, underWay, differences });
  },
});

export const readRuns = act('fuhyo-link.read-reconciliations', {
  right: ['fuhyo-link', 'journal', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly offset: number; readonly limit: number },
  ): Promise<Result<{ rows: RunLine[]; total: number }, never>> {
    const found = await listRuns(tx, query);
    tx.record({ event: 'reconciliations.read', detail: { count: found.rows.length } });
    return ok(found);
  },
});
