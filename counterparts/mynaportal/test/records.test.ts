import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersonRecord } from '@musubi/contracts/portal/records.ts';
import { eventProof, verifyEventProof } from '@musubi/kernel/audit/event-proof.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { expectAccessible, screenshot, withPage } from '@musubi/kernel/pages/testing.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { newChallenge } from '../service/challenge.ts';
import { checkProof } from '../service/check-proof.ts';
import { portalCookie } from '../service/session.ts';
import { showRecords, usualPeriod } from '../service/show-records.ts';
import { signInWithCard } from '../service/sign-in.ts';
import { aBody } from './a-body.ts';
import { aCard, anAuthority } from './a-card.ts';
import { aPortal, type BodyAnswer, codeOf, type TestPortal } from './a-portal.ts';

const authority = await anAuthority();
const hanako = await aCard(authority, { serial: '41' });
const taro = await aCard(authority, { serial: '42' });
const agreed = '01900000-0000-7000-8000-000000000001';
const oneSided = '01900000-0000-7000-8000-000000000002';
const tampered = '01900000-0000-7000-8000-000000000003';
const ofTaro = '01900000-0000-7000-8000-000000000009';

const record = (inquiryNumber: string, role: 'asker' | 'provider') => ({
  inquiryNumber,
  role,
  asker: 'tokyo',
  provider: 'meguro',
  procedure: 'MS2-009',
  informationCode: 'TKX-0001',
  items: ['課税区分', '市町村民税所得割額'],
  ground: '番号利用法第19条第8号 別表の9の項',
  result: '00',
  at: '2026-06-01T00:00:00Z',
});

async function signIn(portal: TestPortal, card: typeof hanako) {
  const { text, seal } = newChallenge(portal.deps);
  const assertion = { certificate: card.certificate, challenge: text, signature: await card.sign(text) };
  return unwrap(await signInWithCard(portal.deps, { assertion, seal }));
}

/** Two bodies with logs of their own: one exchange on both sides, one on one side only, one whose proof was changed. */
async function aHistory(portal: TestPortal) {
  const { meguro, tokyo } = portal.identities;
  await using ofMeguro = await aBody(meguro, tokyo);
  await using ofTokyo = await aBody(tokyo, meguro);
  const [a1, a2, a3] = await ofTokyo.tell([agreed, oneSided, tampered].map((n) => record(n, 'asker')));
  const [p1, p3] = await ofMeguro.tell([agreed, tampered].map((n) => record(n, 'provider')));
  const [t1] = await ofTokyo.tell([record(ofTaro, 'asker')], { sealed: false });
  // The body's result is altered in the proof, as if the record had been rewritten after the fact.
  const changed = { ...p3!, proof: p3!.proof.replace(String.raw`\"result\":\"00\"`, String.raw`\"result\":\"10\"`) };
  assert.notEqual(changed.proof, p3!.proof);
  portal.state.persons.set('41', 'hanako').set('42', 'taro');
  portal.state.answers
    .set('hanako', [
      { organisation: 'meguro', state: 'answered', records: [p1!, changed] },
      { organisation: 'tokyo', state: 'answered', records: [a1!, a2!, a3!] },
    ])
    .set('taro', [
      { organisation: 'meguro', state: 'unavailable' },
      { organisation: 'tokyo', state: 'answered', records: [t1!] },
    ]);
  return { a1: a1!, p1: p1!, changed };
}

const get = (portal: TestPortal, token: string, path: string) =>
  portal.app.fetch(new Request(`${portal.origin}${path}`, { headers: { cookie: `${portalCookie(false)}=${token}` } }));

