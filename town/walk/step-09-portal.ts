import { issueTrainingCard } from '@musubi/contracts/portal/card.ts';
import { peopleOf } from './settle.ts';
import { expect, type Step } from './walk.ts';

export const seeOwnRecords: Step = {
  id: '9',
  title: '本人がカードでポータルに入り、だれが何を照会したかを見て、証明を確かめる',
  async run(context) {
    const key = context.memory.get('applicant');
    const inquiry = context.memory.get('inquiry');
    const person = [...(await peopleOf(context)).persons()].find((p) => p.key === key);
    if (!person || !inquiry) throw new Error('step 7 left no applicant');
    const pin = '4649';
    const card = await context.conductor.peers.call(
      issueTrainingCard,
      'jlis/jpki',
      {},
      {
        residentRecordCode: person.residentRecordCode,
        name: person.name,
        sex: person.sex,
        birthDate: person.birthDate.toString(),
        address: person.address,
        userAuthenticationPin: pin,
        signaturePin: 'MUSUBI4649',
      },
    );
    if (!card.ok) throw new Error(`no card was issued: ${card.error}`);
    const browser = await context.newBrowser();
    try {
      const page = await browser.newPage();
      const origin = context.originOf('portal/mynaportal');
      await page.goto(`${origin}/records`);
      await page.waitForURL(/\/sign-in/);
      await context.look(page, '09-sign-in');
      await page
        .locator('#card-file')
        .setInputFiles({ name: 'card.json', mimeType: 'application/json', buffer: Buffer.from(card.value.cardFile) });
      await page.locator('#card-pin').fill(pin);
      await page.getByRole('button', { name: 'サインイン', exact: true }).click();
      await page.waitForURL(/\/records/, { timeout: 60_000 });
      // The record is proven once a checkpoint of each body's log covers it; one is signed each minute.
      const row = page.locator('tbody tr', { has: page.locator(`a[href*="${inquiry}"]`) });
      const proven = row.getByText('成立', { exact: true });
      for (let tries = 0; tries < 60 && (await proven.count()) === 0; tries++) {
        await page.waitForTimeout(2_000);
        await page.goto(`${origin}/records`);
      }
      await context.look(page, '09-records');
      expect((await row.count()) === 1, 'the person does not see the inquiry of step 7');
      expect((await proven.count()) === 1, 'the proofs of the two bodies’ records do not stand');
      await row.getByRole('link').click();
      await context.look(page, '09-proof');
      const proofs = await page.getByRole('heading', { name: /記録簿による証明/ }).count();
      return { inquiryNumber: inquiry, provenRecords: proofs };
    } finally {
      await browser.close();
    }
  },
};
