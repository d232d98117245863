import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writePaymentFile } from '@musubi/contracts/payments/files.ts';
import { takeRemittance } from '../service/files/remittances.ts';
import { takeFile } from '../service/files/take-file.ts';
import { settleEmployerMonth, showEmployerMonth } from '../service/office/employer-months.ts';
import { lookAtFiles } from '../service/office/read-accounts.ts';
import { agency, aTown, atStore, bodyCode, byQr, clerk, mustBeOk } from './a-town.ts';

const ledgers = `select ledger, sum(amount_yen)::text as yen from collections.posting group by ledger order by ledger`;
const open = `select (ward_open + metropolitan_open + forest_open + fee_open + interest_open)::text as yen from collections.charge_state order by 1`;
const differs = `select count(*)::int as n from collections.charge_state s full join collections.state_from_books b using (charge_id)
  where (s.ward_open, s.metropolitan_open, s.forest_open) is distinct from (coalesce(b.ward_open,0), coalesce(b.metropolitan_open,0), coalesce(b.forest_open,0))`;

test('002-COL-F1, W20 調定、納付、消込: a slip paid by eL-QR clears exactly its charge, and the books balance', async () => {
  await using w = await aTown();
  const [a, b] = [await w.charge(), await w.charge({ total: 30_000 })];
  const done = await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(a, '2026-06-08')]));
  assert.ok(done.taken);
  assert.deepEqual([done.file.totalYen, done.file.postedYen, done.file.suspenseYen], [48_700, 48_700, 0]);
  assert.deepEqual(await w.t.owner(open), [{ yen: '0' }, { yen: '30000' }]);
  assert.deepEqual(await w.t.owner(ledgers), [
    { ledger: 'cash', yen: '48700' },
    { ledger: 'levy', yen: '-78700' },
    { ledger: 'receivable', yen: '30000' },
  ]);
  assert.equal(b.revision, 1);
  assert.deepEqual(await w.t.owner(differs), [{ n: 0 }]);
});

test('002-COL-F1 the same file k times is one; two deliveries at once are one', async () => {
  await using w = await aTown();
  const a = await w.charge();
  const twice = await Promise.all(
    [1, 2, 3].map(() => mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(a, '2026-06-08')]))),
  );
  assert.deepEqual(twice.map((r) => r.taken && r.repeated).sort(), [false, true, true]);
  assert.deepEqual(await w.t.owner('select count(*)::int as n from collections.payment_record'), [{ n: 1 }]);
});

test('INC-39 issue 6 a bad file of each kind is refused whole with its place and its rule, leaves no money behind, and its day stands in the calendar as still due', async () => {
  await using w = await aTown();
  const a = await w.charge();
  const file = {
    channel: 'common-tax',
    sender: 'eltax',
    bodyCode,
    sequence: 1,
    payments: [byQr(a, '2026-06-08')],
  } as const;
  const content = writePaymentFile({ ...file, businessOn: '2026-06-09' });
  const text = Buffer.from(content).toString();
  const [header, record] = text.split('\r\n') as [string, string];
  const altered = (from: string, to: string): Uint8Array => {
    assert.ok(text.includes(from), from);
    return Buffer.from(text.replace(from, to));
  };
  await mustBeOk(w.pay('common-tax', '2026-06-08', []));
  const deps = { ...w.deps, schedules: w.deps.schedules.map((s) => ({ ...s, from: '2026-06-08' })) };
  w.at('2026-06-12');
  const due = async (): Promise<boolean> => {
    const { due } = await mustBeOk(lookAtFiles(deps, clerk, { offset: 0, limit: 20 }));
    return due.find((f) => f.channel === 'common-tax' && f.businessOn === '2026-06-09')?.state === 'missing';
  };
  assert.ok(await due());
  const yesterday = writePaymentFile({ ...file, businessOn: '2026-06-08' });
  const toCome = writePaymentFile({ ...file, businessOn: '2026-06-13' });
  const kinds: readonly (readonly [string, Uint8Array, string, number | undefined])[] = [
    ['cut in half', content.subarray(0, content.length >> 1), 'P01', undefined],
    ['cut between two records', Buffer.from(`${header}\r\n${record}\r\n`), 'P02', 2],
    ['empty', new Uint8Array(0), 'P01', undefined],
    ['wrong length of a record', altered(record, `${record},`), 'P05', 2],
    ['wrong total', altered('48700\r\n', '48701\r\n'), 'P07', 3],
    ['another body', altered(bodyCode, '131121'), 'P04', 1],
    ['another channel', altered('common-tax', 'pay-easy'), 'P03', 1],
    ['a sender without a contract', altered('eltax', 'nobody'), 'P10', 1],
    [
      'a character that is none',
      Buffer.concat([content.subarray(0, -2), Buffer.from([0xff, 13, 10])]),
      'P01',
      undefined,
    ],
    ['header of yesterday', yesterday, 'P09', 1],
    ['header of a day to come', toCome, 'P11', 1],
  ];
  for (const [kind, bytes, rule, row] of kinds) {
    const done = await mustBeOk(takeFile(deps, agency, { channel: 'common-tax', content: bytes }));
    assert.ok(!done.taken, kind);
    assert.deepEqual([done.faults[0]?.rule, done.faults[0]?.row], [rule, row], kind);
    assert.ok(await due(), `${kind}: the day is still due`);
  }
  assert.deepEqual(await w.t.owner(ledgers), [
    { ledger: 'levy', yen: '-48700' },
    { ledger: 'receivable', yen: '48700' },
  ]);
  const refusals = await w.t.owner('select count(*)::int as n from collections.file_refusal');
  assert.deepEqual(refusals, [{ n: kinds.length }]);
  assert.equal(w.t.events.filter((e) => e.event === 'payment-file.refused').length, kinds.length);
  const whole = await mustBeOk(takeFile(deps, agency, { channel: 'common-tax', content }));
  assert.ok(whole.taken && !whole.repeated);
  assert.ok(!(await due()));
});

