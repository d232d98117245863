import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPageApp, type PageAppOptions, page } from '../app.ts';
import { html } from '../html.ts';
import { trainingTown } from '../layout.ts';
import { cookieName, formToken, readFlash, writeFlash } from '../security.ts';
import type { PageRight, PageSession } from '../session.ts';

const sessionOf = (seed: number): PageSession => ({
  actor: { kind: 'staff', organisation: 'meguro', staffId: 'S1', sessionId: `s${seed}` },
  displayName: '田中 花子',
  csrfSecret: new Uint8Array(32).fill(seed),
});
const clerk = sessionOf(1);
const origin = 'https://rtx.example.lg.jp';

function anApp(more: Partial<PageAppOptions> = {}) {
  const seen: string[] = [];
  const app = createPageApp({
    system: { id: 'resident-tax', name: '個人住民税システム', gloss: 'Resident tax' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: { read: async () => clerk },
    mayOpen: async (_, right) => right[1] === 'receipt',
    stylesheet: { css: 'a{}', href: '/-/a.css' },
    random: { bytes: (n) => new Uint8Array(n), below: () => 0 },
    origin,
    ...more,
  });
  page(app, 'GET', '/', 'signed-in', (p) => p.view({ title: '最初', gloss: 'Start' }, html`<p>${'<b>"&'}</p>`));
  page(app, 'GET', '/secret', ['resident-tax', 'assessment', 'read'], (p) =>
    p.view({ title: '秘', gloss: 'Secret' }, ''),
  );
  page(app, 'POST', '/receipts', ['resident-tax', 'receipt', 'update'], (p) => {
    seen.push(`${p.form.get('amount')}/${p.form.get('_token')}`);
    return p.redirect('/', { kind: 'done', text: '登録しました' });
  });
  return { app, seen };
}

const post = (headers: Record<string, string>, fields: Record<string, string>) =>
  new Request(`${origin}/receipts`, { method: 'POST', headers, body: new URLSearchParams(fields) });

test('issue A access: a page that declares no right does not exist', () => {
  const { app } = anApp();
  for (const right of [undefined, '', [], ['resident-tax', 'x'], ['resident-tax', 'x', 'write']]) {
    assert.throws(
      () => page(app, 'GET', '/x', right as unknown as PageRight, () => new Response()),
      /declares no right/,
    );
  }
  assert.deepEqual(
    app.pages.map((p) => `${p.method} ${p.path}`),
    ['GET /', 'GET /secret', 'POST /receipts'],
  );
});

test('issue A access: without the right the page is refused, without a session it leads to the sign-in', async () => {
  const refused = await anApp().app.fetch(new Request(`${origin}/secret`));
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /この画面を開く権限がありません/);
  const none = { session: { read: async () => undefined } };
  assert.equal((await anApp(none).app.fetch(new Request(`${origin}/secret?a=1`))).status, 401);
  const led = await anApp({ ...none, signInPath: '/sign-in' }).app.fetch(new Request(`${origin}/secret?a=1`));
  assert.equal(led.headers.get('location'), '/sign-in?return=%2Fsecret%3Fa%3D1');
});

test("pages: a form is taken only with this session's token and from this origin", async () => {
  const token = formToken(clerk);
  const own = { origin, 'sec-fetch-site': 'same-origin' };
  const refusals: [string, Record<string, string>, Record<string, string>][] = [
    ['no token', own, { amount: '1' }],
    ['token of another session', own, { amount: '1', _token: formToken(sessionOf(2)) }],
    ['foreign origin', { origin: 'https://evil.example' }, { amount: '1', _token: token }],
    ['origin null', { origin: 'null' }, { amount: '1', _token: token }],
    ['cross site', { origin, 'sec-fetch-site': 'cross-site' }, { amount: '1', _token: token }],
    ['another host of the same site', { origin, 'sec-fetch-site': 'same-site' }, { amount: '1', _token: token }],
    ['no origin at all', {}, { amount: '1', _token: token }],
  ];
  const { app, seen } = anApp();
  for (const [name, headers, fields] of refusals)
    assert.equal((await app.fetch(post(headers, fields))).status, 403, name);
  assert.deepEqual(seen, []);
  const taken = await app.fetch(post(own, { amount: '1', _token: token }));
  assert.equal(taken.status, 303);
  assert.deepEqual(seen, ['1/null']);
});

