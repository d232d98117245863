import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContractorStanding } from '@musubi/contracts/governance/contractor-standing.ts';
import { keepContractors } from '@musubi/governance/jobs/contractors.ts';
import { keepReminders } from '@musubi/governance/jobs/reminders.ts';
import {
  anActiveContract,
  anAdmittedWorker,
  anIssuedOrder,
  anOath,
  confirmedRules,
  world as governanceWorld,
  officer,
  third,
} from '@musubi/governance/test/world.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import { rights as taxRights } from '@musubi/resident-tax/rights.ts';
import type { Page } from 'playwright-core';
import { rights } from '../rights.ts';
import { changeState } from '../service/account-state.ts';
import { signInActor } from '../service/actors.ts';
import { apply, decideApplication } from '../service/applications.ts';
import { takeContractorStanding } from '../service/contractors.ts';
import { completeSignIn, personForTokens, tryPassword } from '../service/sign-in.ts';
import { townPassword, type World, world } from './world.ts';

/* From the registers of contracts through the directory to a sign-in: a contractor's person works under an order or not at all. */

const from = (organisation: string, system: string): Actor => ({
  kind: 'system',
  organisation,
  system,
  certificate: 'test',
});
const received = (message: ContractorStanding): Received<ContractorStanding> => ({
  message,
  messageId: 'm',
  sender: 'meguro/governance',
  family: 'governance.contractor-standing',
  number: 1,
  digest: new Uint8Array(32),
  bytes: 1,
});
const take = (w: World, message: ContractorStanding, by = from('meguro', 'governance')) =>
  takeContractorStanding(
    { ...w.useCases, rights: createRights(rights, 'meguro', { rolesOf: async () => [] }) },
    by,
    received(message),
  );
const staff = (staffId: string): Actor => ({
  kind: 'staff',
  organisation: 'meguro',
  staffId,
  sessionId: '0190a000-0000-7000-8000-000000000000',
});
const c31 = {
  staffId: 'c-31',
  displayName: '入力 三一',
  position: '株式会社データ入力',
  kind: 'contractor',
  roles: [{ system: 'resident-tax', role: 'operation-monitor' }],
} as const;
const people = [
  {
    staffId: 'dir-admin-01',
    displayName: '目黒 管子',
    position: '情報政策課',
    roles: [{ system: 'staff-directory', role: 'directory-administrator' }],
  },
  c31,
];
const aWorld = () => world({ staff: people, contractorRoles: c31.roles });
const password = (w: World) => tryPassword(w.useCases, signInActor, { staffId: 'c-31', password: townPassword });
const why = async (w: World): Promise<string> => {
  const tried = await password(w);
  assert.ok(tried.ok);
  return tried.value.outcome === 'refused' ? tried.value.why : tried.value.outcome;
};

mechanismTest(
  'access.work-order',
  '002-III.3-R3-03 受託者は作業指示の期間だけサインインでき、期間が過ぎれば通知がなくても入れない',
  async () => {
    await using w = await aWorld();
    assert.equal(await why(w), 'no-work-order', 'nothing was said of the person');
    assert.ok((await take(w, { staffId: 'c-31', standing: 'admitted', on: '2026-06-01' })).ok);
    assert.equal(await why(w), 'no-work-order', 'admitted, without an order');
    const order = { staffId: 'c-31', standing: 'ordered', order: '2026-指示-0001', until: '2026-06-05' } as const;
    assert.ok((await take(w, { ...order, on: '2026-06-01' })).ok);
    assert.equal(await why(w), 'verified');
    const done = await completeSignIn(w.useCases, signInActor, {
      staffId: 'c-31',
      methods: ['pwd', 'swk'],
      terminalId: null,
    });
    assert.ok(done.ok);
    const tokens = () => personForTokens(w.useCases, signInActor, { staffId: 'c-31', signedInS: done.value.signedInS });
    const named = await tokens();
    assert.ok(named.ok && named.value);
    w.civilClock.set('2026-06-06');
    assert.equal(await why(w), 'no-work-order', 'the day after its last day');
    const late = await tokens();
    assert.ok(late.ok && late.value === undefined, 'what the directory remembers opens no other system');
    const methods = ['pwd', 'swk'] as const;
    assert.deepEqual(await completeSignIn(w.useCases, signInActor, { staffId: 'c-31', methods, terminalId: null }), {
      ok: false,
      error: 'no-work-order',
    });
  },
);

const anAccount = {
  staffId: 'sub-07',
  staffNumber: 'S-0007',
  kind: 'contractor',
  displayName: '再委 七子',
  position: '運用サービス',
  validUntil: '2027-03-31',
  oath: { on: '2026-06-01', document: '誓約-7' },
} as const;