test('002-COL-F1 速報, 取消, 確報, paid twice, unknown, wrong amount: total = posted + suspense + rejected + noted', async () => {
  await using w = await aTown();
  const [a, b, c] = [await w.charge(), await w.charge(), await w.charge()];
  const first = await mustBeOk(
    w.pay('convenience', '2026-06-08', [
      atStore(a, '2026-06-08', 'preliminary'),
      atStore(b, '2026-06-08', 'preliminary'),
      atStore(b, '2026-06-08', 'cancellation'),
    ]),
  );
  assert.ok(first.taken && first.file.notedYen === 3 * 48_700);
  assert.deepEqual(
    await w.t.owner('select preliminary::int as n from collections.charge_state order by n desc limit 1'),
    [{ n: 1 }],
  );
  const second = await mustBeOk(
    w.pay('convenience', '2026-06-09', [
      atStore(a, '2026-06-08'),
      atStore(a, '2026-06-09'),
      atStore(a, '2026-06-09', 'cancellation'),
      { ...atStore(b, '2026-06-09'), key: '91912345202601000012340000001027033100487001' },
    ]),
  );
  assert.ok(second.taken);
  const { postedYen, suspenseYen, rejectedYen, notedYen, totalYen } = second.file;
  assert.deepEqual([postedYen, suspenseYen, rejectedYen, notedYen, totalYen], [97_400, 48_700, 48_700, 0, 194_800]);
  const third = await mustBeOk(
    w.pay('common-tax', '2026-06-09', [byQr(c, '2026-06-09', 1_000), { ...byQr(c, '2026-06-09'), second: '999999' }]),
  );
  assert.ok(third.taken && third.file.suspenseYen === 49_700);
  assert.deepEqual(await w.t.owner(ledgers), [
    { ledger: 'cash', yen: '195800' },
    { ledger: 'levy', yen: '-146100' },
    { ledger: 'overpaid', yen: '-48700' },
    { ledger: 'receivable', yen: '97400' },
    { ledger: 'suspense', yen: '-98400' },
  ]);
  assert.deepEqual(await w.t.owner(`select outcome, reason from collections.payment_record order by receipt_no`), [
    { outcome: 'noted', reason: 'preliminary' },
    { outcome: 'noted', reason: 'preliminary' },
    { outcome: 'noted', reason: 'cancelled-before-final' },
    { outcome: 'posted', reason: 'slip-paid' },
    { outcome: 'posted', reason: 'paid-again' },
    { outcome: 'rejected', reason: 'cancelled-after-final' },
    { outcome: 'suspense', reason: 'unknown-reference' },
    { outcome: 'suspense', reason: 'amount-differs' },
    { outcome: 'suspense', reason: 'wrong-confirmation' },
  ]);
});

