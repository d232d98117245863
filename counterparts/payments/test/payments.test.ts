import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mod10Weight3 } from '@musubi/contracts/payment-slip/check-digits.ts';
import { writeConvenienceCode } from '@musubi/contracts/payment-slip/convenience-code.ts';
import { writeElQr } from '@musubi/contracts/payment-slip/el-qr.ts';
import { writeCounterLine } from '@musubi/contracts/payments/counter-line.ts';
import { type PaymentChannel, readPaymentFile } from '@musubi/contracts/payments/files.ts';
import type { Presented } from '@musubi/contracts/payments/till.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import pg from 'pg';
import { deliverJob } from '../jobs/deliver-loop.ts';
import { deliverRound, readFiles } from '../service/files.ts';
import { cancel, pay } from '../service/pay.ts';
import { settings } from '../settings.ts';
import { type Agency, anAgency, companyCode, conductor, schemas, ward } from './an-agency.ts';

const key = '13110202600000000001';
const bar = (amount = 21_200, until: string | null = '2026-06-30'): Presented => ({
  kind: 'convenience-bar',
  text: unwrap(
    writeConvenienceCode({
      company: companyCode,
      reference: `${key}0`,
      reissue: 0,
      payableUntil: until === null ? null : Temporal.PlainDate.from(until),
      amountYen: amount,
    }),
  ),
});
const qr = (until = '2026-06-30', body = '13110'): Presented => ({
  kind: 'el-qr',
  text: writeElQr({
    taxItem: '001',
    caseKey: key,
    confirmationNumber: '123456',
    body,
    office: '000',
    amountYen: 21_200,
    taxYear: 2026,
    fiscalYear: 2026,
    instalment: 1,
    dueOn: Temporal.PlainDate.from('2026-06-30'),
    payableUntil: Temporal.PlainDate.from(until),
  }),
});
const typed: Presented = {
  kind: 'typed',
  channel: 'pay-easy',
  bodyCode: ward,
  caseKey: key,
  confirmation: '123456',
  amount: 21_200,
};
const paid = async (a: Agency, presented: Presented, paymentId: string = a.deps.newId()) =>
  unwrap(await pay(a.deps, conductor, { paymentId, presented }));

/** Goes round until nothing is left to do. */
async function settle(a: Agency): Promise<void> {
  for (let i = 0; i < 50; i++) {
    const { written, offered } = await deliverRound(a.deps, deliverJob);
    if (written + offered === 0) return;
  }
  assert.fail('the agency does not come to rest');
}
const fileOf = (a: Agency, channel: PaymentChannel, day: string) => {
  const name = `,${day.replaceAll('-', '')},1\r\n`;
  const found = a.arrived.filter((f) => f.channel === channel && Buffer.from(f.content).toString().includes(name));
  return unwrap(readPaymentFile(found.at(-1)!.content, { channel, bodyCode: ward }));
};

test('formats el-qr E01–E07: a till takes a slip until its last day and refuses what its scanner cannot read', async () => {
  await using a = await anAgency();
  const taken = await paid(a, qr());
  assert.ok(taken.taken && taken.yen === 21_200 && taken.paidOn === '2026-06-25');
  a.at('2026-06-30');
  assert.ok((await paid(a, bar())).taken);
  a.at('2026-07-01');
  const word = async (p: Presented) => {
    const answer = await paid(a, p);
    return answer.taken ? 'taken' : answer.word;
  };
  assert.equal(await word(bar()), 'expired');
  assert.equal(await word(qr()), 'expired');
  assert.equal(await word(qr('2026-07-31', '13112')), 'unknown-body');
  assert.equal(await word({ kind: 'el-qr', text: '0'.repeat(255) }), 'unreadable');
  const { text } = bar(21_200, null) as { text: string };
  assert.equal(
    await word({ kind: 'convenience-bar', text: `${text.slice(0, 43)}${(Number(text[43]) + 1) % 10}` }),
    'unreadable',
  );
  const beyond = `${text.slice(0, 37)}300100`;
  assert.equal(await word({ kind: 'convenience-bar', text: `${beyond}${mod10Weight3(beyond)}` }), 'unreadable');
  assert.equal(await word({ ...typed, channel: 'credit' } as Presented), 'channel-not-offered');
  assert.equal(await word({ ...typed, confirmation: '12' } as Presented), 'unreadable');
});

