import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import type { Page } from 'playwright-core';
import { changeState } from '../service/account-state.ts';
import { signInActor } from '../service/actors.ts';
import { apply, decideApplication } from '../service/applications.ts';
import { changePassword } from '../service/passwords.ts';
import { townPassword, type World, world } from './world.ts';

let w: World;
before(async () => {
  w = await world();
});
after(async () => {
  await w?.[Symbol.asyncDispose]();
});

async function enterPassword(page: Page, staffId: string, password = townPassword): Promise<void> {
  await page.getByLabel('職員ID').fill(staffId);
  await page.getByLabel('パスワード').fill(password);
  await page.getByRole('button', { name: '次へ' }).click();
}

/** Signs in with password and the town's software authenticator, registering it in this browser. */
async function signIn(page: Page, url: string, staffId: string, password = townPassword): Promise<void> {
  await page.goto(url);
  await enterPassword(page, staffId, password);
  await page.waitForURL(/\/(register|second-factor)$/);
  if (page.url().endsWith('/second-factor'))
    await page.getByRole('link', { name: 'このブラウザーに訓練用の認証器を作る' }).click();
  await page.getByRole('button', { name: '訓練用の認証器を登録する' }).click();
  await page.waitForURL(url);
}

test('design §6 a clerk signs in with password and the training authenticator, and signs in again with the same one', async () => {
  await withPage(async (page, context) => {
    await page.goto(`${w.tax}/reports`);
    assert.deepEqual(w.errors, []);
    assert.match(page.url(), /^http:\/\/id\.meguro\.localhost:\d+\/login\//);
    await expectAccessible(page);
    await screenshot(page, 'directory-password');
    await enterPassword(page, 'tax-clerk-01');
    await page.waitForURL(/\/register$/);
    await expectAccessible(page);
    await screenshot(page, 'directory-register');
    await page.getByRole('button', { name: '訓練用の認証器を登録する' }).click();
    await page.waitForURL(`${w.tax}/reports`);
    assert.match((await page.textContent('.who')) ?? '', /税務 太郎/);

    await context.clearCookies();
    await page.goto(`${w.tax}/reports`);
    await enterPassword(page, 'tax-clerk-01');
    await page.waitForURL(/\/second-factor$/);
    await expectAccessible(page);
    await screenshot(page, 'directory-second-factor');
    await page.getByRole('button', { name: '訓練用の認証器で確認する' }).click();
    await page.waitForURL(`${w.tax}/reports`);
  });
  assert.deepEqual(w.errors, []);
});

test('design §6 a passkey of a real authenticator is a second factor', async () => {
  await withPage(async (page, context) => {
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    // The administrator issued a password, so that a first passkey may be registered.
    await w.directoryDb.owner(
      `update staff_directory.password set enrol_until = now() + interval '1 hour' where staff_id = 'tax-clerk-03'`,
    );
    await page.goto(`${w.tax}/`);
    await enterPassword(page, 'tax-clerk-03');
    await page.getByRole('button', { name: '認証器を登録する', exact: true }).click();
    await page.waitForURL(`${w.tax}/`);
    await context.clearCookies();
    await page.goto(`${w.tax}/`);
    await enterPassword(page, 'tax-clerk-03');
    await page.getByRole('button', { name: '認証器で確認する', exact: true }).click();
    await page.waitForURL(`${w.tax}/`);
    const rows = await w.directoryDb.owner<{ methods: string[] }>(
      `select methods from staff_directory.sign_in where staff_id = 'tax-clerk-03' order by signed_in_at desc limit 1`,
    );
    assert.deepEqual(rows[0]?.methods, ['pwd', 'hwk']);
  });
});

test('design §6 five wrong passwords lock the account, the right one too; an administrator unlocks it', async () => {
  await withPage(async (page) => {
    await page.goto(`${w.tax}/`);
    for (let i = 0; i < 5; i++) {
      await enterPassword(page, 'tax-clerk-02', `wrong-password-${i}`);
      await page.getByRole('alert').waitFor();
    }
    await enterPassword(page, 'tax-clerk-02');
    await page.getByRole('alert').waitFor();
    assert.ok((await page.textContent('body'))?.includes('ロックされ'));
    await expectAccessible(page);
    await screenshot(page, 'directory-refused');
  });
  await withPage(async (page) => {
    await signIn(page, `${w.issuer}/staff`, 'dir-admin-01');
    await expectAccessible(page);
    await screenshot(page, 'directory-staff');
    await page.getByRole('link', { name: 'tax-clerk-02' }).click();
    await page.getByText('ロックを解除する').first().click();
    await page.locator('form[action$="/unlock"] select').selectOption('identity-checked');
    await expectAccessible(page);
    await screenshot(page, 'directory-account');
    await page.locator('form[action$="/unlock"] button').click();
    await page.getByText('ロックを解除しました。').waitFor();
  });
  const rows = await w.directoryDb.owner<{ failures: number }>(
    `select failures from staff_directory.failure where staff_id = 'tax-clerk-02'`,
  );
  assert.equal(rows[0]?.failures, 0);
});

test('design §6 a right is applied for, approved by another person, used, and taken back at once', async () => {
  await withPage(async (admin) => {
    await signIn(admin, `${w.issuer}/staff/dir-head-01/grant`, 'dir-admin-01');
    await admin.getByLabel('システム').selectOption('resident-tax');
    await admin.getByLabel('役割').fill('tax-clerk');
    await admin.getByLabel('開始日').fill('2026-06-01');
    await admin.getByLabel('終了日').fill('2027-03-31');
    await admin.getByLabel('理由').fill('窓口応援のため');
    await admin.getByRole('button', { name: '申請する' }).click();
    await admin.getByText('申請しました').waitFor();
    await expectAccessible(admin);
    await screenshot(admin, 'directory-applications');
    // The person herself may not approve it, so the right goes to a clerk with another approver below.
    await admin.goto(`${w.issuer}/staff/tax-clerk-02/grant`);
    await admin.getByLabel('システム').selectOption('resident-tax');
    await admin.getByLabel('役割').fill('tax-clerk');
    await admin.getByLabel('開始日').fill('2026-06-01');
    await admin.getByLabel('終了日').fill('2027-03-31');
    await admin.getByLabel('理由').fill('異動のため');
    await admin.getByRole('button', { name: '申請する' }).click();
    await admin.getByText('申請しました').waitFor();
    const head = await admin.context().browser()?.newContext();
    const approver = await head!.newPage();
    approver.setDefaultTimeout(10_000);
    await signIn(approver, `${w.issuer}/applications`, 'dir-head-01');
    await approver.getByRole('link', { name: 'dir-head-01' }).click();
    await approver.getByRole('button', { name: '承認する' }).click();
    await approver.getByText('自分自身についての').waitFor();
    await approver.goto(`${w.issuer}/applications`);
    await approver.getByRole('link', { name: 'tax-clerk-02' }).click();
    await expectAccessible(approver);
    await screenshot(approver, 'directory-decision');
    await approver.getByRole('button', { name: '承認する' }).click();
    await approver.getByText('承認しました').waitFor();
    await head!.close();
  });
  const given = await w.directoryDb.owner(
    `select 1 from staff_directory.grant_given where staff_id = 'tax-clerk-02' and approval_id is not null`,
  );
  assert.equal(given.length, 1);
});

test('design §6 a revoked grant closes the page within ten seconds, a suspension the session', async () => {
  await withPage(async (page) => {
    await signIn(page, `${w.tax}/reports`, 'tax-clerk-01');
    await page.getByRole('heading', { name: '給与支払報告書' }).waitFor();
    await withPage(async (admin) => {
      await signIn(admin, `${w.issuer}/staff/tax-clerk-01`, 'dir-admin-01');
      await admin.getByText('取り消す').first().click();
      await admin.locator('form[action$="/revoke"] select').selectOption('transfer');
      await admin.locator('form[action$="/revoke"] button').click();
      await admin.getByText('権限を取り消しました。').waitFor();
      await w.deliver();
      assert.equal((await page.goto(`${w.tax}/reports`))?.status(), 403);
      assert.equal((await page.goto(`${w.tax}/`))?.status(), 200, 'the session itself stands');
      await admin.getByText('停止する').first().click();
      await admin.locator('form[action$="/suspend"] select').selectOption('suspected-misuse');
      await admin.locator('form[action$="/suspend"] button').click();
      await admin.getByText('状態を変更しました').waitFor();
      await w.deliver();
    });
    await page.goto(`${w.tax}/`);
    assert.match(page.url(), /id\.meguro\.localhost/, 'sign-in again');
    await page.waitForLoadState();
    assert.doesNotMatch((await page.textContent('body')) ?? '', /税務 太郎/);
  });
});

test('design §6 session fixation: a cookie planted before the sign-in is worth nothing after it', async () => {
  await withPage(async (page, context) => {
    const planted = 'A'.repeat(43);
    await context.addCookies([{ name: 'musubi-session', value: planted, url: w.tax }]);
    await signIn(page, `${w.tax}/`, 'tax-clerk-02');
    const cookie = (await context.cookies(w.tax)).find((c) => c.name === 'musubi-session');
    assert.ok(cookie && cookie.value !== planted);
    assert.equal(cookie.httpOnly, true);
    assert.equal(cookie.sameSite, 'Lax');
    assert.equal(cookie.domain, 'rtx.meguro.localhost', 'of this host alone');
  });
});

test('design §6 login CSRF: an answer of the directory counts only in the browser that asked', async () => {
  await withPage(async (page) => {
    const answer = await page.goto(`${w.tax}/sign-in/callback?code=abc&state=${'x'.repeat(43)}`);
    assert.equal(answer?.status(), 403);
  });
});

test('design §6 the password page of one sign-in does not open in another browser', async () => {
  await withPage(async (page) => {
    await page.goto(`${w.tax}/`);
    const address = page.url();
    await withPage(async (other) => {
      assert.equal((await other.goto(address))?.status(), 403);
    });
  });
});

test('design §5 a form from elsewhere and a form without its token change nothing', async () => {
  await withPage(async (page, context) => {
    await signIn(page, `${w.tax}/`, 'tax-clerk-02');
    const header = (await context.cookies(w.tax)).map((c) => `${c.name}=${c.value}`).join('; ');
    for (const origin of [w.tax, 'http://evil.localhost']) {
      const answer = await page
        .context()
        .request.post(`${w.tax.replace('rtx.meguro.localhost', '127.0.0.1')}/sign-out`, {
          headers: {
            cookie: header,
            origin,
            host: new URL(w.tax).host,
            'content-type': 'application/x-www-form-urlencoded',
          },
          data: '_token=wrong',
        });
      assert.equal(answer.status(), 403, origin);
    }
    assert.equal((await page.goto(`${w.tax}/`))?.status(), 200);
    assert.ok(page.url().startsWith(w.tax));
  });
});

test('design §6 sign-out ends the session here and, on request, at the directory', async () => {
  await withPage(async (page) => {
    await signIn(page, `${w.tax}/`, 'tax-clerk-02');
    await page.getByRole('button', { name: 'サインアウト' }).click();
    await page.getByRole('button', { name: 'サインアウトする' }).click();
    await page.waitForURL(/\/signed-out/);
    await expectAccessible(page);
    await page.goto(`${w.tax}/`);
    await page.getByLabel('職員ID').waitFor();
  });
});

test('design §6 an idle session is locked and asks for the person again, though the directory remembers', async () => {
  await withPage(async (page) => {
    await signIn(page, `${w.tax}/`, 'tax-clerk-02');
    const answer = await page.goto(`${w.tax}/`);
    assert.equal(
      answer?.headers().refresh,
      '601; url=/session/locked?return=%2F',
      'the screen covers itself without scripts',
    );
    w.machineClock.pass({ minutes: 10, seconds: 1 });
    await page.goto(`${w.tax}/`);
    await page.getByRole('heading', { name: '画面を保護しています' }).waitFor();
    assert.doesNotMatch((await page.textContent('body')) ?? '', /税務 花子/);
    await expectAccessible(page);
    await screenshot(page, 'session-locked');
    await page.getByRole('link', { name: '本人確認をして続ける' }).click();
    await page.getByLabel('職員ID').waitFor();
  });
});

test('AC-28 サインインの規則: 一要素だけ、承認前のID、退職者、二台目の端末、無操作、期限の翌日の臨時権限、過去のパスワードは通らない', async () => {
  const closed = w.alarms.length;
  await withPage(async (page) => {
    // Password alone: neither the system nor the next page of the sign-in opens.
    await page.goto(`${w.tax}/reports`);
    const address = page.url();
    await enterPassword(page, 'tax-clerk-03');
    await page.waitForURL(/\/(register|second-factor)$/);
    await page.goto(`${w.tax}/reports`);
    assert.match(page.url(), /\/login\//);
    // The second factor alone: its page has no sign-in to go with.
    for (const step of ['second-factor', 'register', 'password'])
      assert.equal((await page.goto(`${page.url().replace(/(\/login\/[^/]+).*/, '$1')}/${step}`))?.status(), 403, step);
    assert.notEqual(address, page.url());
  });
  // An id that nobody approved is no id.
  const payload = {
    staffId: 'tax-clerk-11',
    staffNumber: 'M-0011',
    kind: 'employee',
    displayName: '税務 十一',
    position: '税務課',
    validUntil: '2027-03-31',
  } as const;
  const administrator = { kind: 'staff', organisation: 'meguro', staffId: 'dir-admin-01', sessionId: 's' } as const;
  assert.ok((await apply(w.useCases, administrator, { kind: 'account', payload, reason: '採用' })).ok);
  // Who retired: refused, and somebody is told.
  const retired = { staffId: 'tax-clerk-03', change: 'close', because: 'retirement' } as const;
  assert.ok((await changeState(w.useCases, administrator, retired)).ok);
  for (const staffId of ['tax-clerk-11', 'tax-clerk-03'])
    await withPage(async (page) => {
      await page.goto(`${w.tax}/`);
      await enterPassword(page, staffId);
      await page.getByRole('alert').waitFor();
      assert.match(page.url(), /\/login\//);
    });
  assert.deepEqual(w.alarms.slice(closed), ['sign-in.account-not-active']);

  // A temporary right of two days, used at two terminals one after the other.
  const { civilClock } = w;
  const right = {
    system: 'resident-tax',
    role: 'tax-clerk',
    validFrom: '2026-06-01',
    validUntil: '2026-06-02',
  } as const;
  const temporary = { ...right, staffId: 'dir-head-01' };
  const asked = await apply(w.useCases, administrator, { kind: 'grant', payload: temporary, reason: '応援' });
  assert.ok(asked.ok);
  const approver = { ...administrator, staffId: 'dir-head-02' };
  const { approvalId } = asked.value;
  assert.ok((await decideApplication(w.useCases, approver, { approvalId, decision: 'approved' })).ok);
  await w.deliver();
  await withPage(async (first) => {
    await signIn(first, `${w.tax}/reports`, 'dir-head-01');
    civilClock.set('2026-06-02');
    assert.equal((await first.goto(`${w.tax}/reports`))?.status(), 200, 'its last day');
    civilClock.set('2026-06-03');
    assert.equal((await first.goto(`${w.tax}/reports`))?.status(), 403, 'the day after');
    await withPage(async (other) => {
      await signIn(other, `${w.tax}/`, 'dir-head-01');
      const [ended] = await w.taxDb.owner<{ why: string }>(
        `select ended_because as why from access.session where staff_id = 'dir-head-01' and ended_at is not null
          order by created_at desc limit 1`,
      );
      assert.equal(ended?.why, 'superseded', 'the session at the first terminal ended');
      const logged = await w.taxDb.owner(
        `select 1 from audit.intake_event where body like '%session.opened%' and body like '%"superseded":1%'
            and body like '%dir-head-01%'`,
      );
      assert.equal(logged.length, 1, 'the log says that a session was ended by this one');
      // Nobody touches it for longer than the limit: the screen is covered, and the person proves who it is.
      w.machineClock.pass({ minutes: 10, seconds: 1 });
      await other.goto(`${w.tax}/`);
      await other.getByRole('heading', { name: '画面を保護しています' }).waitFor();
    });
  });
  for (const password of ['Natsu-no-yasumi-2026', townPassword]) {
    const changed = await changePassword(w.useCases, signInActor, { staffId: 'dir-head-01', password });
    assert.deepEqual(changed.ok ? 'changed' : changed.error, password === townPassword ? 'used-before' : 'changed');
  }
  assert.deepEqual(w.errors, []);
});

test('design §6 a password that ran out opens nothing but its change', async () => {
  await withPage(async (page) => {
    w.civilClock.set('2026-12-15');
    await page.goto(`${w.tax}/`);
    await enterPassword(page, 'tax-clerk-02');
    await page.getByRole('link', { name: 'このブラウザーに訓練用の認証器を作る' }).waitFor({ state: 'visible' });
    await page.getByRole('link', { name: 'このブラウザーに訓練用の認証器を作る' }).click();
    await page.getByRole('button', { name: '訓練用の認証器を登録する' }).click();
    await page.getByLabel('新しいパスワード', { exact: false }).first().fill(townPassword);
    await page.getByLabel('新しいパスワード(確認)').fill(townPassword);
    await page.getByRole('button', { name: '変更して続ける' }).click();
    await page.getByText('過去に使ったパスワードは使えません').first().waitFor();
    await expectAccessible(page);
    await screenshot(page, 'directory-password-change');
    await page.getByLabel('新しいパスワード', { exact: false }).first().fill('Shin-kunren-2026!');
    await page.getByLabel('新しいパスワード(確認)').fill('Shin-kunren-2026!');
    await page.getByRole('button', { name: '変更して続ける' }).click();
    await page.waitForURL(`${w.tax}/`);
  });
});
