import { type Database, withTransaction } from '../db/database.ts';
import { consistencyPath } from './merkle.ts';
import type { NamedKey } from './note.ts';
import { hashesIn, tileSource, tileWidth } from './tiles.ts';

export interface ExportOptions {
  readonly instance: string;
  readonly logKey: NamedKey;
  readonly witnesses?: readonly NamedKey[];
}

/**
 * The bundle that the independent verifier reads: JSON lines, in this order: `log`, `leaf` (an expired event) or `entry`
 * per number, `fact` digests, `checkpoint` with cosignatures and the consistency proof from the one before, `end`.
 * No subject and no salt leaves the database with it. `write` gets one line at a time and is awaited.
 */
export async function exportBundle(
  db: Database,
  options: ExportOptions,
  write: (line: string) => unknown,
): Promise<{ lines: number }> {
  let lines = 0;
  const put = async (line: object): Promise<void> => {
    lines += 1;
    await write(`${JSON.stringify(line)}\n`);
  };
  const keyOf = (key: NamedKey) => ({ name: key.name, publicKey: Buffer.from(key.publicKey).toString('base64') });
  return withTransaction(db, 'audit.export', async (tx) => {
    await tx`set transaction isolation level repeatable read, read only`;
    const checkpoints = await tx<{ size: number; note: string }>`select size, note from audit.checkpoint order by size`;
    const sealed = checkpoints.at(-1)?.size ?? 0;
    const [expiry] = await tx<{
      upTo: number;
      eventId: string;
    }>`select up_to_index as "upTo", event_id as "eventId" from audit.expiry order by up_to_index desc limit 1`;
    await put({
      type: 'log',
      version: 1,
      instance: options.instance,
      origin: options.logKey.name,
      size: sealed,
      logKey: keyOf(options.logKey),
      witnesses: (options.witnesses ?? []).map(keyOf),
      ...(expiry ? { expired: { upTo: expiry.upTo, eventId: expiry.eventId } } : {}),
    });
    const expired = Math.min(expiry?.upTo ?? 0, sealed);
    for (let index = 0; index * tileWidth < expired; index++) {
      const [tile] = await tx<{
        hashes: Buffer;
      }>`select hashes from audit.tile where level = 0 and tile_index = ${index}`;
      for (const [i, hash] of hashesIn(tile?.hashes ?? Buffer.alloc(0)).entries()) {
        if (index * tileWidth + i < expired)
          await put({ type: 'leaf', index: index * tileWidth + i, hash: hash.toString('hex') });
      }
    }
    for await (const block of tx.cursor<{ index: number; body: string }>(500)`
      select leaf_index as index, body from audit.entry where leaf_index < ${sealed} order by leaf_index`) {
      for (const entry of block) await put({ type: 'entry', ...entry });
    }
    for await (const block of tx.cursor<{ eventId: string; table: string; key: string; digest: string }>(1_000)`
      select f.event_id as "eventId", f.fact_table as table, f.fact_key as key, encode(f.digest, 'hex') as digest
        from audit.fact as f join audit.entry as e on e.event_id = f.event_id and e.leaf_index < ${sealed}
       where not exists (select from audit.fact_batch as b where b.event_id = f.event_id and b.fact_table = f.fact_table)
       order by f.event_id, f.fact_table, f.fact_key collate "C"`) {
      for (const fact of block) await put({ type: 'fact', ...fact });
    }
    const batches = await tx<{ eventId: string; table: string }>`
      select b.event_id as "eventId", b.fact_table as table
        from audit.fact_batch as b join audit.entry as e on e.event_id = b.event_id and e.leaf_index < ${sealed}
       order by b.event_id, b.fact_table`;
    for (const { eventId, table } of batches) {
      for await (const block of tx.cursor<{ key: string; digest: string }>(1_000)`
        select fact_key as key, encode(digest, 'hex') as digest from audit.batch_leaves(${table}, ${eventId}::uuid)`) {
        for (const fact of block) await put({ type: 'fact', eventId, table, ...fact });
      }
    }
    const source = tileSource(tx);
    let before = 0;
    for (const { size, note } of checkpoints) {
      const path = await consistencyPath(source, before, size);
      const cosignatures = await tx<{
        line: string;
      }>`select line from audit.cosignature where size = ${size} order by witness`;
      await put({
        type: 'checkpoint',
        note,
        from: before,
        consistency: path.map((h) => h.toString('hex')),
        cosignatures: cosignatures.map((c) => c.line),
      });
      before = size;
    }
    await put({ type: 'end', lines });
    return { lines };
  });
}
