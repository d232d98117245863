import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { logOrigin, Sequencer } from '@musubi/kernel/audit/sequencer.ts';
import { verifyInstance } from '@musubi/kernel/audit/verify.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { textOfPdf } from '@musubi/kernel/documents/testing.ts';
import { mediaUseCases } from '@musubi/kernel/media/acts.ts';
import { formToken } from '@musubi/kernel/pages/security.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { keepHouse } from '@musubi/kernel/serve/housekeeping.ts';
import { decideApplication } from '@musubi/staff-directory/service/applications.ts';
import { openIdReview, recordFinding } from '@musubi/staff-directory/service/id-review.ts';
import { world as directoryWorld, townPassword } from '@musubi/staff-directory/test/world.ts';
import type { Page } from 'playwright-core';
import { rights } from '../rights.ts';
import { openCase } from '../service/open-case.ts';
import { decideRegisterUse, requestRegisterUse } from '../service/register-uses.ts';
import {
  aCertifiedCase,
  addPages,
  aNumber,
  anApplication,
  approver,
  aWorld,
  officer,
  staff,
  typesetter,
  viewer,
  type World,
} from './world.ts';

/* What becomes of the office's records at their end, and what a person is told of their own: through its pages. */

type Staff = Extract<Actor, { kind: 'staff' }>;
const keeper = staff('records1');
let w: World;
let site: Awaited<ReturnType<World['pages']>>;
/** Two certified cases of two applicants. */
let gone: string;
const number = aNumber().digits();
let excluded: string;
before(async () => {
  w = await aWorld();
  site = await w.pages();
  let next = 100_000_000_000_000n;
  w.platform.register = () => ok({ orgPersonNumber: `${next++}`, known: false, linkage: 'none' });
  gone = (await aCertifiedCase(w, person('消去', 'ショウキョ'))).caseId;
  excluded = (await aCertifiedCase(w, person('除外', 'ジョガイ'))).caseId;
});
after(async () => {
  await w[Symbol.asyncDispose]();
  await typesetter[Symbol.asyncDispose]();
});

