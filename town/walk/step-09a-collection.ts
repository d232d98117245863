import { randomUUID } from 'node:crypto';
import { writeConvenienceCode } from '@musubi/contracts/payment-slip/convenience-code.ts';
import { type WrittenPayment, writePaymentFile } from '@musubi/contracts/payments/files.ts';
import { payAtTill, readPaymentFiles } from '@musubi/contracts/payments/till.ts';
import { readPayerMonths } from '@musubi/contracts/special-collection/line.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Page } from 'playwright-core';
import { storeCompany } from '../plan/organisations.ts';
import { count, observe } from './observe.ts';
import { field, press, signInAt, withTab } from './sign-in.ts';
import { eventually, expect, type Step, type WalkContext } from './walk.ts';

const collections = 'meguro/collections';
const agency = 'finance/payments';
const ward = '131105';
const paidUntil = '2026-07-08';
/** Open days from the first file that the town's schedule promises to the last that could hold a payment by `paidUntil`. */
const days = [
  '2026-07-01',
  '2026-07-02',
  '2026-07-03',
  '2026-07-06',
  '2026-07-07',
  '2026-07-08',
  '2026-07-09',
] as const;
const left = '2026-07-03';
const payersAtMost = 30;
/** Some pay the second instalment early, at a store. */
const atStores = { on: '2026-07-06', dueOn: '2026-08-31', atMost: 3 } as const;

interface Slip {
  readonly case_key: string;
  readonly confirmation: string;
  readonly amount_yen: string;
}

/** What the payers' slips say: the first instalment of some who pay in time. */
const slipsOfPayers = (context: WalkContext): Promise<Slip[]> =>
  observe<Slip>(
    context.town,
    collections,
    `select s.case_key, s.confirmation, s.amount_yen from collections.slip s join collections.charge_state c using (charge_id)
      where s.kind = 'slip' and s.issue = 0 and c.due_on = '2026-06-30' order by s.slip_no limit $1`,
    [payersAtMost],
  );

const fileOf = (businessOn: string, payments: readonly WrittenPayment[]): Uint8Array =>
  writePaymentFile({ channel: 'common-tax', sender: 'eltax', bodyCode: ward, businessOn, sequence: 1, payments });

export interface StoreSlip {
  readonly reference: string;
  readonly amountYen: number;
  readonly payableUntil: string;
}

/** At a store's till: the bars are read and the money taken, each slip for itself. */
export async function payBars(context: WalkContext, slips: readonly StoreSlip[]): Promise<void> {
  const payments = slips.map(({ reference, amountYen, payableUntil }) => {
    const until = Temporal.PlainDate.from(payableUntil);
    const code = { company: storeCompany, reference, reissue: 0, payableUntil: until, amountYen };
    return {
      paymentId: randomUUID(),
      presented: { kind: 'convenience-bar' as const, text: unwrap(writeConvenienceCode(code)) },
    };
  });
  const answer = await context.conductor.peers.call(payAtTill, agency, {}, { payments });
  const refused = answer.ok ? answer.value.results.filter((r) => !r.taken).length : payments.length;
  expect(refused === 0, `${refused} of ${payments.length} payments were not taken at the till`);
}

/** The agency's files of the following days tell the ward. */
async function payAtStores(context: WalkContext): Promise<void> {
  if ((await count(context.town, agency, `select 1 from payments.payment where channel = 'convenience'`)) > 0) return;
  await context.moveTo(atStores.on);
  const slips = await observe<StoreSlip>(
    context.town,
    collections,
    `select s.convenience_reference as reference, s.amount_yen::int as "amountYen", s.payable_until::text as "payableUntil"
       from collections.slip s join collections.charge_state c using (charge_id)
      where s.kind = 'slip' and s.issue = 0 and s.convenience_reference is not null and c.due_on = $1 order by s.slip_no limit $2`,
    [atStores.dueOn, atStores.atMost],
  );
  expect(slips.length > 0, 'no slip has a bar for stores');
  await payBars(context, slips);
}

/** 特別徴収の納入: what employers kept back from the pay of June is paid over by the 10th of July, as each of them does it. */
const employersHavePaid = (context: WalkContext): Promise<number> =>
  eventually('the payments of the employers', async () => {
    const asked = await context.conductor.peers.call(readPayerMonths, 'finance/payers', {}, { municipality: ward });
    const june = asked.ok ? asked.value.months.filter(({ month }) => month === '2026-06') : [];
    const isDone = june.every((m) => m.paidYen === m.plannedYen || m.manner === 'late');
    return june.length > 0 && isDone ? june.reduce((all, { paidYen }) => all + paidYen, 0) : undefined;
  });

/** Every file of the payment agencies since a day is with the ward, those that were cut off or doubled on their way too. */
export const agencyFilesHere = (context: WalkContext, from: string): Promise<number> =>
  eventually(
    'the files of the payment agencies at the ward',
    async () => {
      const asked = await context.conductor.peers.call(readPaymentFiles, agency, {}, { bodyCode: ward, from });
      const files = asked.ok ? asked.value.files : [];
      return files.length > 0 && files.every((file) => file.delivered) ? files.length : undefined;
    },
    180_000,
  );

