import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { holdCharge } from '../service/office/arrears.ts';
import { givePersonPayments } from '../service/office/read-accounts.ts';
import { aTown, byQr, clerk, mustBeOk } from './a-town.ts';

const tax: Actor = { kind: 'system', organisation: 'meguro', system: 'resident-tax', certificate: 'c' };

test('002-COL-F2 the tax console is given a person’s charges, receipts and overpayments; the log says to whom and for which member of staff', async () => {
  await using w = await aTown({ audit: true });
  const a = await w.charge({ person: 3 });
  const b = await w.charge({ person: 3, instalment: 2 });
  await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(a, '2026-06-08'), byQr(a, '2026-06-08')]));
  const hold = { chargeId: b.chargeId, kind: 'deferral', fromOn: '2026-06-10', untilOn: null, reason: '災害' } as const;
  await mustBeOk(holdCharge(w.deps, clerk, hold));
  const query = { personNumber: a.payer.orgPersonNumber, staffId: 'm-2003' };
  const given = await mustBeOk(givePersonPayments(w.deps, tax, query));
  assert.equal(given.overpaidYen, 48_700);
  assert.equal(given.receipts.length, 2);
  assert.deepEqual(
    given.charges.map((c) => [c.instalment, c.openTaxYen, c.settledOn, c.held]),
    [
      [1, 0, '2026-06-08', false],
      [2, 48_700, null, true],
    ],
  );
  assert.deepEqual(await givePersonPayments(w.deps, tax, { ...query, personNumber: '000000000000099' }), {
    ok: false,
    error: 'no-such-person',
  });
  const [entry] = await w.t.owner<{ text: string }>(
    `select body as text from audit.intake_event where body like '%account.given%' limit 1`,
  );
  assert.ok(entry?.text.includes('meguro/resident-tax') && entry.text.includes('m-2003'));
});
