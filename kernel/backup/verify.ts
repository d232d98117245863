import { createHash } from 'node:crypto';
import type { MachineClock } from '../clocks/clock.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { BackupStore, Manifest, StoreFault, TableCopy, Verified } from './store.ts';

export type VerifyFault = StoreFault | 'not-as-written';

/**
 * Reads a backup back, part by part, and holds rows and digest of every table against the manifest. Only then it counts as
 * taken; a medium that lost or changed a byte is named here and not on the day on which it is needed.
 */
export async function verifyBackup(
  { store, machineClock }: { readonly store: BackupStore; readonly machineClock: MachineClock },
  backupId: string,
): Promise<Result<Verified, VerifyFault>> {
  const read = await store.manifest(backupId);
  if (!read.ok) return read;
  const { manifest, digest } = read.value;
  for (const table of manifest.tables) {
    const fault = await faultOf(store, manifest, table);
    if (enforced('backup.verified') && fault !== undefined) return err(fault);
  }
  const verified: Verified = {
    backupId,
    instance: manifest.instance,
    kind: manifest.kind,
    takenOn: manifest.takenOn,
    verifiedAt: machineClock.now().toString(),
    tables: manifest.tables.length,
    rows: manifest.tables.reduce((sum, t) => sum + t.rows, 0),
    added: manifest.added,
    manifestDigest: digest,
  };
  await store.markVerified(verified);
  return ok(verified);
}

async function faultOf(store: BackupStore, manifest: Manifest, table: TableCopy): Promise<VerifyFault | undefined> {
  const hash = createHash('sha256');
  let rows = 0;
  for (const chunk of table.chunks) {
    const content = await store.get(manifest.generation, chunk.name);
    if (!content.ok) return content.error;
    hash.update(content.value);
    rows += chunk.rows;
  }
  return rows === table.rows && hash.digest('hex') === table.digest ? undefined : 'not-as-written';
}
