import type { Page } from 'playwright-core';
import type { Person } from '../people/person.ts';
import { makeSalaryReports } from '../people/salary-reports.ts';
import { computeLevies, decideLevies } from '../walk/levy-office.ts';
import { count, observe } from '../walk/observe.ts';
import { fileReports } from '../walk/payer.ts';
import { peopleOf, plainIn } from '../walk/settle.ts';
import { choice, field, press, signInAt, withTab } from '../walk/sign-in.ts';
import { openRecord, submitForm } from '../walk/step-01-register.ts';
import { eventually, expect, type Step, type WalkContext } from '../walk/walk.ts';
import { followed } from './followed.ts';

const resident = 'meguro/resident-tax';
const collections = 'meguro/collections';

/** Somebody who lives alone, works at the large employer and leaves the ward on the last day of the year. */
async function leaver(context: WalkContext): Promise<Person> {
  const people = await peopleOf(context);
  const { person: stays } = await followed(context);
  const isPlain = plainIn(people);
  for (const { members, municipalityCode } of people.households()) {
    const living = members.filter((p) => p.status === 'resident');
    const [only] = living;
    const fits =
      municipalityCode === '131105' &&
      only?.employment?.employer === 0 &&
      living.length === 1 &&
      only.key !== stays.key;
    if (fits && isPlain(only)) return only;
  }
  throw new Error('nobody lives alone and works at the large employer');
}

/** 転出 on 31 December: on 1 January, the levy date, that person lives elsewhere (地方税法 第318条). */
export const moveAwayOnTheLastDay: Step = {
  id: '15',
  title: '大晦日に転出した人は、翌年1月1日の賦課期日には区の納税義務者でない',
  async run(context) {
    const person = await leaver(context);
    await context.moveTo('2026-12-31');
    const clerk = await context.signedIn('meguro', 'm-1001');
    const origin = context.originOf('meguro/resident-register');
    const status = async () => {
      const [row] = await observe<{ status: string }>(
        context.town,
        'meguro/resident-register',
        'select status from resident_register.resident where resident_record_code = $1',
        [person.residentRecordCode],
      );
      return row?.status;
    };
    await withTab(clerk, async (page: Page) => {
      await signInAt(page, `${origin}/`, 'm-1001');
      if ((await status()) !== 'resident') return;
      await openRecord(page, origin, person);
      await page.getByRole('link', { name: '転出届' }).click();
      await field(page, 'changedOn').fill('2026-12-31');
      await field(page, 'movedTo').fill('東京都世田谷区世田谷四丁目21番27号');
      await submitForm(page, '転出を登録する', /\/residents\/[0-9a-f-]{36}$/);
    });
    await eventually(
      'the moving-out at the tax system',
      async () =>
        (await count(
          context.town,
          resident,
          `select 1 from resident_tax.person_state s join resident_tax.person p on p.person_id = s.person_id and p.current_version = s.version
            where s.name = $1 and s.birth_date = $2 and s.status <> 'resident' and s.changed_on = '2026-12-31'`,
          [person.name, person.birthDate.toString()],
        )) === 1,
    );
    context.memory.set('leaver', person.key);
    return { movedOutOn: '2026-12-31', levyDate: '2027-01-01' };
  },
};

/** 給与支払報告書 of January for the pay of the year that ended. */
export const fileNextJanuary: Step = {
  id: '16',
  title: '翌年1月の給与支払報告書がeLTAXから届き、受入れと不受理の合計が一致する',
  async run(context) {
    await context.moveTo('2027-01-29');
    const reports = makeSalaryReports(await peopleOf(context), {
      employer: 0,
      fiscalYear: 2027,
      municipality: '131105',
      count: 300,
      errors: {},
    });
    const { receptionNumber } = await fileReports(context, reports, 'next-january');
    const intake = await eventually(
      'the intake of the January reports',
      async () => {
        const [row] = await observe<{ read: number; accepted: number; rejected: number }>(
          context.town,
          resident,
          `select i.record_count as read, o.accepted_count as accepted, o.rejected_count as rejected
             from resident_tax.intake i join resident_tax.intake_outcome o using (intake_id)
            where i.income_year = 2026 and o.outcome = 'taken-in'`,
        );
        return row;
      },
      180_000,
    );
    expect(
      intake.accepted + intake.rejected === intake.read && intake.read === reports.expectation.records,
      'the January reports do not balance',
    );
    return { receptionNumber, in: intake.read, accepted: intake.accepted, rejected: intake.rejected };
  },
};

