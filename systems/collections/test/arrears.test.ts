import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdCharge, writeOff } from '../service/office/arrears.ts';
import { readAccount } from '../service/office/read-accounts.ts';
import { liftSeizure, noteHeirs, noteRenewal } from '../service/office/succession.ts';
import { aTown, byQr, chief, clerk, mustBeOk, type Town } from './a-town.ts';

const lastDay = async (w: Town, chargeId: string): Promise<string | undefined> =>
  (await mustBeOk(readAccount(w.deps, clerk, { chargeId }))).prescribesOn[chargeId];
const heirs = [
  {
    name: '目黒 花子',
    postalCode: '1530051',
    address: '東京都目黒区上目黒1-1',
    numerator: 1,
    denominator: 2,
    receives: true,
  },
  {
    name: '目黒 次郎',
    postalCode: null,
    address: '東京都世田谷区世田谷1-1',
    numerator: 1,
    denominator: 2,
    receives: false,
  },
];

test('地方税法18条, 18条の2 時効: an acknowledgement renews the five years, a seizure holds them until it is lifted; a claim is written off only after its last day', async () => {
  await using w = await aTown({ audit: true });
  const a = await w.charge({ dueOn: '2020-06-30', fiscalYear: 2020 });
  const off = () => writeOff(w.deps, chief, { chargeId: a.chargeId, cause: 'prescription' });
  assert.equal(await lastDay(w, a.chargeId), '2025-06-30');
  const note = (kind: 'seizure' | 'acknowledgement', onDay: string, evidence = '調書') =>
    noteRenewal(w.deps, clerk, { chargeId: a.chargeId, kind, onDay, evidence });
  assert.deepEqual(await note('seizure', '2027-01-01'), { ok: false, error: 'in-the-future' });
  assert.deepEqual(await note('seizure', '2025-01-01', ' '), { ok: false, error: 'evidence-missing' });
  await mustBeOk(note('acknowledgement', '2022-04-01'));
  assert.equal(await lastDay(w, a.chargeId), '2027-04-01');
  const { renewalId } = await mustBeOk(note('seizure', '2024-10-01'));
  assert.equal(await lastDay(w, a.chargeId), '2031-06-10', 'while it is in force the time stands still');
  assert.deepEqual(await off(), { ok: false, error: 'not-prescribed' });
  const both = await Promise.all([1, 2].map(() => liftSeizure(w.deps, clerk, { renewalId, reason: '差押解除' })));
  assert.deepEqual(both.map((b) => b.ok).sort(), [false, true]);
  w.at('2031-06-11');
  assert.equal(await lastDay(w, a.chargeId), '2031-06-10');
  assert.deepEqual(await mustBeOk(off()), { yen: 48_700 });
  assert.equal(await lastDay(w, a.chargeId), undefined);
});

test('地方税法18条の2 a renewal after the end renews nothing, and nothing is noted of what is paid', async () => {
  await using w = await aTown();
  const a = await w.charge({ dueOn: '2020-06-30', fiscalYear: 2020 });
  const note = { chargeId: a.chargeId, kind: 'acknowledgement', onDay: '2026-01-10', evidence: '申出書' } as const;
  await mustBeOk(noteRenewal(w.deps, clerk, note));
  assert.equal(await lastDay(w, a.chargeId), '2025-06-30');
  await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(a, '2026-06-08')]));
  assert.deepEqual(await noteRenewal(w.deps, clerk, note), { ok: false, error: 'nothing-open' });
  assert.deepEqual(await noteRenewal(w.deps, clerk, { ...note, chargeId: w.deps.newId() }), {
    ok: false,
    error: 'no-such-charge',
  });
});

test('地方税法9条, 9条の2 相続人: shares must make the whole and one receives; noted once; the account shows them', async () => {
  await using w = await aTown({ audit: true });
  const a = await w.charge({ person: 5 });
  const command = { personNumber: a.payer.orgPersonNumber, diedOn: '2026-05-01', evidence: '戸籍', heirs };
  const refused = async (more: Partial<typeof command>) => {
    const done = await noteHeirs(w.deps, clerk, { ...command, ...more });
    return done.ok ? 'ok' : done.error;
  };
  assert.equal(await refused({ heirs: [heirs[0]!] }), 'shares-differ');
  assert.equal(await refused({ heirs: heirs.map((h) => ({ ...h, receives: true })) }), 'one-receives');
  assert.equal(await refused({ heirs: [{ ...heirs[0]!, denominator: 1, address: '' }] }), 'heir-incomplete');
  assert.equal(await refused({ diedOn: '2026-06-11' }), 'in-the-future');
  assert.equal(await refused({ evidence: '' }), 'evidence-missing');
  assert.equal(await refused({ personNumber: '000000000000999' }), 'no-such-person');
  const both = await Promise.all([refused({}), refused({})]);
  assert.deepEqual(both.sort(), ['already-noted', 'ok']);
  const account = await mustBeOk(readAccount(w.deps, clerk, { chargeId: a.chargeId }));
  assert.deepEqual(account.succession, { diedOn: '2026-05-01', heirs });
  const hold = {
    chargeId: a.chargeId,
    kind: 'instalment-agreement',
    fromOn: '2026-07-31',
    untilOn: null,
    reason: '分納',
    months: 3,
  } as const;
  const agreed = await mustBeOk(holdCharge(w.deps, clerk, hold));
  assert.equal(
    agreed.plan.reduce((all, part) => all + part.yen, 0),
    48_700,
  );
});