test('design §4.4: both bodies’ records side by side; one on one side only is marked; nothing of it is stored', async () => {
  await using portal = await aPortal(authority);
  await aHistory(portal);
  const { resident } = await signIn(portal, hanako);
  const period = usualPeriod(portal.deps.civilClock.today());
  const shown = unwrap(await showRecords(portal.deps, resident, { accountId: resident.subject, ...period }));
  const byNumber = new Map(shown.exchanges.map((e) => [e.inquiryNumber, e.agreement]));
  assert.deepEqual(byNumber.get(agreed), { kind: 'agree' });
  assert.deepEqual(byNumber.get(oneSided), { kind: 'one-sided', missing: 'meguro' });
  assert.deepEqual(portal.state.asked, [{ linkageCode: codeOf('hanako'), ...period }]);
  const tables = await portal.owner<{ t: string }>(
    `select schemaname || '.' || tablename as t from pg_tables where schemaname in ('mynaportal', 'audit')`,
  );
  for (const { t } of tables) {
    const rows = JSON.stringify(await portal.owner(`select * from ${t}`));
    for (const told of [agreed, 'TKX-0001', '別表の9の項']) assert.ok(!rows.includes(told), `${t} holds ${told}`);
  }
  const events = await portal.owner<{ event: string }>(
    `select body::jsonb->>'event' as event from audit.intake_event order by body::jsonb->>'at'`,
  );
  const said = events.map(({ event }) => event);
  for (const event of [
    'card.accepted',
    'linkage.asked',
    'linkage.received',
    'session.opened',
    'records.asked',
    'records.shown',
  ])
    assert.ok(said.includes(event), event);
});

mechanismTest('exchange.provision-record-disclosure', '本人だけが自分の情報提供等記録を見る', async () => {
  await using portal = await aPortal(authority);
  await aHistory(portal);
  const mine = await signIn(portal, hanako);
  const theirs = await signIn(portal, taro);
  const period = usualPeriod(portal.deps.civilClock.today());
  assert.deepEqual(
    await showRecords(portal.deps, mine.resident, { accountId: theirs.resident.subject, ...period }),
    err('not-yours'),
  );
});

test('another person’s record, a wrong number and a proof that is not there are all simply not found', async () => {
  await using portal = await aPortal(authority);
  await aHistory(portal);
  const mine = await signIn(portal, hanako);
  const theirs = await signIn(portal, taro);
  const status = async (token: string, path: string) => (await get(portal, token, path)).status;
  assert.equal(await status(theirs.token, `/records/${ofTaro}`), 200);
  assert.equal(await status(mine.token, `/records/${ofTaro}`), 404);
  assert.equal(await status(mine.token, `/records/${ofTaro}/proofs/0`), 404);
  assert.equal(await status(theirs.token, `/records/${ofTaro}/proofs/0`), 404); // not sealed yet
  assert.equal(await status(mine.token, '/records/nothing'), 404);
  assert.equal((await get(portal, 'x'.repeat(43), '/records')).status, 303);
  const list = await (await get(portal, theirs.token, '/records')).text();
  assert.match(list, /回答のない機関があります/);
  assert.match(list, /確認待ち/);
});

test('an answer is asked for once a session while it is whole; one with gaps is asked for again after ten seconds', async () => {
  await using portal = await aPortal(authority);
  await aHistory(portal);
  const mine = await signIn(portal, hanako);
  const theirs = await signIn(portal, taro);
  const asksOf = async (token: string, path: string) => {
    const before = portal.state.asked.length;
    assert.equal((await get(portal, token, path)).status, 200);
    return portal.state.asked.length - before;
  };
  assert.deepEqual([await asksOf(mine.token, '/records'), await asksOf(theirs.token, '/records')], [1, 1]);
  assert.deepEqual([await asksOf(mine.token, `/records/${agreed}`), await asksOf(theirs.token, '/records')], [0, 0]);
  portal.pass({ seconds: 11 });
  assert.deepEqual([await asksOf(mine.token, '/records'), await asksOf(theirs.token, '/records')], [0, 1]);
  assert.equal(await asksOf(mine.token, '/records?from=2026-01-01&until=2026-05-31'), 1); // another period
  portal.pass({ minutes: 9 });
  assert.equal(await asksOf(mine.token, '/records?from=2026-01-01&until=2026-05-31'), 0);
  portal.pass({ minutes: 2 });
  assert.equal(await asksOf(mine.token, '/records?from=2026-01-01&until=2026-05-31'), 1);
});

