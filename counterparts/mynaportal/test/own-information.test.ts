import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { PersonNotice } from '@musubi/contracts/portal/notices.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { acceptAgency, changeAgency, offerAgency, showAgencies } from '../service/agents.ts';
import { newChallenge } from '../service/challenge.ts';
import { askInformation } from '../service/own-information.ts';
import { askNotices } from '../service/own-notices.ts';
import { portalCookie } from '../service/session.ts';
import { signInWithCard } from '../service/sign-in.ts';
import { aCard, anAuthority } from './a-card.ts';
import { aPortal, type BodyAnswer, codeOf, type TestPortal } from './a-portal.ts';

const authority = await anAuthority();
const hanako = await aCard(authority, { serial: '41' });
const taro = await aCard(authority, { serial: '42' });

const csv = Buffer.from('年度,税額\r\n2026,120000\r\n');
const attachment = {
  name: '内訳.csv',
  mediaType: 'text/csv' as const,
  sha256: createHash('sha256').update(csv).digest('hex'),
  content: csv.toString('base64'),
};
const tax = {
  informationCode: 'TKX-0001' as const,
  condition: 'taxYear:2026',
  validFrom: '2026-06-01',
  items: { 課税区分: '課税', 市町村民税所得割額: 120_000, 控除対象配偶者: true, 扶養親族数: 2, 総所得金額等: null },
  attachments: [attachment],
};
const noticeId = '01900000-0000-7000-8000-0000000000a1';
const notice = (more: Partial<PersonNotice> = {}): PersonNotice => ({
  noticeId,
  kind: '納付',
  subject: '口座振替のご案内',
  body: '第1期の納期限は6月30日です。\n口座振替を申し込むと便利です。',
  attachments: [],
  openFrom: '2020-01-01',
  openUntil: '2099-12-31',
  state: 'delivered',
  openedAt: null,
  lodgedAt: '2026-06-01T00:00:00Z',
  ...more,
});

async function aPortalThatTells(more: Partial<BodyAnswer> = {}): Promise<TestPortal> {
  const portal = await aPortal(authority);
  portal.state.persons.set('41', 'hanako').set('42', 'taro');
  portal.state.answers
    .set('hanako', [
      { organisation: 'meguro', state: 'answered', information: [tax], notices: [notice()], ...more },
      { organisation: 'tokyo', state: 'unknown' },
    ])
    .set('taro', [{ organisation: 'meguro', state: 'unknown' }]);
  return portal;
}
async function signIn(portal: TestPortal, card: typeof hanako) {
  const { text, seal } = newChallenge(portal.deps);
  const assertion = { certificate: card.certificate, challenge: text, signature: await card.sign(text) };
  return unwrap(await signInWithCard(portal.deps, { assertion, seal }));
}
const period = { from: '2026-01-01', until: '2026-12-31' };
const get = (portal: TestPortal, token: string, path: string) =>
  portal.app.fetch(new Request(`${portal.origin}${path}`, { headers: { cookie: `${portalCookie(false)}=${token}` } }));
const today = (portal: TestPortal) => portal.deps.civilClock.today();

test('002 IMS-F11, 004 MNP-F5 自己情報は本人だけに添付とともに示され、ポータルのどの表にも残らない', async () => {
  await using portal = await aPortalThatTells();
  const mine = await signIn(portal, hanako);
  const theirs = await signIn(portal, taro);
  const page = await get(portal, mine.token, '/information');
  assert.equal(page.status, 200);
  const text = await page.text();
  for (const shown of ['地方税関係情報', '2026年度', '120,000円', '内訳.csv', '目黒区'])
    assert.ok(text.includes(shown), shown);
  const file = await get(portal, mine.token, `/information/meguro/attachments/${attachment.sha256}`);
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), csv);
  assert.match(file.headers.get('content-disposition')!, /^attachment/);
  assert.ok(!(await (await get(portal, theirs.token, '/information')).text()).includes('120,000円'));
  assert.equal((await get(portal, theirs.token, `/information/meguro/attachments/${attachment.sha256}`)).status, 404);
  const tables = await portal.owner<{ t: string }>(
    `select schemaname || '.' || tablename as t from pg_tables where schemaname in ('mynaportal', 'audit')`,
  );
  for (const { t } of tables) {
    const rows = JSON.stringify(await portal.owner(`select * from ${t}`));
    for (const told of ['120000', '内訳', codeOf('hanako')]) assert.ok(!rows.includes(told), `${t} holds ${told}`);
  }
});