mechanismTest(
  'contractor.named-workers',
  '002-III.4 名簿で従事を認められていない受託者の職員IDは、申請も発行もできない',
  async () => {
    await using w = await aWorld();
    const ask = () => apply(w.useCases, staff('dir-admin-01'), { kind: 'account', payload: anAccount, reason: '契約' });
    const refused = { ok: false, error: 'worker-not-admitted' };
    assert.deepEqual(await ask(), refused);
    assert.ok((await take(w, { staffId: 'sub-07', standing: 'admitted', on: '2026-06-01' })).ok);
    const applied = await ask();
    assert.ok(applied.ok);
    const ended = { staffId: 'sub-07', standing: 'none', because: 'consent-ended', on: '2026-06-01' } as const;
    assert.ok((await take(w, ended)).ok);
    const { approvalId } = applied.value;
    const decided = await decideApplication(w.useCases, staff('head'), { approvalId, decision: 'approved' });
    assert.deepEqual(decided, refused, 'the consent ended between application and approval');
  },
);

test('a standing is taken from the own governance alone, an employee is never touched, and a suspended account returns by an administrator', async () => {
  await using w = await aWorld();
  const ended = { standing: 'none', because: 'contract-ended', on: '2026-06-01' } as const;
  for (const by of [from('setagaya', 'governance'), from('meguro', 'resident-tax')])
    assert.deepEqual(await take(w, { staffId: 'c-31', ...ended }, by), { ok: false, error: 'not-authorised' });
  const states = async (staffId: string) =>
    (
      await w.directoryDb.owner<{ state: string }>(
        `select state from staff_directory.account_state where staff_id = '${staffId}' order by change_no`,
      )
    ).map((r) => r.state);
  for (const staffId of ['c-31', 'dir-admin-01', 'nobody-01']) assert.ok((await take(w, { staffId, ...ended })).ok);
  assert.ok((await take(w, { staffId: 'c-31', ...ended })).ok, 'a repeat');
  assert.deepEqual(await states('c-31'), ['active', 'suspended']);
  assert.deepEqual(await states('dir-admin-01'), ['active']);
  const order = { standing: 'ordered', order: '2026-指示-0002', until: '2026-06-30', on: '2026-06-02' } as const;
  assert.ok((await take(w, { staffId: 'c-31', ...order })).ok);
  assert.equal(await why(w), 'account-not-active', 'a new order alone resumes nothing');
  const resume = { staffId: 'c-31', change: 'resume', because: 'new-contract' } as const;
  assert.ok((await changeState(w.useCases, staff('dir-admin-01'), resume)).ok);
  assert.equal(await why(w), 'verified');
});