test('an answer under another body’s name, or records in another’s name, count as no answer', async () => {
  await using portal = await aPortal(authority);
  const { a1 } = await aHistory(portal);
  const { resident } = await signIn(portal, hanako);
  const ask = async () =>
    unwrap(
      await showRecords(portal.deps, resident, {
        accountId: resident.subject,
        ...usualPeriod(portal.deps.civilClock.today()),
      }),
    );
  portal.state.answersAs = 'tokyo';
  assert.deepEqual((await ask()).silent, ['meguro']);
  portal.state.answersAs = undefined;
  const lie: BodyAnswer = { organisation: 'meguro', state: 'answered', records: [a1] };
  portal.state.answers.set('hanako', [lie]);
  const shown = await ask();
  assert.deepEqual([shown.silent, shown.exchanges], [['meguro'], []]);
});

test('design §4.7: a proof holds for its own record alone; every change of it is seen', async () => {
  await using portal = await aPortal(authority);
  const { a1, p1, changed } = await aHistory(portal);
  const fault = async (r: PersonRecord) => {
    const verdict = await checkProof(portal.deps, r);
    return verdict.state === 'failed' ? verdict.fault : verdict.state;
  };
  const good = await checkProof(portal.deps, p1);
  assert.ok(good.state === 'proven');
  assert.deepEqual(
    good.witnesses.map(({ name }) => name),
    ['musubi-witness/tokyo/intermediate-server'],
  );
  assert.equal(await fault(changed), 'not-in-the-log');
  assert.equal(await fault({ ...p1, proof: '' }), 'waiting');
  assert.equal(await fault({ ...p1, proof: '{}' }), 'unreadable-proof');
  assert.equal(await fault({ ...p1, proof: a1.proof }), 'not-a-checkpoint'); // another body's log
  assert.equal(await fault({ ...p1, result: '10' }), 'other-record');
  assert.equal(await fault({ ...p1, items: ['課税区分'] }), 'other-record');
  assert.equal(await fault({ ...p1, toldBy: 'nobody' }), 'unchecked');
  const proof = eventProof.parse(JSON.parse(p1.proof));
  const signed = proof.checkpoint.replace(/.(=*)\n$/, (last) =>
    last.startsWith('A') ? last.replace('A', 'E') : `A${last.slice(1)}`,
  );
  assert.notEqual(await fault({ ...p1, proof: JSON.stringify({ ...proof, checkpoint: signed }) }), 'proven');
  // A cosignature of the body itself, or one that does not verify, is no witness.
  const own = proof.cosignatures.map((line) => line.replace('tokyo', 'meguro'));
  const alone = await checkProof(portal.deps, { ...p1, proof: JSON.stringify({ ...proof, cosignatures: own }) });
  assert.ok(alone.state === 'proven' && alone.witnesses.length === 0);
});

