import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aTown, byQr, mustBeOk } from '@musubi/collections/test/a-town.ts';
import { run } from '../collections.ts';
import type { Truth } from './month.ts';
import { findViolations } from './violations.ts';

test('issue 6 two months under faults break no promise: no wrong reminder, no yen lost or made, no double debit, no double refund', async () => {
  const result = await run(2, { seed: 'ci' });
  assert.equal(result.violations, 0);
  for (const fault of ['cut', 'killed', 'doubled', 'blocked']) assert.ok((result.faults[fault] ?? 0) > 0, fault);
});

test('the search finds each kind of violation that is planted', async () => {
  await using town = await aTown();
  const charge = await town.charge();
  await mustBeOk(town.pay('common-tax', '2026-06-09', [byQr(charge, '2026-06-08')]));
  const truth: Truth = {
    cashYen: 48_700,
    paid: new Map(),
    unclear: new Set(),
    paidUntil: '2026-06-30',
    debited: new Map(),
  };
  assert.deepEqual(await findViolations(town, truth), []);
  const lost = await findViolations(town, { ...truth, cashYen: 1 });
  assert.match(lost.join(), /money lost or made/);
  await town.t.owner('update collections.charge_state set ward_open = ward_open + 1');
  assert.match((await findViolations(town, { ...truth, cashYen: -1 })).join(), /charges differ from the books/);
  await town.t.owner(
    `insert into collections.reminder_run values (gen_random_uuid(), '2026-06-30', '2026-07-01', 'x', now(), 1, 1, '{}', gen_random_uuid())`,
  );
  await town.t.owner(
    `insert into collections.reminder_letter select gen_random_uuid(), run_id, $1, '000000000000001', 1, 1, 1, 0, 1, gen_random_uuid() from collections.reminder_run`,
    [charge.chargeId],
  );
  await town.t.owner(
    `insert into collections.reminder_step select letter_id, 'posted', null, '2026-07-02', 'x', gen_random_uuid() from collections.reminder_letter`,
  );
  const reminded = await findViolations(town, {
    ...truth,
    cashYen: 0,
    paid: new Map([[charge.chargeId, '2026-06-08']]),
  });
  assert.match(reminded.join(), /a reminder went out for a charge that had been paid/);
  const debited = await findViolations(town, { ...truth, cashYen: 0, debited: new Map([['9'.repeat(20), 500]]) });
  assert.match(debited.join(), /the bank debited 500/);
});
