import { setTimeout as delay } from 'node:timers/promises';
import type { MachineClock } from '../clocks/clock.ts';
import { type Database, withTransaction } from '../db/database.ts';
import { type Notifications, runLoop } from '../db/listen.ts';
import type { Sql } from '../db/sql.ts';
import { consistencyPath, treeRoot, verifyConsistency } from './merkle.ts';
import { checkpointText, type LogSigner, signCheckpoint } from './note.ts';
import { tileSource } from './tiles.ts';

export interface SequencerConfig {
  readonly db: Database;
  readonly machineClock: MachineClock;
  /** `musubi/<organisation>/<system>`; also the name of the log's key. */
  readonly signer: LogSigner;
  /** Events per batch. */
  readonly batchSize?: number;
  /**
   * How long a batch gathers after the one before; an event after a rest is numbered at once. 50 where none is given. While work goes
   * on, up to four times as long: a batch costs much the same for fifty events as for ten.
   */
  readonly windowMs?: number;
  readonly checkpointEveryMs?: number;
  /** For fault tests: called between any two steps, may throw. */
  readonly between?: (step: 'numbered' | 'root-computed' | 'signed' | 'kept') => void;
}

export interface StoredCheckpoint {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
}

export const logOrigin = (instance: string): string => `musubi/${instance}`;

/**
 * Gives committed events their numbers, hashes them into tiles and signs checkpoints. One is enough for a log; two at
 * once are harmless: numbering is one transaction of the database under a lock, and a checkpoint that does not continue
 * the last one is refused twice, here and by the database.
 */
export class Sequencer {
  readonly #config: SequencerConfig;
  #recentlyBusy = false;

  constructor(config: SequencerConfig) {
    this.#config = config;
  }

  /** Numbers one batch. Gives how many events, or 'busy' when another sequencer holds the log. */
  async step(): Promise<number | 'busy'> {
    const { db, machineClock, batchSize = 1_000, between } = this.#config;
    return withTransaction(db, 'audit.sequence', async (tx) => {
      const [row] = await tx<{
        taken: number;
      }>`select taken from audit.sequence(${batchSize}, ${machineClock.now()}::timestamptz)`;
      between?.('numbered');
      return row!.taken < 0 ? 'busy' : row!.taken;
    });
  }

  /** Numbers all that waits. Gives how many events it numbered itself. */
  async drain(): Promise<number> {
    let all = 0;
    for (;;) {
      const taken = await this.step();
      if (taken === 0) return all;
      if (taken === 'busy') await delay(this.#config.windowMs ?? 50);
      else all += taken;
    }
  }

  /** Signs the log as it stands; where nothing came since the last checkpoint, gives that one. */
  async checkpoint(): Promise<StoredCheckpoint> {
    const { db, signer, machineClock, between } = this.#config;
    return withTransaction(db, 'audit.checkpoint', async (tx) => {
      // One signer at a time: what is signed must continue what was signed before.
      await tx`select audit.lock_checkpoints()`;
      const last = await lastCheckpoint(tx);
      const [head] = await tx<{ size: number }>`select size from audit.head`;
      if (last && last.size === head!.size) return last;
      const source = tileSource(tx);
      const root = await treeRoot(source, head!.size);
      between?.('root-computed');
      if (last) {
        if (last.size > head!.size) throw new Error('the log is shorter than its last checkpoint: not signed');
        const path = await consistencyPath(source, last.size, head!.size);
        if (!verifyConsistency(last.size, head!.size, last.root, root, path)) {
          throw new Error('the log does not continue its last checkpoint: not signed');
        }
      }
      const note = await signCheckpoint(signer, checkpointText(signer.name, head!.size, root));
      between?.('signed');
      await tx`select audit.add_checkpoint(${head!.size}, ${root}, ${note}, ${machineClock.now()}::timestamptz)`;
      between?.('kept');
      return { size: head!.size, root, note };
    });
  }

  /** Runs until `signal` aborts: numbers as events come, signs each minute. */
  async run(notifications: Notifications, signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    await Promise.all([this.#numberAsTheyCome(notifications, signal, onError), this.#signEachMinute(signal, onError)]);
  }

  #numberAsTheyCome(
    notifications: Notifications,
    signal: AbortSignal,
    onError: (error: unknown) => void,
  ): Promise<void> {
    const { windowMs = 50, batchSize = 1_000 } = this.#config;
    let gatherMs = windowMs;
    const step = async (): Promise<'more' | 'idle'> => {
      const taken = await this.step();
      if (taken !== 0) {
        this.#recentlyBusy = true;
        if (taken === 'busy' || taken < batchSize) await delay(gatherMs);
        gatherMs = Math.min(gatherMs + windowMs / 2, 4 * windowMs);
        return 'more';
      }
      gatherMs = windowMs;
      // Only the first event of a waiting batch notifies; one that committed behind it is found by one more look.
      if (!this.#recentlyBusy) return 'idle';
      this.#recentlyBusy = false;
      await delay(4 * windowMs);
      return 'more';
    };
    return runLoop({ notifications, channel: 'audit_intake', signal, step, onError });
  }

  async #signEachMinute(signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    const { db, machineClock, checkpointEveryMs = 60_000 } = this.#config;
    while (!signal.aborted) {
      try {
        await withTransaction(
          db,
          'audit.partitions',
          (tx) => tx`select audit.ensure_partitions(${machineClock.now()}::timestamptz)`,
        );
        await this.checkpoint();
      } catch (error) {
        if (!signal.aborted) onError(error);
      }
      await delay(checkpointEveryMs, undefined, { signal }).catch(() => {});
    }
  }
}

export async function lastCheckpoint(tx: Sql): Promise<StoredCheckpoint | undefined> {
  const rows = await tx<StoredCheckpoint>`select size, root, note from audit.checkpoint order by size desc limit 1`;
  return rows[0];
}
