import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instalmentPlan } from './agreement.ts';
import { allocateTo, appropriate, changeOf } from './allocation.ts';
import { type FileSchedule, missingForCutOff, missingInWords } from './files-due.ts';
import { delinquencyCharge, refundInterest } from './interest.ts';
import { type Items, itemNames, noItems, shareOut, taxItems, taxOf, totalOf } from './items.ts';
import { type ChargeState, type Incoming, rank, settle } from './matching.ts';
import { prescribesOn } from './prescription.ts';
import { mayRemind, type ReminderFacts, stillTrue } from './reminders.ts';

const amount = fc.integer({ min: 0, max: 2_000_000 });
const items: fc.Arbitrary<Items> = fc.record({
  ward: amount,
  metropolitan: amount,
  forest: fc.integer({ min: 0, max: 1_000 }),
  fee: fc.integer({ min: 0, max: 200 }),
  interest: fc.integer({ min: 0, max: 50_000 }),
});

test('森林環境税法9条 あん分: the parts add up, none exceeds its weight, none is more than a yen off its share', () => {
  fc.assert(
    fc.property(
      fc.array(amount, { minLength: 1, maxLength: 5 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (weights, part) => {
        const whole = weights.reduce((a, b) => a + b, 0);
        const share = Math.trunc(whole * part);
        const parts = shareOut(share, weights);
        assert.equal(
          parts.reduce((a, b) => a + b, 0),
          share,
        );
        parts.forEach((p, i) => {
          assert.ok(p <= weights[i]! && p >= 0);
          if (whole > 0) assert.ok(Math.abs(p - (share * weights[i]!) / whole) < 1);
        });
      },
    ),
  );
});

test('地方税法14条の5: money goes to the tax before fee and interest, never beyond what is open, and all of it is used', () => {
  fc.assert(
    fc.property(items, fc.double({ min: 0, max: 1, noNaN: true }), (open, part) => {
      const money = Math.trunc(totalOf(open) * part);
      const used = allocateTo(open, money);
      assert.equal(totalOf(used), money);
      for (const name of itemNames) assert.ok(used[name] >= 0 && used[name] <= open[name]);
      if (used.fee > 0 || used.interest > 0) assert.equal(taxOf(used), taxOf(open));
      if (used.interest > 0) assert.equal(used.fee, open.fee);
    }),
  );
});

for (const [open, money, expected] of [
  [taxItems(27_900, 18_600, 250), 10_000, { ward: 5_968, metropolitan: 3_979, forest: 53, fee: 0, interest: 0 }],
  [
    { ...taxItems(600, 400, 0), fee: 100, interest: 1_300 },
    1_050,
    { ward: 600, metropolitan: 400, forest: 0, fee: 50, interest: 0 },
  ],
  [
    { ...taxItems(600, 400, 0), fee: 100, interest: 1_300 },
    2_000,
    { ward: 600, metropolitan: 400, forest: 0, fee: 100, interest: 900 },
  ],
] as const) {
  test(`地方税法14条の5: ${money}円は本税にあん分し、督促手数料、延滞金の順に充てる`, () => {
    assert.deepEqual(allocateTo(open, money), expected);
  });
}

test('地方税法17条の2: 充当 goes to the earliest due date first and gives back what is left', () => {
  const charge = (chargeId: string, dueOn: string, yen: number) => ({
    chargeId,
    dueOn,
    legalDueOn: dueOn,
    open: taxItems(yen, 0, 0),
  });
  const { allocations, left } = appropriate(
    [charge('b', '2026-08-31', 5_000), charge('a', '2026-06-30', 3_000)],
    9_000,
  );
  assert.deepEqual(
    allocations.map((a) => [a.chargeId, totalOf(a.items)]),
    [
      ['a', 3_000],
      ['b', 5_000],
    ],
  );
  assert.equal(left, 1_000);
});

test('002-COL a changed charge loses and makes no yen: charged = paid in its parts + open, overpaid is what was paid beyond', () => {
  fc.assert(
    fc.property(items, items, fc.double({ min: 0, max: 1, noNaN: true }), (charged, next, part) => {
      const paid = allocateTo(charged, Math.trunc(totalOf(charged) * part));
      const open = Object.fromEntries(itemNames.map((n) => [n, charged[n] - paid[n]])) as unknown as Items;
      const done = changeOf({ charged, open }, next);
      assert.equal(totalOf(next) - totalOf(done.open), totalOf(paid) - done.overpaid);
      assert.equal(totalOf(done.moved) + done.overpaid, 0);
      for (const name of itemNames) assert.ok(done.open[name] >= 0 && done.open[name] <= next[name]);
      assert.ok(done.overpaid === 0 || totalOf(done.open) === 0);
    }),
  );
});

test('中央市の例: 56,400円、納期限2026-02-02、納付2026-05-29 → 延滞金1,300円 (120 + 1,228)', () => {
  const found = delinquencyCharge(56_400, '2026-02-02', [], '2026-05-29');
  assert.deepEqual(
    found.segments.map((s) => [s.days, s.rate, s.yen]),
    [
      [28, 28, 120],
      [88, 91, 1_228],
    ],
  );
  assert.equal(found.yen, 1_300);
});
test('rules §15 H: 46,500円、納期限2025-06-30、納付2026-01-20 → 93 + 1,677 + 229 = 1,999 → 1,900円', () => {
  const found = delinquencyCharge(46_500, '2025-06-30', [], '2026-01-20');
  assert.deepEqual(
    found.segments.map((s) => [s.days, s.yen]),
    [
      [31, 93],
      [153, 1_677],
      [20, 229],
    ],
  );
  assert.equal(found.yen, 1_900);
});
test('地方税法326条: part payments lessen the base from the day after; paid in time bears nothing; a year without rates throws', () => {
  const found = delinquencyCharge(100_000, '2026-02-02', [{ paidOn: '2026-03-31', yen: 60_000 }], '2026-05-29');
  assert.deepEqual(
    found.segments.map((s) => [s.from, s.to, s.baseYen]),
    [
      ['2026-02-03', '2026-03-02', 100_000],
      ['2026-03-03', '2026-03-31', 100_000],
      ['2026-04-01', '2026-05-29', 40_000],
    ],
  );
  assert.equal(delinquencyCharge(100_000, '2026-02-02', [], '2026-02-02').yen, 0);
  assert.equal(delinquencyCharge(1_999, '2020-02-02', [], '2026-02-02').yen, 0);
  assert.throws(() => delinquencyCharge(100_000, '2026-02-02', [], '2027-02-02'), /no row/);
});
test('地方税法326条: a later payment never bears less, and the result is 0 or whole hundreds from 1,000', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3_000_000 }),
      fc.integer({ min: 0, max: 1_200 }),
      fc.integer({ min: 0, max: 300 }),
      (tax, days, more) => {
        const until = (n: number): string => Temporal.PlainDate.from('2022-07-01').add({ days: n }).toString();
        const a = delinquencyCharge(tax, '2022-06-30', [], until(days)).yen;
        const b = delinquencyCharge(tax, '2022-06-30', [], until(days + more)).yen;
        assert.ok(b >= a && (a === 0 || (a >= 1_000 && a % 100 === 0)));
      },
    ),
  );
});
test('INC-20 還付加算金: 200,000円、2026-06-30納付、2026-12-20決定: 1号は173日1,200円、3号 (通知2026-11-01) は19日0円', () => {
  const one = refundInterest(200_000, 'decision', '2026-06-30', '2026-06-30', '2026-12-20');
  assert.deepEqual([one.segments[0]?.days, one.segments[0]?.yen, one.yen], [173, 1_232, 1_200]);
  const three = refundInterest(200_000, 'income-tax', '2026-06-30', '2026-11-01', '2026-12-20');
  assert.deepEqual([three.segments[0]?.days, three.segments[0]?.yen, three.yen], [19, 135, 0]);
});

