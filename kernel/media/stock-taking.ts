import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { MediaDeps } from './media.ts';
import { housedStates } from './medium.ts';

/* 在庫照合, once a week: what should lie in the house against what was counted; each difference is explained before the week closes. */

/** Monday of the day's week: the name of a stock-taking. */
export const weekOf = (day: Temporal.PlainDate): Temporal.PlainDate => day.subtract({ days: day.dayOfWeek - 1 });

export interface StockDifference {
  readonly serial: string;
  /** `missing`: should be there and is not; `surplus`: counted, but lent, destroyed or not registered. */
  readonly kind: 'missing' | 'surplus';
  readonly explanation: string | undefined;
}

/** Opens this week's stock-taking and writes down what should be there. Facts: media.stock_taking, media.stock_expected. */
export async function openStockTaking(
  tx: Tx,
  deps: MediaDeps,
  command: { readonly by: string },
): Promise<Result<{ readonly takingId: string; readonly expected: number }, 'already-opened'>> {
  const takingId = deps.newId();
  const today = deps.civilClock.today();
  const made = await tx`
    insert into media.stock_taking (taking_id, week_on, opened_by, opened_at, opened_on, event_id)
    values (${takingId}, ${weekOf(today)}, ${command.by}, ${deps.machineClock.now()}, ${today}, ${tx.eventId})
    on conflict (week_on) do nothing returning 1`;
  if (made.length === 0) return err('already-opened');
  const expected = await tx`
    insert into media.stock_expected (taking_id, serial, place, event_id)
    select ${takingId}::uuid, serial, place, ${tx.eventId}::uuid from media.current_medium()
     where state = any(${housedStates as readonly string[]}::text[]) returning 1`;
  return ok({ takingId, expected: expected.length });
}

export type CountError = 'no-such-taking' | 'closed';

/** Adds serials that were seen. One counted twice counts once. Fact: media.stock_counted. */
export async function countStock(
  tx: Tx,
  deps: MediaDeps,
  command: { readonly takingId: string; readonly serials: readonly string[]; readonly by: string },
): Promise<Result<{ readonly differences: readonly StockDifference[] }, CountError>> {
  const open = await lockOpen(tx, command.takingId);
  if (!open.ok) return open;
  await tx`
    insert into media.stock_counted (taking_id, serial, counted_by, counted_at, event_id)
    select ${command.takingId}::uuid, serial, ${command.by}, ${deps.machineClock.now()}::timestamptz, ${tx.eventId}::uuid
      from (select distinct serial from unnest(${command.serials.map((s) => s.trim()).filter((s) => s !== '')}::text[]) as s(serial)) as counted
    on conflict do nothing`;
  return ok({ differences: await stockDifferences(tx, command.takingId) });
}

