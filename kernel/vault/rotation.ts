import type { MachineClock } from '../clocks/clock.ts';
import type { Tx } from '../db/sql.ts';
import type { Vault } from './vault.ts';

export type RotatingKey = 'cipher' | 'digest';

/**
 * Begins the rotation of a key. From the commit on every put uses the new cipher key, or carries both digests.
 * Gives undefined where one is under way already, or the vault is empty.
 *
 * @returns the new version
 */
export async function startRotation(
  tx: Tx,
  vault: Vault,
  clock: MachineClock,
  use: RotatingKey,
): Promise<number | undefined> {
  const version = await vault.ring.nextVersion(use);
  // The key must be on disk before anything is written with it; one that no rotation takes up stays unused.
  const check = await vault.ring.make(use, version);
  const [row] = await tx<{ started: boolean }>`
    select vault.start_rotation(${tx.eventId}::uuid, ${clock.now()}::timestamptz, ${use}::text, ${version}::integer, ${check}::bytea) as "started"`;
  return row?.started ? version : undefined;
}

/**
 * Does one chunk; call it in acts of its own until it says `finished`. What is left is read from the rows themselves, so
 * a crash between or inside chunks costs one chunk. Several workers may run; reading and writing go on meanwhile.
 *
 * Afterwards the old cipher key may be destroyed as soon as no database backup needs it; the old digest key at once.
 */
export async function rotateChunk(
  tx: Tx,
  vault: Vault,
  clock: MachineClock,
  use: RotatingKey,
  limit = 500,
): Promise<{ readonly rewritten: number; readonly state: 'working' | 'finished' }> {
  const [open] = await tx<{ to: number }>`select to_version as "to" from vault.rotation_open(${use}::text)`;
  if (!open) return { rewritten: 0, state: 'finished' };
  const at = clock.now();
  const rows = await tx<{ ref: string; owner: string; version: number; ciphertext: Uint8Array }>`
    select number_ref as "ref", owner, key_version as "version", ciphertext
      from vault.rotation_batch(${tx.eventId}::uuid, ${at}::timestamptz, ${use}::text, ${limit}::integer)`;
  if (rows.length > 0) {
    const refs = rows.map((r) => r.ref);
    const opened = await Promise.all(rows.map((r) => vault.ring.open(r.version, r.ref, r.owner, r.ciphertext)));
    if (use === 'cipher') {
      const sealed = await Promise.all(rows.map((r, i) => vault.ring.sealDigits(open.to, r.ref, r.owner, opened[i]!)));
      await tx`select vault.store_cipher(${open.to}::integer, ${refs}::uuid[], ${sealed}::bytea[])`;
    } else {
      const digests = await Promise.all(opened.map((digits) => vault.ring.digest(open.to, digits)));
      await tx`select vault.store_digest(${open.to}::integer, ${refs}::uuid[], ${digests}::bytea[])`;
    }
    return { rewritten: rows.length, state: 'working' };
  }
  const [next] = await tx<{ state: 'working' | 'finished' }>`
    select vault.advance_rotation(${at}::timestamptz, ${use}::text, ${limit}::integer) as "state"`;
  return { rewritten: 0, state: next!.state };
}
