import assert from 'node:assert/strict';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { levyStatistics } from '../service/statistics/levy-statistics.ts';
import { aPerson, assessAll, clerk, decideAll, taxTest } from './assessment-setup.ts';

mechanismTest(
  'access.statistics-only',
  '002-RTX-F9 002-II.3-ST-01 課税状況調は合計だけを示し、三人に満たない段階は示さない',
  async () => {
    await using x = await taxTest();
    for (const paidYen of [4_000_000, 4_000_000, 4_000_000, 12_000_000])
      unwrap(await aPerson(x.deps, clerk, { reports: [{ paidYen }] }));
    await assessAll(x.deps);
    assert.deepEqual(
      unwrap(await levyStatistics(x.deps, clerk, { fiscalYear: 2026 })).map(({ figures }) => figures?.persons ?? null),
      [0, 0, 0, 0, 0, 0, 0, 0, 0],
    );
    await decideAll(x.deps);
    const bands = unwrap(await levyStatistics(x.deps, clerk, { fiscalYear: 2026 }));
    // One person in a band, and the other band hidden with it: the total would give it away.
    assert.deepEqual(
      bands.filter(({ figures }) => figures === null).map(({ label }) => label),
      ['200万円を超え300万円以下', '700万円を超え1,000万円以下'],
    );
  },
);
