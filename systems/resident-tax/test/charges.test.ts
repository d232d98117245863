import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mod10Weight3 } from '@musubi/contracts/payment-slip/check-digits.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { json } from '@musubi/kernel/db/sql.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { chargeDecided, charger } from '../service/charges/charge-decided.ts';
import { chargeNext, handOverCharges } from '../service/charges/hand-over.ts';
import {
  aPerson,
  assessAll,
  chargeAll,
  clerk,
  decideAll,
  sentCharges,
  type TaxTest,
  taxTest,
} from './assessment-setup.ts';

const ordinary = { ordinaryCollection: true };
const receiver = 'meguro/collections';

/** The report of a person as if it had said something else from the start: the next run makes another levy of it. */
const reportNow = act('test.report-now', {
  right: ['resident-tax', 'person', 'update'],
  async run(
    tx,
    _deps: TaxTest['deps'],
    { personId, columns, paidYen }: { personId: string; paidYen: number; columns: object },
  ) {
    await tx`update resident_tax.report r set paid_yen = ${paidYen},
               columns = r.columns || ${json({ incomeAfterDeductionYen: paidYen, ...columns })}::jsonb
              from resident_tax.report_state s where s.report_id = r.report_id and s.person_id = ${personId}`;
    tx.record({ event: 'test.report' });
    return ok(undefined);
  },
});

async function levied(x: TaxTest, people: readonly { paidYen: number; columns?: Record<string, unknown> }[]) {
  const ids: string[] = [];
  for (const report of people) ids.push(unwrap(await aPerson(x.deps, clerk, { reports: [report] })).personId);
  await assessAll(x.deps);
  await decideAll(x.deps);
  return ids;
}

test('002-RTX-F3.3 調定: 決定した税額が期ごとに税目別で収納へ渡り、納付番号は一枚ごとに異なる', async () => {
  await using x = await taxTest();
  await levied(x, [
    { paidYen: 4_000_000, columns: ordinary },
    { paidYen: 5_000_000, columns: ordinary },
  ]);
  await chargeAll(x.deps);
  const charges = unwrap(await sentCharges(x.deps, clerk, undefined));
  assert.equal(charges.length, 8);
  const levies = await x.t.owner<{ annual: string; forest: string }>(
    'select annual_yen as annual, forest_tax_yen as forest from resident_tax.assessment',
  );
  const sum = (of: (c: (typeof charges)[number]) => number) => charges.reduce((total, c) => total + of(c), 0);
  assert.equal(
    sum(({ items }) => items.wardTax + items.metropolitanTax + items.forestTax),
    levies.reduce((total, l) => total + Number(l.annual), 0),
  );
  assert.equal(
    sum(({ items }) => items.forestTax),
    2_000,
  );
  assert.deepEqual(
    charges
      .filter((c) => c.noticeNumber === charges[0]?.noticeNumber)
      .map((c) => [c.instalment, c.dueOn, c.revision])
      .sort(),
    [
      [1, '2026-06-30', 1],
      [2, '2026-08-31', 1],
      [3, '2026-11-02', 1],
      [4, '2027-02-01', 1],
    ],
  );
  const keys = charges.map((c) => c.slip?.caseKey ?? '');
  assert.equal(new Set(keys).size, 8);
  for (const charge of charges) {
    assert.match(charge.slip?.caseKey ?? '', /^1311020260[1-4]\d{9}$/);
    assert.equal(charge.noticeNumber.at(-1), mod10Weight3(charge.noticeNumber.slice(0, 9)));
    assert.equal(charge.slip?.payableUntil, charge.instalment === 4 ? '2027-04-01' : '2027-03-31');
  }
  assert.equal(new Set(charges.map((c) => c.slip?.convenienceReference)).size, 8);
});

test('002-RTX-F3.3 特別徴収: 月割が義務者の指定番号とともに渡り、納付書は作られない', async () => {
  await using x = await taxTest();
  const columns = { designationNumber: '000012345678', payerAddress: '東京都目黒区下目黒１－１－１' };
  await levied(x, [{ paidYen: 4_000_000, columns }, { paidYen: 5_000_000 }]);
  await chargeAll(x.deps);
  const charges = unwrap(await sentCharges(x.deps, clerk, undefined));
  assert.equal(charges.length, 24);
  // 督促 goes to the employer: where it is written to is what its own report of the person says.
  assert.deepEqual(charges.map((c) => c.collector?.address?.text ?? 'not stated').sort(), [
    ...new Array(12).fill('not stated'),
    ...new Array(12).fill(columns.payerAddress),
  ]);
  assert.ok(charges.every((c) => c.method === 'special' && c.slip === null));
  assert.deepEqual([...new Set(charges.map((c) => c.collector?.name))], ['株式会社目黒製作所']);
  // Both reports are of one payer, so there is one collector, with the number that it stated first.
  assert.equal(new Set(charges.map((c) => c.collector?.designationNumber)).size, 1);
  assert.equal(charges.find((c) => c.instalment === 6)?.dueOn, '2026-07-10');
});

