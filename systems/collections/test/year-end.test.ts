import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeYear } from '../service/office/arrears.ts';
import { fixInterest } from '../service/office/fix-interest.ts';
import { lookAtDay, lookAtStatistics } from '../service/office/read-accounts.ts';
import { proposeRefund } from '../service/office/refunds.ts';
import { makeRemindersAnyway } from '../service/office/reminders.ts';
import { aTown, byQr, chief, clerk, mustBeOk } from './a-town.ts';

test('rules §12, INC-20 a year without published rates stops: no run, no refund, no interest with another year’s rates; what waits is listed', async () => {
  await using w = await aTown();
  const a = await w.charge({ dueOn: '2026-12-25' });
  const b = await w.charge({ total: 90_000 });
  await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(b, '2026-06-08'), byQr(b, '2026-06-08')]));
  w.at('2027-02-15');
  await w.pay('common-tax', '2027-02-10', [byQr(a, '2027-02-09')]);
  assert.deepEqual(await mustBeOk(fixInterest(w.deps, clerk, { limit: 100 })), { fixed: 0, yen: 0 });
  const day = await mustBeOk(lookAtDay(w.deps, clerk, { day: '2027-02-15' }));
  assert.deepEqual(day.withoutRates, [{ year: 2027, charges: 1 }]);
  const [over] = await w.t.owner<{ n: string }>('select overpayment_no::text as n from collections.overpayment');
  const propose = {
    overpaymentNo: Number(over!.n),
    cause: 'mistake',
    factOn: '2026-06-08',
    evidence: '収納データ',
  } as const;
  assert.deepEqual(await proposeRefund(w.deps, clerk, propose), { ok: false, error: 'rates-missing' });
  const anyway = { runId: w.deps.newId(), paidUntil: '2027-02-01', reason: '期限' };
  const run = await mustBeOk(makeRemindersAnyway(w.deps, chief, anyway));
  assert.deepEqual(run, { made: false, missing: ['令和9年の延滞金の割合（未登録）'] });
});

test('002-COL-F5, H10 決算統計: 現年 and 繰越 apart, each tax apart; 調定 = 収入済 + 不納欠損 + 繰越 + 未済', async () => {
  await using w = await aTown();
  const a = await w.charge({ fiscalYear: 2025, dueOn: '2025-06-30' });
  await w.charge({ fiscalYear: 2025, dueOn: '2025-08-31', total: 30_000 });
  await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(a, '2026-06-08')]));
  await mustBeOk(closeYear(w.deps, chief, { fiscalYear: 2025 }));
  const of = async (bookYear: number) => {
    const lines = await mustBeOk(lookAtStatistics(w.deps, chief, { bookYear }));
    for (const l of lines)
      assert.equal(l.chargedYen, l.collectedYen + l.writtenOffYen + l.carriedYen + l.openYen, l.tax);
    const sum = (pick: (l: (typeof lines)[number]) => number) => lines.reduce((all, l) => all + pick(l), 0);
    const parts = [...new Set(lines.map((l) => l.part))];
    return [
      parts,
      sum((l) => l.chargedYen),
      sum((l) => l.collectedYen),
      sum((l) => l.carriedYen),
      sum((l) => l.openYen),
    ];
  };
  assert.deepEqual(await of(2025), [['current'], 78_700, 48_700, 30_000, 0]);
  assert.deepEqual(await of(2026), [['carried'], 30_000, 0, 0, 30_000]);
});
