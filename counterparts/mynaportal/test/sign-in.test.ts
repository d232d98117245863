import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliverLinkageCode } from '@musubi/contracts/exchange/endpoints.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import * as x509 from '@musubi/kernel/pki/x509.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import type pg from 'pg';
import { newChallenge } from '../service/challenge.ts';
import { createPortalSessions, portalCookie, signOut } from '../service/session.ts';
import { type SignIn, signInWithCard } from '../service/sign-in.ts';
import { mynaportalSchema } from '../store/schema-set.ts';
import { aCard, anAuthority, type TestCard } from './a-card.ts';
import { aPortal, codeOf, type TestPortal } from './a-portal.ts';

const authority = await anAuthority();
const hanako = await aCard(authority, { serial: '41' });

/** Shows the card to the portal's page. */
async function answer(portal: TestPortal, card: TestCard): Promise<SignIn> {
  const { text, seal } = newChallenge(portal.deps);
  const assertion = { certificate: card.certificate, challenge: text, signature: await card.sign(text) };
  return { assertion, seal };
}
const signIn = async (portal: TestPortal, card: TestCard) => signInWithCard(portal.deps, await answer(portal, card));
const refusals = (portal: TestPortal) =>
  portal.owner<{ refusal: string }>(
    `select body::jsonb->>'refusal' as refusal from audit.intake_event where body::jsonb->>'outcome' = 'refused'`,
  );
const visit = (portal: TestPortal, token: string) =>
  createPortalSessions(portal.deps).read(
    new Request(portal.origin, { headers: { cookie: `${portalCookie(false)}=${token}` } }),
  );

test('design §4.2: the first sign-in obtains the portal’s own code; a renewed card leads to the same account', async () => {
  await using portal = await aPortal(authority);
  portal.state.persons.set('41', 'hanako').set('42', 'hanako').set('43', 'taro');
  const first = unwrap(await signIn(portal, hanako));
  const again = unwrap(await signIn(portal, hanako));
  const renewed = unwrap(await signIn(portal, await aCard(authority, { serial: '42' })));
  const other = unwrap(await signIn(portal, await aCard(authority, { serial: '43' })));
  assert.equal(again.resident.subject, first.resident.subject);
  assert.equal(renewed.resident.subject, first.resident.subject);
  assert.notEqual(other.resident.subject, first.resident.subject);
  assert.equal((await portal.owner('select 1 from mynaportal.linkage_request')).length, 3); // one a card, not one a sign-in
  const [row] = await portal.owner<{ sealed_code: Buffer }>('select sealed_code from mynaportal.account');
  assert.ok(!row!.sealed_code.includes(Buffer.from(codeOf('hanako'))), 'the code stands in clear');
});

test('a challenge is answered once: the same answer again is a replay, also when both come at once', async () => {
  await using portal = await aPortal(authority);
  portal.state.persons.set('41', 'hanako');
  const given = await answer(portal, hanako);
  const both = await Promise.all([signInWithCard(portal.deps, given), signInWithCard(portal.deps, given)]);
  assert.equal(both.filter((result) => result.ok).length, 1);
  assert.ok(both.some((result) => !result.ok && result.error === 'challenge-replayed'));
  assert.deepEqual(await signInWithCard(portal.deps, given), err('challenge-replayed'));
});

test('a challenge of another place, another seal, or one that is too old is refused', async () => {
  await using portal = await aPortal(authority);
  const given = await answer(portal, hanako);
  const elsewhere = newChallenge({ ...portal.deps, origin: 'http://elsewhere.localhost' });
  const signature = await hanako.sign(elsewhere.text);
  const phished = { assertion: { ...given.assertion, challenge: elsewhere.text, signature }, seal: elsewhere.seal };
  assert.deepEqual(await signInWithCard(portal.deps, phished), err('challenge-unknown'));
  assert.deepEqual(await signInWithCard(portal.deps, { ...given, seal: elsewhere.seal }), err('challenge-unknown'));
  portal.pass({ minutes: 6 });
  assert.deepEqual(await signInWithCard(portal.deps, given), err('challenge-expired'));
});

