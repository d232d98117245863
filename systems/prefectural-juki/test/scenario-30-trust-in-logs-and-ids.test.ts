import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { after, before, test } from 'node:test';
import { useFigureRoute } from '@musubi/governance/http/use-figures.ts';
import { openMonthlyReports, reminderActor } from '@musubi/governance/service/reminders.ts';
import { anActiveContract, world as governanceWorld, officer, second } from '@musubi/governance/test/world.ts';
import { openSession, signInActor } from '@musubi/kernel/access/session.ts';
import { logOrigin, Sequencer } from '@musubi/kernel/audit/sequencer.ts';
import { verifyInstance } from '@musubi/kernel/audit/verify.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { analysisActor } from '@musubi/kernel/log-analysis/analysis.ts';
import { tellFigures } from '@musubi/kernel/log-analysis/loop.ts';
import { expectAccessible, screenshot, visibleText, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import { openIdReview, recordFinding } from '@musubi/staff-directory/service/id-review.ts';
import type { Page } from 'playwright-core';
import type { Deps } from '../deps.ts';
import { logAnalysis, tellGovernance } from '../log-analysis-module.ts';
import { heldTask } from './held-task.ts';
import { startTerminalWorld, type TerminalWorld } from './terminal-world.ts';

let w: TerminalWorld;
let sequencer: Sequencer;
let logKey: { readonly name: string; readonly publicKey: Buffer };
before(async () => {
  w = await startTerminalWorld(2);
  const register = w.chain.member('meguro/resident-register');
  const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;
  const person = {
    individualNumber: makeIndividualNumber(systemRandom).digits(),
    residentRecordCode: makeResidentRecordCode(systemRandom),
    name: '髙橋　花子',
    nameKana: 'タカハシ　ハナコ',
    birthDate: '1980-04-01',
    sex: 'female' as const,
    address: '東京都目黒区上目黒二丁目19番15号',
    postalCode: null,
    household: 'h',
    relationship: '世帯主',
    becameResidentOn: '2015-04-01',
  };
  unwrap(await loadTown(register.deps, conductor, { loadId: register.newId(), chunk: 0, persons: [person] }));
  await w.chain.pump();
  await heldTask(w.tokyo.deps, 'juki-operator-02', { code: 'ONKYU-01', name: '恩給の支給' });
  const keys = generateKeyPairSync('ed25519');
  logKey = {
    name: logOrigin('tokyo/prefectural-juki'),
    publicKey: keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
  };
  const signer = { ...logKey, sign: (bytes: Uint8Array) => sign(null, bytes, keys.privateKey) };
  sequencer = new Sequencer({ db: w.tokyo.t.db, machineClock: systemMachineClock, signer });
});
after(() => w?.[Symbol.asyncDispose]());

const staff = (staffId: string): Actor => ({
  kind: 'staff',
  organisation: 'tokyo',
  staffId,
  sessionId: '0190a000-0000-7000-8000-000000000000',
});

/** Searches and opens the record, keys alone. */
async function openRecord(page: Page): Promise<void> {
  await page.getByLabel('事務').selectOption('ONKYU-01');
  await page.getByLabel('受付・文書番号').fill('R-2026-001');
  await page.getByLabel('振り仮名').fill('タカハシ　ハナコ');
  await page.getByLabel('生年月日').fill('1980-04-01');
  await page.getByRole('button', { name: '検索する' }).focus();
  await page.keyboard.press('Enter');
  const hit = page.getByRole('link', { name: '髙橋　花子' });
  await hit.focus();
  await page.keyboard.press('Enter');
  await page.getByText('上目黒二丁目19番15号').first().waitFor();
}

test('003 scenario 30 TRM-F3 JPS-X12 端末の画面は操作がなければ消え、15分で終わる。記録の画面を印刷・複写しても何も得られない', async () => {
  await withPage(async (page) => {
    await w.signIn(page, 'juki-operator-02');
    await openRecord(page);
    await page.emulateMedia({ media: 'print' });
    const printed = await visibleText(page);
    assert.doesNotMatch(printed, /髙橋|上目黒|1980/);
    assert.match(printed, /印刷できません/);
    await page.emulateMedia({ media: 'screen' });
    await page.keyboard.press('Control+a');
    const copied = await page.evaluate(() => {
      const given = new ClipboardEvent('copy', { bubbles: true, cancelable: true });
      const refused = !document.querySelector('main')?.dispatchEvent(given);
      return { text: getSelection()?.toString() ?? '', refused };
    });
    assert.doesNotMatch(copied.text, /髙橋|上目黒/);
    assert.equal(copied.refused, true);
    await page.waitForURL(/\/session\/blank/);
    assert.doesNotMatch(await page.content(), /髙橋|上目黒/);
    await expectAccessible(page);
    await screenshot(page, 'juki-screen-blanked');
    // Within the quarter of an hour the work goes on where it was; after it, nothing but the sign-in.
    w.directory.machineClock.pass({ minutes: 14 });
    await page.getByRole('link', { name: '続ける' }).click();
    await page.getByText('上目黒二丁目19番15号').first().waitFor();
    w.directory.machineClock.pass({ minutes: 15 });
    const answer = await page.reload();
    assert.doesNotMatch((await answer?.text()) ?? '', /髙橋|上目黒/);
    assert.match(page.url(), /\/session\/locked|id\.tokyo\.localhost/);
    await page.goBack().catch(() => null);
    assert.doesNotMatch(await page.content(), /髙橋|上目黒/);
  });
});

test('003 scenario 30 スクリプトのない端末でも、記録の画面は消え、中身は残らない', async () => {
  const [record] = await w.tokyo.t.owner<{ person_id: string }>(
    'select person_id from prefectural_juki.identification',
  );
  // The sign-in itself needs scripts (design §5); the session is of the same kind.
  const opened = await openSession({ ...w.directory.servedDeps, rights: { allows: async () => true } }, signInActor, {
    staffId: 'juki-operator-02',
    displayName: '住基 太郎',
    accountUntil: Temporal.PlainDate.from('2027-03-31'),
  });
  assert.ok(opened.ok);
  const { token } = opened.value;
  await withPage(
    async (page, context) => {
      await context.addCookies([{ name: 'musubi-session', value: token, url: w.url }]);
      await page.goto(`${w.url}/persons/${record!.person_id}?task=ONKYU-01&document=R-1`);
      assert.match(await page.content(), /髙橋　花子/);
      await page.waitForURL(/\/session\/blank/);
      assert.doesNotMatch(await page.content(), /髙橋|上目黒/);
    },
    { scripts: false },
  );
});

test('JPS-X6 U18 不審な閲覧は事案になり、分析の担当が申請書等と照らし合わせて画面で判断する', async () => {
  const [record] = await w.tokyo.t.owner<{ person_id: string }>(
    'select person_id from prefectural_juki.identification',
  );
  await withPage(async (page) => {
    await w.signIn(page, 'log-analyst-01', '/log-analysis');
    await page.getByRole('link', { name: '注意対象者' }).click();
    await page.getByLabel('対象者の内部番号').fill(record!.person_id);
    await page.getByLabel('理由').fill('報道');
    await page.getByLabel('期限').fill('2099-12-31');
    await page.getByRole('button', { name: '登録する' }).click();
    await page.getByText('登録しました。').waitFor();
    await expectAccessible(page);
    await sequencer.drain();
    assert.ok((await logAnalysis.scan(w.tokyo.deps, analysisActor, null)).ok);
    await page.goto(`${w.url}/log-analysis?rule=watched`);
    await expectAccessible(page);
    await screenshot(page, 'juki-log-cases');
    await page.getByRole('link', { name: '注意対象者の記録の閲覧' }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('申請書等と一致').check();
    await page.getByLabel('業務上必要').check();
    await page.getByLabel('理由・聴き取りの内容').fill('恩給の申請と一致');
    await page.getByRole('button', { name: '判断を記録する' }).click();
    await page.getByText('照らし合わせた申請書等の番号を入力してください。').first().waitFor();
    await expectAccessible(page);
    await screenshot(page, 'juki-log-case');
    await page.getByLabel('照らし合わせた申請書等の番号').fill('R-2026-001');
    await page.getByRole('button', { name: '判断を記録する' }).click();
    await page.getByText('判断を記録しました。').waitFor();
    await page.goto(`${w.url}/log`);
    await expectAccessible(page);
    await screenshot(page, 'juki-log');
    await page.goto(`${w.url}/log-analysis/reviews`);
    await expectAccessible(page);
  });
});

test('003 scenario 30 JPS-X7 年度の期限までに確認されなかったIDは、パスワードが正しくてもログオンできない', async () => {
  const { useCases, civilClock } = w.directory;
  const opened = await openIdReview(useCases, staff('dir-admin-01'), { fiscalYear: 2026, dueOn: '2026-06-30' });
  assert.ok(opened.ok);
  const { reviewId } = opened.value;
  const confirm = { reviewId, staffId: 'juki-operator-02', verdict: 'confirmed', note: '' } as const;
  assert.ok((await recordFinding(useCases, staff('section-head-01'), confirm)).ok);
  civilClock.set('2026-07-01');
  await withPage(async (page) => {
    await w.enterPassword(page, 'juki-operator-01');
    await page.getByRole('alert').waitFor();
    assert.match(page.url(), /id\.tokyo\.localhost/);
  });
  await withPage(async (page) => {
    await w.enterPassword(page, 'juki-operator-02');
    await page.waitForURL(/\/(register|second-factor)$/);
  });
  const refusals = await w.directory.directoryDb.owner(
    `select 1 from audit.intake_event where body like '%sign-in.not-confirmed%' and body like '%juki-operator-01%'`,
  );
  assert.equal(refusals.length, 1);
  civilClock.set('2026-06-01');
});

test('003 scenario 30 U23 委託先の月次報告には、サーバの記録から数えた接続0件が示される', async () => {
  await using g = await governanceWorld('2026-06-01');
  await anActiveContract(g);
  await w.chain.outsider('tokyo/governance', [useFigureRoute(g.deps)]);
  const told = { on: '' };
  const tell = (day: string) =>
    tellFigures(
      logAnalysis,
      { ...(w.tokyo.deps as Deps), civilClock: { today: () => Temporal.PlainDate.from(day) } },
      told,
      tellGovernance(w.tokyo.host, 'tokyo/governance'),
    );
  await sequencer.drain();
  assert.ok((await logAnalysis.scan(w.tokyo.deps, analysisActor, null)).ok);
  await tell('2026-07-01');
  assert.equal(told.on, '2026-07-01', 'governance took the figures over mutual TLS');
  g.t.deps.civilClock.set('2026-07-02');
  assert.deepEqual(await openMonthlyReports(g.deps, reminderActor, null), { ok: true, value: 1 });
  const [report] = await g.t.owner<{ entry_id: string; field_values: Record<string, string> }>(
    `select entry_id, field_values from governance.current where register = 'contractor-report'`,
  );
  assert.equal(report?.field_values.period, '2026-06');
  assert.equal(report?.field_values.logAccesses, '0');
  assert.equal(report?.field_values.logSearches, '0');
  const said = { document: '報告-6', receivedOn: '2026-07-02', recordAccesses: '0', searches: '0' };
  await g.done('contractor-report', report!.entry_id, 'receive', said, officer);
  await g.done('contractor-report', report!.entry_id, 'accept', { reviewNote: '0件を確認' }, second);
});

test('003 scenario 30 記録の一行を書き換えると、検証がその番号を名指しする', async () => {
  await sequencer.drain();
  await sequencer.checkpoint();
  const verify = () => verifyInstance(w.tokyo.t.db, { instance: 'tokyo/prefectural-juki', logKey });
  assert.deepEqual((await verify()).defects, []);
  const [line] = await w.tokyo.t.owner<{ leaf_index: string }>(
    `select leaf_index from audit.entry where body like '%prefectural-juki.read-person%' order by leaf_index limit 1`,
  );
  await w.tokyo.t.owner(
    `update audit.entry set body = replace(body, 'juki-operator-02', 'juki-operator-09') where leaf_index = $1`,
    [line!.leaf_index],
  );
  const { defects } = await verify();
  assert.ok(defects.length > 0);
  assert.ok(JSON.stringify(defects).includes(`${line!.leaf_index}`), 'the altered row is named');
});
