import { makeSalaryReports } from '../people/salary-reports.ts';
import { computeLevies, decideLevies } from '../walk/levy-office.ts';
import { count, observe } from '../walk/observe.ts';
import { fileReports } from '../walk/payer.ts';
import { peopleOf } from '../walk/settle.ts';
import { choice, field, press, signInAt, withTab } from '../walk/sign-in.ts';
import { agencyFilesHere, payBars, type StoreSlip } from '../walk/step-09a-collection.ts';
import { eventually, expect, type Step, type WalkContext } from '../walk/walk.ts';
import { followed } from './followed.ts';

const collections = 'meguro/collections';
const resident = 'meguro/resident-tax';

const openCharges = (context: WalkContext, personNumber: string): Promise<number> =>
  count(
    context.town,
    collections,
    'select 1 from collections.charge_state where person_number = $1 and book_year = 2026 and settled_on is null',
    [personNumber],
  );

/** 納付: the rest of the year's instalments, each with its own slip, at a store's till. */
export const payTheRest: Step = {
  id: '12',
  title: '本人が残りの期を店頭で納め、その日のうちに納めたことが帳簿に立つ',
  async run(context) {
    const { personNumber } = await followed(context);
    await context.moveTo('2026-08-20');
    const slips = await observe<StoreSlip>(
      context.town,
      collections,
      `select s.convenience_reference as reference, s.amount_yen::int as "amountYen", s.payable_until::text as "payableUntil"
         from collections.slip s join collections.charge_state c using (charge_id)
        where c.person_number = $1 and s.kind = 'slip' and s.issue = 0 and c.settled_on is null
          and s.convenience_reference is not null order by c.due_on`,
      [personNumber],
    );
    if (slips.length > 0 && !context.memory.has('paid-the-rest')) {
      await payBars(context, slips);
      context.memory.set('paid-the-rest', `${slips.length}`);
    }
    await context.moveTo('2026-08-31');
    const agencyFiles = await agencyFilesHere(context, '2026-08-20');
    await eventually('the posting of every instalment', async () => (await openCharges(context, personNumber)) === 0);
    return { instalments: Number(context.memory.get('paid-the-rest') ?? 0), agencyFiles };
  },
};

interface Levy {
  readonly assessment: string;
  readonly yen: number;
  readonly decided: boolean;
}
/** The levies of the year 2026 of one person, first one first. */
const leviesOf = (context: WalkContext, personId: string): Promise<Levy[]> =>
  observe<Levy>(
    context.town,
    resident,
    `select a.assessment_id as assessment, a.annual_yen::int as yen, d.assessment_id is not null as decided
       from resident_tax.assessment a left join resident_tax.assessment_decision d using (assessment_id)
      where a.person_id = $1 and a.fiscal_year = 2026 order by a.assessment_id`,
    [personId],
  );

/** 訂正 and 月次更正: the employer found that it had paid less; the levy of that one person is computed anew and decided. */
export const correctTheReport: Step = {
  id: '13',
  title: '勤務先が給与支払報告書を訂正し、その人だけの税額が計算し直され、決裁を経て減る',
  async run(context) {
    const { person, personId, personNumber } = await followed(context);
    await context.moveTo('2026-09-01');
    const correction = {
      personKey: person.key,
      annualPayYen: person.employment!.annualPayYen - 600_000,
    };
    const reports = makeSalaryReports(await peopleOf(context), {
      employer: 0,
      fiscalYear: 2026,
      municipality: '131105',
      count: 1,
      errors: {},
      correction,
    });
    const { receptionNumber } = await fileReports(context, reports, 'correction');
    await eventually(
      'the corrected report beside the first one',
      async () =>
        (await count(
          context.town,
          resident,
          `select 1 from resident_tax.report r join resident_tax.report_state s using (report_id)
            where r.submission_kind = 'correction' and s.state = 'linked' and s.person_id = $1`,
          [personId],
        )) === 1,
      180_000,
    );
    const before = await leviesOf(context, personId);
    if (before.length === 1) await computeLevies(context, { fiscalYear: 2026, scope: 'changed', picture: '13' });
    if ((await leviesOf(context, personId)).some((levy) => !levy.decided))
      await decideLevies(context, { fiscalYear: 2026, picture: '13' });
    const [first, second, ...more] = await leviesOf(context, personId);
    expect(first && second && more.length === 0, 'the levy was not computed anew once');
    expect(second.yen < first.yen, `the levy became ${second.yen} yen, it was ${first.yen}`);
    const yen = await eventually('the overpayment in collection', async () => {
      const [row] = await observe<{ yen: number | null }>(
        context.town,
        collections,
        'select sum(amount_yen)::int as yen from collections.overpayment where person_number = $1',
        [personNumber],
      );
      return row?.yen ?? undefined;
    });
    expect(yen === first.yen - second.yen, `${yen} yen are overpaid, the levy fell by ${first.yen - second.yen}`);
    const others = await count(
      context.town,
      resident,
      `select 1 from resident_tax.assessment where fiscal_year = 2026 group by person_id having count(*) > 1`,
    );
    return {
      receptionNumber,
      beforeYen: first.yen,
      afterYen: second.yen,
      overpaidYen: yen,
      personsAssessedAgain: others,
    };
  },
};

