import { canonicalJson } from '../crypto/canonical-json.ts';
import { type Database, withTransaction } from '../db/database.ts';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { momentOfUuidV7 } from '../ids/uuid.ts';
import { GrowingTree, type Hash, leafHash, rootOf } from './merkle.ts';
import { cosignedAt, isSignedBy, type NamedKey, parseCheckpoint } from './note.ts';
import { commitmentTo, rootOverCommitments } from './sink.ts';
import { hashesIn, tileWidth } from './tiles.ts';

export interface Defect {
  readonly kind:
    | 'entry-altered'
    | 'entry-missing'
    | 'entry-inserted'
    | 'entry-malformed'
    | 'event-repeated'
    | 'tile-altered'
    | 'tile-missing'
    | 'log-truncated'
    | 'checkpoint-altered'
    | 'root-mismatch'
    | 'cosignature-invalid'
    | 'fact-altered'
    | 'fact-missing'
    | 'fact-extra'
    | 'fact-without-event'
    | 'fact-batch-altered'
    | 'fact-digests-altered'
    | 'fact-digests-orphaned'
    | 'subject-altered'
    | 'subject-missing'
    | 'erasure-without-event'
    | 'expiry-without-event';
  readonly instance: string;
  readonly sequence?: number;
  readonly eventId?: string;
  readonly table?: string;
  readonly key?: string;
  readonly level?: number;
}

export interface VerifyReport {
  readonly instance: string;
  readonly ok: boolean;
  readonly checked: {
    events: number;
    waiting: number;
    expired: number;
    tiles: number;
    checkpoints: number;
    cosignatures: number;
    facts: number;
    factTables: number;
  };
  readonly defects: readonly Defect[];
}

export interface VerifyOptions {
  /** `organisation/system` */
  readonly instance: string;
  readonly logKey: NamedKey;
  readonly witnesses?: readonly NamedKey[];
  /** Checkpoint notes that others hold (witnesses, portals): what catches a log cut back together with its own checkpoints. */
  readonly seenElsewhere?: readonly string[];
}

interface Body {
  readonly v: number;
  readonly instance: string;
  readonly eventId: string;
  readonly event: string;
  readonly subject?: string;
  readonly subjects?: { readonly count: number; readonly root: string };
  readonly actor: { readonly kind: string; readonly subject?: string };
  readonly facts?: readonly { readonly table: string; readonly count: number; readonly root: string }[];
}
interface Row {
  readonly leafIndex: number | null;
  readonly eventId: string;
  readonly body: string;
}
type Report = (kind: Defect['kind'], where?: Omit<Defect, 'kind' | 'instance'>) => void;

/**
 * Recomputes the log from what it was made of, in one snapshot, and names each defect: bodies → leaves → tiles → roots →
 * signatures, numbering, commitments, and the rows of every fact table against the digests that the events commit to.
 */
export async function verifyInstance(db: Database, options: VerifyOptions): Promise<VerifyReport> {
  const defects: Defect[] = [];
  const report: Report = (kind, where = {}) => void defects.push({ kind, instance: options.instance, ...where });
  return withTransaction(db, 'audit.verify', async (tx) => {
    await tx`set transaction isolation level repeatable read, read only`;
    const [head] = await tx<{ size: number }>`select size from audit.head`;
    const size = head!.size;
    const [expiry] = await tx<{ upTo: number; month: string; eventId: string }>`
      select up_to_index as "upTo", up_to_month as month, event_id as "eventId" from audit.expiry order by up_to_index desc limit 1`;
    const checkpoints = await readCheckpoints(tx, options, size, report);
    const tiles = await readTiles(tx, size, report);
    const events = await checkEntries(
      tx,
      { size, expiredTo: expiry?.upTo ?? 0, leaves: tiles.leaves, checkpoints, instance: options.instance },
      report,
    );
    await checkErasures(tx, expiry, report);
    const facts = await checkFactRows(tx, expiry?.month, report);
    return {
      instance: options.instance,
      ok: defects.length === 0,
      checked: {
        ...events,
        expired: expiry?.upTo ?? 0,
        tiles: tiles.count,
        checkpoints: checkpoints.own,
        cosignatures: checkpoints.cosignatures,
        ...facts,
      },
      defects,
    };
  });
}