test('地方税法18条: 5年、督促は発送から10日を経過した日から新たに5年、満了後のものは更新しない', () => {
  assert.equal(prescribesOn('2026-06-30', []), '2031-06-30');
  assert.equal(prescribesOn('2026-06-30', [{ kind: 'reminder', on: '2026-07-20' }]), '2031-07-30');
  assert.equal(prescribesOn('2026-06-30', [{ kind: 'seizure', on: '2030-01-10', until: '2032-03-01' }]), '2037-03-01');
  assert.equal(prescribesOn('2026-06-30', [{ kind: 'acknowledgement', on: '2031-07-01' }]), '2031-06-30');
});

const convenience: FileSchedule = {
  channel: 'convenience',
  sender: 'agency',
  name: 'コンビニ収納',
  from: '2026-07-25',
  days: 'every-day',
  arrivesAfter: 1,
  lagDays: 3,
};
const arrivedUntil = (last: string) => {
  const files = [];
  for (let d = Temporal.PlainDate.from('2026-07-25'); d.toString() <= last; d = d.add({ days: 1 }))
    files.push({ channel: 'convenience', sender: 'agency', businessOn: d.toString(), sequence: 1 });
  return files;
};
test('INC-36 「コンビニ収納 7/27〜7/31 が未消込」: every file that could hold a payment by the cut-off is named while it is missing', () => {
  const missing = missingForCutOff([convenience], arrivedUntil('2026-07-26'), '2026-07-28');
  assert.deepEqual(missingInWords(missing), ['コンビニ収納（agency） 7/27〜7/31']);
  assert.deepEqual(missingForCutOff([convenience], arrivedUntil('2026-07-31'), '2026-07-28'), []);
});
test('INC-38 a day whose second part is here and whose first is not is still missing', () => {
  const files = arrivedUntil('2026-07-31').filter((f) => f.businessOn !== '2026-07-29');
  const two = { channel: 'convenience', sender: 'agency', businessOn: '2026-07-29', sequence: 2 };
  assert.equal(missingForCutOff([convenience], [...files, two], '2026-07-28').length, 1);
  assert.equal(missingForCutOff([convenience], [...files, two, { ...two, sequence: 1 }], '2026-07-28').length, 0);
});