test('C ポータル: 壊れた添付、別の団体の名による回答、期間外のお知らせは受け入れない', async () => {
  const broken = { ...tax, attachments: [{ ...attachment, sha256: '0'.repeat(64) }] };
  await using portal = await aPortalThatTells({
    information: [broken],
    notices: [notice({ openUntil: '2020-12-31' })],
  });
  const { token, resident } = await signIn(portal, hanako);
  assert.match(await (await get(portal, token, '/information')).text(), /内容が壊れている/);
  assert.equal((await get(portal, token, `/information/meguro/attachments/${'0'.repeat(64)}`)).status, 404);
  const told = unwrap(await askNotices(portal.deps, resident, { accountId: resident.subject }));
  assert.deepEqual([told.notices, told.silent], [[], ['meguro']]);
  portal.state.answersAs = 'tokyo';
  const asked = { accountId: resident.subject, from: '2026-01-02', until: '2026-12-31' };
  assert.deepEqual(unwrap(await askInformation(portal.deps, resident, asked)).silent, ['meguro']);
});

test('002 IMS-F12 お知らせは開いたときに開封が機関へ伝わり、別のカードの人には無い', async () => {
  await using portal = await aPortalThatTells();
  const mine = await signIn(portal, hanako);
  const theirs = await signIn(portal, taro);
  assert.match(await (await get(portal, mine.token, '/notices')).text(), /未開封は1件/);
  const before = await (await get(portal, mine.token, `/notices/${noticeId}`)).text();
  assert.ok(!before.includes('第1期の納期限')); // what is not opened is not shown, so that "opened" means something
  assert.equal(portal.state.opened.size, 0);
  assert.equal((await get(portal, theirs.token, `/notices/${noticeId}`)).status, 404);
  const { resident } = mine;
  const opened = { accountId: resident.subject, opened: [noticeId] };
  assert.equal(unwrap(await askNotices(portal.deps, resident, opened)).notices[0]!.state, 'opened');
  assert.ok(portal.state.opened.has(noticeId));
  assert.match(await (await get(portal, mine.token, `/notices/${noticeId}`)).text(), /第1期の納期限/);
});

/** Taro becomes Hanako's agent for her notices and information, for a week from today. */
async function anAgency(portal: TestPortal) {
  const mine = await signIn(portal, hanako);
  const theirs = await signIn(portal, taro);
  const day = today(portal);
  const offer = {
    accountId: mine.resident.subject,
    scopes: ['information', 'notices'] as const,
    validFrom: day.toString(),
    validUntil: day.add({ days: 6 }).toString(),
  };
  const { grantId, invitation } = unwrap(await offerAgency(portal.deps, mine.resident, offer));
  return { mine, theirs, grantId, invitation, whose: { accountId: mine.resident.subject, grantId } };
}
const isRefused = async (portal: TestPortal, a: Awaited<ReturnType<typeof anAgency>>) => {
  const asked = { ...a.whose, ...period };
  assert.deepEqual(await askInformation(portal.deps, a.theirs.resident, asked), err('not-yours'));
  assert.equal((await get(portal, a.theirs.token, `/information?for=${a.grantId}`)).status, 404);
};

test('C 代理人: 招待は本人が確認番号を確かめて初めて効き、範囲と期間の中だけで、見たことは本人に残る', async () => {
  await using portal = await aPortalThatTells();
  const a = await anAgency(portal);
  const { deps } = portal;
  await isRefused(portal, a);
  assert.deepEqual(await acceptAgency(deps, a.mine.resident, a), err('own-invitation'));
  const { checkNumber } = unwrap(await acceptAgency(deps, a.theirs.resident, a));
  assert.deepEqual(await acceptAgency(deps, a.theirs.resident, a), err('no-such-invitation'));
  await isRefused(portal, a);
  const wrong = checkNumber === '000000' ? '000001' : '000000';
  const confirm = { grantId: a.grantId, change: 'confirm' as const };
  assert.deepEqual(await changeAgency(deps, a.theirs.resident, { ...confirm, checkNumber }), err('no-such-grant'));
  assert.deepEqual(
    await changeAgency(deps, a.mine.resident, { ...confirm, checkNumber: wrong }),
    err('check-number-differs'),
  );
  // Confirmed once, whoever presses twice.
  const both = await Promise.all([1, 2].map(() => changeAgency(deps, a.mine.resident, { ...confirm, checkNumber })));
  assert.deepEqual(both.map((r) => r.ok).sort(), [false, true]);
  assert.equal(unwrap(await askInformation(deps, a.theirs.resident, { ...a.whose, ...period })).bodies.length, 1);
  assert.match(await (await get(portal, a.theirs.token, `/notices?for=${a.grantId}`)).text(), /代理人として見ています/);
  // Not granted: the records. Nobody else's grant serves, nor does this one for another person.
  assert.equal((await get(portal, a.theirs.token, `/records?for=${a.grantId}`)).status, 404);
  assert.equal((await get(portal, a.mine.token, `/information?for=${a.grantId}`)).status, 404);
  const uses = unwrap(
    await showAgencies(deps, a.mine.resident, { accountId: a.mine.resident.subject, offset: 0, limit: 9 }),
  );
  assert.deepEqual(uses.uses.rows.map((u) => u.scope).sort(), ['information', 'notices']);
  unwrap(await changeAgency(deps, a.mine.resident, { grantId: a.grantId, change: 'end' }));
  await isRefused(portal, a);
  assert.deepEqual(
    await changeAgency(deps, a.theirs.resident, { grantId: a.grantId, change: 'end' }),
    err('no-such-grant'),
  );
});