const base = () => site.url.replace('med.tokyo.localhost', '127.0.0.1');
async function get(as: Staff, path: string) {
  site.as = as;
  const answer = await fetch(`${base()}${path}`, { redirect: 'manual' });
  return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
}
const textAt = async (as: Staff, path: string): Promise<string> => (await get(as, path)).body.toString();
async function post(as: Staff, path: string, fields: Record<string, string> = {}) {
  site.as = as;
  const token = formToken({ actor: as, displayName: as.staffId, csrfSecret: new Uint8Array(32).fill(7) });
  const answer = await fetch(`${base()}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: base(), 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ _token: token, ...fields }),
  });
  await answer.body?.cancel();
  return { status: answer.status, to: answer.headers.get('location') ?? '' };
}
async function moveTo(date: string): Promise<void> {
  w.t.deps.civilClock.set(Temporal.PlainDate.from(date));
  await w.t.owner('insert into serve.civil_date (civil_on, moved_at, event_id) values ($1, now(), $2)', [
    date,
    w.deps.newId(),
  ]);
}
const rowsOf = async (caseId: string): Promise<number> => {
  const [row] = await w.t.owner<{ n: number }>(
    `select ((select count(*) from child_chronic.case_file where case_id = $1) + (select count(*) from child_chronic.inquiry where case_id = $1)
           + (select count(*) from child_chronic.certification where case_id = $1) + (select count(*) from child_chronic.copy_row where case_id = $1)
           + (select count(*) from child_chronic.intake_check where case_id = $1))::int as n`,
    [caseId],
  );
  return row!.n;
};
const numberOf = async (caseId: string): Promise<string> =>
  (
    await w.t.owner<{ r: string }>('select number_ref as r from child_chronic.applicant_number where case_id = $1', [
      caseId,
    ])
  )[0]!.r;
const person = (name: string, kana: string) => ({
  patientName: `${name} 子`,
  patientKana: `${kana} コ`,
  applicantName: `${name} 親`,
  applicantKana: `${kana} オヤ`,
});

const colleague = (staffId: string, system: string, role: string) => ({
  staffId,
  displayName: `試験 ${staffId}`,
  position: '家庭支援課',
  roles: [{ system, role }],
});
const media = mediaUseCases('child-chronic');

/** The log, numbered and signed as it stands now, and what a verification finds in it. */
async function sequenced(x: World) {
  const keys = generateKeyPairSync('ed25519');
  const name = logOrigin('tokyo/child-chronic');
  const logKey = { name, publicKey: keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32) };
  const signer = { ...logKey, sign: (bytes: Uint8Array) => sign(null, bytes, keys.privateKey) };
  const sequencer = new Sequencer({ db: x.deps.db, machineClock: x.deps.machineClock, signer });
  await sequencer.drain();
  await sequencer.checkpoint();
  return {
    defects: async () => (await verifyInstance(x.deps.db, { instance: 'tokyo/child-chronic', logKey })).defects,
  };
}

/** An approved entry of the use ledger for one person, and a medium lent to the office: all but the writing itself. */
async function readyToExport(x: World, serial: string): Promise<{ readonly entryId: string; readonly caseId: string }> {
  const mediaKeeper = staff('keeper1');
  const { recipient } = unwrap(await media.makeKey(x.deps, mediaKeeper, {}));
  unwrap(
    await media.registerKey(x.deps, mediaKeeper, { receiver: '振興企画課', recipientKey: recipient, document: '鍵-1' }),
  );
  unwrap(await media.register(x.deps, mediaKeeper, { serial, kind: 'designated-dvd-rw', place: '保管庫' }));
  const lending = {
    serial,
    department: '家庭支援課',
    purpose: '住基照会',
    document: `貸出-${serial}`,
    dueOn: Temporal.PlainDate.from('2026-07-31'),
  };
  const { lendingId } = unwrap(await media.requestLending(x.deps, mediaKeeper, lending));
  unwrap(await media.decideLending(x.deps, approver, { lendingId, decision: 'approved' }));
  unwrap(await media.lend(x.deps, mediaKeeper, { lendingId }));
  const { caseId } = unwrap(
    await openCase(x.deps, officer, anApplication(x, { ...person('書出', 'カキダシ'), individualNumber: number })),
  );
  const asked = { purpose: '本人確認', notification: '利用許可-12', caseIds: [caseId] };
  const { entryId } = unwrap(await requestRegisterUse(x.deps, officer, asked));
  unwrap(await decideRegisterUse(x.deps, approver, { entryId, approve: true }));
  return { entryId, caseId };
}

test('001-8.28 閲覧の職員は更新できず番号は伏せられ、書出しは生体認証と許可のある専用端末だけで暗号化され、五回の誤りで止まり、4月1日に未確認のIDは入れない', async () => {
  await using x = await aWorld();
  const { entryId, caseId } = await readyToExport(x, 'DVD-0001');
  await using directory = await directoryWorld({
    organisation: 'tokyo',
    staff: [
      colleague('dir-admin-01', 'staff-directory', 'directory-administrator'),
      colleague('dir-head-01', 'staff-directory', 'directory-approver'),
      colleague('officer1', 'child-chronic', 'case-officer'),
      colleague('viewer1', 'child-chronic', 'viewer'),
    ],
    served: {
      system: 'child-chronic',
      host: 'med.tokyo.localhost',
      rights,
      database: x.t,
      async mount(pages, deps) {
        const app = await pages({});
        addPages(app, { ...x.deps, ...deps, audit: x.deps.audit });
        return app;
      },
    },
  });
  const enterPassword = async (page: Page, staffId: string, password = townPassword): Promise<void> => {
    await page.getByLabel('職員ID').fill(staffId);
    await page.getByLabel('パスワード').fill(password);
    await page.getByRole('button', { name: '次へ' }).click();
  };
  /** Password, then the authenticator that verifies its holder (the fingerprint of a real one). */
  const signIn = async (page: Page, url: string, staffId: string): Promise<void> => {
    await page.goto(url);
    await enterPassword(page, staffId);
    await page.waitForURL(/\/(register|second-factor)$/);
    if (page.url().endsWith('/second-factor'))
      await page.getByRole('link', { name: 'このブラウザーに訓練用の認証器を作る' }).click();
    await page.getByRole('button', { name: '訓練用の認証器を登録する' }).click();
    await page.waitForURL(url);
  };
  const med = directory.tax;
  /** A form that the page does not show, with the page's own token. */
  const postIn = (page: Page, path: string, fields: Record<string, string> = {}): Promise<number> =>
    page.evaluate(
      async ({ to, more }) => {
        const token = document.querySelector<HTMLInputElement>('input[name=_token]')?.value ?? '';
        const body = new URLSearchParams({ _token: token, ...more });
        return (await fetch(to, { method: 'POST', body, redirect: 'manual' })).status;
      },
      { to: path, more: fields },
    );

  await withPage(
    async (page, context) => {
      // 閲覧: no form that changes anything, no way past it, and the number is masked.
      await signIn(page, `${med}/cases/${caseId}`, 'viewer1');
      assert.equal(await page.locator('main form').count(), 0);
      assert.ok(!(await page.content()).includes(number));
      assert.match((await page.locator('main').textContent()) ?? '', /個人番号[^0-9]*[＊*•●]/);
      await page.goto(`${med}/cases/${caseId}/identity`);
      assert.equal(await page.getByRole('button', { name: /個人番号を表示する/ }).count(), 0);
      for (const path of [`/cases/${caseId}/number`, `/cases/${caseId}/tier`, '/cases/new'])
        assert.equal(await postIn(page, path), 403, path);

      // An ordinary terminal: the officer works the case there, but nothing is written out.
      await context.clearCookies();
      await signIn(page, `${med}/register-uses/${entryId}`, 'officer1');
      await page.getByText('媒体への書込みと読込みは、媒体を扱う端末で行います。').waitFor();
      const list = { serial: 'DVD-0001', settleByOn: '2026-07-31' };
      assert.equal(await postIn(page, `/register-uses/${entryId}/list`, list), 403);

      // The same browser becomes a dedicated terminal, on an administrator's application and another's approval.
      await context.clearCookies();
      await signIn(page, `${directory.issuer}/terminals/new`, 'dir-admin-01');
      await page.getByLabel('代表端末').check();
      await page.getByLabel('端末の名称').fill('番号系端末1');
      await page.getByLabel('設置場所').fill('執務室');
      await page.locator('textarea[name=reason], input[name=reason]').fill('媒体の書込み');
      await page.getByRole('button', { name: '申請する' }).click();
      await page.getByText('別の職員の決裁を待っています').waitFor();
      const [{ approval }] = (await directory.directoryDb.owner<{ approval: string }>(
        `select approval_id as approval from approvals.request order by requested_at desc limit 1`,
      )) as [{ approval: string }];
      const head = { ...staff('dir-head-01') };
      unwrap(await decideApplication(directory.useCases, head, { approvalId: approval, decision: 'approved' }));
      await context.clearCookies();
      await page.goto(`${med}/register-uses/${entryId}`);
      await enterPassword(page, 'officer1');
      await page.getByRole('button', { name: '訓練用の認証器で確認する' }).click();
      await page.waitForURL(`${med}/register-uses/${entryId}`);
      await page.getByLabel('媒体の番号').fill('DVD-0001');
      await page.locator('input[name=settleByOn]').fill('2026-07-31');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: '媒体に書き込む' }).click(),
      ]);
      const written = await readFile(await download.path());
      assert.match(download.suggestedFilename(), /\.age$/);
      assert.match(written.subarray(0, 30).toString('latin1'), /^age-encryption\.org/);
      assert.ok(!written.includes(Buffer.from('書出')));
      // What became of it is to be reported: until then it stands as open with its day.
      const [due] = await x.t.owner<{ due: string; terminal: string }>(
        `select h.settle_by_on::text as due, o.terminal from media.hand_over h join media.output o using (hand_over_id)`,
      );
      assert.equal(due?.due, '2026-07-31');
      assert.match(due?.terminal ?? '', /^t-/);
    },
    { acceptDownloads: true },
  );

  // Five wrong passwords: the right one is refused as well. The page says the same of every refusal; why stands in the directory's log.
  await withPage(async (page) => {
    await page.goto(`${med}/`);
    const refusedFor = async (staffId: string, password = townPassword): Promise<string> => {
      // The page before says the same: only when the next one stands is this attempt answered.
      await Promise.all([page.waitForEvent('load'), enterPassword(page, staffId, password)]);
      await page.getByRole('alert').waitFor();
      const [last] = await directory.directoryDb.owner<{ body: string }>(
        `select body from audit.intake_event where body like '%sign-in.%' order by intake_no desc limit 1`,
      );
      return (JSON.parse(last!.body) as { event: string }).event;
    };
    for (let i = 1; i <= 4; i++) assert.equal(await refusedFor('viewer1', `wrong-password-${i}`), 'sign-in.failed');
    assert.equal(await refusedFor('viewer1', 'wrong-password-5'), 'sign-in.locked');
    assert.equal(await refusedFor('viewer1'), 'sign-in.refused-locked');

    // 1 April: of two ids on the list of the year one was confirmed.
    directory.civilClock.set('2027-03-10');
    const [administrator, head] = [staff('dir-admin-01'), staff('dir-head-01')];
    const review = { fiscalYear: 2027, dueOn: '2027-03-31' };
    const { reviewId } = unwrap(await openIdReview(directory.useCases, administrator, review));
    const finding = { reviewId, staffId: 'officer1', verdict: 'confirmed', note: '' } as const;
    unwrap(await recordFinding(directory.useCases, head, finding));
    directory.civilClock.set('2027-04-01');
    assert.equal(await refusedFor('dir-admin-01'), 'sign-in.account-not-active');
    await enterPassword(page, 'officer1');
    await page.waitForURL(/\/(register|second-factor)$/);
  });
  assert.deepEqual(directory.errors, []);
  assert.deepEqual(await (await sequenced(x)).defects(), [], 'each row of what was written out stands in the log');
});

const clerk = staff('counter1');
const decider = staff('decider1');

test('001-8.30 開示請求は医療助成課が受け、写しは10円×枚数、印刷と記録が一致し、誰がいつ見たかが並ぶ', async () => {
  const [caseId, other] = [gone, excluded];
  await get(officer, `/cases/${caseId}`);
  await get(viewer, `/cases/${caseId}`);
  const [made] = await w.t.owner<{ number: string; beneficiary: string; ceiling: number }>(
    `select f.case_number as number, c.beneficiary_number as beneficiary, p.ceiling_yen as ceiling from child_chronic.case_file f
       join child_chronic.certification c using (case_id) join child_chronic.certification_proposal p on p.approval_id = c.approval_id where f.case_id = $1`,
    [caseId],
  );

  // Anybody reads where to ask; the office that answers is 医療助成課. Those who work cases and the operator receive nothing.
  assert.match(await textAt(viewer, '/guide'), /医療助成課/);
  const asked = {
    kind: 'disclosure',
    channel: 'counter',
    role: 'self',
    name: '消去 親',
    nameKana: 'ショウキョ オヤ',
    birthDate: '1988-04-02',
    sex: 'female',
    address: '東京都目黒区上目黒二丁目19番15号',
    requesterName: '消去 親',
    requesterAddress: '東京都目黒区上目黒二丁目19番15号',
    scope: '私の支給認定に関する情報のすべて',
    keptAt: '金庫C-1',
  };
  for (const nobody of [officer, approver, viewer, staff('operator1')])
    assert.equal((await post(nobody, '/disclosures/new', asked)).status, 403, nobody.staffId);
  const received = await post(clerk, '/disclosures/new', asked);
  const at = received.to;
  assert.match(at, /^\/disclosures\/[0-9a-f-]{36}$/);
  await post(clerk, `${at}/identity`, { documents: 'individual-number-card' });
  await post(clerk, `${at}/match`);
  await post(clerk, `${at}/propose`, { word: 'granted' });
  assert.equal((await post(clerk, `${at}/decide`)).status, 403);
  assert.equal((await post(decider, `${at}/decide`)).to, at);
  await post(clerk, `${at}/print`, { formType: 'record-disclosure' });
  const request = await textAt(clerk, at);
  const serial = /\/sheets\/([^"]+)/.exec(request)![1]!;
  const sheet = await get(clerk, `/sheets/${serial}`);
  const words = (await textOfPdf(sheet.body)).replaceAll(/\s/g, '');

  // What is printed is what is held, and nobody else's: number, decision, term and ceiling, what was asked and who looked.
  for (const part of [
    '小児慢性特定疾病医療費支給情報開示書',
    '医療助成課',
    '消去親',
    '消去子',
    made!.number,
    made!.beneficiary,
    `${made!.ceiling.toLocaleString('ja-JP')}円`,
    '令和8年7月1日',
    '税情報の照会',
    '番号利用法第19条第8号',
  ])
    assert.ok(words.includes(part), part);
  for (const foreign of ['除外', other]) assert.ok(!words.includes(foreign), foreign);
  assert.doesNotMatch(words, /(?<!\d)\d{12}(?!\d)/, 'no Individual Number');
  // Each look by a member of staff stands there: two at the case's page besides what the work itself looked at.
  const [looks] = await w.t.owner<{ n: number }>(
    `select count(*)::int as n from audit.intake_event i join audit.subject s using (event_id)
      where s.subject = $1 and i.body::jsonb ->> 'act' = 'child-chronic.read-case'`,
    [caseId],
  );
  assert.ok(looks!.n >= 2);
  assert.equal(words.split('申請の閲覧').length - 1, looks!.n);

  // 10 yen a sheet by slip, and only then it leaves.
  const sheets = /全(\d+)頁|1\/(\d+)/.exec(words);
  const [{ yen }] = (await w.t.owner<{ yen: number }>(
    `select (detail->>'yen')::int as yen from disclosure.step where kind = 'fee-fixed' order by no desc limit 1`,
  )) as [{ yen: number }];
  const pages = Number(sheets?.[1] ?? sheets?.[2] ?? Number.NaN);
  assert.equal(yen, pages * 10, words.slice(0, 400));
  assert.equal((await post(clerk, `${at}/hand-over`, { method: 'counter' })).status, 409, 'fee not paid');
  await post(clerk, `${at}/print`, { formType: 'payment-slip' });
  const slip = [...(await textAt(clerk, at)).matchAll(/\/sheets\/([^"]+)/g)]
    .map((m) => m[1]!)
    .find((s) => s !== serial)!;
  await post(clerk, `${at}/pay`, { slip, yen: `${yen}` });
  assert.equal((await post(clerk, `${at}/hand-over`, { method: 'counter' })).to, at);
});

test('001-8.29 5年間異動のない申請が一覧に載り、一件を除外し、副本を終了させ、残りを消去して証明書を作る', async () => {
  assert.equal((await post(officer, '/copies')).status, 303);
  assert.equal(w.platform.lodged.at(-1)!.copies.length, 2);
  await moveTo('2029-07-10');
  const moving = unwrap(
    await openCase(w.deps, officer, anApplication(w, { ...person('継続', 'ケイゾク'), appliedOn: '2029-07-01' })),
  ).caseId;
  const ref = await numberOf(gone);

  // Certified to 2027-06-30: on the fifth anniversary nothing is listed, on the day after it both are.
  const [{ until }] = (await w.t.owner<{ until: string }>(
    'select max(valid_until)::text as until from child_chronic.certification_proposal',
  )) as [{ until: string }];
  const fifth = Temporal.PlainDate.from(until).add({ years: 5 });
  await moveTo(`${fifth}`);
  assert.match(await textAt(keeper, '/quiet-cases'), /5年間異動のない申請はありません/);
  await moveTo(`${fifth.add({ days: 1 })}`);
  assert.equal((await get(officer, '/quiet-cases')).status, 403, 'whoever works cases does not clear them away');
  site.as = keeper;
  await withPage(async (page) => {
    await page.goto(`${site.url}/quiet-cases`);
    await page.getByRole('cell', { name: '消去 子' }).waitFor();
    assert.equal(await page.getByText('継続 子').count(), 0);
    await expectAccessible(page);
    await screenshot(page, 'child-chronic-quiet-cases');
    const row = page.getByRole('row', { name: /除外 子/ });
    await row.getByRole('textbox').focus();
    await page.keyboard.type('訴訟の係属中');
    await page.keyboard.press('Enter');
    await page.getByText('消去から除外しました').waitFor();
    await page.getByText('訴訟の係属中').first().waitFor();
    await expectAccessible(page);
  });

  // Nothing goes while its copy stands for other bodies: sealing on the day leaves both, each with the reason.
  await moveTo(`${fifth.add({ days: 31 })}`);
  await w.records.daily();
  assert.ok((await rowsOf(gone)) > 4);
  const rejects = await w.t.owner<{ code: string; n: number }>(
    'select code, count(distinct ref)::int as n from jobs.reject group by code order by code',
  );
  assert.deepEqual(rejects, [
    { code: 'copy-not-ended', n: 1 },
    { code: 'held', n: 1 },
  ]);

  // The end of the copy goes through the platform, of the case that is to go alone; broken off, it goes again as the same batch.
  const lodge = w.platform.lodge;
  w.platform.lodge = async () => Promise.reject(new Error('cut off'));
  await post(keeper, '/quiet-cases/copies');
  w.platform.lodge = lodge;
  assert.equal((await post(keeper, '/quiet-cases/copies')).to, '/quiet-cases');
  const [broken, ended] = w.platform.lodged.slice(-2);
  assert.deepEqual(broken, ended);
  const [lodged] = w.platform.lodged[0]!.copies;
  assert.deepEqual(
    ended!.copies.map(({ orgPersonNumber, informationCode, condition, validFrom, items }) => ({
      orgPersonNumber,
      informationCode,
      condition,
      validFrom,
      items,
    })),
    [
      {
        orgPersonNumber: lodged!.orgPersonNumber,
        informationCode: 'TKX-0014',
        condition: lodged!.condition,
        validFrom: lodged!.validFrom,
        items: null,
      },
    ],
  );

  // Thirty days on the list are over: it is sealed, kept in the seal to its last day, and erased by two people on the day after.
  await moveTo(`${fifth.add({ days: 32 })}`);
  await w.records.daily();
  assert.equal(await rowsOf(gone), 0);
  assert.ok((await rowsOf(excluded)) > 4);
  assert.ok((await rowsOf(moving)) > 1);
  assert.equal((await post(keeper, '/retention/propose')).status, 303);
  assert.match(await textAt(keeper, '/retention'), /起案はありません/, 'its last day is not over');
  await moveTo(`${fifth.add({ days: 91 })}`);
  await post(keeper, '/retention/propose');
  const [{ id }] = (await w.t.owner<{ id: string }>('select proposal_id as id from retention.proposal')) as [
    { id: string },
  ];
  assert.equal((await post(keeper, `/retention/${id}/decide`, { decision: 'approved' })).status, 403);
  await post(approver, `/retention/${id}/decide`, { decision: 'approved' });
  await moveTo(`${fifth.add({ days: 98 })}`);
  await post(keeper, `/retention/${id}/erase`);
  await keepHouse({ deps: w.deps, keyStore: w.keyStore, onError: (error) => assert.fail(`${error}`) }, new Map());

  const [{ erasure }] = (await w.t.owner<{ erasure: string }>(
    'select erasure_id as erasure from retention.erasure',
  )) as [{ erasure: string }];
  const certificate = await get(keeper, `/retention/certificates/${erasure}`);
  assert.equal(certificate.status, 200);
  const words = (await textOfPdf(certificate.body)).replaceAll(/\s/g, '');
  for (const part of ['消去証明書', 'subsidy-case-5y', 'records1・approver1']) assert.ok(words.includes(part), part);
  assert.ok(!words.includes('消去子'), 'the certificate says nothing of the person');
  assert.equal((await w.t.owner('select 1 from vault.number where number_ref = $1', [ref])).length, 0);
  assert.equal((await w.t.owner('select 1 from audit.subject where subject = $1', [gone])).length, 0);

  // The one that was excluded goes with the next round once nobody excludes it any more.
  const [{ hold }] = (await w.t.owner<{ hold: string }>('select hold_id as hold from retention.hold')) as [
    { hold: string },
  ];
  await post(keeper, `/quiet-cases/holds/${hold}/release`);
  await post(keeper, '/quiet-cases/copies');
  await moveTo(`${fifth.add({ days: 99 })}`);
  await w.records.daily();
  assert.equal(await rowsOf(excluded), 0);
  assert.deepEqual(w.faults.splice(0).length, 1, 'the one line that was cut');
});

test('001-8.30 記録を見る画面は誰にもなく、書き換えられた一行は検証が位置を示し、期間の満了で消えたものは欠けと数えない', async () => {
  // No page shows the log, to nobody; what a person is told from it is prepared by the office of disclosure alone. No right that a person
  // can hold opens the log itself.
  for (const who of [officer, approver, viewer, keeper, staff('operator1')]) {
    for (const page of ['/log', '/audit', '/logs']) assert.equal((await get(who, page)).status, 404);
    assert.equal((await get(who, '/disclosures')).status, 403, who.staffId);
    for (const thing of ['log', 'entry', 'verification'])
      assert.equal(await w.deps.rights.allows(undefined as unknown as Tx, who, ['audit', thing, 'read']), false);
  }
  // Nor does a user of the database: beside the owner, as whom nobody signs in, the program's own role alone may look (it numbers the log and
  // verifies it), and it cannot change a line. A line that somebody with the whole database changed is named.
  const readers = await w.t.owner<{ right: string; role: string; signsIn: boolean | null }>(
    `select distinct a.privilege_type as right, coalesce(r.rolname, 'public') as role, r.rolcanlogin as "signsIn"
       from (select relacl as acl from pg_class where relnamespace = 'audit'::regnamespace and relkind in ('r', 'p', 'v', 'm')
             union all select nspacl from pg_namespace where nspname = 'audit') as held,
            aclexplode(held.acl) as a left join pg_roles r on r.oid = a.grantee
      where a.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'USAGE')
        and not (r.rolname like '%\\_owner' and not r.rolcanlogin)
      order by 1, 2`,
  );
  const [{ program }] = (await w.deps.db.pool.query('select current_user as program')).rows as [{ program: string }];
  assert.deepEqual(readers, [
    { right: 'SELECT', role: program, signsIn: true },
    { right: 'USAGE', role: program, signsIn: true },
  ]);
  await assert.rejects(w.deps.db.pool.query(`update audit.intake_event set body = ''`), /permission denied/);
  const { defects } = await sequenced(w);
  assert.deepEqual(await defects(), [], 'what was erased in its time is no defect');
  const tables = await w.t.owner<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c where c.relnamespace = 'audit'::regnamespace and c.relkind in ('r', 'p')
        and c.relname like 'entry%'`,
  );
  for (const { name: table } of tables) await w.t.owner(`alter table ${table} disable trigger user`);
  const [line] = await w.t.owner<{ at: number }>(
    `select leaf_index::int as at from audit.entry where body like '%case.read%' and body like '%officer1%' order by leaf_index limit 1`,
  );
  await w.t.owner(`update audit.entry set body = replace(body, 'officer1', 'officer9') where leaf_index = $1`, [
    line!.at,
  ]);
  assert.deepEqual(
    (await defects()).filter((d) => d.kind === 'entry-altered').map((d) => d.sequence),
    [line!.at],
  );
  assert.deepEqual(w.faults, []);
});
