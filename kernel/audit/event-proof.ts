import { z } from 'zod';
import { type Database, withTransaction } from '../db/database.ts';
import { err, ok, type Result } from '../result/result.ts';
import { inclusionPath, leafHash, verifyInclusion } from './merkle.ts';
import { cosignedAt, isSignedBy, type NamedKey, parseCheckpoint } from './note.ts';
import { commitmentTo } from './sink.ts';
import { tileSource } from './tiles.ts';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);

/** One event with all that shows that it stands in the log. Travels as JSON to the portal and to the person. */
export const eventProof = z.strictObject({
  body: z.string().max(1_000_000),
  leafIndex: z.number().int().nonnegative(),
  path: z.array(hex32).max(63),
  checkpoint: z.string().max(100_000),
  cosignatures: z.array(z.string().max(1_000)).max(16),
  /** Opens the commitment; only for who may know the subject, and gone after its erasure. */
  opening: z.strictObject({ subject: z.string(), salt: hex32 }).optional(),
});
export type EventProof = z.infer<typeof eventProof>;

/** The proof of one event under the newest checkpoint. `not-sealed-yet`: no checkpoint covers it so far. */
export async function proveEvent(
  db: Database,
  eventId: string,
  options: { readonly withOpening?: boolean } = {},
): Promise<Result<EventProof, 'no-such-event' | 'not-sealed-yet'>> {
  return withTransaction(
    db,
    'audit.prove',
    async (tx) => {
      const [entry] = await tx<{
        leafIndex: number;
        body: string;
      }>`select leaf_index as "leafIndex", body from audit.entry where event_id = ${eventId}::uuid`;
      if (!entry) {
        const waiting = await tx`select 1 from audit.intake_event where event_id = ${eventId}::uuid`;
        return err(waiting.length > 0 ? 'not-sealed-yet' : 'no-such-event');
      }
      // A checkpoint with more cosignatures says more than a newer one without.
      const [checkpoint] = await tx<{ size: number; note: string }>`
      select c.size, c.note from audit.checkpoint as c
       where c.size > ${entry.leafIndex}
       order by (select count(*) from audit.cosignature as s where s.size = c.size) desc, c.size desc limit 1`;
      if (!checkpoint) return err('not-sealed-yet');
      const path = await inclusionPath(tileSource(tx), entry.leafIndex, checkpoint.size);
      const lines = await tx<{
        line: string;
      }>`select line from audit.cosignature where size = ${checkpoint.size} order by witness`;
      const [opening] = options.withOpening
        ? await tx<{ subject: string; salt: Buffer }>`
          select subject, salt from audit.subject where event_id = ${eventId}::uuid and role = 'subject' and subject is not null`
        : [];
      return ok({
        body: entry.body,
        leafIndex: entry.leafIndex,
        path: path.map((h) => h.toString('hex')),
        checkpoint: checkpoint.note,
        cosignatures: lines.map((l) => l.line),
        ...(opening ? { opening: { subject: opening.subject, salt: opening.salt.toString('hex') } } : {}),
      });
    },
    { readOnly: true },
  );
}

export interface ProvenEvent {
  readonly event: Readonly<Record<string, unknown>>;
  readonly origin: string;
  readonly size: number;
  /** Witnesses whose cosignature holds. */
  readonly witnesses: readonly string[];
  /** The subject, where the proof opens the commitment. */
  readonly subject?: string;
}

/** Checks a proof with nothing but the log's key (and those of witnesses). Pure; needs no database. */
export function verifyEventProof(
  proof: EventProof,
  logKey: NamedKey,
  witnesses: readonly NamedKey[] = [],
): Result<ProvenEvent, 'not-a-checkpoint' | 'wrong-signature' | 'not-in-the-log' | 'wrong-opening'> {
  const checkpoint = parseCheckpoint(proof.checkpoint);
  if (!checkpoint || checkpoint.origin !== logKey.name) return err('not-a-checkpoint');
  if (!isSignedBy(checkpoint, logKey)) return err('wrong-signature');
  const path = proof.path.map((h) => Buffer.from(h, 'hex'));
  if (!verifyInclusion(proof.leafIndex, checkpoint.size, leafHash(proof.body), path, checkpoint.root))
    return err('not-in-the-log');
  const event = JSON.parse(proof.body) as Readonly<Record<string, unknown>>;
  if (
    proof.opening &&
    commitmentTo(Buffer.from(proof.opening.salt, 'hex'), proof.opening.subject).toString('hex') !== event.subject
  ) {
    return err('wrong-opening');
  }
  return ok({
    event,
    origin: checkpoint.origin,
    size: checkpoint.size,
    witnesses: witnesses
      .filter((w) => proof.cosignatures.some((line) => cosignedAt(line, checkpoint.text, w) !== undefined))
      .map((w) => w.name),
    ...(proof.opening ? { subject: proof.opening.subject } : {}),
  });
}