const account = { bank: '9999', branch: '001', number: '7654321' } as const;

async function registerAccount(context: WalkContext, personNumber: string, kana: string): Promise<void> {
  const clerk = await context.signedIn('meguro', 'm-2104');
  await withTab(clerk, async (page) => {
    await signInAt(page, `${context.originOf('meguro/accounts')}/`, 'm-2104');
    await field(page, 'personNumber').fill(personNumber);
    await page.getByRole('main').getByRole('button').first().click();
    if ((await page.getByText(account.number.slice(-4)).count()) > 0) return;
    await choice(page, 'purpose', 'refund').check();
    await field(page, 'bank').fill(account.bank);
    await field(page, 'branch').fill(account.branch);
    await field(page, 'accountKind').selectOption('ordinary');
    await field(page, 'accountNumber').fill(account.number);
    await field(page, 'personKana').fill(kana);
    await field(page, 'holderKana').fill(kana);
    await field(page, 'source').selectOption('paper');
    await field(page, 'fromOn').fill('2026-09-24');
    await press(page, '登録する');
    await page.getByText('口座情報を登録しました。').waitFor();
    await context.look(page, '14-account');
  });
}

/** Every overpayment of the person is proposed by one and decided by another. */
async function decideRefunds(context: WalkContext, personNumber: string): Promise<void> {
  const origin = context.originOf(collections);
  const open = await observe<{ no: string; paidOn: string }>(
    context.town,
    collections,
    `select o.overpayment_no as no, o.paid_on::text as "paidOn" from collections.overpayment o
      where o.person_number = $1 and not exists (select 1 from collections.refund r where r.overpayment_no = o.overpayment_no)`,
    [personNumber],
  );
  const clerk = await context.signedIn('meguro', 'm-2101');
  await withTab(clerk, async (page) => {
    for (const { no, paidOn } of open) {
      await signInAt(page, `${origin}/overpayments/${no}`, 'm-2101');
      await choice(page, 'cause', 'decision').check();
      await field(page, 'factOn').fill(paidOn);
      await field(page, 'evidence').fill('給与支払報告書の訂正に伴う賦課の減額決定による。');
      await press(page, '起案する');
      await page.waitForURL(/\/refunds\/[0-9a-f-]{36}$/);
    }
  });
  const proposed = await observe<{ id: string }>(
    context.town,
    collections,
    `select r.refund_id as id from collections.refund r
      where r.person_number = $1 and not exists (select 1 from collections.refund_decision d where d.refund_id = r.refund_id)`,
    [personNumber],
  );
  const approver = await context.signedIn('meguro', 'm-2106');
  await withTab(approver, async (page) => {
    for (const { id } of proposed) {
      await signInAt(page, `${origin}/refunds/${id}`, 'm-2106');
      await context.look(page, '14-refund');
      await page.getByRole('button', { name: /承認/ }).click();
      await page.waitForURL(/\/refunds$/);
    }
  });
}

/** 還付: decided by two, paid into the account of the resident by the ward's bank, which says so. */
export const refundIt: Step = {
  id: '14',
  title: '納め過ぎた額が二人の職員の手を経て、本人の口座に一度だけ還付される',
  async run(context) {
    const { person, personNumber } = await followed(context);
    await context.moveTo('2026-09-24');
    await registerAccount(context, personNumber, person.nameKana);
    await decideRefunds(context, personNumber);
    const paidOut = () =>
      count(
        context.town,
        collections,
        `select 1 from collections.refund_outcome o join collections.refund_order using (customer_code)
           join collections.refund r using (refund_id) where r.person_number = $1 and o.outcome = 'paid'`,
        [personNumber],
      );
    const decided = await count(
      context.town,
      collections,
      'select 1 from collections.refund_decision d join collections.refund r using (refund_id) where r.person_number = $1',
      [personNumber],
    );
    if ((await paidOut()) < decided) {
      const clerk = await context.signedIn('meguro', 'm-2104');
      await withTab(clerk, async (page) => {
        await signInAt(page, `${context.originOf('meguro/accounts')}/transfers`, 'm-2104');
        const send = page.getByRole('button', { name: /伝送する/ });
        const fetch = page.getByRole('button', { name: /結果を受信する/ });
        if ((await send.count()) === 0 && (await fetch.count()) === 0) {
          await field(page, 'payOn').fill('2026-09-28');
          await press(page, '振込依頼を作成する');
          await send.waitFor();
        }
        if ((await send.count()) > 0) await send.click();
        await context.moveTo('2026-09-29');
        await fetch.click();
        await page.getByText(/振込結果を受信しました/).waitFor();
        await context.look(page, '14-transfers');
      });
    }
    await eventually('the word that the refund was paid', async () => (await paidOut()) === decided && decided > 0);
    const [sums] = await observe<{ paid: number; interest: number; books: string }>(
      context.town,
      collections,
      `select sum(paid_out_yen)::int as paid, sum(interest_yen)::int as interest,
              (select coalesce(sum(amount_yen), 0)::text from collections.posting) as books
         from collections.refund where person_number = $1`,
      [personNumber],
    );
    expect(sums?.books === '0', 'the books do not balance');
    return { refunds: decided, paidOutYen: sums.paid, interestYen: sums.interest };
  },
};