/** Who works on in the new fiscal year as far as the story goes; the head who confirms them is confirmed by the deputy. */
const staff = ['m-1001', 'm-2001', 'm-2002', 'm-2101', 'm-2102', 'm-2104', 'm-2106', 'm-9001', 'm-9003'] as const;
const directory = 'meguro/staff-directory';

/** 年度更新: each id with its rights is confirmed for the new fiscal year by the head; who is not, cannot sign in in April. */
export const confirmStaff: Step = {
  id: '17',
  title: '年度替わりの前に、職員IDと権限が一人ずつ確認され、確認された職員だけが4月も使える',
  async run(context) {
    await context.moveTo('2027-03-15');
    const origin = context.originOf(directory);
    const opened = () =>
      observe<{ id: string }>(
        context.town,
        directory,
        'select review_id as id from staff_directory.id_review where fiscal_year = 2027',
      );
    const administrator = await context.signedIn('meguro', 'm-9001');
    await withTab(administrator, async (page) => {
      if ((await opened()).length > 0) return;
      await signInAt(page, `${origin}/id-reviews`, 'm-9001');
      await field(page, 'fiscalYear').fill('2027');
      await field(page, 'dueOn').fill('2027-04-30');
      await press(page, '管理簿を作る');
      await eventually('the list of ids', async () => (await opened()).length > 0);
      await context.look(page, '17-review');
    });
    const [review] = await opened();
    const confirm = async (by: string, staffIds: readonly string[]) => {
      const head = await context.signedIn('meguro', by);
      await withTab(head, async (page) => {
        for (const staffId of staffIds) {
          const done = await count(
            context.town,
            directory,
            'select 1 from staff_directory.id_review_finding where review_id = $1 and staff_id = $2',
            [review!.id, staffId],
          );
          if (done > 0) continue;
          await signInAt(page, `${origin}/id-reviews/${review!.id}/${staffId}`, by);
          await choice(page, 'verdict', 'confirmed').check();
          await press(page, '登録する');
          await page.getByText('確認の結果を登録しました。').waitFor();
        }
        await context.look(page, `17-confirmed-${by}`);
      });
    };
    await confirm('m-9002', staff);
    await confirm('m-9003', ['m-9002']);
    return { confirmed: staff.length + 1 };
  },
};

/** 翌年度の当初賦課, each levy beside the one of the year before. */
export const levyTheNextYear: Step = {
  id: '18',
  title: '令和9年度の税額が令和8年度と並べて説明され、決定される。大晦日に転出した人には課税しない',
  async run(context) {
    await context.moveTo('2027-05-10');
    const decided = () =>
      count(
        context.town,
        resident,
        `select 1 from resident_tax.assessment a join resident_tax.assessment_decision d using (assessment_id) where a.fiscal_year = 2027`,
      );
    if ((await decided()) === 0) {
      await computeLevies(context, { fiscalYear: 2027, scope: 'all', picture: '18' });
      await compareWithYearBefore(context);
      await decideLevies(context, { fiscalYear: 2027, picture: '18' });
    }
    const left = [...(await peopleOf(context)).persons()].find((p) => p.key === context.memory.get('leaver'))!;
    const levied = await count(
      context.town,
      resident,
      `select 1 from resident_tax.assessment a join resident_tax.person p using (person_id)
         join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
        where a.fiscal_year = 2027 and a.annual_yen > 0 and s.name = $1 and s.birth_date = $2`,
      [left.name, left.birthDate.toString()],
    );
    expect(levied === 0, 'whoever moved away before the levy date is levied');
    return { decided: await decided() };
  },
};

