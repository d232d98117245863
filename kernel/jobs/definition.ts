import { createHash } from 'node:crypto';
import type { ActDeps, Actor, Right } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import type { Result } from '../result/result.ts';

/** Codes, dates as text, counts: what tells one run from another. Nothing personal. */
export type Params = Readonly<Record<string, string | number | boolean>>;

/**
 * A batch: steps in order. `right` is what starting, stopping and each chunk needs. The same parameters mean the same
 * run for ever; a run that must be possible again carries what makes it another one (a date, an order's id).
 */
export interface BatchDefinition<D extends ActDeps, P extends Params> {
  /** `tax.assess-all` */
  readonly name: string;
  readonly right: Right;
  readonly steps: readonly BatchStep<D, P>[];
}

export interface BatchStep<D extends ActDeps, P extends Params> {
  readonly name: string;
  /**
   * How many rows this step must take in, counted before its first chunk: at the end in = out + rejected = this count,
   * so that missing input cannot pass for little input. Refuses with a word where the input has not arrived; the run
   * is then blocked until it is started again.
   */
  total(tx: Tx, deps: D, params: P): Promise<Result<number, string>>;
  /**
   * One chunk, inside an act: reads on from `cursor` (null at first), writes, calls `tx.record` once, and says what it
   * did. The checkpoint commits with it. `next` is null after the last chunk. An `err` undoes the chunk and fails the run.
   */
  chunk(tx: Tx, deps: D, work: ChunkWork<P>, actor: Actor): Promise<Result<ChunkDone, string>>;
}

export interface ChunkWork<P extends Params> {
  readonly runId: string;
  readonly params: P;
  readonly cursor: string | null;
  /** From 1. */
  readonly chunkNo: number;
}

export interface ChunkDone {
  readonly next: string | null;
  readonly in: number;
  readonly out: number;
  readonly rejects: readonly Reject[];
}

/** A row that was not taken: where and why, never the value. One reject a row. */
export interface Reject {
  /** From 1, in the step's input. */
  readonly rowNumber: number;
  readonly code: string;
  readonly field?: string;
  /** Internal id that leads a clerk to the row. */
  readonly ref?: string;
}

/** The same digest whatever the order of the members. */
export function paramsDigest(params: Params): Buffer {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest();
}