const state = (open: Items, more: Partial<ChargeState> = {}): ChargeState => ({
  chargeId: 'c1',
  personNumber: '0',
  dueOn: '2026-06-30',
  bookYear: 2026,
  open,
  preliminary: 0,
  ...more,
});
const slip: Incoming = {
  row: 2,
  stage: 'final',
  reference: { kind: 'case', caseKey: '1', confirmation: '123456' },
  amount: 1_000,
  paidOn: '2026-06-20',
  place: '1',
};
const leads = (charge: ChargeState, more: object = {}) => ({
  charges: [charge],
  slipYen: 1_000,
  confirmation: '123456',
  paidBefore: false,
  ...more,
});

test('W20 certain: the slip that was paid with its amount goes to its charge, and a second payment of it is an overpayment', () => {
  const charge = state(taxItems(600, 400, 0));
  const first = settle(slip, leads(charge));
  assert.deepEqual([first.outcome, first.reason, first.overpaid], ['posted', 'slip-paid', 0]);
  assert.equal(totalOf(charge.open), 0);
  const again = settle(slip, leads(charge, { paidBefore: true }));
  assert.deepEqual([again.outcome, again.reason, again.overpaid], ['posted', 'paid-again', 1_000]);
});
test('W20 not certain: unknown key, wrong confirmation, another amount, unreadable: suspense, and nothing is allocated', () => {
  for (const [record, resolved, reason] of [
    [slip, undefined, 'unknown-reference'],
    [
      { ...slip, reference: { ...slip.reference, confirmation: '999999' } as Incoming['reference'] },
      leads(state(taxItems(1_000, 0, 0))),
      'wrong-confirmation',
    ],
    [{ ...slip, amount: 900 }, leads(state(taxItems(1_000, 0, 0))), 'amount-differs'],
    [
      { ...slip, reference: { kind: 'unreadable', text: '', word: 'wrong-check-digit' } as Incoming['reference'] },
      undefined,
      'unreadable',
    ],
  ] as const) {
    const done = settle(record, resolved);
    assert.deepEqual([done.outcome, done.reason, done.allocations.length, done.overpaid], ['suspense', reason, 0, 0]);
  }
});
test('E08 取消 after 速報 is noted, after 確報 refused; 確報 without 速報 is taken', () => {
  const charge = state(taxItems(1_000, 0, 0));
  assert.equal(settle({ ...slip, stage: 'preliminary' }, leads(charge)).reason, 'preliminary');
  assert.equal(charge.preliminary, 1);
  assert.equal(settle({ ...slip, stage: 'cancellation' }, leads(charge)).reason, 'cancelled-before-final');
  assert.equal(charge.preliminary, 0);
  assert.deepEqual(settle({ ...slip, stage: 'cancellation' }, leads(charge)).outcome, 'rejected');
  assert.deepEqual(
    settle({ ...slip, stage: 'cancellation' }, leads(charge, { paidBefore: true })).reason,
    'cancelled-after-final',
  );
  assert.equal(settle(slip, leads(charge)).outcome, 'posted');
});
test('特別徴収: a month is posted when the employer paid exactly what is open of all its people, else it waits for a clerk', () => {
  const people = () => [state(taxItems(600, 0, 0)), state(taxItems(400, 0, 0), { chargeId: 'c2' })];
  const month: Incoming = { ...slip, reference: { kind: 'collector', designationNumber: '1', month: '2026-06' } };
  const resolved = (charges: ChargeState[]) => ({ charges, slipYen: null, confirmation: null, paidBefore: false });
  const done = settle(month, resolved(people()));
  assert.deepEqual([done.reason, done.allocations.length, done.overpaid], ['month-paid', 2, 0]);
  assert.equal(settle({ ...month, amount: 999 }, resolved(people())).outcome, 'suspense');
});
test('W20 every record of any amount: allocated + overpaid is its amount, or nothing is', () => {
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 3_000_000 }), fc.boolean(), (open, money, exact) => {
      const charge = state(open);
      const yen = exact ? Math.max(1, totalOf(open)) : money;
      const done = settle({ ...slip, amount: yen }, leads(charge, { slipYen: exact ? yen : 1_000 }));
      const used = done.allocations.reduce((all, a) => all + totalOf(a.items), 0);
      assert.equal(used + done.overpaid, done.outcome === 'posted' ? yen : 0);
      assert.equal(totalOf(charge.open) + used, totalOf(open));
    }),
  );
});
test('INC-37 candidates are ranked with their reasons: notice number, equal amount, a key one digit off', () => {
  const fact = {
    personNumber: '0',
    slipYen: 1_000,
    dueOn: '2026-06-30',
    noticeNumber: '0000001234',
    caseKey: '13110202601000001234',
    openYen: 1_000,
  };
  const found = rank({ amount: 1_000, paidOn: '2026-06-20', referenceText: '13110202601000001235' }, [
    { ...fact, chargeId: 'near' },
    { ...fact, chargeId: 'same-amount', caseKey: '99999999999999999999' },
    { ...fact, chargeId: 'nothing', caseKey: null, openYen: 5, slipYen: 5 },
  ]);
  assert.deepEqual(
    found.map((c) => c.chargeId),
    ['near', 'same-amount'],
  );
  assert.ok(found[0]!.because.includes('案件特定キーが1桁違い'));
});

