import type { CivilClock, MachineClock } from '../clocks/clock.ts';
import type { Actor, AuditSink } from '../db/act.ts';
import { type Database, withTransaction } from '../db/database.ts';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import type { NewId } from '../ids/uuid.ts';
import { verifyConsistency } from './merkle.ts';
import { type Checkpoint, cosignatureLine, isSignedBy, type LogSigner, parseCheckpoint } from './note.ts';
import type { AddCheckpointRequest, AddCheckpointResponse } from './witness-endpoint.ts';

export interface WitnessDeps {
  readonly db: Database;
  readonly machineClock: MachineClock;
  readonly civilClock: CivilClock;
  readonly newId: NewId;
  readonly audit: AuditSink;
  /** This witness's key: another one than any log's. */
  readonly signer: LogSigner;
  /** The key of a log that we witness, from the configuration; undefined for a log that we do not know. */
  readonly logKey: (origin: string) => Uint8Array | undefined;
}

interface Seen {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
  readonly publicKey: Buffer;
}

/**
 * Cosigns another organisation's checkpoint when it continues what this witness saw before.
 * The first contact is trust on first use and an event of its own; so is a checkpoint with a good signature that does
 * not continue (both notes are kept as evidence). Ordinary cosignatures are no events: two logs that witness each other
 * would never come to rest.
 *
 * @source C2SP tlog-witness, add-checkpoint
 */
export async function cosign(
  deps: WitnessDeps,
  actor: Actor,
  request: AddCheckpointRequest,
): Promise<AddCheckpointResponse> {
  const checkpoint = parseCheckpoint(request.checkpoint);
  if (!checkpoint) return { outcome: 'bad-request' };
  const publicKey = deps.logKey(checkpoint.origin);
  if (!publicKey) return { outcome: 'unknown-log' };
  if (!isSignedBy(checkpoint, { name: checkpoint.origin, publicKey })) return { outcome: 'bad-signature' };
  if (request.oldSize > checkpoint.size) return { outcome: 'bad-request' };
  const eventId = deps.newId();
  return withTransaction(deps.db, eventId, async (tx): Promise<AddCheckpointResponse> => {
    const [seen] =
      await tx<Seen>`select size, root, note, public_key as "publicKey" from audit.witnessed where origin = ${checkpoint.origin}`;
    if ((seen?.size ?? 0) !== request.oldSize) return { outcome: 'other-size', size: seen?.size ?? 0 };
    if (enforced('audit.witness') && seen && !continues(seen, checkpoint, request)) {
      await recordConflict(tx, deps, actor, eventId, seen, checkpoint, request.checkpoint);
      return { outcome: 'inconsistent' };
    }
    if (!seen && request.proof.length > 0) return { outcome: 'bad-request' };
    const at = deps.machineClock.now();
    const line = await cosignatureLine(deps.signer, checkpoint.text, at);
    const [won] = await tx<{
      advanced: boolean;
    }>`select audit.witness_advance(${checkpoint.origin}, ${publicKey}, ${request.oldSize},
      ${checkpoint.size}, ${checkpoint.root}, ${request.checkpoint}, ${at}::timestamptz) as advanced`;
    if (!won!.advanced) {
      const [now] = await tx<{ size: number }>`select size from audit.witnessed where origin = ${checkpoint.origin}`;
      return { outcome: 'other-size', size: now?.size ?? 0 };
    }
    if (!seen)
      await record(tx, deps, actor, eventId, 'audit.witness-first-contact', 'done', {
        origin: checkpoint.origin,
        size: checkpoint.size,
      });
    return { outcome: 'cosigned', line };
  });
}

const continues = (seen: Seen, checkpoint: Checkpoint, request: AddCheckpointRequest): boolean =>
  verifyConsistency(
    seen.size,
    checkpoint.size,
    seen.root,
    checkpoint.root,
    request.proof.map((h) => Buffer.from(h, 'base64')),
  );

async function recordConflict(
  tx: Tx,
  deps: WitnessDeps,
  actor: Actor,
  eventId: string,
  seen: Seen,
  shown: Checkpoint,
  note: string,
): Promise<void> {
  await tx`select audit.add_witness_conflict(${eventId}::uuid, ${shown.origin}, ${seen.size}, ${seen.note}, ${note}, ${deps.machineClock.now()}::timestamptz)`;
  await record(tx, deps, actor, eventId, 'audit.witness-conflict', 'refused', {
    origin: shown.origin,
    seenSize: seen.size,
    shownSize: shown.size,
  });
}

async function record(
  tx: Tx,
  deps: WitnessDeps,
  actor: Actor,
  eventId: string,
  event: string,
  outcome: 'done' | 'refused',
  detail: Record<string, string | number>,
): Promise<void> {
  await deps.audit.write(tx, {
    eventId,
    event,
    outcome,
    actor,
    detail,
    act: 'audit.cosign',
    right: ['audit', 'witness', 'update'],
    at: deps.machineClock.now(),
    civilOn: deps.civilClock.today(),
    ...(outcome === 'refused' ? { refusal: 'inconsistent' } : {}),
  });
}