test('地方税法321条の2: 税額が変わると、変わった期だけが次の版と新しい納付番号で渡り、古い番号は使われない', async () => {
  await using x = await taxTest();
  const [personId] = await levied(x, [{ paidYen: 4_000_000, columns: ordinary }]);
  await chargeAll(x.deps);
  const before = unwrap(await sentCharges(x.deps, clerk, undefined));
  await x.t.owner('grant update on resident_tax.report to public');
  x.t.deps.civilClock.set('2026-09-15');
  unwrap(await reportNow(x.deps, clerk, { personId: personId as string, paidYen: 6_000_000, columns: {} }));
  await assessAll(x.deps);
  await decideAll(x.deps);
  await chargeAll(x.deps);
  const after = unwrap(await sentCharges(x.deps, clerk, undefined)).slice(before.length);
  assert.deepEqual(after.map((c) => [c.instalment, c.revision, c.decision.reason]).sort(), [
    [3, 2, 'change'],
    [4, 2, 'change'],
  ]);
  for (const charge of after) {
    const first = before.find((c) => c.chargeId === charge.chargeId);
    assert.notEqual(charge.slip?.caseKey, first?.slip?.caseKey);
    assert.equal(charge.noticeNumber, first?.noticeNumber);
  }
  const [total] = await x.t.owner<{ annual: string; charged: string }>(`
    select (select annual_yen from resident_tax.assessment where version = 2) as annual,
           (select sum(amount_yen) from (select distinct on (charge_id) amount_yen from resident_tax.charge_revision
                                          order by charge_id, revision desc) r) as charged`);
  assert.equal(total?.charged, total?.annual);
});

test('002-RTX-F3.3 二つ同時でも一つの決定は一度だけ調定され、渡しも一度だけ; 繰り返しても増えない', async () => {
  await using x = await taxTest();
  await levied(x, [{ paidYen: 4_000_000, columns: ordinary }]);
  const both = await Promise.all([
    chargeDecided(x.deps, charger, undefined),
    chargeDecided(x.deps, charger, undefined),
  ]);
  assert.deepEqual(both.map((done) => unwrap(done).charged).sort(), [0, 1]);
  const handed = await Promise.all([
    handOverCharges(x.deps, charger, { receiver }),
    handOverCharges(x.deps, charger, { receiver }),
  ]);
  assert.deepEqual(handed.map((done) => unwrap(done).handedOver).sort(), [0, 4]);
  assert.equal(await chargeNext(x.deps), 'idle');
  assert.equal((await x.t.owner('select 1 from resident_tax.payment_slip')).length, 4);
});

test('002-RTX-F3.3 収納がまだないところでは調定だけが立ち、できたときに渡される', async () => {
  await using x = await taxTest();
  await levied(x, [{ paidYen: 4_000_000, columns: ordinary }]);
  const alone = { ...x.deps, collections: undefined };
  while ((await chargeNext(alone)) === 'more');
  assert.deepEqual(unwrap(await sentCharges(x.deps, clerk, undefined)), []);
  assert.equal((await x.t.owner('select 1 from resident_tax.charge_revision')).length, 4);
  await chargeAll(x.deps);
  assert.equal(unwrap(await sentCharges(x.deps, clerk, undefined)).length, 4);
});

test('002-RTX-F3.3 渡しが遅れて二つの版が待っていても、一つの電文に同じ調定は一度しか載らない', async () => {
  await using x = await taxTest();
  const alone = { ...x.deps, collections: undefined };
  const [personId] = await levied(x, [{ paidYen: 4_000_000, columns: ordinary }]);
  while ((await chargeNext(alone)) === 'more');
  await x.t.owner('grant update on resident_tax.report to public');
  unwrap(await reportNow(x.deps, clerk, { personId: personId as string, paidYen: 6_000_000, columns: {} }));
  await assessAll(x.deps);
  await decideAll(x.deps);
  while ((await chargeNext(alone)) === 'more');
  const first = unwrap(await handOverCharges(x.deps, charger, { receiver }));
  const second = unwrap(await handOverCharges(x.deps, charger, { receiver }));
  assert.deepEqual([first.handedOver, second.handedOver], [4, 4]);
  const charges = unwrap(await sentCharges(x.deps, clerk, undefined));
  assert.deepEqual(
    charges.map((c) => c.revision),
    [1, 1, 1, 1, 2, 2, 2, 2],
  );
});

test('002-RTX-F3.3 調定の合計が税額と合わなければ、何も残らない', async () => {
  await using x = await taxTest();
  await levied(x, [{ paidYen: 4_000_000 }]);
  await x.t.owner(`create function resident_tax.one_yen_more() returns trigger language plpgsql as
    'begin new.ward_yen := new.ward_yen + 1; new.amount_yen := new.amount_yen + 1; return new; end'`);
  await x.t.owner(`create trigger a_fault before insert on resident_tax.charge_revision for each row
    execute function resident_tax.one_yen_more()`);
  await assert.rejects(chargeDecided(x.deps, charger, undefined), /do not add up/);
  assert.equal((await x.t.owner('select 1 from resident_tax.charge_revision')).length, 0);
});