interface Checkpoints {
  readonly own: number;
  readonly cosignatures: number;
  readonly roots: readonly { size: number; root: Hash }[];
}

async function readCheckpoints(tx: Tx, options: VerifyOptions, size: number, report: Report): Promise<Checkpoints> {
  const rows = await tx<{
    size: number;
    root: Buffer;
    note: string;
  }>`select size, root, note from audit.checkpoint order by size`;
  const roots: { size: number; root: Hash }[] = [];
  const accept = (note: string, row?: { size: number; root: Buffer }): void => {
    const checkpoint = parseCheckpoint(note);
    const good = checkpoint && checkpoint.origin === options.logKey.name && isSignedBy(checkpoint, options.logKey);
    if (!good || (row && (row.size !== checkpoint.size || !row.root.equals(checkpoint.root)))) {
      report('checkpoint-altered', row ? { sequence: row.size } : {});
    } else if (checkpoint.size > size) report('log-truncated', { sequence: checkpoint.size });
    else roots.push({ size: checkpoint.size, root: checkpoint.root });
  };
  for (const row of rows) accept(row.note, row);
  for (const note of options.seenElsewhere ?? []) accept(note);
  const texts = new Map(rows.map((r) => [r.size, parseCheckpoint(r.note)?.text]));
  const lines = await tx<{
    size: number;
    witness: string;
    line: string;
  }>`select size, witness, line from audit.cosignature order by size, witness`;
  for (const { size: at, witness, line } of lines) {
    const key = options.witnesses?.find((w) => w.name === witness);
    const text = texts.get(at);
    if (key && (text === undefined || cosignedAt(line, text, key) === undefined))
      report('cosignature-invalid', { sequence: at, key: witness });
  }
  return { own: rows.length, cosignatures: lines.length, roots: roots.sort((a, b) => a.size - b.size) };
}

/** Reads all tiles, checks widths and that each full tile's root stands one level above. */
async function readTiles(
  tx: Tx,
  size: number,
  report: Report,
): Promise<{ count: number; leaves: (Hash | undefined)[] }> {
  let below: (Hash | undefined)[] = [];
  let leaves: (Hash | undefined)[] = [];
  let count = 0;
  for (let level = 0, expected = size; expected > 0; level++, expected = Math.floor(expected / tileWidth)) {
    const hashes: (Hash | undefined)[] = new Array(expected).fill(undefined);
    const roots: (Hash | undefined)[] = new Array(Math.floor(expected / tileWidth)).fill(undefined);
    const found = new Map<number, Buffer>();
    for await (const block of tx.cursor<{ index: number; hashes: Buffer }>(200)`
      select tile_index as index, hashes from audit.tile where level = ${level} order by tile_index`) {
      for (const tile of block) found.set(tile.index, tile.hashes);
    }
    for (let index = 0; index * tileWidth < expected; index++) {
      const width = Math.min(tileWidth, expected - index * tileWidth);
      const bytes = found.get(index);
      found.delete(index);
      if (bytes?.length !== width * 32) {
        report('tile-missing', { level, sequence: index });
        continue;
      }
      count += 1;
      const own = hashesIn(bytes);
      for (const [i, h] of own.entries()) hashes[index * tileWidth + i] = h;
      if (width === tileWidth) roots[index] = rootOf(own);
    }
    for (const index of found.keys()) report('tile-altered', { level, sequence: index });
    if (level === 0) leaves = hashes;
    else
      for (const [i, h] of hashes.entries())
        if (h && below[i] && !h.equals(below[i])) report('tile-altered', { level: level - 1, sequence: i });
    below = roots;
  }
  return { count, leaves };
}

