import { giveSpecialNotice } from '@musubi/contracts/special-collection/line.ts';
import { count, observe } from './observe.ts';
import { download, press, seeAgain, signInAt, withTab } from './sign-in.ts';
import { eventually, expect, type Step, type WalkContext } from './walk.ts';

const resident = 'meguro/resident-tax';
const employers = 'finance/payers';

/** 一括作成: one notice for each employer. */
async function makeNotices(context: WalkContext): Promise<void> {
  const origin = context.originOf(resident);
  const clerk = await context.signedIn('meguro', 'm-2001');
  await withTab(clerk, async (page) => {
    await signInAt(page, `${origin}/special-notice-runs`, 'm-2001');
    if ((await count(context.town, resident, 'select 1 from resident_tax.special_notice')) === 0) {
      await press(page, '作成を始める');
      await eventually(
        'the end of the run of notices for employers',
        async () => {
          await seeAgain(page);
          return (await page.getByText('終了', { exact: true }).count()) > 0 ? true : undefined;
        },
        180_000,
      );
      await context.look(page, '05a-run');
    }
    await page.goto(`${origin}/special-notices?year=2026`);
    await context.look(page, '05a-list');
  });
}

/** 特別徴収税額通知: what the employer's payroll software reads is to the yen what the ward charges through that employer. */
export const tellEmployers: Step = {
  id: '5a',
  title: '特別徴収税額通知を事業所ごとに作り、事業所の給与ソフトが一件も残さず読み取る',
  async run(context) {
    await makeNotices(context);
    const notices = await observe<{ id: string; persons: number; yen: number }>(
      context.town,
      resident,
      'select notice_id as id, persons, total_yen::int as yen from resident_tax.special_notice order by notice_id',
    );
    expect(notices.length > 0, 'no employer is told anything');
    // The electronic notice bears Individual Numbers: only who may see them takes it out.
    const keeper = await context.signedIn('meguro', 'm-2007');
    const origin = context.originOf(resident);
    await withTab(keeper, async (page) => {
      await signInAt(page, `${origin}/special-notices?year=2026`, 'm-2007');
      for (const notice of notices) {
        const { status, body } = await download(page, `${origin}/special-notices/${notice.id}/package`);
        expect(status === 200, `the package was answered with ${status}`);
        const content = body.toString('base64');
        const taken = await context.conductor.peers.call(giveSpecialNotice, employers, {}, { content });
        expect(taken.ok, `the employer did not answer: ${taken.ok ? '' : taken.error}`);
        expect(taken.value.taken, 'the employer refused the notice');
        const { persons, totalYen } = taken.value;
        expect(persons === notice.persons && totalYen === notice.yen, 'the employer read another notice than was made');
      }
    });
    return {
      employers: notices.length,
      employees: notices.reduce((all, { persons }) => all + persons, 0),
      toWithholdYen: notices.reduce((all, { yen }) => all + yen, 0),
    };
  },
};
