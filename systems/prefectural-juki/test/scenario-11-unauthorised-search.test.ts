import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { openSession, signInActor } from '@musubi/kernel/access/session.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { withPage } from '@musubi/kernel/pages/testing.ts';
import { account, changeState } from '@musubi/staff-directory/service/account-state.ts';
import { revokeGrant } from '@musubi/staff-directory/service/grant.ts';
import { searchPersons } from '../service/search.ts';
import { startTerminalWorld, type TerminalWorld } from './terminal-world.ts';

let w: TerminalWorld;
before(async () => {
  w = await startTerminalWorld();
});
after(() => w?.[Symbol.asyncDispose]());

const admin: Actor = {
  kind: 'staff',
  organisation: 'tokyo',
  staffId: 'dir-admin-01',
  sessionId: '0190a000-0000-7000-8000-000000000000',
};
const searchesIn = async (): Promise<number> =>
  (
    await w.tokyo.t.owner(
      `select 1 from audit.intake_event where body like '%person.searched%'
       union all select 1 from audit.entry where body like '%person.searched%'`,
    )
  ).length;
const logged = (t: TerminalWorld['tokyo']['t'], ...words: string[]) =>
  t.owner(
    `select body from audit.intake_event where ${words.map((_, i) => `body like '%' || $${i + 1} || '%'`).join(' and ')}`,
    words,
  );

test('003 scenario 11(a) 権限を取り消された操作者は、開いていた画面でも検索できず、IDを廃止された操作者はログオンできない', async () => {
  await withPage(async (page) => {
    await w.signIn(page, 'juki-operator-01');
    await page.getByRole('heading', { name: '本人確認情報検索' }).waitFor();
    const found = await account(w.directory.useCases, admin, 'juki-operator-01');
    assert.ok(found.ok && found.value);
    const { grantId } = found.value.grants[0]!;
    assert.ok((await revokeGrant(w.directory.useCases, admin, { grantId, because: 'transfer' })).ok);
    await w.directory.deliver();
    const answer = await page.reload();
    assert.equal(answer?.status(), 403);
    assert.doesNotMatch(await page.content(), /事務/);
  });
  assert.ok(
    (
      await changeState(w.directory.useCases, admin, {
        staffId: 'juki-operator-01',
        change: 'close',
        because: 'retirement',
      })
    ).ok,
  );
  await w.directory.deliver();
  w.directory.civilClock.set('2026-06-02');
  await withPage(async (page) => {
    await w.enterPassword(page, 'juki-operator-01');
    await page.getByRole('alert').waitFor();
    assert.match(page.url(), /id\.tokyo\.localhost/);
  });
  assert.equal((await logged(w.directory.directoryDb, 'sign-in.account-not-active', 'juki-operator-01')).length, 1);
  assert.equal(await searchesIn(), 0);
});

test('003 scenario 11(b) JPS-X7 TRM-F3 二つ目の照合（生体認証等）を経ない操作者は、検索画面に至らない', async () => {
  await withPage(async (page) => {
    await w.enterPassword(page, 'juki-operator-02');
    await page.waitForURL(/\/(register|second-factor)$/);
    // The password alone opened nothing: not the page, whatever address is typed.
    const answer = await page.goto(`${w.url}/`);
    assert.match(page.url(), /id\.tokyo\.localhost/);
    assert.equal(answer?.status(), 200);
    assert.doesNotMatch(await page.content(), /本人確認情報検索/);
    const cookies = await page.context().cookies(w.url);
    assert.ok(!cookies.some((c) => c.name === 'musubi-session'));
  });
  const sessions = await w.tokyo.t.owner(`select 1 from access.session where staff_id = 'juki-operator-02'`);
  assert.equal(sessions.length, 0);
  assert.equal(await searchesIn(), 0);
});

test('003 scenario 11(d) 受託者のIDで検索を求めても拒否され、記録に残る', async () => {
  const deps = { ...w.directory.servedDeps };
  // Even where a role for records was granted by mistake.
  await w.tokyo.t.owner(
    `insert into access.grant_given (grant_id, staff_id, role, valid_from, valid_until, received_at, event_id)
     values (gen_random_uuid(), 'jlis-engineer-01', 'juki-operator', '2026-01-01', '2027-03-31', now(), gen_random_uuid())`,
  );
  const opened = await openSession({ ...deps, rights: { allows: async () => true } }, signInActor, {
    staffId: 'jlis-engineer-01',
    displayName: '運用 一郎',
    accountUntil: Temporal.PlainDate.from('2027-03-31'),
    affiliation: 'contractor',
  });
  assert.ok(opened.ok);
  const answer = await fetchPage(`${w.url}/`, opened.value.token);
  assert.equal(answer.status, 403);
  const contractor: Actor = {
    kind: 'staff',
    organisation: 'tokyo',
    staffId: 'jlis-engineer-01',
    sessionId: opened.value.sessionId,
    affiliation: 'contractor',
  };
  const asked = { items: { name: '髙橋　花子', birthDate: '1980-04-01' }, purpose: { task: '事務', document: 'R-1' } };
  const searched = await searchPersons({ ...(w.tokyo.deps as never as object), ...deps } as never, contractor, asked);
  assert.deepEqual(searched, { ok: false, error: 'not-authorised' });
  assert.equal((await logged(w.tokyo.t, 'prefectural-juki.search', 'not-authorised', 'jlis-engineer-01')).length, 1);
  assert.equal(await searchesIn(), 0);
});

/** By the address of the pages; the name is the machine itself. */
async function fetchPage(url: string, token: string): Promise<Response> {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path: pathname,
        headers: { host: `${hostname}:${port}`, cookie: `musubi-session=${token}` },
      },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(new Response(null, { status: answer.statusCode ?? 500 })));
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}
