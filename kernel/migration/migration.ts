import { type ActDeps, act, type Right } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { readCsvCells } from '../euc/output.ts';
import type { BatchDefinition, Reject } from '../jobs/definition.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { SealedStore } from '../vault/sealed/sealed-store.ts';
import { differences, figuresOf, type LoadedRow, type TableStatement } from './figures.ts';
import {
  insertClosing,
  insertComparison,
  insertMigration,
  insertOldErasure,
  insertPart,
  lockMigration,
  type MigrationLine,
  migrations,
  type OldErasure,
  parts,
} from './store.ts';

export type { MigrationLine };

export interface MigrationDeps extends ActDeps {
  readonly sealed: SealedStore;
}
export interface OldRow {
  /** From 1, in the table's file. */
  readonly rowNumber: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** A table that is taken over: how its file looks, how its rows become rows here, and how those are read back. */
export interface MigrationTable<D extends MigrationDeps> {
  readonly id: string;
  readonly label: string;
  /** Header of the CSV file, exactly. */
  readonly columns: readonly string[];
  /** Columns of yen whose totals must agree. */
  readonly totals: readonly string[];
  readonly facts: readonly string[];
  /** Takes rows in; those it cannot take come back with a word. `subjects`: about whom rows were written. */
  load(
    tx: Tx,
    deps: D,
    migrationId: string,
    rows: readonly OldRow[],
  ): Promise<{ readonly rejects: readonly Reject[]; readonly subjects: readonly string[] }>;
  /** What stands here now, read from the tables themselves. */
  loaded(tx: Tx, migrationId: string): Promise<readonly LoadedRow[]>;
}

const rowsPerPart = 2_000;
type LineFault = 'no-such-migration';

/**
 * 移行 of a system's data from the one before it. Rights of the system: `migration` update (open, take in, load, compare, record the
 * erasure) and read, `migration-approval` update (close). It closes only when counts, keys and totals of every table agree as they
 * stand here at that moment; with the closing the term for erasing the old environment begins, and an overdue erasure is told.
 * @source 特定個人情報保護評価書 002 Ⅱ.6, Ⅱ.7 (データ移行後の旧システムの速やかな消去)
 */
export function createMigration<D extends MigrationDeps>(options: {
  readonly system: string;
  /** Later tables may refer to earlier ones. */
  readonly tables: readonly MigrationTable<D>[];
  readonly eraseWithinDays: number;
}) {
  const { system, tables, eraseWithinDays } = options;
  const update: Right = [system, 'migration', 'update'];
  const read: Right = [system, 'migration', 'read'];
  const approval: Right = [system, 'migration-approval', 'update'];
  const lineOf = async (tx: Tx, migrationId: string): Promise<MigrationLine | undefined> => {
    await lockMigration(tx, migrationId);
    const [line] = await migrations(tx, migrationId);
    return line;
  };

  /** Begins with what the old system states of itself: every table, its rows, the digest of its keys, its totals. */
  const open = act<
    D,
    { readonly oldSystem: string; readonly statement: readonly TableStatement[] },
    { migrationId: string },
    'not-staff' | 'tables-differ' | 'no-old-system'
  >(`${system}.open-migration`, {
    right: update,
    async run(tx, deps, { oldSystem, statement }, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      if (oldSystem.trim() === '') return err('no-old-system');
      const stated = statement.map(({ table }) => table).sort();
      if (JSON.stringify(stated) !== JSON.stringify(tables.map(({ id }) => id).sort())) return err('tables-differ');
      const migrationId = deps.newId();
      await insertMigration(tx, { migrationId, oldSystem, statement, by: actor.staffId, on: deps.civilClock.today() });
      tx.record({ event: 'migration.opened', facts: ['migration.migration'], detail: { migration: migrationId } });
      return ok({ migrationId });
    },
  });

  /** Takes a table's file in, once, sealed in parts. */
  const takeFile = act<
    D,
    { readonly migrationId: string; readonly table: string; readonly bytes: Uint8Array },
    { rows: number },
    'not-staff' | LineFault | 'no-such-table' | 'closed' | 'taken-before' | 'unreadable' | 'columns-differ' | 'no-rows'
  >(`${system}.take-migration-file`, {
    right: update,
    async run(tx, deps, { migrationId, table: id, bytes }, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      const line = await lineOf(tx, migrationId);
      if (!line) return err('no-such-migration');
      const table = tables.find((t) => t.id === id);
      if (!table) return err('no-such-table');
      if (line.closedOn !== null) return err('closed');
      if ((await parts(tx, migrationId, id)).length > 0) return err('taken-before');
      const lines = readCsvCells(bytes);
      if (!lines) return err('unreadable');
      const [header = [], ...rows] = lines;
      if (JSON.stringify(header) !== JSON.stringify(table.columns)) return err('columns-differ');
      if (rows.length === 0) return err('no-rows');
      for (let from = 0; from < rows.length; from += rowsPerPart) {
        const some = rows.slice(from, from + rowsPerPart);
        const kept = { kind: 'migration-file', retentionClass: 'log-7y' } as const;
        const { ref } = await deps.sealed.seal(tx, Buffer.from(JSON.stringify(some)), kept);
        const part = { partNo: from / rowsPerPart + 1, ref, firstRow: from + 1, rows: some.length };
        await insertPart(tx, { ...part, migrationId, table: id, by: actor.staffId });
      }
      tx.record({
        event: 'migration.file-taken',
        facts: ['migration.part'],
        detail: { migration: migrationId, table: id, rows: rows.length },
      });
      return ok({ rows: rows.length });
    },
  });

  /** Takes the files' rows over, a part a chunk; what cannot be taken is a reject of the run, and keeps the migration open. */
  const loadRun: BatchDefinition<D, { readonly migrationId: string }> = {
    name: `${system}.migration-load`,
    right: update,
    steps: tables.map((table) => ({
      name: table.id,
      async total(tx, _deps, { migrationId }): Promise<Result<number, string>> {
        const all = await parts(tx, migrationId, table.id);
        return all.length === 0 ? err('file-not-taken') : ok(all.reduce((sum, { rows }) => sum + rows, 0));
      },
      async chunk(tx, deps, { params: { migrationId }, cursor }) {
        const line = await lineOf(tx, migrationId);
        if (!line || line.closedOn !== null) return err('closed');
        const all = await parts(tx, migrationId, table.id);
        const at = Number(cursor ?? '0');
        const part = all[at];
        if (!part) return err('no-such-part');
        const opened = await deps.sealed.open(tx, part.ref, 'migration-load');
        if (!opened.ok) return opened;
        const lines: readonly (readonly string[])[] = JSON.parse(Buffer.from(opened.value).toString('utf8'));
        const rows = lines.map((cells, i) => ({
          rowNumber: part.firstRow + i,
          cells: Object.fromEntries(table.columns.map((column, c) => [column, cells[c] ?? ''])),
        }));
        const { rejects, subjects } = await table.load(tx, deps, migrationId, rows);
        const out = rows.length - rejects.length;
        tx.record({
          event: 'migration.loaded',
          subjects: [...new Set(subjects)],
          ...(out > 0
            ? { facts: table.facts, batches: Object.fromEntries(table.facts.map((fact) => [fact, null])) }
            : {}),
          detail: { migration: migrationId, table: table.id, part: part.partNo, out, rejected: rejects.length },
        });
        return ok({ next: at + 1 < all.length ? `${at + 1}` : null, in: rows.length, out, rejects });
      },
    })),
  };

  async function compared(tx: Tx, line: MigrationLine) {
    const found = [];
    for (const { id, totals } of tables) {
      const stated = line.statement.find(({ table }) => table === id)!;
      const here = { table: id, ...figuresOf(await table(id).loaded(tx, line.migrationId), totals) };
      found.push({ table: id, stated, found: here, differing: differences(stated, here) });
    }
    return { found, agrees: found.every(({ differing }) => differing.length === 0) };
  }
  const table = (id: string): MigrationTable<D> => tables.find((t) => t.id === id)!;

  /** Counts, keys and totals per table: what the old system stated beside what stands here. */
  const compare = act<D, { readonly migrationId: string }, { agrees: boolean }, 'not-staff' | LineFault | 'closed'>(
    `${system}.compare-migration`,
    {
      right: update,
      async run(tx, deps, { migrationId }, actor) {
        if (actor.kind !== 'staff') return err('not-staff');
        const line = await lineOf(tx, migrationId);
        if (!line) return err('no-such-migration');
        if (line.closedOn !== null) return err('closed');
        const { found, agrees } = await compared(tx, line);
        const at = deps.machineClock.now();
        const comparisonId = deps.newId();
        await insertComparison(tx, { comparisonId, migrationId, agrees, found, by: actor.staffId, at });
        const differing = found.filter((t) => t.differing.length > 0).length;
        tx.record({
          event: 'migration.compared',
          facts: ['migration.comparison'],
          detail: { migration: migrationId, agrees, differing },
        });
        return ok({ agrees });
      },
    },
  );

  /** Closes what agrees, as it stands at this moment. The term for erasing the old environment begins. */
  const close = act<
    D,
    { readonly migrationId: string },
    { eraseByOn: Temporal.PlainDate },
    'not-staff' | LineFault | 'closed' | 'not-compared' | 'differs' | 'closer-opened-it'
  >(`${system}.close-migration`, {
    right: approval,
    async run(tx, deps, { migrationId }, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      const line = await lineOf(tx, migrationId);
      if (!line) return err('no-such-migration');
      if (line.closedOn !== null) return err('closed');
      if (line.comparisonId === null) return err('not-compared');
      if (line.openedBy === actor.staffId) return err('closer-opened-it');
      const agrees = line.agrees === true && (await compared(tx, line)).agrees;
      if (enforced('retention.migration-closing') && !agrees) return err('differs');
      const on = deps.civilClock.today();
      const eraseByOn = on.add({ days: eraseWithinDays });
      const { comparisonId } = line;
      await insertClosing(tx, { migrationId, comparisonId, by: actor.staffId, on, eraseByOn });
      tx.record({
        event: 'migration.closed',
        facts: ['migration.closing'],
        detail: { migration: migrationId, eraseBy: eraseByOn.toString() },
      });
      return ok({ eraseByOn });
    },
  });

  /** The old environment is erased: how, when, and who saw it. */
  const recordErasure = act<
    D,
    OldErasure,
    null,
    | 'not-staff'
    | LineFault
    | 'not-closed'
    | 'not-whole'
    | 'witness-is-recorder'
    | 'not-in-time-order'
    | 'recorded-before'
  >(`${system}.record-old-erasure`, {
    right: update,
    async run(tx, deps, command, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      const line = await lineOf(tx, command.migrationId);
      if (!line) return err('no-such-migration');
      if (line.closedOn === null) return err('not-closed');
      if ([command.method, command.witness, command.certificate].some((text) => text.trim() === ''))
        return err('not-whole');
      if (command.witness === actor.staffId) return err('witness-is-recorder');
      const isAfter = (a: Temporal.PlainDate | string, b: Temporal.PlainDate | string): boolean =>
        Temporal.PlainDate.compare(a, b) > 0;
      if (isAfter(line.closedOn, command.erasedOn) || isAfter(command.erasedOn, deps.civilClock.today()))
        return err('not-in-time-order');
      if (!(await insertOldErasure(tx, { ...command, by: actor.staffId }))) return err('recorded-before');
      tx.record({
        event: 'migration.old-erased',
        facts: ['migration.old_erasure'],
        detail: { migration: command.migrationId, erasedOn: command.erasedOn.toString() },
      });
      return ok(null);
    },
  });

  const list = act(`${system}.list-migrations`, {
    right: read,
    async run(tx: Tx, deps: D, { migrationId }: { readonly migrationId: string | null }) {
      const rows = await migrations(tx, migrationId);
      tx.record({ event: 'migration.listed', detail: { rows: rows.length } });
      const today = deps.civilClock.today().toString();
      const isOverdue = (m: MigrationLine): boolean =>
        m.eraseByOn !== null && m.erasedOn === null && m.eraseByOn < today;
      return ok({ rows, overdue: rows.filter(isOverdue).map((m) => m.migrationId) });
    },
  });

  return {
    system,
    tables: tables as readonly Pick<MigrationTable<D>, 'id' | 'label' | 'columns' | 'totals'>[],
    rights: { update, read, approval },
    open,
    takeFile,
    loadRun,
    compare,
    close,
    recordErasure,
    list,
  };
}
export type Migration<D extends MigrationDeps> = ReturnType<typeof createMigration<D>>;