test('AC-31 受託者 C-31: 作業指示なしでは入れず、指示の間も記録の持出し手段がなく、管理の役割は付与されず、承認のない再委託先にIDは出ず、契約の終わりに停止され未返却の資料が並ぶ', async () => {
  await using w = await aWorld();
  await using g = await governanceWorld('2026-06-01');
  const contract = await anActiveContract(g, {
    contractor: '株式会社データ入力',
    subject: '給与支払報告書のデータ入力',
    until: '2026-06-30',
    records: 'handled',
  });
  const worker = await anAdmittedWorker(g, contract);
  /** What the registers say, through the directory, to the tax system. */
  const spread = async (): Promise<number> => {
    await keepContractors(g.deps, 'meguro/staff-directory');
    const messages = g.contractorsTold.splice(0);
    for (const message of messages) assert.ok((await take(w, message)).ok);
    await w.deliver();
    return messages.length;
  };
  assert.equal(await spread(), 1);
  const enter = async (page: Page): Promise<void> => {
    await page.getByLabel('職員ID').fill('c-31');
    await page.getByLabel('パスワード').fill(townPassword);
    await page.getByRole('button', { name: '次へ' }).click();
  };
  await withPage(async (page) => {
    // Without an active work order.
    await page.goto(`${w.tax}/`);
    await enter(page);
    await page.getByRole('alert').waitFor();
    assert.match(page.url(), /\/login\//);
    // With it: in, and nothing of a record, neither to read nor to take along.
    await anIssuedOrder(g, contract, worker);
    assert.equal(await spread(), 1);
    await enter(page);
    await page.getByRole('button', { name: '訓練用の認証器を登録する' }).click();
    await page.waitForURL(`${w.tax}/`);
    assert.equal((await page.goto(`${w.tax}/reports`))?.status(), 403);
    await withPage(async (admin) => {
      await admin.goto(`${w.issuer}/staff/c-31`);
      await admin.getByLabel('職員ID').fill('dir-admin-01');
      await admin.getByLabel('パスワード').fill(townPassword);
      await admin.getByRole('button', { name: '次へ' }).click();
      await admin.getByRole('button', { name: '訓練用の認証器を登録する' }).click();
      await admin.waitForURL(`${w.issuer}/staff/c-31`);
      await admin.getByText('2026-指示-0001（2026-06-05まで）').waitFor();
      await expectAccessible(admin);
      await screenshot(admin, 'directory-contractor');
    });
    // The order ends by itself: the open session too, with the next word of the registers.
    g.t.deps.civilClock.set('2026-06-06');
    w.civilClock.set('2026-06-06');
    assert.equal(await spread(), 1);
    await page.goto(`${w.tax}/`);
    await page.getByLabel('職員ID').waitFor();
    await enter(page);
    await page.getByRole('alert').waitFor();
  });

  // In the tax system whatever role a contractor's person was given opens no function at all, downloads among them.
  const all = createRights(taxRights, 'meguro', { rolesOf: async () => Object.keys(taxRights.staff) });
  const functions = Object.values(taxRights.staff).flat();
  for (const [fn, level] of functions) {
    const right = ['resident-tax', fn, level] as const;
    const contractor = { ...staff('c-31'), affiliation: 'contractor' } as Actor;
    assert.equal(await all.allows(undefined as never, contractor, right), false, `${fn} ${level}`);
    assert.equal(await all.allows(undefined as never, staff('tax-01'), right), true, `${fn} ${level} for an employee`);
  }
  assert.ok(functions.length > 10);

  // A role that manages the portal is not for contractors.
  const grant = { staffId: 'c-31', system: 'resident-tax', validFrom: '2026-06-06', validUntil: '2026-06-30' };
  const portal = { kind: 'grant', payload: { ...grant, role: 'portal-manager' }, reason: '運用' } as const;
  assert.deepEqual(await apply(w.useCases, staff('dir-admin-01'), portal), { ok: false, error: 'contractor-role' });

  // A sub-contractor's person has no account before the sub-contract is approved.
  const oath = await g.made('oath', { ...anOath, person: '再委 七子', company: '運用サービス' });
  const subcontract = await g.made('subcontract', {
    contract,
    subcontractor: '運用サービス',
    fiscalYear: '2026',
    work: '入力の一部',
    division: '第二班',
    supervision: '週次',
    records: 'handled',
    applicationDocument: '申請-1',
    oathOn: '2026-06-01',
    oathDocument: '誓約-7',
  });
  const listed = { contract, subcontract, company: '運用サービス', name: '再委 七子', workplace: '作業室', oath };
  const sub = await g.made('worker', { ...listed, staffId: 'sub-07' });
  const rule = await confirmedRules(g, sub);
  const admit = () => g.take('worker', sub, 'admit', { admittedOn: '2026-06-06', rule });
  assert.deepEqual(await admit(), { ok: false, error: 'subcontract-not-approved' });
  assert.equal(await spread(), 0);
  const openSub = () =>
    apply(w.useCases, staff('dir-admin-01'), { kind: 'account', payload: anAccount, reason: '契約' });
  assert.deepEqual(await openSub(), { ok: false, error: 'worker-not-admitted' });
  await g.done('subcontract', subcontract, 'approve', { consentDocument: '承認-1' });
  assert.ok((await admit()).ok);
  assert.equal(await spread(), 1);
  assert.ok((await openSub()).ok);

  // The contract ends: the account is disabled, and what is still out there stands in a list with an alarm.
  const handed = await g.made('handed-data', {
    contract,
    kind: 'bulk',
    content: '給与支払報告書 500枚',
    purpose: 'データ入力',
    package: 'KB-0001',
    records: '500',
    persons: 'real',
    eraseBy: '2026-06-30',
  });
  await g.done('handed-data', handed, 'approve', { approvalDocument: '承認-2' });
  await g.done(
    'handed-data',
    handed,
    'hand',
    { handedOn: '2026-06-06', handedRecords: '500', receipt: '受領-1' },
    officer,
  );
  g.t.deps.civilClock.set('2026-07-01');
  w.civilClock.set('2026-07-01');
  assert.equal(await spread(), 2, 'of the contractor and of its sub-contractor');
  const state = await w.directoryDb.owner<{ state: string; because: string }>(
    `select state, because from staff_directory.account_state where staff_id = 'c-31' order by change_no desc limit 1`,
  );
  assert.deepEqual(state[0], { state: 'suspended', because: 'contract-ended' });
  assert.equal(await why(w), 'account-not-active');
  await keepReminders(g.deps, { on: '' });
  assert.ok(g.alarms.some((a) => a.code === 'governance.overdue'));
  const outstanding = await g.acts('handed-data').list(g.deps, officer, {
    registers: ['handed-data'],
    state: 'handed',
    text: null,
    dueBy: '2026-07-01',
    offset: 0,
    limit: 10,
    purpose: 'screen',
  });
  assert.ok(outstanding.ok);
  assert.deepEqual(
    outstanding.value.rows.map((r) => r.heading),
    ['本番の資料 給与支払報告書 500枚'],
  );
  const close = () => g.take('contract', contract, 'close', { returned: '消去証明-1', closedOn: '2026-07-01' }, third);
  assert.deepEqual(await close(), { ok: false, error: 'data-not-returned' });
  assert.deepEqual(w.errors, []);
});