test('pages: every answer carries the strict policy; values are escaped; nothing is cached', async () => {
  const { app } = anApp();
  for (const path of ['/', '/secret', '/nowhere']) {
    const answer = await app.fetch(new Request(origin + path));
    const policy = answer.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(answer.headers.get('x-frame-options'), 'DENY');
    assert.match(answer.headers.get('strict-transport-security') ?? '', /max-age/);
    const text = await answer.text();
    assert.doesNotMatch(text, / style="| on[a-z]+="|<script>|<style/);
    if (path === '/') assert.ok(text.includes('&lt;b&gt;&quot;&amp;'));
  }
});

test('pages: an exception shows a reference, never its words', async () => {
  const told: string[] = [];
  const { app } = anApp({ onError: (error, reference) => told.push(`${reference} ${(error as Error).message}`) });
  page(app, 'GET', '/broken', 'public', () => {
    throw new Error('inner words');
  });
  const answer = await app.fetch(new Request(`${origin}/broken`));
  const text = await answer.text();
  assert.equal(answer.status, 500);
  assert.match(text, /受付番号 000000000000/);
  assert.doesNotMatch(text, /inner words/);
  assert.deepEqual(told, ['000000000000 inner words']);
});

test('pages: a flash message shows once, and only what this session signed', async () => {
  const { app } = anApp();
  const taken = await app.fetch(post({ origin }, { _token: formToken(clerk) }));
  const cookie = (taken.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  assert.match(
    taken.headers.get('set-cookie') ?? '',
    /^__Host-musubi-flash=.*; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
  );
  const shown = await app.fetch(new Request(`${origin}/`, { headers: { cookie } }));
  assert.match(await shown.text(), /登録しました/);
  assert.match(shown.headers.get('set-cookie') ?? '', /Max-Age=0/);
  const foreign = `${cookieName('musubi-flash', true)}=${writeFlash(sessionOf(2), { kind: 'done', text: '偽' })}`;
  assert.doesNotMatch(
    await (await app.fetch(new Request(`${origin}/`, { headers: { cookie: foreign } }))).text(),
    /偽/,
  );
  fc.assert(fc.property(fc.string(), (text) => readFlash(clerk, text) === undefined));
});

test('pages: a redirect leads to this host only', async () => {
  const { app } = anApp();
  page(app, 'GET', '/go', 'signed-in', (p) => p.redirect(p.query.get('to') ?? ''));
  for (const to of ['https://evil.example', '//evil.example', '/\\evil.example', '']) {
    assert.equal((await app.fetch(new Request(`${origin}/go?to=${encodeURIComponent(to)}`))).status, 500, to);
  }
  assert.equal((await app.fetch(new Request(`${origin}/go?to=/a`))).headers.get('location'), '/a');
});

test('issue A wrong inputs: a form that is no form, is cut, or is too large is refused before the handler', async () => {
  const { app, seen } = anApp();
  const send = (body: BodyInit, type: string) =>
    app.fetch(
      new Request(`${origin}/receipts`, {
        method: 'POST',
        headers: { origin, 'content-type': type },
        body,
        duplex: 'half',
      } as RequestInit),
    );
  assert.equal((await send('{"amount":1}', 'application/json')).status, 400);
  assert.equal(
    (await send('--x\r\nContent-Disposition: form-data; name="amount"\r\n\r\n1', 'multipart/form-data; boundary=x'))
      .status,
    400,
  );
  // Sent in pieces, so that no length is stated.
  let pieces = 0;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(4 * 1024 * 1024).fill(97 + (pieces++ % 2))),
  });
  assert.equal((await send(endless, 'application/x-www-form-urlencoded')).status, 413);
  assert.ok(pieces < 20);
  assert.deepEqual(seen, []);
});