test('in the browser: sign in with file and PIN, by keyboard; the PIN is never sent; list, record, proof and its download', async () => {
  await using portal = await aPortal(authority);
  await aHistory(portal);
  await withPage(async (page) => {
    const sent: string[] = [];
    page.on('request', (request) => sent.push(`${request.url()}\n${request.postData() ?? ''}`));
    await page.goto(`${portal.origin}/records`);
    assert.match(page.url(), /\/sign-in\?return=/);
    await expectAccessible(page);
    await screenshot(page, 'portal-sign-in');
    const file = { name: 'card.json', mimeType: 'application/json', buffer: Buffer.from(hanako.file) };
    await page.setInputFiles('#card-file', file);
    await page.focus('#card-pin');
    await page.keyboard.type('9999');
    await page.keyboard.press('Enter');
    await page.getByText('あと2回で使えなくなります').waitFor();
    await expectAccessible(page);
    await screenshot(page, 'portal-wrong-pin');
    await page.keyboard.type('1234');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/records');
    assert.ok(sent.every((text) => !text.includes('1234') && !text.includes('9999') && !text.includes('sealedKey')));

    await expectAccessible(page);
    await screenshot(page, 'portal-records');
    await page.getByRole('row', { name: /一方のみ/ }).waitFor();
    assert.equal(await page.getByRole('row', { name: /双方一致 不成立/ }).count(), 1);
    await page.goto(`${portal.origin}/records/${agreed}`);
    assert.equal(await page.getByText('証明が成り立ちました').count(), 2);
    await page.locator('details').first().locator('summary').press('Enter');
    await expectAccessible(page);
    await screenshot(page, 'portal-proof');
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, 'the page scrolls sideways');
    const saving = page.waitForEvent('download');
    await page
      .getByRole('link', { name: /証明をそのまま保存する/ })
      .first()
      .click();
    const chunks: Buffer[] = [];
    for await (const chunk of await (await saving).createReadStream()) chunks.push(chunk as Buffer);
    const bundle = JSON.parse(Buffer.concat(chunks).toString());
    const key = { name: bundle.keys.log.name, publicKey: Buffer.from(bundle.keys.log.publicKey, 'base64') };
    assert.ok(verifyEventProof(eventProof.parse(bundle.proof), key).ok); // with nothing but what was saved

    await page.goto(`${portal.origin}/records/${tampered}`);
    const red = page.locator('.notice-error', { hasText: '証明が成り立ちません' });
    assert.equal(await red.count(), 1);
    await expectAccessible(page);
    await screenshot(page, 'portal-proof-failed');
    await page.getByRole('button', { name: 'サインアウト' }).click();
    await page.waitForURL('**/sign-in');
    await page.goto(`${portal.origin}/records/${agreed}`);
    assert.match(page.url(), /\/sign-in/);
  });
  assert.deepEqual(portal.faults, []);
});

test('J07 in the browser: three wrong PINs lock the card, and the right one no longer opens it', async () => {
  await using portal = await aPortal(authority);
  await aHistory(portal);
  await withPage(async (page) => {
    await page.goto(`${portal.origin}/sign-in`);
    const file = { name: 'card.json', mimeType: 'application/json', buffer: Buffer.from(hanako.file) };
    await page.setInputFiles('#card-file', file);
    for (const [pin, answer] of [
      ['12', '数字4桁で入力してください'],
      ['0001', 'あと2回'],
      ['0002', 'あと1回'],
      ['0003', '3回誤ったため'],
      ['1234', '3回誤ったため'],
    ] as const) {
      await page.fill('#card-pin', pin);
      await page.getByRole('button', { name: 'サインイン' }).click();
      await page.locator('#card-message', { hasText: answer }).waitFor();
    }
    await page.reload();
    await page.setInputFiles('#card-file', file);
    await page.fill('#card-pin', '1234');
    await page.getByRole('button', { name: 'サインイン' }).click();
    await page.locator('#card-message', { hasText: '3回誤ったため' }).waitFor();
  });
  assert.deepEqual(await portal.owner('select 1 from mynaportal.session'), []);
});

test('without scripts the sign-in says what it needs, and nothing can be sent', async () => {
  await using portal = await aPortal(authority);
  await withPage(
    async (page) => {
      await page.goto(`${portal.origin}/sign-in`);
      assert.ok(await page.getByText('サインインにはスクリプトが必要です').isVisible());
      assert.ok(await page.getByRole('button', { name: 'サインイン' }).isDisabled());
      assert.equal(await page.locator('#card-pin[name], #card-file[name]').count(), 0);
    },
    { scripts: false },
  );
});