async function compareWithYearBefore(context: WalkContext): Promise<void> {
  const clerk = await context.signedIn('meguro', 'm-2001');
  await withTab(clerk, async (page) => {
    await signInAt(page, `${context.originOf(resident)}/comparisons`, 'm-2001');
    const form = page.locator('form[action="/comparisons/year-before"]');
    await form.locator('[name="year"]').selectOption('2027');
    await form.getByRole('button', { name: '比べる' }).click();
    await page.waitForURL(/\/comparisons\/[0-9a-f-]{36}/);
    await context.look(page, '18-year-before');
  });
}

/** 出納閉鎖: on the day after 31 May what is open of the year is carried over, and the statistics of the year stand. */
export const closeTheBooks: Step = {
  id: '19',
  title: '出納を閉鎖し、残りを翌年度へ繰り越し、決算統計が帳簿と一致する',
  async run(context) {
    await context.moveTo('2027-06-01');
    const origin = context.originOf(collections);
    const chief = await context.signedIn('meguro', 'm-2102');
    await withTab(chief, async (page) => {
      await signInAt(page, `${origin}/day`, 'm-2102');
      await press(page, '2026年度の未収額を2027年度へ繰り越す');
      await page
        .getByText(/繰り越しました|すでに/)
        .first()
        .waitFor();
      await context.look(page, '19-day');
      await page.goto(`${origin}/statistics/2026`);
      await context.look(page, '19-statistics');
    });
    const [closing] = await observe<{ carried: string; open: string; books: string }>(
      context.town,
      collections,
      `select (select coalesce(sum(ward_open + metropolitan_open + forest_open), 0)::text from collections.charge_state
                where book_year = 2026 and ward_open + metropolitan_open + forest_open > 0) as open,
              (select coalesce(sum(amount_yen), 0)::text from collections.posting where ledger = 'receivable' and book_year = 2027) as carried,
              (select coalesce(sum(amount_yen), 0)::text from collections.posting) as books`,
    );
    expect(closing?.books === '0', 'the books do not balance');
    expect(closing.open === '0', `${closing.open} yen of the closed year are still in its books`);
    return { carriedOverYen: Number(closing.carried) };
  },
};

/** One resident's two years on the pages: documents, levies with reasons, payments, refund. */
export const followOneResident: Step = {
  id: '20',
  title: '一人の二年分を画面でたどる: 資料、税額とその理由、納付と還付',
  async run(context) {
    const { personId, personNumber } = await followed(context);
    const tax = context.originOf(resident);
    const clerk = await context.signedIn('meguro', 'm-2001');
    await withTab(clerk, async (page) => {
      await signInAt(page, `${tax}/persons/${personId}`, 'm-2001');
      await context.look(page, '20-person');
      const shown = await page.getByRole('link', { name: /^令和[89]年度 第/ }).count();
      expect(shown === 3, `the record leads to ${shown} levies instead of two of 2026 and one of 2027`);
      await page.goto(`${tax}/persons/${personId}/payments`);
      await context.look(page, '20-payments');
    });
    const [charge] = await observe<{ id: string }>(
      context.town,
      collections,
      'select charge_id as id from collections.charge where person_number = $1 order by charge_id limit 1',
      [personNumber],
    );
    const account = `${context.originOf(collections)}/accounts/${charge!.id}`;
    const collector = await context.signedIn('meguro', 'm-2101');
    await withTab(collector, async (page) => {
      await signInAt(page, account, 'm-2101');
      await context.look(page, '20-account');
    });
    const levies = await count(context.town, resident, 'select 1 from resident_tax.assessment where person_id = $1', [
      personId,
    ]);
    expect(levies === 3, `the resident has ${levies} levies instead of two of 2026 and one of 2027`);
    return { levies, pages: [`${tax}/persons/${personId}`, `${tax}/persons/${personId}/payments`, account] };
  },
};