test('C 代理人: 期間が終わると見られず、受け取られない招待は7日で消え、長すぎる期間は頼めない', async () => {
  await using portal = await aPortalThatTells();
  const a = await anAgency(portal);
  const { checkNumber } = unwrap(await acceptAgency(portal.deps, a.theirs.resident, a));
  unwrap(await changeAgency(portal.deps, a.mine.resident, { grantId: a.grantId, change: 'confirm', checkNumber }));
  const on = (days: number) => ({ ...portal.deps, civilClock: { today: () => today(portal).add({ days }) } });
  const asked = { ...a.whose, ...period };
  unwrap(await askInformation(on(6), a.theirs.resident, asked));
  assert.deepEqual(await askInformation(on(7), a.theirs.resident, asked), err('not-yours'));
  const { subject: accountId } = a.mine.resident;
  const from = today(portal);
  const offer = (
    validFrom: Temporal.PlainDate,
    validUntil: Temporal.PlainDate,
    scopes: ['records'] | [] = ['records'],
  ) =>
    offerAgency(portal.deps, a.mine.resident, {
      accountId,
      scopes,
      validFrom: validFrom.toString(),
      validUntil: validUntil.toString(),
    });
  assert.deepEqual(await offer(from, from.add({ days: 367 })), err('not-a-period'));
  assert.deepEqual(await offer(from.subtract({ days: 1 }), from), err('not-a-period'));
  assert.deepEqual(await offer(from, from, []), err('nothing-granted'));
  assert.deepEqual(
    await offerAgency(portal.deps, a.theirs.resident, {
      accountId,
      scopes: ['records'],
      validFrom: from.toString(),
      validUntil: from.toString(),
    }),
    err('not-yours'),
  );
  const late = unwrap(await offer(from, from));
  const aWeekLater = portal.deps.machineClock.now().add({ hours: 24 * 7 + 1 });
  const then = { ...portal.deps, machineClock: { now: () => aWeekLater } };
  assert.deepEqual(await acceptAgency(then, a.theirs.resident, late), err('no-such-invitation'));
});

mechanismTest(
  'exchange.provision-record-disclosure',
  '本人でも代理人でもない人は自己情報もお知らせも見られない',
  async () => {
    await using portal = await aPortalThatTells();
    const a = await anAgency(portal);
    const { accountId } = a.whose;
    assert.deepEqual(await askInformation(portal.deps, a.theirs.resident, { accountId, ...period }), err('not-yours'));
    assert.deepEqual(await askNotices(portal.deps, a.theirs.resident, { accountId }), err('not-yours'));
    const query = { accountId, offset: 0, limit: 9 };
    assert.deepEqual(await showAgencies(portal.deps, a.theirs.resident, query), err('not-yours'));
  },
);

test('C ポータル: 自己情報、お知らせの開封、代理人の依頼をキーボードで、狭い画面でも行える（実ブラウザー、axe違反なし）', async () => {
  await using portal = await aPortalThatTells();
  const { token } = await signIn(portal, hanako);
  await withPage(async (page) => {
    const good = async (name: string): Promise<void> => {
      await expectAccessible(page);
      await screenshot(page, `portal-${name}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${name} scrolls sideways`);
    };
    await page.setViewportSize({ width: 390, height: 844 });
    await page.context().addCookies([{ name: portalCookie(false), value: token, url: portal.origin }]);
    await page.goto(portal.origin);
    await good('top');
    await page.goto(`${portal.origin}/information`);
    await page.getByText('120,000円').waitFor();
    await good('information');
    await page.goto(`${portal.origin}/notices`);
    await good('notices');
    await page.getByRole('button', { name: /口座振替のご案内/ }).press('Enter');
    await page.getByText('第1期の納期限').waitFor();
    await good('notice');
    await page.goto(`${portal.origin}/agents/new`);
    await page.getByLabel('お知らせ', { exact: true }).press('Space');
    await page.getByRole('button', { name: '招待コードを作る' }).press('Enter');
    await page.getByRole('alert').waitFor();
    await good('agent-faults');
    const day = today(portal).toString();
    await page.getByLabel('初めの日').fill(day);
    await page.getByLabel('終わりの日').fill(day);
    await page.getByRole('button', { name: '招待コードを作る' }).press('Enter');
    assert.match((await page.locator('#invitation').textContent())!, /^[A-Za-z0-9_-]{20}$/);
    await good('agent-invitation');
    await page.getByRole('link', { name: '代理人の設定に戻る' }).press('Enter');
    await page.getByText('招待中').waitFor();
    await good('agents');
  });
  assert.deepEqual(portal.faults, []);
});
