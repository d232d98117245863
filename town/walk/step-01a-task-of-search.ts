import { count } from './observe.ts';
import { peopleOf } from './settle.ts';
import { choice, field, press, signInAt, withTab } from './sign-in.ts';
import { expect, type Step } from './walk.ts';

const task = { code: 'KAZEI-01', recipient: '主税局課税部', operator: 't-1001' } as const;

/**
 * The prefecture's register answers nobody without a task (住民基本台帳法 第30条の15): its managers register, permit and assign one
 * by their pages, and then the clerk can search.
 */
export const permitSearch: Step = {
  id: '1a',
  title: '都の事務が登録され、別の管理者が許可し、担当者が検索する',
  async run(context) {
    const juki = context.originOf('tokyo/prefectural-juki');
    const rows = (sql: string) => count(context.town, 'tokyo/prefectural-juki', sql);

    const taskUrl = await withTab(await context.signedIn('tokyo', 't-1002'), async (page) => {
      await signInAt(page, `${juki}/recipients`, 't-1002');
      if ((await rows('select 1 from prefectural_juki.recipient')) === 0) {
        await field(page, 'kind').selectOption('department');
        await field(page, 'name').fill(task.recipient);
        await field(page, 'from').fill('2015-06-01');
        await press(page, '登録する');
        await page.getByText('提供先を登録しました').waitFor();
      }
      if ((await rows('select 1 from prefectural_juki.task')) === 0) {
        await page.goto(`${juki}/tasks/new`);
        await field(page, 'code').fill(task.code);
        await field(page, 'name').fill('都税の賦課徴収');
        await field(page, 'recipient').selectOption({ label: task.recipient });
        await field(page, 'groundKind').selectOption('schedule-5');
        await field(page, 'groundText').fill('1の項');
        for (const item of ['name', 'birthDate', 'sex', 'address']) await choice(page, 'items', item).check();
        await field(page, 'from').fill('2016-01-01');
        await field(page, 'document').fill('7主課第1号');
        await context.look(page, '01a-task');
        await press(page, '登録する');
        await page.getByText('許可を待ちます').waitFor();
      }
      await page.goto(`${juki}/tasks`);
      await page.getByRole('link', { name: task.code }).click();
      await page.waitForURL(/\/tasks\/[0-9a-f-]{36}$/);
      expect(
        (await page.getByRole('button', { name: '使用を許可する' }).count()) === 0,
        'whoever registered may permit',
      );
      return page.url();
    });

    await withTab(await context.signedIn('tokyo', 't-1011'), async (page) => {
      await signInAt(page, taskUrl, 't-1011');
      if ((await rows('select 1 from prefectural_juki.task_permission')) === 0) {
        await press(page, '使用を許可する');
        await page.getByText('使用を許可しました').waitFor();
      }
      if ((await rows('select 1 from prefectural_juki.task_operator')) === 0) {
        await field(page, 'staffId').fill(task.operator);
        await field(page, 'from').fill('2026-04-01');
        await field(page, 'until').fill('2027-03-31');
        await press(page, '担当者を定める');
        await page.getByText('担当者を定めました').waitFor();
      }
      await context.look(page, '01a-permitted');
    });

    const people = await peopleOf(context);
    const wanted = [...people.persons()].find((p) => p.municipalityCode === '131121' && p.status === 'resident');
    if (!wanted) throw new Error('nobody lives in the town');
    await withTab(await context.signedIn('tokyo', task.operator), async (page) => {
      await signInAt(page, `${juki}/`, task.operator);
      await field(page, 'task').selectOption(task.code);
      await field(page, 'document').fill('7主課受第1号');
      await field(page, 'name').fill(wanted.name);
      await field(page, 'birthDate').fill(wanted.birthDate.toString());
      await press(page, '検索する');
      await page.locator('main tbody a').first().waitFor();
      await context.look(page, '01a-found');
    });
    const counts = {
      tasks: await rows('select 1 from prefectural_juki.task_permission'),
      operators: await rows('select 1 from prefectural_juki.task_operator'),
    };
    expect(counts.tasks === 1 && counts.operators === 1, 'the task was not registered, permitted and assigned once');
    return counts;
  },
};
