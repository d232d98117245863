import type { CivilClock, MachineClock } from '../../clocks/clock.ts';
import type { Tx } from '../../db/sql.ts';
import { enforced } from '../../enforcement/enforcement.ts';
import type { NewId } from '../../ids/uuid.ts';
import { assertPurpose } from '../fault.ts';
import type { KeyStore, KeyUnit } from '../key-store/key-store.ts';

export interface ErasureDeps {
  readonly keyStore: KeyStore;
  readonly machineClock: MachineClock;
  readonly civilClock: CivilClock;
  readonly newId: NewId;
}

/** 消去証明: says from which day on no copy of the key exists any more. */
export interface ErasureCertificate {
  readonly erasureId: string;
  readonly unit: KeyUnit;
  readonly ground: string;
  readonly orderedOn: Temporal.PlainDate;
  readonly erasedAt: Temporal.Instant;
  /** The last key-store backup that holds the key is kept to the end of this day. */
  readonly backupsUntilOn: Temporal.PlainDate;
  readonly objects: number;
  /** True once that day is over. */
  readonly complete: boolean;
}

/**
 * Orders the erasure of a unit: from the act's commit nothing of it opens. The key goes in `carryOutErasures`, in an act
 * of its own, so that a rolled-back order never costs a key.
 * @param ground code of the retention rule or decision
 */
export async function orderErasure(
  tx: Tx,
  deps: Omit<ErasureDeps, 'keyStore'>,
  unit: KeyUnit,
  ground: string,
): Promise<string> {
  assertPurpose(ground);
  const [row] = await tx<{ id: string }>`
    select sealed.order_erasure(${tx.eventId}::uuid, ${deps.newId()}::uuid, ${unit}::text, ${ground}::text,
      ${deps.machineClock.now()}::timestamptz, ${deps.civilClock.today()}::date) as "id"`;
  return row!.id;
}

/**
 * Carries out what was ordered and committed. A job's act: erasing a key twice is erasing it once, so a crash between key
 * and record is repaired by the next run. Call only with orders of earlier transactions: it takes no order of its own.
 */
export async function carryOutErasures(tx: Tx, deps: ErasureDeps, limit = 100): Promise<number> {
  const open = await tx<{ id: string; unit: KeyUnit }>`
    select e.erasure_id as "id", e.unit from sealed.erasure e
     where not exists (select from sealed.erasure_done d where d.erasure_id = e.erasure_id) and e.event_id <> ${tx.eventId}::uuid
     order by e.ordered_at, e.erasure_id limit ${limit}`;
  for (const { id, unit } of open) {
    const { erasedAt, backupsUntilOn } = await deps.keyStore.erase(
      unit,
      deps.machineClock.now(),
      deps.civilClock.today(),
    );
    if (enforced('retention.erasure-record'))
      await tx`select sealed.finish_erasure(${tx.eventId}::uuid, ${id}::uuid, ${erasedAt}::timestamptz, ${backupsUntilOn}::date)`;
  }
  return open.length;
}

/** Ordered and committed, and not yet carried out. */
export async function countOpenErasures(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*) as n from sealed.erasure e
     where not exists (select from sealed.erasure_done d where d.erasure_id = e.erasure_id)`;
  return row!.n;
}

/** After the key store was restored from a backup: erases again what the data knows to be erased. Gives how many. */
export async function reapplyErasures(tx: Tx, deps: ErasureDeps): Promise<number> {
  const done = await tx<{
    unit: KeyUnit;
  }>`select e.unit from sealed.erasure e join sealed.erasure_done d using (erasure_id)`;
  for (const { unit } of done) await deps.keyStore.erase(unit, deps.machineClock.now(), deps.civilClock.today());
  return done.length;
}

export async function findErasureCertificate(
  tx: Tx,
  deps: ErasureDeps,
  erasureId: string,
): Promise<ErasureCertificate | undefined> {
  const [row] = await tx<{
    unit: KeyUnit;
    ground: string;
    orderedOn: string;
    erasedAt: string;
    until: string;
    objects: number;
  }>`
    select e.unit, e.ground, e.ordered_on as "orderedOn", to_json(d.erased_at)#>>'{}' as "erasedAt", d.backups_until_on as "until",
           (select count(*) from sealed.object o where o.unit = e.unit) as "objects"
      from sealed.erasure e join sealed.erasure_done d using (erasure_id) where e.erasure_id = ${erasureId}::uuid`;
  if (!row) return undefined;
  const backupsUntilOn = Temporal.PlainDate.from(row.until);
  return {
    erasureId,
    unit: row.unit,
    ground: row.ground,
    orderedOn: Temporal.PlainDate.from(row.orderedOn),
    erasedAt: Temporal.Instant.from(row.erasedAt),
    backupsUntilOn,
    objects: row.objects,
    complete: Temporal.PlainDate.compare(deps.civilClock.today(), backupsUntilOn) > 0,
  };
}