test('002-COL-F1 特別徴収: the employer pays a month of its people in one sum; a difference waits', async () => {
  await using w = await aTown();
  const schedule = {
    channel: 'special-collection',
    sender: 'agency-1',
    name: '特別徴収',
    from: '2026-06-01',
    days: 'open-days',
    arrivesAfter: 1,
    lagDays: 3,
  } as const;
  const deps = { ...w.deps, schedules: [...w.deps.schedules, schedule] };
  for (const total of [8_300, 12_400]) await w.charge({ total, method: 'special', instalment: 6, dueOn: '2026-07-10' });
  await w.charge({ total: 5_000, method: 'special', instalment: 7, dueOn: '2026-08-10' });
  const file = (amount: number, month: string, sequence: number) =>
    writePaymentFile({
      channel: 'special-collection',
      sender: 'agency-1',
      bodyCode,
      businessOn: '2026-06-10',
      sequence,
      payments: [{ paidOn: '2026-06-10', amount, key: '1234567', second: month }],
    });
  const good = await mustBeOk(
    takeFile(deps, agency, { channel: 'special-collection', content: file(20_700, '2026-06', 1) }),
  );
  assert.ok(good.taken && good.file.postedYen === 20_700);
  const short = await mustBeOk(
    takeFile(deps, agency, { channel: 'special-collection', content: file(4_000, '2026-07', 2) }),
  );
  assert.ok(short.taken && short.file.suspenseYen === 4_000);
  assert.deepEqual(await w.t.owner(open), [{ yen: '0' }, { yen: '0' }, { yen: '5000' }]);
});

