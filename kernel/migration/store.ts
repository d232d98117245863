import { json, type Tx } from '../db/sql.ts';
import type { SealedId } from '../vault/sealed/sealed-store.ts';
import type { TableStatement } from './figures.ts';

export interface ComparedTable {
  readonly table: string;
  readonly stated: TableStatement;
  readonly found: TableStatement;
  readonly differing: readonly string[];
}

export interface MigrationLine {
  readonly migrationId: string;
  readonly oldSystem: string;
  readonly statement: readonly TableStatement[];
  readonly openedBy: string;
  readonly openedOn: string;
  readonly agrees: boolean | null;
  readonly found: readonly ComparedTable[] | null;
  readonly comparisonId: string | null;
  readonly closedOn: string | null;
  readonly eraseByOn: string | null;
  readonly erasedOn: string | null;
}

/** With the newest comparison of each. */
export async function migrations(tx: Tx, migrationId: string | null): Promise<MigrationLine[]> {
  return tx<MigrationLine>`
    select m.migration_id as "migrationId", m.old_system as "oldSystem", m.statement, m.opened_by as "openedBy",
           m.opened_on::text as "openedOn", x.agrees, x.found, x.comparison_id as "comparisonId", c.closed_on::text as "closedOn",
           c.erase_by_on::text as "eraseByOn", e.erased_on::text as "erasedOn"
      from migration.migration m
           left join lateral (select * from migration.comparison y where y.migration_id = m.migration_id
                               order by compared_at desc limit 1) x on true
           left join migration.closing c on c.migration_id = m.migration_id
           left join migration.old_erasure e on e.migration_id = m.migration_id
     where ${migrationId}::uuid is null or m.migration_id = ${migrationId}::uuid
     order by m.opened_on desc, m.migration_id limit 100`;
}

/** Loading, comparing and closing of one migration wait for each other. */
export async function lockMigration(tx: Tx, migrationId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`migration ${migrationId}`}, 0))`;
}

export async function insertMigration(
  tx: Tx,
  row: {
    migrationId: string;
    oldSystem: string;
    statement: readonly TableStatement[];
    by: string;
    on: Temporal.PlainDate;
  },
): Promise<void> {
  await tx`insert into migration.migration (migration_id, old_system, statement, opened_by, opened_on, event_id)
    values (${row.migrationId}, ${row.oldSystem}, ${json(row.statement)}, ${row.by}, ${row.on}, ${tx.eventId})`;
}

export interface Part {
  readonly partNo: number;
  readonly ref: SealedId;
  readonly firstRow: number;
  readonly rows: number;
}
export async function insertPart(
  tx: Tx,
  row: Part & { readonly migrationId: string; readonly table: string; readonly by: string },
): Promise<void> {
  await tx`insert into migration.part (migration_id, table_id, part_no, sealed_ref, first_row, rows, taken_by, event_id)
    values (${row.migrationId}, ${row.table}, ${row.partNo}, ${row.ref}, ${row.firstRow}, ${row.rows}, ${row.by}, ${tx.eventId})`;
}
export async function parts(tx: Tx, migrationId: string, table: string): Promise<Part[]> {
  return tx<Part>`select part_no as "partNo", sealed_ref as ref, first_row as "firstRow", rows
      from migration.part where migration_id = ${migrationId} and table_id = ${table} order by part_no`;
}

export async function insertComparison(
  tx: Tx,
  row: {
    comparisonId: string;
    migrationId: string;
    agrees: boolean;
    found: readonly ComparedTable[];
    by: string;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`insert into migration.comparison (comparison_id, migration_id, agrees, found, compared_by, compared_at, event_id)
    values (${row.comparisonId}, ${row.migrationId}, ${row.agrees}, ${json(row.found)}, ${row.by}, ${row.at}, ${tx.eventId})`;
}

export async function insertClosing(
  tx: Tx,
  row: { migrationId: string; comparisonId: string; by: string; on: Temporal.PlainDate; eraseByOn: Temporal.PlainDate },
): Promise<void> {
  await tx`insert into migration.closing (migration_id, comparison_id, closed_by, closed_on, erase_by_on, event_id)
    values (${row.migrationId}, ${row.comparisonId}, ${row.by}, ${row.on}, ${row.eraseByOn}, ${tx.eventId})`;
}

export interface OldErasure {
  readonly migrationId: string;
  readonly method: string;
  readonly erasedOn: Temporal.PlainDate;
  readonly witness: string;
  readonly certificate: string;
}
export async function insertOldErasure(tx: Tx, row: OldErasure & { readonly by: string }): Promise<boolean> {
  const made =
    await tx`insert into migration.old_erasure (migration_id, method, erased_on, witness, certificate, recorded_by, event_id)
    values (${row.migrationId}, ${row.method}, ${row.erasedOn}, ${row.witness}, ${row.certificate}, ${row.by}, ${tx.eventId})
    on conflict (migration_id) do nothing returning 1`;
  return made.length === 1;
}
