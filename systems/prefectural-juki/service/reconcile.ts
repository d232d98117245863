import {
  BucketDigests,
  type ComparedRecord,
  comparedItems,
  type Difference,
  digestOfRecord,
  type Entry,
  maxCandidates,
  runKey,
  type Scope,
  type ShownRecord,
  tagOf,
} from '@musubi/contracts/juki/reconciliation.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import { compare } from '../domain/reconciliation.ts';
import { codeText } from '../store/identification.ts';
import {
  type ComparedRow,
  finishedRun,
  insertDifferences,
  insertResult,
  insertRun,
  insertWork,
  isKnownRun,
  lockRun,
  noteBuckets,
  type OpenRun,
  personsOfCodes,
  presentAmong,
  presentIn,
  type Settled,
  type StoredDifference,
  settledOf,
  settleWork,
  type Work,
  workOf,
} from '../store/reconciliation.ts';

const right = ['prefectural-juki', 'reconciliation', 'update'] as const;
const ground = '住民基本台帳法第30条の6・第30条の22';
const peerOf = (actor: Actor): string => (actor.kind === 'system' ? `${actor.organisation}/${actor.system}` : '');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const hex = (tag: string): string => Buffer.from(tag, 'base64url').toString('hex');

/**
 * 整合性確認 (JPS-F6), step by step as the municipality's server leads it. The key is agreed for this run: a secret of each end.
 *
 * @law 住民基本台帳法 第30条の6, 第30条の22; @source design §4.1, requirement 003 §3.1-6
 */
export const startRun = act('prefectural-juki.start-reconciliation', {
  right,
  async run(
    tx,
    deps: Deps,
    command: {
      readonly runId: string;
      readonly municipalityCode: string;
      readonly scope: Scope;
      readonly secret: string;
    },
    actor,
  ): Promise<Result<{ secret: string }, 'not-your-municipality' | 'run-reused'>> {
    const peer = peerOf(actor);
    if (deps.municipalities[command.municipalityCode] !== peer) return err('not-your-municipality');
    const known = await lockRun(tx, command.runId, peer);
    if (known?.secret === command.secret) {
      tx.record({ event: 'reconciliation.started-again', ground, detail: { runId: command.runId } });
      return ok({ secret: known.answer });
    }
    if (await isKnownRun(tx, command.runId)) return err('run-reused');
    const answer = base64(deps.random.bytes(32));
    const key = runKey(command.secret, answer);
    await insertRun(tx, { ...command, peer, answer, key, startedOn: deps.civilClock.today() }, deps.machineClock.now());
    tx.record({
      event: 'reconciliation.started',
      ground,
      facts: ['prefectural_juki.reconciliation_run'],
      recipient: peer,
      detail: { runId: command.runId, scope: command.scope, municipality: command.municipalityCode },
    });
    return ok({ secret: answer });
  },
});

/** Which buckets disagree. */
export const takeBuckets = act('prefectural-juki.compare-buckets', {
  right,
  async run(
    tx,
    deps: Deps,
    command: {
      readonly runId: string;
      readonly bits: number;
      readonly records: number;
      readonly digests: readonly string[];
    },
    actor,
  ): Promise<Result<{ differing: number[] }, 'no-such-run'>> {
    const run = await lockRun(tx, command.runId, peerOf(actor));
    if (!run || command.digests.length !== 2 ** command.bits) return err('no-such-run');
    const own = new BucketDigests(command.bits);
    for await (const rows of presentIn(tx, run.municipalityCode))
      for (const record of await fullRecords(tx, deps, run, rows))
        own.add(record.residentRecordCode, digestOfRecord(run.key, record));
    const mine = own.texts();
    const differing = mine.flatMap((digest, i) => (digest === command.digests[i] ? [] : [i]));
    await noteBuckets(tx, run.runId, { bits: command.bits, here: own.records, there: command.records });
    tx.record({
      event: 'reconciliation.buckets-compared',
      ground,
      items: itemsOf(run),
      detail: { runId: run.runId, here: own.records, there: command.records, differing: differing.length },
    });
    return ok({ differing });
  },
});

/** Within buckets that disagree: who differs, who is on one side only. */
export const takeEntries = act('prefectural-juki.compare-entries', {
  right,
  async run(
    tx,
    deps: Deps,
    command: { readonly runId: string; readonly buckets: readonly number[]; readonly entries: readonly Entry[] },
    actor,
  ): Promise<Result<{ wanted: string[] }, 'no-such-run' | 'too-many-differences'>> {
    const run = await lockRun(tx, command.runId, peerOf(actor));
    if (!run || run.bits === null) return err('no-such-run');
    const there = new Map(command.entries.map((e) => [e.tag, e.digest]));
    const candidates: Work[] = [];
    for await (const rows of presentIn(tx, run.municipalityCode, { bits: run.bits, buckets: command.buckets })) {
      const records = await fullRecords(tx, deps, run, rows);
      for (const [i, record] of records.entries()) {
        const tag = base64(tagOf(run.key, record.residentRecordCode));
        const digest = digestOfRecord(run.key, record);
        const other = there.get(tag);
        there.delete(tag);
        if (other === base64(digest)) continue;
        candidates.push({
          tag: hex(tag),
          personId: rows[i]!.personId,
          code: record.residentRecordCode,
          digest: digest.toString('hex'),
          there: other === undefined ? 'none' : 'other',
        });
      }
    }
    for (const tag of there.keys())
      candidates.push({ tag: hex(tag), personId: null, code: null, digest: null, there: 'other' });
    await insertWork(tx, run.runId, candidates);
    const all = await workOf(tx, run.runId);
    if (all.length > maxCandidates) return err('too-many-differences');
    tx.record({
      event: 'reconciliation.entries-compared',
      ground,
      items: itemsOf(run),
      detail: { runId: run.runId, buckets: command.buckets.length, candidates: candidates.length },
    });
    return ok({ wanted: candidates.map((c) => Buffer.from(c.tag, 'hex').toString('base64url')) });
  },
});

