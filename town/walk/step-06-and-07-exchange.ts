import type { Page } from 'playwright-core';
import type { Person } from '../people/person.ts';
import { count, observe } from './observe.ts';
import { peopleOf } from './settle.ts';
import { choice, field, signInAt, withTab } from './sign-in.ts';
import { eventually, expect, type Step, type WalkContext } from './walk.ts';

/** The applicant of step 7: a guardian whose tax of this year is decided and lodged, with an employer's health insurance. */
export async function applicantOf(context: WalkContext): Promise<{ parent: Person; child: Person }> {
  const assessed = await observe<{ name: string; born: string }>(
    context.town,
    'meguro/resident-tax',
    `select distinct s.name, s.birth_date::text as born from resident_tax.assessment_decision d
       join resident_tax.assessment a using (assessment_id) join resident_tax.person_state s using (person_id)`,
  );
  const known = new Set(assessed.map((a) => `${a.name}\0${a.born}`));
  for (const household of (await peopleOf(context)).households()) {
    const living = household.members.filter((p) => p.status === 'resident');
    const parent = living.find(
      (p) => known.has(`${p.name}\0${p.birthDate}`) && /^[\u4e00-\u9fa0々　\u3041-\u30ff]+$/.test(p.name),
    );
    const child = living.find((p) => p.relationship === '子' && p.birthDate.year > 2009);
    if (parent && child && !parent.addressProtected) return { parent, child };
  }
  throw new Error('nobody of the assessed has a child: the town is too small for its story');
}

export const lodgeCopies: Step = {
  id: '6',
  title: '副本が中間サーバーに登録され、符号が取得される',
  async run(context) {
    const decided = await count(context.town, 'meguro/resident-tax', 'select 1 from resident_tax.assessment_decision');
    const copies = await eventually(
      'the lodging of copies for all decided assessments',
      async () => {
        const n = await count(
          context.town,
          'meguro/intermediate-server',
          'select distinct org_person_number from intermediate_server.lodged_copy',
        );
        context.progress(n, decided, '副本');
        return n >= decided ? n : undefined;
      },
      240_000,
    );
    const { parent } = await applicantOf(context);
    const held = await eventually(
      'the linkage codes of those whose copies are lodged',
      async () => {
        const n = await count(
          context.town,
          'meguro/intermediate-server',
          'select 1 from intermediate_server.linkage l where exists (select 1 from intermediate_server.lodged_copy c where c.org_person_number = l.org_person_number)',
        );
        context.progress(n, decided, '符号');
        return n >= decided ? n : undefined;
      },
      600_000,
    );
    expect(parent, 'no applicant');
    const clerk = await context.signedIn('meguro', 'm-3001');
    await withTab(clerk, async (page) => {
      await signInAt(page, `${context.originOf('meguro/intermediate-server')}/`, 'm-3001');
      await context.look(page, '06-intermediate-server');
    });
    const codesAtNetwork = await count(
      context.town,
      'ins/information-providing-network',
      'select 1 from information_providing_network.processing_number',
    );
    return { decided, lodgedCopies: copies, linkageCodes: held, processingNumbers: codesAtNetwork };
  },
};

export const inquireForCase: Step = {
  id: '7',
  title: '都の職員が申請画面から税情報を照会し、許可を得た回答が申請に残る',
  async run(context) {
    await context.moveTo('2026-07-06');
    const { parent, child } = await applicantOf(context);
    const origin = context.originOf('tokyo/child-chronic');
    const clerk = await context.signedIn('tokyo', 't-2001');
    const caseUrl = await withTab(clerk, async (page) => {
      await signInAt(page, `${origin}/`, 't-2001');
      const kept = context.memory.get('case');
      if (kept) return kept;
      await page.goto(`${origin}/cases/new`);
      await context.look(page, '07-intake-form');
      await fillCase(page, parent, child);
      await page.getByRole('button', { name: '受け付ける', exact: true }).click();
      await page.waitForURL(/\/cases\/[0-9a-f-]{36}$/);
      context.memory.set('case', page.url());
      return page.url();
    });
    await eventually(
      'the prefecture’s linkage code of the applicant',
      async () =>
        (await count(context.town, 'tokyo/intermediate-server', 'select 1 from intermediate_server.linkage')) > 0,
      120_000,
    );
    await withTab(clerk, async (page) => {
      await signInAt(page, caseUrl, 't-2001');
      await context.look(page, '07-case');
      await page
        .getByRole('button', { name: /照会する$/ })
        .first()
        .click();
      await page.waitForLoadState();
      await context.look(page, '07-answer');
    });
    const [result] = await observe<{ inquiry: string; permit: string; result: string; items: number }>(
      context.town,
      'tokyo/intermediate-server',
      `select inquiry_number as inquiry, permit_number as permit, result, (select count(*)::int from jsonb_object_keys(items)) as items
         from intermediate_server.inquiry_result order by answered_at desc limit 1`,
    );
    expect(result?.result === '00', `the inquiry was not answered: ${JSON.stringify(result)}`);
    const stored = await count(context.town, 'tokyo/child-chronic', 'select 1 from child_chronic.inquiry_result');
    expect(stored > 0, 'the answer does not stand with the case');
    const provided = await count(
      context.town,
      'meguro/intermediate-server',
      'select 1 from intermediate_server.provision where inquiry_number = $1',
      [result.inquiry],
    );
    const passed = await count(
      context.town,
      'ins/information-providing-network',
      'select 1 from information_providing_network.inquiry where inquiry_number = $1',
      [result.inquiry],
    );
    expect(provided === 1 && passed === 1, 'the three records do not agree');
    context.memory.set('inquiry', result.inquiry);
    context.memory.set('applicant', parent.key);
    return { inquiryNumber: result.inquiry, permitNumber: result.permit, items: result.items, recordsOnAllSides: 3 };
  },
};

async function fillCase(page: Page, parent: Person, child: Person): Promise<void> {
  await choice(page, 'kind', 'new').check();
  await field(page, 'appliedOn').fill('2026-07-06');
  await field(page, 'patientName').fill(child.name);
  await field(page, 'patientKana').fill(child.nameKana);
  await field(page, 'patientBirthOn').fill(child.birthDate.toString());
  await choice(page, 'applicantIsPatient', 'no').check();
  await field(page, 'applicantName').fill(parent.name);
  await field(page, 'applicantKana').fill(parent.nameKana);
  await field(page, 'applicantBirthOn').fill(parent.birthDate.toString());
  await choice(page, 'applicantSex', parent.sex).check();
  await field(page, 'applicantAddress').fill(parent.address);
  const number = parent.individualNumber.digits();
  await field(page, 'individualNumber').fill(number);
  await field(page, 'individualNumberAgain').fill(number);
  await field(page, 'numberDocument').selectOption('card');
  await choice(page, 'identityDocuments', 'card').check();
  await choice(page, 'noticed', 'yes').check();
  await field(page, 'insurer').selectOption('employee-dependent');
  await field(page, 'condition').selectOption('general');
}