test('a payment that comes again takes no money; with other contents it is refused; two at once are one', async () => {
  await using a = await anAgency();
  const paymentId = a.deps.newId();
  const both = await Promise.all([paid(a, qr(), paymentId), paid(a, qr(), paymentId)]);
  assert.deepEqual(both[0], both[1]);
  assert.deepEqual(await paid(a, qr(), paymentId), both[0]);
  assert.deepEqual(await pay(a.deps, conductor, { paymentId, presented: bar() }), {
    ok: false,
    error: 'request-key-reused',
  });
  const [row] = await a.t.owner<{ n: number }>('select count(*)::int as n from payments.payment');
  assert.equal(row?.n, 1);
});

test('COL-F1: 速報 in the file of the day, 確報 when it is confirmed, 取消 instead; a day without payments has a file too', async () => {
  await using a = await anAgency();
  const keptId = a.deps.newId();
  const goneId = a.deps.newId();
  await paid(a, bar(), keptId);
  await paid(a, bar(9_900), goneId);
  await paid(a, { kind: 'collector', bodyCode: ward, designationNumber: '1234567', month: '2026-06', amount: 50_000 });
  a.at('2026-06-26');
  assert.deepEqual(await cancel(a.deps, conductor, { paymentId: goneId }), {
    ok: true,
    value: { cancelledOn: '2026-06-26' },
  });
  assert.ok((await cancel(a.deps, conductor, { paymentId: goneId })).ok);
  a.at('2026-06-29');
  assert.deepEqual(await cancel(a.deps, conductor, { paymentId: keptId }), { ok: false, error: 'too-late' });
  assert.deepEqual(await cancel(a.deps, conductor, { paymentId: a.deps.newId() }), {
    ok: false,
    error: 'no-such-payment',
  });
  await settle(a);
  const stages = (day: string) => fileOf(a, 'convenience', day).records.map((r) => [r.stage, r.amount]);
  assert.deepEqual(stages('2026-06-25').sort(), [
    ['preliminary', 21_200],
    ['preliminary', 9_900],
  ]);
  assert.deepEqual(stages('2026-06-26'), [['cancellation', 9_900]]);
  assert.deepEqual(stages('2026-06-27'), [['final', 21_200]]);
  assert.deepEqual(stages('2026-06-28'), []);
  assert.deepEqual(
    fileOf(a, 'special-collection', '2026-06-25').records.map((r) => r.reference),
    [{ kind: 'collector', designationNumber: '1234567', month: '2026-06' }],
  );
});

test('a monthly till holds all since the file before; counter lines and typed numbers go out as they were read', async () => {
  await using a = await anAgency();
  const [one, two] = writeCounterLine({
    bodyCode: '13110',
    taxCode: '01',
    fiscalYear: 2026,
    instalment: 1,
    noticeNumber: '0000000001',
    issue: 0,
    tax: 21_200,
    interest: 0,
    fee: 0,
  });
  await paid(a, { kind: 'counter-lines', bodyCode: ward, one, two });
  await paid(a, typed);
  await paid(a, { kind: 'withheld', bodyCode: ward, noticeNumber: '0000000002', month: '2026-06', amount: 10_000 });
  a.at('2026-07-03');
  await paid(a, { kind: 'withheld', bodyCode: ward, noticeNumber: '0000000003', month: '2026-06', amount: 11_000 });
  a.at('2026-07-11');
  await settle(a);
  assert.equal(fileOf(a, 'pension', '2026-07-10').total, 21_000);
  assert.equal(fileOf(a, 'counter', '2026-06-25').records[0]?.reference.kind, 'notice');
  assert.deepEqual(fileOf(a, 'pay-easy', '2026-06-26').records[0]?.reference, {
    kind: 'case',
    caseKey: key,
    confirmation: '123456',
  });
  assert.equal(a.arrived.filter((f) => f.channel === 'pension').length, 1);
});