test('公的個人認証 J01–J03: expired, foreign, wrong kind, with 基本4情報, or a signature of another text', async () => {
  await using portal = await aPortal(authority);
  const now = Temporal.Now.instant();
  const cases = [
    [await aCard(authority, { serial: '51', until: now.subtract({ minutes: 1 }) }), 'certificate-expired'],
    [await aCard(authority, { serial: '51', from: now.add({ minutes: 30 }) }), 'certificate-expired'],
    [await aCard(await anAuthority(), { serial: '51' }), 'certificate-refused'],
    [await aCard(authority, { serial: '51', policy: '1.2.392.200149.8.5.1.0.20' }), 'certificate-refused'],
    [
      await aCard(authority, {
        serial: '51',
        usage: x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.nonRepudiation,
      }),
      'certificate-refused',
    ],
    [await aCard(authority, { serial: '51', withSan: true }), 'certificate-refused'],
  ] as const;
  for (const [card, refusal] of cases) assert.deepEqual(await signIn(portal, card), err(refusal));
  const given = await answer(portal, hanako);
  const signature = await hanako.sign('something else');
  const forged = { ...given, assertion: { ...given.assertion, signature } };
  assert.deepEqual(await signInWithCard(portal.deps, forged), err('signature-wrong'));
  assert.equal((await refusals(portal)).length, cases.length + 1); // each refusal is recorded
  assert.deepEqual(await portal.owner('select 1 from mynaportal.session'), []);
});

mechanismTest('auth.resident-card', '失効した電子証明書ではサインインできない', async () => {
  await using portal = await aPortal(authority);
  portal.state.persons.set('41', 'hanako');
  portal.state.revoked.add('41');
  assert.deepEqual(await signIn(portal, hanako), err('certificate-revoked'));
});

test('no answer of the card service is no permission; no person and no delivery end without an account', async () => {
  await using portal = await aPortal(authority);
  portal.state.jpkiDown = true;
  assert.deepEqual(await signIn(portal, hanako), err('status-unavailable'));
  portal.state.jpkiDown = false;
  assert.deepEqual(await signIn(portal, hanako), err('no-such-person'));
  portal.state.persons.set('41', 'hanako');
  portal.state.deliverNothing = true;
  assert.deepEqual(await signIn(portal, hanako), err('linkage-unavailable'));
  portal.state.deliverNothing = false;
  assert.deepEqual(await portal.owner('select 1 from mynaportal.account'), []);
  assert.ok((await signIn(portal, hanako)).ok); // and the next try begins anew
});

test('訓練用の町でなければ、訓練用のカードは使えない', async () => {
  await using portal = await aPortal(authority, { town: false });
  assert.deepEqual(await signIn(portal, hanako), err('not-a-town'));
  const page = await (await portal.app.fetch(new Request(`${portal.origin}/sign-in`))).text();
  assert.ok(!page.includes('card-form') && page.includes('訓練用のカードは使えません'));
});

test('a code for a number that nobody asked for, a second code under one number, and a foreign sender are refused', async () => {
  await using portal = await aPortal(authority);
  portal.state.persons.set('41', 'hanako');
  unwrap(await signIn(portal, hanako));
  const [asked] = await portal.owner<{ n: string }>('select processing_number as n from mynaportal.linkage_request');
  const deliver = (client: 'root' | 'portal', processingNumber: string, person: string) =>
    portal.clients[client].call(
      deliverLinkageCode,
      'portal/mynaportal',
      {},
      { processingNumber, linkageCode: codeOf(person) },
    );
  assert.deepEqual(await deliver('root', portal.deps.newId(), 'hanako'), err('unknown-processing-number'));
  assert.deepEqual(await deliver('root', asked!.n, 'taro'), err('unknown-processing-number'));
  assert.deepEqual(await deliver('portal', asked!.n, 'hanako'), err('not-authorised'));
  assert.ok((await deliver('root', asked!.n, 'hanako')).ok); // the same again is the same
  assert.equal((await portal.owner('select 1 from mynaportal.account')).length, 1);
});

mechanismTest(
  'auth.idle-lock',
  '10分間操作がなければサインインは終わる; sign-out and a newer sign-in end it too',
  async () => {
    await using portal = await aPortal(authority);
    portal.state.persons.set('41', 'hanako');
    const { token, resident } = unwrap(await signIn(portal, hanako));
    portal.pass({ minutes: 9 });
    assert.deepEqual((await visit(portal, token))?.actor, resident);
    portal.pass({ minutes: 9 }); // the visit before counted
    assert.ok(await visit(portal, token));
    unwrap(await signOut(portal.deps, resident, null));
    assert.equal(await visit(portal, token), undefined);
    const second = unwrap(await signIn(portal, hanako));
    const third = unwrap(await signIn(portal, hanako));
    assert.equal(await visit(portal, second.token), undefined);
    portal.pass({ minutes: 10 });
    assert.equal(await visit(portal, third.token), undefined);
  },
);

test('every column stands in the catalogue', async () => {
  await using portal = await aPortal(authority);
  const client = { query: async (text: string) => ({ rows: await portal.owner(text) }) } as unknown as pg.ClientBase;
  const faults = await checkCatalogue(client, await readCatalogue([mynaportalSchema]));
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('mynaportal.')),
    [],
  );
});