interface LogContext {
  readonly size: number;
  readonly expiredTo: number;
  readonly leaves: readonly (Hash | undefined)[];
  readonly checkpoints: Checkpoints;
  readonly instance: string;
}

async function checkEntries(
  tx: Tx,
  log: LogContext,
  report: Report,
): Promise<{ events: number; waiting: number; facts: number }> {
  const fromTiles = new GrowingTree();
  const fromBodies = new GrowingTree();
  const differing: { sequence: number; eventId: string | undefined }[] = [];
  const verdicts: { size: number; tiles: boolean; bodies: boolean }[] = [];
  const roots = [...log.checkpoints.roots];
  const judge = (): void => {
    while (roots[0] && roots[0].size === fromTiles.size) {
      const { size, root } = roots.shift()!;
      verdicts.push({ size, tiles: fromTiles.root().equals(root), bodies: fromBodies.root().equals(root) });
    }
  };
  const zero = Buffer.alloc(32);
  const append = (tile: Hash | undefined, body: Hash | undefined, eventId?: string): void => {
    if (enforced('audit.tamper-evidence') && body && tile && !body.equals(tile))
      differing.push({ sequence: fromTiles.size, eventId });
    fromTiles.append(tile ?? zero);
    fromBodies.append(body ?? tile ?? zero);
    judge();
  };
  judge();
  while (fromTiles.size < Math.min(log.expiredTo, log.size)) append(log.leaves[fromTiles.size], undefined);
  let events = 0;
  let facts = 0;
  for await (const block of tx.cursor<Row>(500)`
    select leaf_index as "leafIndex", event_id as "eventId", body from audit.entry order by leaf_index, sequenced_at`) {
    for (const row of block) {
      const at = row.leafIndex!;
      if (at < fromTiles.size || at >= log.size) {
        report('entry-inserted', { sequence: at, eventId: row.eventId });
        continue;
      }
      while (fromTiles.size < at) {
        report('entry-missing', { sequence: fromTiles.size });
        append(log.leaves[fromTiles.size], undefined);
      }
      append(log.leaves[at], leafHash(row.body), row.eventId);
      events += 1;
    }
    facts += await checkContents(tx, block, log.instance, report);
  }
  while (fromTiles.size < log.size) {
    report('entry-missing', { sequence: fromTiles.size });
    append(log.leaves[fromTiles.size], undefined);
  }
  for (const { sequence, eventId } of differing) {
    // What a checkpoint confirms is the truth; the other of the two was changed.
    const verdict = verdicts.find((v) => v.size > sequence);
    const tileIsWrong = verdict !== undefined && !verdict.tiles && verdict.bodies;
    report(
      tileIsWrong ? 'tile-altered' : 'entry-altered',
      tileIsWrong ? { level: 0, sequence } : { sequence, ...(eventId ? { eventId } : {}) },
    );
  }
  for (const v of verdicts) if (!v.tiles && !v.bodies) report('root-mismatch', { sequence: v.size });
  let waiting = 0;
  for await (const block of tx.cursor<Row>(
    500,
  )`select null::int8 as "leafIndex", event_id as "eventId", body from audit.intake_event order by intake_no`) {
    waiting += block.length;
    facts += await checkContents(tx, block, log.instance, report);
  }
  for (const { id } of await tx<{ id: string }>`
    select event_id as id from (select event_id from audit.entry union all select event_id from audit.intake_event) as e group by event_id having count(*) > 1`) {
    report('event-repeated', { eventId: id });
  }
  return { events, waiting, facts };
}

interface BatchRow {
  readonly eventId: string;
  readonly table: string;
  readonly count: number;
  readonly root: Buffer;
}
interface FactRow {
  readonly eventId: string;
  readonly table: string;
  readonly key: string;
  readonly digest: Buffer;
}
interface SubjectRow {
  readonly eventId: string;
  readonly role: string;
  readonly commitment: Buffer;
  readonly subject: string | null;
  readonly salt: Buffer | null;
}