test('002-COL-F1 特別徴収の差異: an employer’s list of exactly the sum says for whom it is; else a clerk shares it out, once, to the yen', async () => {
  await using w = await aTown();
  const schedule = { ...w.deps.schedules[0]!, channel: 'special-collection', sender: 'agency-1' };
  const deps = { ...w.deps, schedules: [...w.deps.schedules, schedule] };
  const of = (person: number, total: number, instalment = 7) =>
    w.charge({ person, total, method: 'special', instalment, dueOn: '2026-08-10' });
  const [a, b, c] = [await of(1, 8_300), await of(2, 12_400), await of(3, 5_000)];
  const d = await of(4, 6_000, 8);
  const list = {
    listId: deps.newId(),
    designationNumber: '1234567',
    month: '2026-07',
    lines: [
      { noticeNumber: a.noticeNumber, amount: 8_300, difference: null },
      { noticeNumber: b.noticeNumber, amount: 0, difference: 'left' as const },
      { noticeNumber: c.noticeNumber, amount: 4_500, difference: 'amount-changed' as const },
    ],
  };
  const payers = { kind: 'system', organisation: 'finance', system: 'payments', certificate: 'c' } as const;
  assert.deepEqual(await takeRemittance(deps, payers, { ...list, designationNumber: '999' }), {
    ok: false,
    error: 'unknown-employer',
  });
  assert.deepEqual(await mustBeOk(takeRemittance(deps, payers, list)), { repeated: false, totalYen: 12_800 });
  assert.deepEqual(await mustBeOk(takeRemittance(deps, payers, list)), { repeated: true, totalYen: 12_800 });
  assert.deepEqual(await takeRemittance(deps, payers, { ...list, month: '2026-08' }), {
    ok: false,
    error: 'list-repeated-with-other-content',
  });
  const pay = async (amount: number, sequence: number, month = '2026-07') => {
    const payments = [{ paidOn: '2026-06-10', amount, key: '1234567', second: month }];
    const about = { sender: 'agency-1', bodyCode, businessOn: '2026-06-10', sequence } as const;
    const content = writePaymentFile({ channel: 'special-collection', ...about, payments });
    const done = await mustBeOk(takeFile(deps, agency, { channel: 'special-collection', content }));
    assert.ok(done.taken);
    return [done.file.postedYen, done.file.suspenseYen];
  };
  const openOf = async () =>
    (
      await w.t.owner<{ yen: string }>(
        `select (ward_open + metropolitan_open + forest_open)::text as yen from collections.charge_state join collections.charge using (charge_id)
          order by notice_number`,
      )
    ).map((r) => Number(r.yen));
  assert.deepEqual(await pay(12_800, 1), [12_800, 0]);
  assert.deepEqual(await openOf(), [0, 12_400, 500, 6_000], 'who left and what is missing stay open');
  // The same sum once more is not for the same people: the list has been used.
  assert.deepEqual(await pay(12_800, 2), [0, 12_800]);

  const [row] = await w.t.owner<{ no: string }>(
    `select receipt_no::text as no from collections.payment_record where outcome = 'suspense'`,
  );
  const receiptNo = Number(row!.no);
  const shown = await mustBeOk(showEmployerMonth(deps, clerk, { receiptNo }));
  assert.deepEqual([shown.receipt.yen, shown.chargedYen, shown.listId], [12_800, 12_900, null]);
  assert.deepEqual(
    shown.lines.map((l) => [l.noticeNumber, l.openYen]),
    [
      [a.noticeNumber, 0],
      [b.noticeNumber, 12_400],
      [c.noticeNumber, 500],
    ],
  );
  const parts = [
    { chargeId: b.chargeId, yen: 12_300 },
    { chargeId: a.chargeId, yen: 500 },
  ];
  const command = { receiptNo, parts, listId: null, reason: '納入内訳書（令和8年6月12日）' };
  for (const [more, error] of [
    [{ reason: ' ' }, 'reason-missing'],
    [{ parts: parts.slice(1) }, 'parts-differ'],
    [{ parts: [{ chargeId: d.chargeId, yen: 12_800 }] }, 'not-of-employer'],
    [{ listId: list.listId }, 'no-such-list'],
  ] as const)
    assert.deepEqual(await settleEmployerMonth(deps, clerk, { ...command, ...more }), { ok: false, error });
  const both = await Promise.all([1, 2].map(() => settleEmployerMonth(deps, clerk, command)));
  assert.deepEqual(both.map((r) => (r.ok ? r.value : r.error)).sort(), [
    { allocated: 12_300, overpaid: 500 },
    'no-such-receipt',
  ]);
  assert.deepEqual(await openOf(), [0, 100, 500, 6_000]);
  const over = await w.t.owner('select person_number as person, amount_yen::int as yen from collections.overpayment');
  assert.deepEqual(over, [{ person: a.payer.orgPersonNumber, yen: 500 }]);
  assert.deepEqual(await w.t.owner('select sum(amount_yen)::int as yen from collections.posting'), [{ yen: 0 }]);
});

test('002-COL-F1 特別徴収義務者の変更: a month is looked for at who pays over now; the one before pays into suspense', async () => {
  await using w = await aTown();
  const schedule = { ...w.deps.schedules[0]!, channel: 'special-collection', sender: 'agency-1' };
  const deps = { ...w.deps, schedules: [...w.deps.schedules, schedule] };
  const stays = await w.charge({ total: 8_300, method: 'special', instalment: 7, dueOn: '2026-08-10' });
  const moves = await w.charge({ total: 5_000, method: 'special', instalment: 7, dueOn: '2026-08-10' });
  await w.change({ ...moves, collector: { designationNumber: '7654321', name: '株式会社世田谷商事' } }, 5_000);
  const pay = async (key: string, amount: number, sequence: number) => {
    const payments = [{ paidOn: '2026-06-10', amount, key, second: '2026-07' }];
    const about = {
      channel: 'special-collection',
      sender: 'agency-1',
      bodyCode,
      businessOn: '2026-06-10',
      sequence,
    } as const;
    const content = writePaymentFile({ ...about, payments });
    const done = await mustBeOk(takeFile(deps, agency, { channel: 'special-collection', content }));
    assert.ok(done.taken);
    return [done.file.postedYen, done.file.suspenseYen];
  };
  assert.deepEqual(await pay('1234567', 13_300, 1), [0, 13_300], 'for one who is no longer there');
  assert.deepEqual(await pay('1234567', 8_300, 2), [8_300, 0]);
  assert.deepEqual(await pay('7654321', 5_000, 3), [5_000, 0]);
  const rows = await w.t.owner(
    'select designation_number as number from collections.charge_revision where charge_id = $1 order by revision',
    [moves.chargeId],
  );
  assert.deepEqual(rows, [{ number: '1234567' }, { number: '7654321' }]);
  assert.ok(stays.chargeId !== moves.chargeId);
});

