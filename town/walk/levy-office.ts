import { field, press, seeAgain, signInAt, withTab } from './sign-in.ts';
import { eventually, type WalkContext } from './walk.ts';

interface LevyWork {
  readonly fiscalYear: number;
  /** Beginning of the names of the pictures taken. */
  readonly picture: string;
}

const origin = (context: WalkContext): string => context.originOf('meguro/resident-tax');

/** 賦課計算: the clerk orders a run over everybody or over whom something changed, waits for its end and looks at what it made. */
export async function computeLevies(
  context: WalkContext,
  { fiscalYear, scope, picture }: LevyWork & { readonly scope: 'all' | 'changed' },
): Promise<void> {
  const clerk = await context.signedIn('meguro', 'm-2001');
  await withTab(clerk, async (page) => {
    await signInAt(page, `${origin(context)}/assessment-runs`, 'm-2001');
    await field(page, 'year').selectOption(`${fiscalYear}`);
    await field(page, 'scope').selectOption(scope);
    await press(page, '計算を始める');
    await eventually(
      'the end of the assessment run',
      async () => {
        await seeAgain(page);
        return (await page.getByText('終了', { exact: true }).count()) > 0 ? true : undefined;
      },
      180_000,
    );
    await context.look(page, `${picture}-run`);
    await page.goto(`${origin(context)}/assessments?year=${fiscalYear}`);
    await context.look(page, `${picture}-list`);
    await page.getByRole('main').locator('tbody a').first().click();
    await context.look(page, `${picture}-reasons`);
  });
}

/** 決裁: the clerk hands the drafts up, the section chief decides them. */
export async function decideLevies(context: WalkContext, { fiscalYear, picture }: LevyWork): Promise<void> {
  const clerk = await context.signedIn('meguro', 'm-2001');
  await withTab(clerk, async (page) => {
    await signInAt(page, `${origin(context)}/assessments?year=${fiscalYear}`, 'm-2001');
    await press(page, '起案をまとめて決裁に回す');
    await page.waitForURL(/assessment-approvals/);
  });
  const chief = await context.signedIn('meguro', 'm-2002');
  await withTab(chief, async (page) => {
    await signInAt(page, `${origin(context)}/assessment-approvals`, 'm-2002');
    await context.look(page, `${picture}-approvals`);
    await page.getByRole('main').getByRole('link').filter({ hasText: '賦課決定' }).first().click();
    await context.look(page, `${picture}-approval`);
    await page.getByRole('button', { name: /件を決定する$/ }).click();
    await page.waitForURL(/assessment-approvals$/);
  });
}