/** What a body says of itself, of its facts' digests and of its persons. */
async function checkContents(tx: Tx, rows: readonly Row[], instance: string, report: Report): Promise<number> {
  const ids = rows.map((r) => r.eventId);
  const facts = Map.groupBy(
    await tx<FactRow>`
    select event_id as "eventId", fact_table as table, fact_key as key, digest from audit.fact
     where event_id = any (${ids}::uuid[]) order by fact_table, fact_key collate "C"`,
    (f) => f.eventId,
  );
  const batches = Map.groupBy(
    await tx<BatchRow>`
    select event_id as "eventId", fact_table as table, count, root from audit.fact_batch where event_id = any (${ids}::uuid[])`,
    (b) => b.eventId,
  );
  const subjects = Map.groupBy(
    await tx<SubjectRow>`
    select event_id as "eventId", role, commitment, subject, salt from audit.subject
     where event_id = any (${ids}::uuid[]) order by role, ord`,
    (s) => s.eventId,
  );
  let count = 0;
  for (const row of rows) {
    const where = { eventId: row.eventId, ...(row.leafIndex === null ? {} : { sequence: row.leafIndex }) };
    const body = readBody(row, instance);
    if (body === undefined) {
      report('entry-malformed', where);
      continue;
    }
    const own = Map.groupBy(facts.get(row.eventId) ?? [], (f) => f.table);
    const named = new Map((body.facts ?? []).map((f) => [f.table, f]));
    const tied = new Map((batches.get(row.eventId) ?? []).map((b) => [b.table, b]));
    for (const table of new Set([...own.keys(), ...named.keys(), ...tied.keys()])) {
      const batch = tied.get(table);
      if (batch !== undefined) {
        // The rows themselves are held against the batch's root with the other rows of their table.
        if (named.get(table)?.count !== batch.count || named.get(table)?.root !== batch.root.toString('hex'))
          report('fact-digests-altered', { ...where, table });
        count += batch.count;
        continue;
      }
      const digests = own.get(table) ?? [];
      const root = rootOf(digests.map((f) => leafHash(`${f.table}\n${f.key}\n${f.digest.toString('hex')}\n`))).toString(
        'hex',
      );
      if (named.get(table)?.count !== digests.length || named.get(table)?.root !== root)
        report('fact-digests-altered', { ...where, table });
      count += digests.length;
    }
    checkSubjects(body, subjects.get(row.eventId) ?? [], where, report);
  }
  return count;
}

function readBody(row: Row, instance: string): Body | undefined {
  try {
    const body = JSON.parse(row.body) as Body;
    return body.v === 1 &&
      body.eventId === row.eventId &&
      body.instance === instance &&
      canonicalJson(body) === row.body
      ? body
      : undefined;
  } catch {
    return undefined;
  }
}

function checkSubjects(
  body: Body,
  rows: readonly SubjectRow[],
  where: Omit<Defect, 'kind' | 'instance'>,
  report: Report,
): void {
  for (const row of rows) {
    if (row.subject !== null && row.salt !== null && !commitmentTo(row.salt, row.subject).equals(row.commitment))
      report('subject-altered', where);
  }
  const of = (role: string): Buffer[] => rows.filter((r) => r.role === role).map((r) => r.commitment);
  const expect = (role: string, stated: string | undefined): void => {
    const found = of(role);
    if (stated !== undefined && found.length === 0) report('subject-missing', where);
    else if (
      found.length > (stated === undefined ? 0 : 1) ||
      (stated !== undefined && found[0]!.toString('hex') !== stated)
    )
      report('subject-altered', where);
  };
  expect('subject', body.subject);
  expect('actor', body.actor.subject);
  const members = of('member');
  if (members.length < (body.subjects?.count ?? 0)) report('subject-missing', where);
  else if (members.length > 0 && rootOverCommitments(members).toString('hex') !== body.subjects?.root)
    report('subject-altered', where);
}

