import assert from 'node:assert/strict';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { closeYear } from '../service/office/arrears.ts';
import { makeReminders, releaseReminders } from '../service/office/reminders.ts';
import { aTown, byQr, chief, clerk, mustBeOk } from './a-town.ts';

mechanismTest('input.duplicate-file', '002-COL-F1 同じ収納ファイルを2度受け入れても1度しか数えない', async () => {
  await using w = await aTown();
  const a = await w.charge();
  const first = await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(a, '2026-06-08')]));
  const again = await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(a, '2026-06-08')]));
  assert.ok(first.taken && again.taken && again.repeated && again.file.fileId === first.file.fileId);
});

mechanismTest(
  'dispatch.release-comparison',
  'INC-36 督促状は発送の前に現在の収納状況と照合し直し、納付済みのものを引き抜く',
  async () => {
    await using w = await aTown();
    const a = await w.charge();
    w.at('2026-07-20');
    await w.quiet('2026-06-25', '2026-07-15');
    const runId = w.deps.newId();
    const made = await mustBeOk(makeReminders(w.deps, clerk, { runId, paidUntil: '2026-07-10' }));
    assert.ok(made.made && made.letters === 1);
    await mustBeOk(w.pay('common-tax', '2026-07-16', [byQr(a, '2026-07-16')]));
    const released = await mustBeOk(releaseReminders(w.deps, chief, { runId }));
    assert.deepEqual(released, { made: true, forward: 0, withdrawn: { 'nothing-open': 1 } });
  },
);

mechanismTest('jobs.ledger-balance', '002-COL-F5 帳簿と一致しない残高がある年度は繰り越せない', async () => {
  await using w = await aTown();
  const a = await w.charge({ fiscalYear: 2025, dueOn: '2025-06-30' });
  await w.t.owner('update collections.charge_state set ward_open = ward_open - 100 where charge_id = $1', [a.chargeId]);
  assert.deepEqual(await closeYear(w.deps, chief, { fiscalYear: 2025 }), { ok: false, error: 'books-differ' });
});
