import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { pdfText } from '../search/readable-parts.ts';
import { computeLevies, decideLevies } from './levy-office.ts';
import { count, observe } from './observe.ts';
import { fileReports, filingOf } from './payer.ts';
import { peopleOf } from './settle.ts';
import { choice, download, field, press, seeAgain, signInAt, withTab } from './sign-in.ts';
import { eventually, expect, type Step, type WalkContext } from './walk.ts';

const rtx = (context: WalkContext): string => context.originOf('meguro/resident-tax');

export const fileSalaryReports: Step = {
  id: '2',
  title: '給与支払報告書がeLTAXから届き、受入れと不受理の合計が一致する',
  async run(context) {
    const people = await peopleOf(context);
    const filing = filingOf(people);
    const { expectation } = filing;
    const { receptionNumber, fileSha256 } = await fileReports(context, filing, 'spring');
    const intake = await eventually(
      'the intake of the delivery at the tax system',
      async () => {
        const rows = await observe<{ read: number; accepted: number; rejected: number }>(
          context.town,
          'meguro/resident-tax',
          `select i.record_count as read, o.accepted_count as accepted, o.rejected_count as rejected
             from resident_tax.intake_outcome o join resident_tax.intake i using (intake_id) where o.outcome = 'taken-in'`,
        );
        return rows[0];
      },
      180_000,
    );
    expect(intake.accepted + intake.rejected === intake.read, 'accepted + rejected is not what came in');
    expect(
      intake.read === expectation.records && intake.accepted === expectation.accepted,
      `expected ${expectation.accepted} of ${expectation.records} accepted, got ${intake.accepted} of ${intake.read}`,
    );
    // A clerk can read what was rejected and why.
    const clerk = await context.signedIn('meguro', 'm-2001');
    await withTab(clerk, async (page) => {
      await signInAt(page, `${rtx(context)}/intakes`, 'm-2001');
      await page.getByRole('main').getByRole('link').filter({ hasText: receptionNumber }).first().click();
      await context.look(page, '02-intake');
      await page.goto(`${page.url()}/faults`);
      expect((await page.getByRole('row').count()) > 1, 'the reject list is empty');
      await context.look(page, '02-rejects');
    });
    return { receptionNumber, fileSha256, in: intake.read, accepted: intake.accepted, rejected: intake.rejected };
  },
};

export const matchReports: Step = {
  id: '3',
  title: '個人番号・氏名・生年月日がすべて一致したものだけが結び付き、残りは職員が決める',
  async run(context) {
    const { expectation } = filingOf(await peopleOf(context));
    const linked = await count(
      context.town,
      'meguro/resident-tax',
      `select 1 from resident_tax.match_step where step = 'linked' and decided_by = 'rule'`,
    );
    expect(linked === expectation.matched, `expected ${expectation.matched} certain matches, got ${linked}`);
    const open = await count(
      context.town,
      'meguro/resident-tax',
      `select 1 from resident_tax.report_state where state in ('candidates', 'none')`,
    );
    const clerk = await context.signedIn('meguro', 'm-2001');
    const resolved = await withTab(clerk, async (page) => {
      await signInAt(page, `${rtx(context)}/matching`, 'm-2001');
      await context.look(page, '03-work-list');
      // One whom nobody in the ward's register resembles: the clerk asked the register and decides.
      await page.goto(`${rtx(context)}/matching?state=none`);
      await page.getByRole('main').locator('tbody a').first().click();
      await page.waitForURL(/\/matching\/[0-9a-f-]{36}$/);
      const reportId = page.url().split('/').at(-1)!;
      await context.look(page, '03-decision');
      await choice(page, 'decision', 'not-resident').check();
      await field(page, 'reason').selectOption({ index: await indexOfReason(page) });
      await field(page, 'note').fill('住民記録を照会し、賦課期日に区内に住所がないことを確認した。');
      await press(page, '決定する');
      await page.waitForURL(/\/matching$/);
      return reportId;
    });
    const state = await observe<{ state: string }>(
      context.town,
      'meguro/resident-tax',
      'select state from resident_tax.report_state where report_id = $1',
      [resolved],
    );
    expect(state[0]?.state === 'not-resident', `the resolved report is ${state[0]?.state}`);
    return { linkedByRule: linked, openForClerks: open, resolvedReport: resolved, partialMatchesLinked: 0 };
  },
};

/** The reason that says "not resident": the options carry the words of the law, in the order of the page. */
async function indexOfReason(page: Page): Promise<number> {
  const texts = await field(page, 'reason').locator('option').allTextContents();
  const at = texts.findIndex((t) => /住所|転出|区外/.test(t));
  expect(at >= 0, `no reason for a person who does not live here: ${texts.join(' / ')}`);
  return at;
}

export const assess: Step = {
  id: '4',
  title: '令和8年度の賦課を計算し、別の職員が承認する',
  async run(context) {
    await context.moveTo('2026-05-11');
    await computeLevies(context, { fiscalYear: 2026, scope: 'all', picture: '04' });
    await decideLevies(context, { fiscalYear: 2026, picture: '04' });
    const [figures] = await observe<{ decided: number; total: string; deciders: number }>(
      context.town,
      'meguro/resident-tax',
      `select count(*)::int as decided, sum(a.annual_yen)::text as total, count(distinct d.decided_by)::int as deciders
         from resident_tax.assessment_decision d join resident_tax.assessment a using (assessment_id)`,
    );
    expect(figures && figures.decided > 0, 'no assessment was decided');
    return { decided: figures.decided, totalYen: Number(figures.total) };
  },
};

export const printNotices: Step = {
  id: '5',
  title: '納税通知書をPDFで作り、一通を開く',
  async run(context) {
    await context.moveTo('2026-06-10');
    const clerk = await context.signedIn('meguro', 'm-2001');
    return withTab(clerk, async (page) => {
      await signInAt(page, `${rtx(context)}/notice-runs`, 'm-2001');
      const made = await count(context.town, 'meguro/resident-tax', 'select 1 from resident_tax.document');
      if (made === 0) await press(page, '作成を始める');
      if (made === 0)
        await eventually(
          'the end of the print run',
          async () => {
            await seeAgain(page);
            return (await page.getByText('終了', { exact: true }).count()) > 0 ? true : undefined;
          },
          240_000,
        );
      await context.look(page, '05-run');
      await page.goto(`${rtx(context)}/notices?year=2026`);
      const rows = await page.getByRole('main').locator('tbody tr').count();
      expect(rows > 0, 'there is no notice');
      await context.look(page, '05-list');
      await page.getByRole('main').locator('tbody a').first().click();
      await context.look(page, '05-notice');
      const { status, body: pdf } = await download(page, `${page.url()}/pdf`);
      expect(status === 200 && pdf.subarray(0, 5).toString() === '%PDF-', 'the notice is no PDF');
      const text = await pdfText(pdf);
      expect(/納税通知書/.test(text), 'the PDF does not say what it is');
      const documents = await count(context.town, 'meguro/resident-tax', 'select 1 from resident_tax.document');
      return {
        documents,
        opened: page.url().split('/').at(-1)!,
        pdfSha256: createHash('sha256').update(pdf).digest('hex'),
      };
    });
  },
};
