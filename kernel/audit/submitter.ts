import { setTimeout as delay } from 'node:timers/promises';
import type { MachineClock } from '../clocks/clock.ts';
import { type Database, withTransaction } from '../db/database.ts';
import { consistencyPath } from './merkle.ts';
import { cosignedAt, type NamedKey, parseCheckpoint } from './note.ts';
import { lastCheckpoint } from './sequencer.ts';
import { tileSource } from './tiles.ts';
import type { AddCheckpointRequest, AddCheckpointResponse } from './witness-endpoint.ts';

export interface Witness extends NamedKey {
  readonly organisation: string;
  /** Sends the request to the witness's endpoint; throws when it cannot be reached. */
  send(request: AddCheckpointRequest, signal: AbortSignal): Promise<AddCheckpointResponse>;
}
export interface SubmitterConfig {
  readonly db: Database;
  readonly machineClock: MachineClock;
  /** Whose log it is: a witness of the same organisation does not count. */
  readonly organisation: string;
  readonly witnesses: readonly Witness[];
  readonly everyMs?: number;
}
export type Submission =
  | 'cosigned'
  | 'nothing-new'
  | 'witness-ahead'
  | 'wrong-cosignature'
  | Exclude<AddCheckpointResponse['outcome'], 'cosigned' | 'other-size'>;

/** How many other organisations must have cosigned, and how long the log may go without (design §4.7). */
export const quorum = 2;
export const quorumTerm = Temporal.Duration.from({ minutes: 10 });

/** Brings the newest checkpoint to one witness. `witness-ahead`: it saw a longer log than this one, so this one was cut back. */
export async function submitTo(config: SubmitterConfig, witness: Witness, signal: AbortSignal): Promise<Submission> {
  const { db, machineClock } = config;
  const read = <T>(body: Parameters<typeof withTransaction<T>>[2]): Promise<T> =>
    withTransaction(db, 'audit.submit', body, { readOnly: true });
  const state = await read(async (tx) => {
    const last = await lastCheckpoint(tx);
    const done = await tx<{
      size: number;
    }>`select size from audit.cosignature where witness = ${witness.name} order by size desc limit 1`;
    return { last, done: done[0]?.size };
  });
  const { last } = state;
  if (!last || state.done === last.size) return 'nothing-new';
  let oldSize = state.done ?? 0;
  // Twice: the witness may have kept a checkpoint whose answer never arrived.
  for (let attempt = 0; attempt < 2; attempt++) {
    const proof = await read(async (tx) => consistencyPath(tileSource(tx), oldSize, last.size));
    const answer = await witness.send(
      { oldSize, proof: proof.map((h) => h.toString('base64')), checkpoint: last.note },
      signal,
    );
    if (answer.outcome === 'other-size') {
      if (answer.size > last.size) return 'witness-ahead';
      oldSize = answer.size;
      continue;
    }
    if (answer.outcome !== 'cosigned') return answer.outcome;
    if (cosignedAt(answer.line, parseCheckpoint(last.note)!.text, witness) === undefined) return 'wrong-cosignature';
    await withTransaction(
      db,
      'audit.submit',
      (tx) =>
        tx`select audit.add_cosignature(${last.size}, ${witness.name}, ${answer.line}, ${machineClock.now()}::timestamptz)`,
    );
    return 'cosigned';
  }
  return 'nothing-new';
}

export interface QuorumState {
  readonly state: 'good' | 'waiting' | 'alarm';
  /** Size of the newest checkpoint with a quorum. */
  readonly sealedSize: number;
  /** Since when a checkpoint waits for its quorum. */
  readonly waitingSince?: Temporal.Instant;
}

/** Whether two other organisations stand behind the log. Acts never wait for it; an alarm is for people. */
export async function quorumState(config: SubmitterConfig): Promise<QuorumState> {
  const others = config.witnesses.filter((w) => w.organisation !== config.organisation);
  return withTransaction(
    config.db,
    'audit.quorum',
    async (tx) => {
      const lines = await tx<{ size: number; witness: string; line: string; note: string }>`
      select s.size, s.witness, s.line, c.note from audit.cosignature as s join audit.checkpoint as c on c.size = s.size
       where s.size >= coalesce((select max(size) from audit.cosignature where witness = any (${others.map((w) => w.name)}::text[])
                                  and size in (select size from audit.cosignature group by size having count(*) >= ${quorum})), 0)
       order by s.size desc`;
      const organisations = new Map<number, Set<string>>();
      for (const { size, witness, line, note } of lines) {
        const known = others.find((w) => w.name === witness);
        const text = parseCheckpoint(note)?.text;
        if (!known || text === undefined || cosignedAt(line, text, known) === undefined) continue;
        organisations.set(size, (organisations.get(size) ?? new Set()).add(known.organisation));
      }
      const sealedSize = Math.max(
        0,
        ...[...organisations].filter(([, who]) => who.size >= quorum).map(([size]) => size),
      );
      const [waiting] = await tx<{ at: string }>`
      select to_char(signed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at from audit.checkpoint where size > ${sealedSize} order by size limit 1`;
      if (!waiting) return { state: 'good', sealedSize };
      const waitingSince = Temporal.Instant.from(waiting.at);
      const late = Temporal.Instant.compare(config.machineClock.now(), waitingSince.add(quorumTerm)) > 0;
      return { state: late ? 'alarm' : 'waiting', sealedSize, waitingSince };
    },
    { readOnly: true },
  );
}

/** Submits to every witness again and again until `signal` aborts. A witness that is away costs the others nothing. */
export async function runSubmitter(
  config: SubmitterConfig,
  signal: AbortSignal,
  report: (event: { witness: string; outcome: Submission | 'unreachable' } | { quorum: QuorumState }) => void,
): Promise<void> {
  while (!signal.aborted) {
    await Promise.all(
      config.witnesses.map(async (witness) => {
        const outcome = await submitTo(config, witness, signal).catch((): 'unreachable' => 'unreachable');
        if (!signal.aborted) report({ witness: witness.name, outcome });
      }),
    );
    if (!signal.aborted) report({ quorum: await quorumState(config) });
    await delay(config.everyMs ?? 30_000, undefined, { signal }).catch(() => {});
  }
}