/** The candidates themselves, looked at as they stand now at both ends. */
export const takeRecords = act('prefectural-juki.compare-records', {
  right,
  async run(
    tx,
    deps: Deps,
    command: { readonly runId: string; readonly records: readonly ShownRecord[] },
    actor,
  ): Promise<Result<{ taken: number }, 'no-such-run'>> {
    const run = await lockRun(tx, command.runId, peerOf(actor));
    if (!run) return err('no-such-run');
    const shown = new Map(command.records.map((r) => [hex(r.tag), r]));
    const work = await workOf(
      tx,
      run.runId,
      command.records.map((r) => Buffer.from(r.tag, 'base64url')),
    );
    // Somebody who came here since then: the tag alone did not say who it is.
    const codes = command.records.flatMap((r) => (r.record ? [r.record.residentRecordCode] : []));
    const byCode = await personsOfCodes(tx, run.municipalityCode, codes);
    const personOf = (tag: string, personId: string | null): string | null => {
      const code = shown.get(tag)?.record?.residentRecordCode;
      return personId ?? (code === undefined ? null : (byCode.get(code) ?? null));
    };
    const present = await presentAmong(
      tx,
      run.municipalityCode,
      work.flatMap((w) => personOf(w.tag.toString('hex'), w.personId) ?? []),
    );
    const rows = [...present.values()];
    const full = await fullRecords(tx, deps, run, rows);
    const hereOf = new Map(rows.map((row, i) => [row.personId, full[i]!]));
    const settled = work.map((w): Settled => {
      const tag = w.tag.toString('hex');
      const personId = personOf(tag, w.personId);
      const { record, underWay } = shown.get(tag)!;
      const here = personId === null ? undefined : hereOf.get(personId);
      const isUnderWay = enforced('juki.reconciliation') && underWay;
      const { kind, items } = compare({ here, there: record ?? undefined, isUnderWay }, comparedItems);
      return { tag, personId, code: record?.residentRecordCode ?? null, settled: kind, items };
    });
    await settleWork(tx, run.runId, settled);
    tx.record({
      event: 'reconciliation.records-compared',
      ground,
      items: itemsOf(run),
      subjects: rows.map((r) => r.personId),
      detail: { runId: run.runId, records: settled.length },
    });
    return ok({ taken: settled.length });
  },
});

/** The end: what was found becomes fact, and goes back. Before it nothing was reported, whatever happened. */
export const finishRun = act('prefectural-juki.finish-reconciliation', {
  right,
  async run(
    tx,
    deps: Deps,
    command: { readonly runId: string; readonly bytes: number },
    actor,
  ): Promise<
    Result<{ compared: number; underWay: number; differences: Difference[] }, 'no-such-run' | 'not-compared'>
  > {
    const peer = peerOf(actor);
    const run = await lockRun(tx, command.runId, peer);
    if (!run) {
      const before = await finishedRun(tx, command.runId, peer);
      if (!before) return err('no-such-run');
      tx.record({
        event: 'reconciliation.result-sent-again',
        ground,
        recipient: peer,
        detail: { runId: command.runId },
      });
      return ok({ compared: before.here, underWay: before.underWay, differences: before.differences.map(shownOf) });
    }
    const work = await settledOf(tx, run.runId);
    if (run.bits === null || (enforced('juki.reconciliation') && work.some((w) => w.kind === null)))
      return err('not-compared');
    const found = work.flatMap((w): StoredDifference[] => {
      const { kind } = w;
      if (kind === null || kind === 'same' || kind === 'under-way') return [];
      return [{ differenceId: deps.newId(), kind, personId: w.personId, code: w.code, items: w.items }];
    });
    const count = (kind: string): number => work.filter((w) => w.kind === kind).length;
    const counts = {
      missing: count('missing'),
      surplus: count('surplus'),
      differing: count('differing'),
      underWay: count('under-way'),
    };
    await insertResult(tx, run, { ...counts, bytes: command.bytes }, deps.civilClock.today(), deps.machineClock.now());
    await insertDifferences(tx, run.runId, found);
    tx.record({
      event: 'reconciliation.finished',
      ground,
      facts: ['prefectural_juki.reconciliation_result', 'prefectural_juki.reconciliation_difference'],
      subjects: found.flatMap((d) => d.personId ?? []),
      recipient: peer,
      detail: { runId: run.runId, here: run.here ?? 0, there: run.there ?? 0, ...counts },
    });
    return ok({ compared: run.here ?? 0, underWay: counts.underWay, differences: found.map(shownOf) });
  },
});

const shownOf = ({ differenceId, kind, code, items }: StoredDifference): Difference => ({
  differenceId,
  kind,
  residentRecordCode: codeText(code),
  items: [...items],
});

const itemsOf = (run: OpenRun): string[] =>
  run.scope === 'full' ? comparedItems : comparedItems.filter((item) => item !== 'individualNumber');

/** With the number in a full run alone. */
async function fullRecords(
  tx: Tx,
  deps: Deps,
  run: OpenRun,
  rows: readonly ComparedRow[],
): Promise<readonly ComparedRecord[]> {
  if (run.scope !== 'full' || rows.length === 0) return rows.map((r) => r.record);
  const numbers = await deps.vault.revealMany(
    tx,
    rows.map((r) => numberRef(r.numberRef)),
    'prefectural-juki/reconcile',
  );
  return rows.map((r, i) => ({ ...r.record, individualNumber: numbers[i]!.digits() }));
}
