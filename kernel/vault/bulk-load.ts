import { createCipheriv, createHmac, hash, randomFillSync } from 'node:crypto';
import type { Tx } from '../db/sql.ts';
import type { KeyRing } from './key-ring.ts';

/** What one load needs of the database and the keys. */
export interface BulkLoad {
  readonly putNo: number;
  /** One number as COPY takes it. Hand all lines to `copy`, in the same transaction. */
  line(ref: string, ownerId: string, digits: string): string;
  copy(tx: Tx, lines: string): Promise<void>;
  /** Ends the load with the one row of use that commits to all lines. */
  finish(tx: Tx, purpose: string, at: Temporal.Instant): Promise<void>;
}

/**
 * A load of very many numbers by the owner's tool, in an act of its own: sealed and digested as `put` does, copied in, and
 * accounted for by one row of use with SHA-256 over reference and digest of each. For owners who hold no number yet; the
 * caller answers for that (a first load into an empty vault).
 *
 * @param ownerPattern `person:*`
 * @throws where keys are rotating: the load must wait
 */
export async function openBulkLoad(
  tx: Tx,
  ring: KeyRing,
  ownerPattern: string,
  at: Temporal.Instant,
): Promise<BulkLoad> {
  const { cipher, digest } = await ring.state(tx, at);
  const [cipherKey, digestKey] = [await ring.key('cipher', cipher), await ring.key('digest', digest)];
  const [opened] = await tx<{ putNo: number; patternNo: number }>`
    select put_no as "putNo", pattern_no as "patternNo" from vault.open_load(${ownerPattern}, ${cipher}::integer, ${digest}::integer)`;
  const { putNo, patternNo } = opened!;
  const same = `${putNo}\t${patternNo}\t${cipher}\t${digest}\tt\t\\\\x`;
  const nonce = nonces();
  const committed: string[] = [];
  return {
    putNo,
    line(ref, ownerId, digits) {
      const iv = nonce();
      const seal = createCipheriv('aes-256-gcm', cipherKey, iv, { authTagLength: 16 });
      // The same identity as KeyRing binds: version, reference, owner.
      seal.setAAD(Buffer.from(`["musubi/vault/1",${cipher},"${ref}","${ownerPattern.replace('*', ownerId)}"]`));
      const sealed =
        iv.toString('hex') +
        seal.update(digits, 'latin1', 'hex') +
        seal.final('hex') +
        seal.getAuthTag().toString('hex');
      const mark = createHmac('sha256', digestKey).update(`musubi vault digest\0${digits}`).digest('hex').slice(0, 32);
      committed.push(`${ref}${mark}\n`);
      return `${ref}\t${ownerId}\t${same}${mark}\t\\\\x${sealed}\n`;
    },
    async copy(tx, lines) {
      await tx.copyIn(
        'copy vault.number (number_ref, owner_id, put_no, owner_pattern, key_version, digest_version, held, digest, ciphertext) from stdin',
        [lines],
      );
    },
    async finish(tx, purpose, now) {
      const root = hash('sha256', committed.join(''), 'buffer');
      await tx`select vault.close_load(${putNo}, ${tx.eventId}::uuid, ${purpose}, ${now}::timestamptz, ${committed.length}::integer, ${root}::bytea)`;
    },
  };
}

/** Nonces drawn in blocks: a call for each costs as much as sealing. */
function nonces(): () => Buffer {
  const pool = Buffer.alloc(12 * 4_096);
  let at = pool.length;
  return () => {
    if (at === pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    at += 12;
    return pool.subarray(at - 12, at);
  };
}
