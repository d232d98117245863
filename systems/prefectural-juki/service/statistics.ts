import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type Suppressed, suppress, type Table } from '../domain/suppression.ts';
import { type Count, countProvisions, countUpdates, type Period } from '../store/statistics.ts';

/** Counts below this are left out, so that nobody is recognised by being the only one. */
export const minimumCount = 10;

export interface Published extends Suppressed {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
}

function tableOf(counts: readonly Count[]): Table {
  const rows = [...new Set(counts.map((c) => c.row))].sort();
  const columns = [...new Set(counts.map((c) => c.column))].sort();
  const at = new Map(counts.map((c) => [`${c.row}\n${c.column}`, c.n]));
  return { rows, columns, cells: rows.map((row) => columns.map((column) => at.get(`${row}\n${column}`) ?? 0)) };
}

function publish(counts: readonly Count[]): Published {
  const table = tableOf(counts);
  const least = enforced('access.statistics-only') ? minimumCount : 1;
  return { rows: table.rows, columns: table.columns, ...suppress(table, least) };
}

const isPeriod = ({ from, until }: Period): boolean => from <= until && until <= '9999-12-31';

/**
 * 統計資料の作成 (JPS-X10): updates by municipality and reason. Only counts leave, and no small ones.
 *
 * @law 住民基本台帳法 第30条の15第1項第4号
 */
export const updateStatistics = act('prefectural-juki.update-statistics', {
  right: ['prefectural-juki', 'statistics', 'read'],
  async run(tx, _deps: Deps, period: Period): Promise<Result<Published, 'wrong-period'>> {
    if (!isPeriod(period)) return err('wrong-period');
    const published = publish(await countUpdates(tx, period));
    tx.record({
      event: 'statistics.made',
      ground: '住民基本台帳法第30条の15第1項第4号',
      items: ['municipality', 'reason'],
      detail: { kind: 'updates', ...period, cells: published.rows.length * published.columns.length },
    });
    return ok(published);
  },
});

/** Provisions and refused attempts by recipient and task: acts of bodies, not of persons, so that small counts stay. */
export const provisionStatistics = act('prefectural-juki.provision-statistics', {
  right: ['prefectural-juki', 'statistics', 'read'],
  async run(
    tx,
    _deps: Deps,
    period: Period,
  ): Promise<Result<{ recipient: string; task: string; given: number; refused: number }[], 'wrong-period'>> {
    if (!isPeriod(period)) return err('wrong-period');
    const counts = await countProvisions(tx, period);
    const byTask = new Map<string, { recipient: string; task: string; given: number; refused: number }>();
    for (const { row, column, result, n } of counts) {
      const key = `${row}\n${column}`;
      const line = byTask.get(key) ?? { recipient: row, task: column, given: 0, refused: 0 };
      byTask.set(key, { ...line, ...(result === 'given' ? { given: n } : { refused: n }) });
    }
    tx.record({ event: 'statistics.made', items: ['recipient', 'task'], detail: { kind: 'provisions', ...period } });
    return ok([...byTask.values()]);
  },
});