const unpaid: ReminderFacts = {
  chargeId: 'c',
  dueOn: '2026-06-30',
  open: taxItems(1_000, 0, 0),
  preliminary: false,
  candidateInSuspense: false,
  held: false,
  debitOpen: false,
  reminded: false,
  byCollector: false,
  designationNumber: null,
};
test('地方税法329条, INC-36, INC-37: a letter only where nothing speaks for a payment', () => {
  assert.equal(mayRemind(unpaid, '2026-07-10'), undefined);
  for (const [more, why] of [
    [{ open: noItems }, 'nothing-open'],
    [{ dueOn: '2026-07-31' }, 'not-due'],
    [{ preliminary: true }, 'preliminary-receipt'],
    [{ candidateInSuspense: true }, 'candidate-in-suspense'],
    [{ held: true }, 'held'],
    [{ debitOpen: true }, 'debit-open'],
    [{ reminded: true }, 'already-reminded'],
    [{ byCollector: true }, 'by-collector'],
  ] as const)
    assert.equal(mayRemind({ ...unpaid, ...more }, '2026-07-10'), why);
  assert.equal(
    stillTrue({ open: unpaid.open, designationNumber: null }, { ...unpaid, open: taxItems(400, 0, 0) }, '2026-07-10'),
    'amount-changed',
  );
  assert.equal(
    stillTrue({ open: unpaid.open, designationNumber: null }, { ...unpaid, reminded: true }, '2026-07-10'),
    undefined,
  );
});

test('分割納付: the parts add up, the first holds what was cut off, closed days move', () => {
  const plan = instalmentPlan(100_500, 4, '2026-08-29');
  assert.deepEqual(plan, [
    { dueOn: '2026-08-31', yen: 25_500 },
    { dueOn: '2026-09-29', yen: 25_000 },
    { dueOn: '2026-10-29', yen: 25_000 },
    { dueOn: '2026-11-30', yen: 25_000 },
  ]);
});