async function offer(page: Page, on: string, content: Uint8Array): Promise<void> {
  await field(page, 'channel').selectOption('common-tax');
  const name = `common-tax-${on}.csv`;
  await field(page, 'content').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
  await press(page, '受け入れる');
}

async function upload(page: Page, on: string, content: Uint8Array): Promise<void> {
  await offer(page, on, content);
  await page
    .getByText(/受け入れました|受け入れ済みです/)
    .first()
    .waitFor();
}

async function orderReminders(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/reminders`);
  await field(page, 'paidUntil').fill(paidUntil);
  await press(page, '督促状を作成する');
}

/**
 * 収納: the decided levies stand in the books of collection; a file of the common local tax payment is posted to the yen; while one
 * day's file is missing no reminder can be made, and afterwards whoever paid gets none (INC-36).
 */
export const collect: Step = {
  id: '9a',
  title: '決定した税額が収納に届き、納付が消し込まれる。届かないファイルがある間は督促できない',
  async run(context) {
    const levied = await count(context.town, 'meguro/resident-tax', 'select 1 from resident_tax.charge');
    await eventually('every charge in collections', async () => {
      const here = await count(context.town, collections, 'select 1 from collections.charge');
      return here === levied && here > 0;
    });
    await payAtStores(context);
    await context.moveTo('2026-07-10');
    const withheldYen = await employersHavePaid(context);
    await context.moveTo('2026-07-16');
    const agencyFiles = await agencyFilesHere(context, atStores.on);
    const [stores] = await observe<{ yen: number; payments: number }>(
      context.town,
      agency,
      `select sum(amount_yen)::int as yen, count(*)::int as payments from payments.payment where channel = 'convenience'`,
    );
    const origin = context.originOf(collections);
    const slips = await slipsOfPayers(context);
    expect(slips.length >= 3, `there are ${slips.length} slips for the first instalment`);
    // Some do not pay: they are who is reminded.
    slips.splice(-2);
    const paid = slips.map(({ case_key: key, confirmation: second, amount_yen }) => ({
      key,
      second,
      amount: Number(amount_yen),
      paidOn: '2026-06-29',
    }));
    const paidYen = paid.reduce((all, p) => all + p.amount, 0);
    const clerk = await context.signedIn('meguro', 'm-2101');
    await withTab(clerk, async (page) => {
      await signInAt(page, `${origin}/files`, 'm-2101');
      for (const on of days.filter((d) => d !== left)) await upload(page, on, fileOf(on, on === days[0] ? paid : []));
      const whole = fileOf(left, []);
      const isHere = await count(
        context.town,
        collections,
        `select 1 from collections.payment_file where channel = 'common-tax' and business_on = $1`,
        [left],
      );
      if (isHere === 0) {
        // Cut in half, it counts for nothing: the day stays missing.
        await offer(page, left, whole.subarray(0, whole.length >> 1));
        await page.getByText('ファイル全体を拒否しました').first().waitFor();
        await context.look(page, '09a-files');
        await orderReminders(page, origin);
        await page.getByText('7/3が未消込です').first().waitFor();
        await context.look(page, '09a-reminders-refused');
        await page.goto(`${origin}/files`);
      }
      await upload(page, left, whole);
      await orderReminders(page, origin);
      await page.waitForURL(/\/reminders\/[0-9a-f-]{36}$/);
      await context.look(page, '09a-reminders');
      await page.goto(`${origin}/day`);
      await context.look(page, '09a-day');
    });
    const letters = await count(context.town, collections, 'select 1 from collections.reminder_letter');
    const [posted] = await observe<{ yen: string | null }>(
      context.town,
      collections,
      'select sum(posted_yen + suspense_yen)::text as yen from collections.payment_file',
    );
    const allYen = paidYen + stores!.yen + withheldYen;
    expect(Number(posted?.yen) === allYen, `${posted?.yen} yen stand in the books of ${allYen}`);
    const wrong = await count(
      context.town,
      collections,
      `select 1 from collections.reminder_letter l join collections.slip s using (charge_id) where s.case_key = any($1)`,
      [slips.map((s) => s.case_key)],
    );
    expect(wrong === 0, `${wrong} letters go to whoever paid`);
    expect(letters > 0, 'nobody is reminded');
    const [books] = await observe<{ yen: string }>(
      context.town,
      collections,
      'select coalesce(sum(amount_yen), 0)::text as yen from collections.posting',
    );
    expect(Number(books?.yen) === 0, 'the books do not balance');
    return {
      charges: levied,
      payments: paid.length,
      atStores: stores!.payments,
      agencyFiles,
      withheldYen,
      paidYen: allYen,
      reminders: letters,
      remindersToPayers: 0,
    };
  },
};
