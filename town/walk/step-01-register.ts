import type { Page } from 'playwright-core';
import type { Person } from '../people/person.ts';
import { count, observe } from './observe.ts';
import { peopleOf, plainIn } from './settle.ts';
import { choice, field, signInAt, withTab } from './sign-in.ts';
import { eventually, expect, type Step, type WalkContext } from './walk.ts';

const newborn = { name: '結　はじめ', kana: 'ムスビ　ハジメ', born: '2026-04-10' } as const;

const register = (context: WalkContext, ward: string): string => context.originOf(`${ward}/resident-register`);

/** Finds a person at the counter by name and birth date and opens the record. */
export async function openRecord(page: Page, origin: string, person: Person): Promise<void> {
  await page.goto(`${origin}/`);
  await field(page, 'name').fill(person.name);
  await field(page, 'birthDate').fill(person.birthDate.toString());
  await page.getByRole('button', { name: '検索' }).click();
  await page.getByRole('main').locator('tbody a').first().click();
  await page.waitForURL(/\/residents\//);
}

/** Enter, confirm, done: the clerk says how the filer was identified and sees before and after; a number is typed twice. */
export async function submitForm(page: Page, name: string, leadsTo: RegExp, individualNumber?: string): Promise<void> {
  const identity = choice(page, 'identityCheck', 'card');
  if ((await identity.count()) > 0) await identity.check();
  await page.getByRole('button', { name: '確認する', exact: true }).click();
  await page.getByRole('button', { name, exact: true }).waitFor();
  if (individualNumber !== undefined) await field(page, 'individualNumber').fill(individualNumber);
  await page.getByRole('button', { name, exact: true }).click();
  await page.waitForURL(leadsTo, { timeout: 60_000 });
}

async function fillMovingIn(page: Page, person: Person, address: string): Promise<void> {
  await field(page, 'changedOn').fill('2026-04-18');
  await field(page, 'residentRecordCode').fill(person.residentRecordCode);
  await field(page, 'individualNumber').fill(person.individualNumber.digits());
  await field(page, 'name').fill(person.name);
  await field(page, 'nameKana').fill(person.nameKana);
  await field(page, 'birthDate').fill(person.birthDate.toString());
  await choice(page, 'sex', person.sex).check();
  await field(page, 'address').fill(address);
  await field(page, 'postalCode').fill('1530061');
  await field(page, 'relationship').fill('世帯主');
}

/** Whose story step 1 tells: a household with a child to come, one who moves between the wards, one who stays. */
async function cast(context: WalkContext): Promise<{ parent: Person; mover: Person; stayer: Person }> {
  const people = await peopleOf(context);
  const isPlain = plainIn(people);
  const alone: Person[] = [];
  let parent: Person | undefined;
  for (const household of people.households()) {
    const living = household.members.filter((p) => p.status === 'resident');
    const [head] = living;
    if (!head || !isPlain(head)) continue;
    if (head.municipalityCode === '131105' && living.length === 3) parent ??= head;
    if (head.municipalityCode === '131121' && living.length === 1 && head.birthDate.year < 2000) alone.push(head);
    if (parent && alone.length >= 2) break;
  }
  const [mover, stayer] = alone;
  if (!parent || !mover || !stayer) throw new Error('the town is too small for its story');
  return { parent, mover, stayer };
}

export const registerChanges: Step = {
  id: '1',
  title: '出生・転出・転入が届け出られ、都道府県と全国の台帳に届く。ありえない転入は返戻される',
  async run(context) {
    const { parent, mover, stayer } = await cast(context);
    const meguro = register(context, 'meguro');
    const setagaya = register(context, 'setagaya');
    const clerk = await context.signedIn('meguro', 'm-1001');
    const other = await context.signedIn('setagaya', 's-1001');

    await withTab(clerk, async (page) => {
      await signInAt(page, `${meguro}/`, 'm-1001');
      await context.look(page, '01-search');
      if (
        (await count(
          context.town,
          'meguro/resident-register',
          'select 1 from resident_register.resident where birth_date = $1',
          [newborn.born],
        )) > 0
      )
        return;
      await openRecord(page, meguro, parent);
      await context.look(page, '01-record');
      await page.getByRole('link', { name: '出生届' }).click();
      await field(page, 'name').fill(newborn.name);
      await field(page, 'nameKana').fill(newborn.kana);
      await field(page, 'birthDate').fill(newborn.born);
      await choice(page, 'sex', 'female').check();
      await field(page, 'relationship').fill('子');
      await context.look(page, '01-birth');
      await submitForm(page, '出生を登録する', /\/(residents\/[0-9a-f-]{36}|births)$/);
    });

    const stateAt = (ward: string, person: Person) =>
      observe<{ status: string }>(
        context.town,
        `${ward}/resident-register`,
        'select status from resident_register.resident where resident_record_code = $1 order by status',
        [person.residentRecordCode],
      );
    await withTab(other, async (page) => {
      await signInAt(page, `${setagaya}/`, 's-1001');
      if ((await stateAt('setagaya', mover))[0]?.status !== 'resident') return;
      await openRecord(page, setagaya, mover);
      await page.getByRole('link', { name: '転出届' }).click();
      await field(page, 'changedOn').fill('2026-04-18');
      await field(page, 'movedTo').fill('東京都目黒区中目黒一丁目2番3号');
      await submitForm(page, '転出を登録する', /\/residents\/[0-9a-f-]{36}$/);
    });
    await eventually('the moving-out at the prefecture', async () => {
      const [row] = await observe<{ status: string }>(
        context.town,
        'tokyo/prefectural-juki',
        'select change_reason as status from prefectural_juki.identification where resident_record_code = $1',
        [mover.residentRecordCode],
      );
      return row && /moved-out/.test(row.status) ? row : undefined;
    });

    await withTab(clerk, async (page) => {
      for (const person of [mover, stayer]) {
        if ((await stateAt('meguro', person)).length > 0) continue;
        await signInAt(page, `${meguro}/moved-in`, 'm-1001');
        await fillMovingIn(page, person, '東京都目黒区中目黒一丁目2番3号');
        if (person === mover) await context.look(page, '01-moving-in');
        const twice = person.individualNumber.digits();
        await submitForm(page, '転入を登録する', /\/residents\/[0-9a-f-]{36}$/, twice);
      }
    });

    const arrived = await eventually('the arrival of birth and moving-in in the national register', async () => {
      const [birth] = await observe<{ code: string }>(
        context.town,
        'meguro/resident-register',
        'select resident_record_code as code from resident_register.resident where birth_date = $1',
        [newborn.born],
      );
      if (!birth) return undefined;
      const national = await count(
        context.town,
        'jlis/national-juki',
        `select 1 from national_juki.record where resident_record_code = any ($1)`,
        [[birth.code, mover.residentRecordCode]],
      );
      const prefecture = await count(
        context.town,
        'tokyo/prefectural-juki',
        `select 1 from prefectural_juki.identification where resident_record_code = any ($1) and municipality_code = '131105'`,
        [[birth.code, mover.residentRecordCode]],
      );
      return national === 2 && prefecture === 2 ? { national, prefecture } : undefined;
    });
    const tax = await eventually('the arrival of birth and moving-in at the tax system', async () => {
      const n = await count(
        context.town,
        'meguro/resident-tax',
        `select 1 from resident_tax.person_state where birth_date = $1 or name = $2`,
        [newborn.born, mover.name],
      );
      return n >= 2 ? n : undefined;
    });
    const returned = await eventually('the return of the impossible moving-in', async () => {
      const rows = await observe<{ rule: string }>(
        context.town,
        'meguro/resident-register',
        'select rule from resident_register.returned_notice where rule is not null',
      );
      return rows[0];
    });
    const supervisor = await context.signedIn('meguro', 'm-1002');
    await withTab(supervisor, async (page) => {
      await signInAt(page, `${meguro}/returned`, 'm-1002');
      expect(await page.getByText(returned.rule).first().isVisible(), 'the ward’s work list does not show the refusal');
      await context.look(page, '01-returned');
    });
    return { ...arrived, taxPersons: tax, refusedByRule: returned.rule };
  },
};