async function checkErasures(
  tx: Tx,
  expiry: { upTo: number; eventId: string } | undefined,
  report: Report,
): Promise<void> {
  const known = async (id: string): Promise<string | undefined> =>
    (
      await tx<{
        body: string;
      }>`select body from audit.entry where event_id = ${id}::uuid union all select body from audit.intake_event where event_id = ${id}::uuid`
    )[0]?.body;
  const erasing = await tx<{
    id: string;
  }>`select erased_event_id as id from audit.subject where erased_event_id is not null
    union select erased_event_id from audit.fact where erased_event_id is not null`;
  for (const { id } of erasing) if ((await known(id)) === undefined) report('erasure-without-event', { eventId: id });
  if (expiry === undefined) return;
  const body = await known(expiry.eventId);
  const stated = body === undefined ? undefined : (JSON.parse(body) as { event: string; detail?: { upTo?: number } });
  if (stated?.event !== 'audit.expired' || stated.detail?.upTo !== expiry.upTo)
    report('expiry-without-event', { eventId: expiry.eventId, sequence: expiry.upTo });
}

async function checkFactRows(
  tx: Tx,
  expiredMonth: string | undefined,
  report: Report,
): Promise<{ factTables: number }> {
  if (!enforced('audit.fact-digest')) return { factTables: 0 };
  const tables = await tx<{
    name: string;
  }>`select fact_table as name from audit.fact_table union select distinct fact_table from audit.fact order by name`;
  const expiredBefore =
    expiredMonth === undefined
      ? undefined
      : Temporal.PlainDate.from(expiredMonth).add({ months: 1 }).toZonedDateTime('UTC').toInstant();
  for (const { name } of tables) {
    const differences = await tx<{
      eventId: string | null;
      key: string;
      fault: 'altered' | 'missing' | 'extra' | 'without-event';
      erased: string | null;
      standsIn: string | null;
    }>`
      select event_id as "eventId", fact_key as key, fault, erased_event_id as erased, stands_in as "standsIn" from audit.fact_differences(${name})`;
    for (const d of differences) {
      if (d.fault === 'missing' && d.erased !== null) continue;
      // Digests go with the event's body; the row may have to be kept longer.
      const moment = d.eventId === null ? undefined : momentOfUuidV7(d.eventId);
      if (d.fault === 'extra' && moment && expiredBefore && Temporal.Instant.compare(moment, expiredBefore) < 0)
        continue;
      report(`fact-${d.fault}`, {
        table: d.standsIn ?? name,
        key: d.key,
        ...(d.eventId === null ? {} : { eventId: d.eventId }),
      });
    }
  }
  await checkBatches(tx, report);
  const orphans = await tx<{ id: string; table: string; key: string }>`
    select f.event_id as id, f.fact_table as table, f.fact_key as key from audit.fact as f
     where not exists (select 1 from audit.entry as e where e.event_id = f.event_id)
       and not exists (select 1 from audit.intake_event as i where i.event_id = f.event_id)
    union all
    select b.event_id, b.fact_table, '' from audit.fact_batch as b
     where not exists (select 1 from audit.entry as e where e.event_id = b.event_id)
       and not exists (select 1 from audit.intake_event as i where i.event_id = b.event_id)`;
  for (const o of orphans) report('fact-digests-orphaned', { eventId: o.id, table: o.table, key: o.key });
  return { factTables: tables.length };
}

/** Rows that were tied as a batch, with the digests of those that retention erased, make its root again. */
async function checkBatches(tx: Tx, report: Report): Promise<void> {
  const batches = await tx<BatchRow>`
    select event_id as "eventId", fact_table as table, count, root from audit.fact_batch order by fact_table, event_id`;
  for (const { eventId, table, count, root } of batches) {
    const tree = new GrowingTree();
    for await (const block of tx.cursor<{ key: string; digest: Buffer }>(5_000)`
      select fact_key as key, digest from audit.batch_leaves(${table}, ${eventId}::uuid)`) {
      for (const { key, digest } of block) tree.append(leafHash(`${table}\n${key}\n${digest.toString('hex')}\n`));
    }
    if (tree.size !== count || !tree.root().equals(root)) report('fact-batch-altered', { eventId, table });
  }
}
