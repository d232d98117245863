import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { issueNotice } from '../service/notices/notices.ts';
import { readPaymentsOfPerson } from '../service/persons/read-payments.ts';
import { registerPersonPages } from '../web/persons-pages.ts';
import { anIntake, clerk, fileReports, people, register, type Someone } from './an-intake.ts';
import { assessAll, decideAll, nobodyProtected } from './assessment-setup.ts';
import { office } from './notice-office.ts';

const [hanako] = people(1, 'payments') as [Someone];
const charge = {
  fiscalYear: 2026,
  method: 'ordinary',
  instalment: 1,
  dueOn: '2026-06-30',
  taxYen: 48_700,
  openTaxYen: 0,
  feeYen: 0,
  interestYen: 0,
  preliminary: false,
  settledOn: '2026-06-08',
  collector: null,
  held: false,
} as const;

test('002-COL-F2 納付の状況: asked of collections by the organisation’s number for the member of staff who looks; nothing charged, no answer and no such person differ', async () => {
  await using i = await anIntake();
  const personId = (await register(i.deps, [hanako])).get(hanako.no)!;
  const [known] = await i.t.owner<{ no: string }>('select org_person_number as no from resident_tax.person');
  const asked: unknown[] = [];
  let answer: unknown = ok({ charges: [charge], receipts: [], overpaidYen: 0 });
  const peers = {
    call: async (endpoint: { id: string }, peer: string, _params: unknown, body: unknown) => {
      asked.push([endpoint.id, peer, body]);
      return answer;
    },
  } as unknown as PeerClient;
  const deps = { ...i.deps, peers, collections: 'meguro/collections' };
  const ask = () => readPaymentsOfPerson(deps, clerk, { personId });
  const found = await ask();
  assert.ok(found.ok && found.value.payments?.charges[0]?.settledOn === '2026-06-08');
  assert.deepEqual(asked, [
    [
      'collections.person-payments',
      'meguro/collections',
      { orgPersonNumber: known!.no, staffId: (clerk as { staffId: string }).staffId },
    ],
  ]);
  answer = err('no-such-person');
  const none = await ask();
  assert.ok(none.ok && none.value.payments === undefined);
  answer = err('peer-timeout');
  assert.deepEqual(await ask(), { ok: false, error: 'unreachable' });
  const stranger = await readPaymentsOfPerson(deps, clerk, { personId: deps.newId() });
  assert.deepEqual(stranger, { ok: false, error: 'no-such-person' });
  const without = await readPaymentsOfPerson({ ...deps, collections: undefined }, clerk, { personId });
  assert.deepEqual(without, { ok: false, error: 'no-collections' });
  assert.equal(asked.length, 3, 'nobody is asked about a person who is not here');
});

test('issue D 個人画面: 課税資料、賦課、移行した賦課、納付、通知と履歴が一つの画面にあり、目次からキーボードで届く。収納が応じなければ分からないと言う', async () => {
  await using i = await anIntake();
  const personId = (await register(i.deps, [hanako])).get(hanako.no)!;
  const columns = { ordinaryCollection: true, paidYen: 4_000_000, incomeAfterDeductionYen: 2_760_000 };
  await fileReports(i.deps, [hanako, columns as never]);
  i.t.deps.civilClock.set('2026-06-01');
  await assessAll(i.deps);
  await decideAll(i.deps);
  await using typesetter = await createTypesetter({
    templatesFolder: new URL('../documents', import.meta.url).pathname,
  });
  const [levy] = await i.t.owner<{ id: string }>('select assessment_id as id from resident_tax.assessment');
  const subjectCheckKey = new Uint8Array(32).fill(3);
  const noticeDeps = { ...i.deps, typesetter, subjectCheckKey, office, protections: nobodyProtected };
  const issued = { assessmentId: levy!.id, allowOtherShapes: false };
  const { documentId } = unwrap(await issueNotice(noticeDeps, clerk, issued));

  let answer: unknown = ok({ charges: [charge], receipts: [], overpaidYen: 0 });
  const peers = { call: async () => answer } as unknown as PeerClient;
  const app = createPageApp({
    system: { id: 'resident-tax', name: '個人住民税システム', gloss: 'Inhabitant tax on individuals' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: {
      read: async () =>
        ({
          actor: clerk,
          displayName: '賦課 一郎',
          position: '税務課',
          csrfSecret: new Uint8Array(32).fill(1),
        }) as never,
    },
    mayOpen: async () => true,
    stylesheet: await buildStylesheet({ sources: [fileURLToPath(new URL('../web/', import.meta.url))] }),
    random: i.deps.random,
    onError: (error) => console.error(error),
  });
  registerPersonPages(app, {
    ...i.deps,
    peers,
    collections: 'meguro/collections',
    taxDocuments: 'meguro/tax-documents',
  });
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((done) => server.once('listening', done));
  const origin = `http://rtx.meguro.localhost:${(server.address() as AddressInfo).port}`;
  try {
    await withPage(async (page) => {
      await page.goto(`${origin}/persons/${personId}`);
      const contents = page.getByRole('navigation', { name: 'この画面の目次' });
      assert.deepEqual(await contents.getByRole('link').allTextContents(), [
        '住民記録情報',
        '令和8年度の賦課期日',
        '課税資料',
        '賦課',
        '納付',
        '通知',
        '履歴',
      ]);
      const main = (await page.textContent('main')) ?? '';
      for (const part of ['48,700', documentId, '普通徴収', 'イメージ', '通知済']) assert.ok(main.includes(part), part);
      await contents.getByRole('link', { name: '通知' }).focus();
      await page.keyboard.press('Enter');
      const id = new URL(page.url()).hash.slice(1);
      assert.equal(
        await page
          .locator(`#${id}`)
          .textContent()
          .then((text) => text?.includes('通知')),
        true,
      );
      await expectAccessible(page);
      await screenshot(page, 'rtx-person-file');

      answer = err('peer-timeout');
      await page.goto(`${origin}/persons/${personId}`);
      assert.match((await page.textContent('main')) ?? '', /納付の有無はこの画面では分かりません/);
    });
  } finally {
    await new Promise<void>((done) => server.close(() => done()));
  }
});