test('a ward that does not answer gets the same bytes again; what was answered is not offered a second time', async () => {
  await using a = await anAgency();
  await paid(a, qr());
  a.at('2026-06-27');
  a.away.now = true;
  await assert.rejects(deliverRound(a.deps, deliverJob), /away/);
  a.away.now = false;
  await settle(a);
  const count = a.arrived.length;
  await settle(a);
  assert.equal(a.arrived.length, count);
  assert.equal(fileOf(a, 'common-tax', '2026-06-26').total, 21_200);
});

test('formats zengin §8 / el-qr §6: the agency misbehaves by its seed alone: late, cut, twice, cancelled, mis-keyed', async () => {
  const run = async () => {
    await using a = await anAgency({ late: 50, doubled: 50, cut: 50, cancelled: 50, misKeyed: 50 }, 'bad-days');
    for (let i = 0; i < 12; i++) {
      const paymentId = `01900000-0000-7000-8000-${String(i).padStart(12, '0')}`;
      await paid(a, i % 2 === 0 ? bar(1_000 + i) : ({ ...typed, amount: 1_000 + i } as Presented), paymentId);
    }
    const days: string[] = [];
    for (const day of [
      '2026-06-26',
      '2026-06-27',
      '2026-06-28',
      '2026-06-29',
      '2026-06-30',
      '2026-07-01',
      '2026-07-02',
    ]) {
      a.at(day);
      await settle(a);
      days.push(`${day} ${a.arrived.length}`);
    }
    const files = await readFiles(a.deps, conductor, { bodyCode: ward, from: '2026-06-25' });
    const states = unwrap(files);
    const texts = a.arrived.map((f) => Buffer.from(f.content).toString());
    return { days, texts, states };
  };
  const [first, second] = [await run(), await run()];
  assert.deepEqual(first, second);
  const whole = first.texts.filter((t) => /\r\nT,\d+,\d+\r\n$/.test(t));
  assert.ok(whole.length < first.texts.length, 'none was cut');
  assert.ok(new Set(whole).size < whole.length, 'none came twice');
  assert.ok(
    whole.some((t) => t.includes('D,03,')),
    'nothing was cancelled',
  );
  const typedLines = whole.filter((t) => t.startsWith('H,pay-easy')).flatMap((t) => t.split('\r\n').slice(1, -2));
  assert.ok(
    typedLines.some((line) => !line.includes(`,${key},`)),
    'nothing was mis-keyed',
  );
  assert.ok(
    first.states.filter((s) => s.businessOn <= '2026-06-28').every((s) => s.delivered),
    'a file never came',
  );
});

test('the settings name one till a channel and refuse what they do not know', () => {
  const body = { code: ward, companyCode, collections: 'meguro/collections' };
  const till = { channel: 'convenience', sender: 'agency-1', from: '2026-07-01', days: 'every-day' };
  assert.equal(settings.parse({ bodies: [body], tills: [till] }).manners.late, 0);
  assert.throws(() => settings.parse({ bodies: [body], tills: [till, till] }));
  assert.throws(() => settings.parse({ bodies: [], tills: [till] }));
  assert.throws(() => settings.parse({ bodies: [body], tills: [till], manner: {} }));
});

test('design §2.7: every column of the agency is declared', async () => {
  await using t = await testDatabase(schemas);
  const client = new pg.Client({ connectionString: t.url });
  await client.connect();
  const faults = await checkCatalogue(client, await readCatalogue(schemas));
  await client.end();
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('payments.')),
    [],
  );
});
