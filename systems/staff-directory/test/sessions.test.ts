import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { openSession, signInActor } from '@musubi/kernel/access/session.ts';
import { standingSessionsRoute } from '@musubi/kernel/access/standing-sessions.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { endSessionAt, readSessions } from '../service/sessions.ts';
import { townPassword, type World, world } from './world.ts';

/* Who is signed in where in the organisation, and the end of one session. */

const staff = (staffId: string): Actor => ({ kind: 'staff', organisation: 'meguro', staffId, sessionId: 's' });
const admin = staff('dir-admin-01');
const atTax = (w: World, staffId: string) =>
  openSession({ ...w.servedDeps, rights: { allows: async () => true } }, signInActor, {
    staffId,
    displayName: '税務 太郎',
    accountUntil: Temporal.PlainDate.from('2027-03-31'),
  });

test('004-III.3-R2-08 サインイン中の職員が全システムにわたって一覧に出て、選んだ一つだけが終わり、理由が記録される', async () => {
  await using w = await world();
  unwrap(await atTax(w, 'tax-clerk-01'));
  unwrap(await atTax(w, 'tax-clerk-02'));
  await withPage(async (page) => {
    await page.goto(`${w.issuer}/sessions`);
    await page.getByLabel('職員ID').fill('dir-admin-01');
    await page.getByLabel('パスワード').fill(townPassword);
    await page.getByRole('button', { name: '次へ' }).click();
    await page.getByRole('button', { name: '訓練用の認証器を登録する' }).click();
    await page.waitForURL(`${w.issuer}/sessions`);
    const names = async () => (await page.getByRole('rowheader').allTextContents()).map((t) => t.trim()).sort();
    assert.deepEqual(await names(), ['dir-admin-01', 'tax-clerk-01', 'tax-clerk-02']);
    await expectAccessible(page);
    await screenshot(page, 'directory-sessions');
    const row = page.getByRole('row').filter({ hasText: 'tax-clerk-01' });
    await row.getByText('終了させる').first().click();
    await row.getByRole('combobox').selectOption('left-unattended');
    await row.getByRole('button').click();
    await page.getByText('終了を指示しました').waitFor();
    await w.deliver();
    await page.goto(`${w.issuer}/sessions`);
    assert.deepEqual(await names(), ['dir-admin-01', 'tax-clerk-02']);
    await page.goto(`${w.issuer}/sessions?system=staff-directory`);
    assert.deepEqual(await names(), ['dir-admin-01']);
  });
  const [order] = await w.taxDb.owner<{ because: string }>('select because from access.sign_out_order');
  assert.equal(order?.because, 'left-unattended');
  assert.deepEqual(w.errors, []);
});

test('a system that does not answer is named, an idle session is nobody, and ending refuses oneself, unknown people and systems', async () => {
  await using w = await world();
  unwrap(await atTax(w, 'tax-clerk-01'));
  const { useCases } = w;
  const silent = unwrap(await readSessions(useCases, admin, { sessionsOf: async () => undefined }));
  assert.deepEqual(silent, { lines: [], silent: ['resident-tax'] });
  const end = (staffId: string, system: string) =>
    endSessionAt(useCases, admin, { staffId, system, because: 'suspected-misuse' });
  assert.deepEqual(await end('dir-admin-01', 'resident-tax'), err('for-oneself'));
  assert.deepEqual(await end('tax-clerk-01', 'accounts'), err('no-such-system'));
  assert.deepEqual(await end('nobody-01', 'resident-tax'), err('no-such-account'));
  const rights = createRights({ system: 'resident-tax', staff: {}, peers: [], jobs: [] }, 'meguro', {
    rolesOf: async () => [],
  });
  const tell = standingSessionsRoute('meguro', () => ({ ...w.servedDeps, rights })).handle;
  const told = (organisation: string, system: string) =>
    tell({ actor: { kind: 'system', organisation, system, certificate: 'c' } } as never);
  assert.deepEqual(await told('setagaya', 'staff-directory'), err('not-our-directory'));
  assert.deepEqual(await told('meguro', 'prefectural-juki'), err('not-our-directory'));
  const mine = unwrap((await told('meguro', 'staff-directory')) as never) as { sessions: { staffId: string }[] };
  assert.deepEqual(
    mine.sessions.map((s) => s.staffId),
    ['tax-clerk-01'],
  );
  w.machineClock.pass({ minutes: 11 });
  assert.deepEqual(await told('meguro', 'staff-directory'), { ok: true, value: { sessions: [] } });
});