/** Says why one serial differs. Fact: media.stock_explanation. */
export async function explainDifference(
  tx: Tx,
  deps: MediaDeps,
  command: { readonly takingId: string; readonly serial: string; readonly explanation: string; readonly by: string },
): Promise<Result<undefined, CountError | 'no-such-difference' | 'explanation-missing' | 'already-explained'>> {
  const open = await lockOpen(tx, command.takingId);
  if (!open.ok) return open;
  if (command.explanation.trim() === '') return err('explanation-missing');
  const differences = await stockDifferences(tx, command.takingId);
  if (!differences.some((d) => d.serial === command.serial)) return err('no-such-difference');
  const made = await tx`
    insert into media.stock_explanation (taking_id, serial, explanation, explained_by, explained_at, event_id)
    values (${command.takingId}, ${command.serial}, ${command.explanation}, ${command.by}, ${deps.machineClock.now()}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return made.length === 0 ? err('already-explained') : ok(undefined);
}

/** Closes the week. Refused while a difference stands without an explanation. Fact: media.stock_closing. */
export async function closeStockTaking(
  tx: Tx,
  deps: MediaDeps,
  command: { readonly takingId: string; readonly by: string },
): Promise<Result<{ readonly differences: number }, CountError | 'difference-unexplained'>> {
  const open = await lockOpen(tx, command.takingId);
  if (!open.ok) return open;
  const differences = await stockDifferences(tx, command.takingId);
  if (enforced('media.stock-taking') && differences.some((d) => d.explanation === undefined))
    return err('difference-unexplained');
  await tx`
    insert into media.stock_closing (taking_id, expected, counted, differences, closed_by, closed_at, closed_on, event_id)
    select ${command.takingId}::uuid,
           (select count(*) from media.stock_expected e where e.taking_id = ${command.takingId}::uuid),
           (select count(*) from media.stock_counted c where c.taking_id = ${command.takingId}::uuid),
           ${differences.length}, ${command.by}, ${deps.machineClock.now()}::timestamptz, ${deps.civilClock.today()}::date, ${tx.eventId}::uuid`;
  return ok({ differences: differences.length });
}

export async function stockDifferences(tx: Tx, takingId: string): Promise<StockDifference[]> {
  const rows = await tx<{ serial: string; kind: StockDifference['kind']; explanation: string | null }>`
    select serial, case when c.serial is null then 'missing' else 'surplus' end as kind, x.explanation
      from (select serial from media.stock_expected where taking_id = ${takingId}) e
      full join (select serial from media.stock_counted where taking_id = ${takingId}) c using (serial)
      left join (select serial, explanation from media.stock_explanation where taking_id = ${takingId}) x using (serial)
     where e.serial is null or c.serial is null order by serial`;
  return rows.map((r) => ({ ...r, explanation: r.explanation ?? undefined }));
}

export interface StockWeek {
  /** Monday. */
  readonly weekOn: Temporal.PlainDate;
  readonly takingId: string | undefined;
  /** `missed`: the week is over and nothing was closed. `due`: this week, not closed yet. */
  readonly state: 'closed' | 'due' | 'missed';
  readonly expected: number;
  readonly counted: number;
  readonly differences: number;
  readonly closedBy: string | undefined;
}

/** Every week from the first registered medium (or `from`) to today, newest first; also those in which nobody counted. */
export async function stockWeeks(
  tx: Tx,
  today: Temporal.PlainDate,
  range: { readonly from?: Temporal.PlainDate; readonly until?: Temporal.PlainDate; readonly limit: number },
): Promise<StockWeek[]> {
  const rows = await tx<{
    weekOn: string;
    takingId: string | null;
    expected: number | null;
    counted: number | null;
    differences: number | null;
    closedBy: string | null;
  }>`
    select w.week_on::date::text as "weekOn", t.taking_id as "takingId", c.expected, c.counted, c.differences, c.closed_by as "closedBy"
      from (select min(registered_on) as first_on from media.medium) m
      cross join lateral generate_series(date_trunc('week', greatest(m.first_on, ${range.from ?? null}::date)::timestamp),
        date_trunc('week', least(${today}::date, coalesce(${range.until ?? null}::date, ${today}::date))::timestamp), '7 days') as w(week_on)
      left join media.stock_taking t on t.week_on = w.week_on::date
      left join media.stock_closing c on c.taking_id = t.taking_id
     order by w.week_on desc limit ${range.limit}`;
  const thisWeek = weekOf(today).toString();
  return rows.map((r) => ({
    weekOn: Temporal.PlainDate.from(r.weekOn),
    takingId: r.takingId ?? undefined,
    state: r.closedBy !== null ? 'closed' : r.weekOn === thisWeek ? 'due' : 'missed',
    expected: r.expected ?? 0,
    counted: r.counted ?? 0,
    differences: r.differences ?? 0,
    closedBy: r.closedBy ?? undefined,
  }));
}

/** Is the newest finished week without a closed stock-taking? Then somebody is told. */
export const isRoundMissed = (weeks: readonly StockWeek[]): boolean =>
  enforced('media.stock-taking') && weeks.some((w) => w.state === 'missed');

async function lockOpen(tx: Tx, takingId: string): Promise<Result<undefined, CountError>> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`media:stock:${takingId}`}, 0))`;
  const [row] = await tx<{ closed: boolean }>`
    select exists (select 1 from media.stock_closing c where c.taking_id = t.taking_id) as closed
      from media.stock_taking t where t.taking_id = ${takingId}`;
  return row === undefined ? err('no-such-taking') : row.closed ? err('closed') : ok(undefined);
}