test('002-COL charge changes: a repeat changes nothing, a gap and a reused number are refused, a cut of what was paid is an overpayment', async () => {
  await using w = await aTown();
  const a = await w.charge();
  await mustBeOk(w.pay('common-tax', '2026-06-09', [byQr(a, '2026-06-08')]));
  const less = await w.change(a, 40_000);
  assert.deepEqual(
    await w.t.owner('select amount_yen::int as yen, cause, paid_on::text as "paidOn" from collections.overpayment'),
    [{ yen: 8_700, cause: 'charge-reduced', paidOn: '2026-06-08' }],
  );
  const settled = 'select settled_on::text as "on" from collections.charge_state';
  assert.deepEqual(await w.t.owner(settled), [{ on: '2026-06-08' }]);
  await w.change(less, 50_000);
  assert.deepEqual(await w.t.owner(settled), [{ on: null }]);
  assert.deepEqual(await w.t.owner(open), [{ yen: '10000' }]);
  assert.deepEqual(await w.t.owner(differs), [{ n: 0 }]);
  const { applyCharge } = await import('../service/charges/apply-charge.ts');
  const send = (message: object) => applyCharge(w.deps, agency, { message } as never);
  assert.deepEqual(await send(less), { ok: true, value: { entered: 0, changed: 0, repeated: 1 } });
  assert.deepEqual(await send({ ...less, revision: 9 }), { ok: false, error: 'revision-missing' });
  assert.deepEqual(await send({ ...less, revision: 3 }), { ok: false, error: 'revision-reused' });
});

test('design §2.7 the database itself refuses an entry that does not balance, and a change of what is in the books', async () => {
  await using w = await aTown();
  await w.charge();
  const insert = (amount: number) =>
    w.t
      .owner(
        `with e as (insert into collections.entry (entry_no, kind, valid_on, recorded_at, decision, event_id)
         values (nextval('collections.entry_no'), 'correction', '2026-06-10', now(), 'x', gen_random_uuid()) returning entry_no)
       select entry_no from e`,
      )
      .then(([row]) =>
        w.t.owner(
          `insert into collections.posting (entry_no, line, ledger, book_year, plain_yen, event_id)
           values ($1, 1, 'cash', 2026, 100, gen_random_uuid()), ($1, 2, 'refund-payable', 2026, $2, gen_random_uuid())`,
          [row?.entry_no, amount],
        ),
      );
  await assert.rejects(insert(-99), /does not balance/);
  await insert(-100);
  const client = new (await import('pg')).default.Client({ connectionString: w.t.url });
  await client.connect();
  await assert.rejects(client.query('update collections.posting set plain_yen = 1'), /permission denied/);
  await assert.rejects(client.query('delete from collections.entry'), /permission denied/);
  await client.end();
});

test('INC-39 a process that dies anywhere in the intake leaves nothing; the next attempt takes the file once', async () => {
  await using w = await aTown();
  const charges = await Promise.all([1, 2, 3].map(() => w.charge()));
  const payments = charges.map((c) => byQr(c, '2026-06-08'));
  for (let step = 1; step < 30; step++) {
    let left = step;
    const dying = new Proxy(w.deps.machineClock, {
      get: (clock, name) => {
        if (--left <= 0) throw new Error('killed');
        return Reflect.get(clock, name).bind(clock);
      },
    });
    const content = writePaymentFile({
      channel: 'common-tax',
      sender: 'eltax',
      bodyCode,
      businessOn: '2026-06-09',
      sequence: 1,
      payments,
    });
    const done = await takeFile({ ...w.deps, machineClock: dying }, agency, { channel: 'common-tax', content }).catch(
      () => undefined,
    );
    const [row] = await w.t.owner<{ n: number; yen: string | null }>(
      `select count(*)::int as n, sum(amount_yen)::text as yen from collections.payment_record`,
    );
    if (done === undefined) assert.equal(row?.n, 0);
    else {
      assert.deepEqual(row, { n: 3, yen: String(3 * 48_700) });
      break;
    }
  }
});
