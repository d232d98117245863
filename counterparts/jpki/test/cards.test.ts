import assert from 'node:assert/strict';
import { verify, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { parseCardFile } from '@musubi/contracts/portal/card-file.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { modulus11CheckDigit } from '@musubi/kernel/identifiers/check-digits.ts';
import * as x509 from '@musubi/kernel/pki/x509.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import type pg from 'pg';
import { particularsExtension } from '../ca/particulars-extension.ts';
import { profiles } from '../ca/profile.ts';
import { SoftwareCard } from '../card/software-card.ts';
import { issueCard } from '../service/issue-card.ts';
import { revoke } from '../service/revoke.ts';
import { certificateState, currentList, publishLists } from '../service/status.ts';
import { jpkiSchema } from '../store/schema-set.ts';
import { aJpki, authorities, conductor, hanako, portal } from './a-town.ts';

const codeOf = (body: string) => `${body}${modulus11CheckDigit(body)}`;
const order = { ...hanako, residentRecordCode: codeOf('1000000000') };
const read = (card: SoftwareCard, name?: 'signature') => {
  const der = Buffer.from(card.certificate(name));
  return { node: new X509Certificate(der), form: new x509.X509Certificate(new Uint8Array(der)) };
};

test('公的個人認証 §2, J03: the profile of both certificates, read by two other libraries', async () => {
  await using t = await aJpki();
  const issued = unwrap(await issueCard(t.jpki, conductor, order));
  const card = unwrap(SoftwareCard.open(issued.cardFile));
  for (const [name, kind] of [
    ['userAuthentication', 'user-authentication'],
    ['signature', 'signature'],
  ] as const) {
    const { node, form } = read(card, name as 'signature');
    const ca = new X509Certificate(authorities[kind].certificate);
    assert.ok(node.checkIssued(ca) && node.verify(ca.publicKey) && !node.ca);
    assert.ok(ca.ca && ca.verify(ca.publicKey));
    assert.equal(node.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
    assert.equal(
      node.issuer,
      `C=JP\nO=JPKI\nOU=${profiles[kind].authority}\nOU=Japan Agency for Local Authority Information Systems`,
    );
    assert.match(node.subject, /\nCN=T[0-9A-F]{32}$/);
    assert.deepEqual(
      [...form.getExtension(x509.CertificatePolicyExtension)!.policies],
      [profiles[kind].policy.training],
    );
    const usage = form.getExtension(x509.KeyUsagesExtension)!;
    assert.ok(usage.critical);
    const flags = x509.KeyUsageFlags;
    assert.equal(
      usage.usages,
      kind === 'signature' ? flags.digitalSignature | flags.nonRepudiation : flags.digitalSignature,
    );
    assert.equal(form.notAfter.toISOString(), '2031-04-01T14:59:59.000Z');
  }
  const san = read(card, 'signature').form.getExtension('2.5.29.17');
  const expected = particularsExtension({ ...hanako, birthDate: Temporal.PlainDate.from(hanako.birthDate) });
  assert.ok(expected.equals(Buffer.from(san!.value)));
  const user = read(card);
  assert.equal(user.form.getExtension('2.5.29.17'), null);
  for (const personal of ['佐藤', '目黒', '19800401', order.residentRecordCode])
    assert.ok(
      !user.node.raw.includes(Buffer.from(personal)),
      `${personal} stands in the user-authentication certificate`,
    );
});

test('J07: 利用者証明用の暗証番号は3回、署名用は5回の誤りで使えなくなる; a right one sets the counter back', async () => {
  await using t = await aJpki();
  const { cardFile } = unwrap(await issueCard(t.jpki, conductor, order));
  const card = unwrap(SoftwareCard.open(cardFile));
  assert.deepEqual(await card.signChallenge('12345', 'x'), err('malformed-pin'));
  assert.equal(card.triesLeft('userAuthentication'), 3);
  assert.deepEqual(await card.signChallenge('0000', 'x'), err('wrong-pin'));
  const signature = unwrap(await card.signChallenge('1234', 'text'));
  assert.ok(verify('sha256', Buffer.from('text'), read(card).node.publicKey, Buffer.from(signature, 'base64')));
  assert.equal(card.triesLeft('userAuthentication'), 3);
  const many = await Promise.all(['0000', '0001', '0002', '1234'].map((pin) => card.signChallenge(pin, 'x')));
  assert.deepEqual(many.at(-1), err('locked')); // four at once get three tries
  assert.deepEqual(await card.signChallenge('1234', 'x'), err('locked'));
  assert.equal(card.triesLeft('signature'), 5);
  for (let i = 1; i < 5; i++) assert.deepEqual(await card.signChallenge('WRONG1', 'x', 'signature'), err('wrong-pin'));
  assert.deepEqual(await card.signChallenge('WRONG1', 'x', 'signature'), err('locked'));
  assert.deepEqual(await card.signChallenge('ABC123', 'x', 'signature'), err('locked'));
});

test('a card file is marked 訓練用, holds no PIN and no key in clear; other texts are no card', async () => {
  await using t = await aJpki();
  const { cardFile } = unwrap(await issueCard(t.jpki, conductor, order));
  assert.match(cardFile, /訓練用/);
  assert.ok(!cardFile.includes('ABC123') && !cardFile.includes('PRIVATE KEY') && !cardFile.includes('"1234"'));
  const file = JSON.parse(cardFile);
  for (const text of [
    '',
    '[]',
    'null',
    JSON.stringify({ ...file, format: 'other' }),
    JSON.stringify({ ...file, userAuthentication: { ...file.userAuthentication, iterations: 5e9 } }),
    JSON.stringify({ ...file, signature: { ...file.signature, iv: '*' } }),
  ])
    assert.equal(parseCardFile(text), undefined);
});

test('訓練用の町でなければ発行しない; a code with a wrong check digit and a caller without the right are refused', async () => {
  await using real = await aJpki({ town: false });
  assert.deepEqual(await issueCard(real.jpki, conductor, order), err('not-a-town'));
  assert.deepEqual(await real.owner('select 1 from jpki.card_certificate'), []);
  await using t = await aJpki();
  const wrong = `${order.residentRecordCode.slice(0, 10)}${(Number(order.residentRecordCode[10]) + 1) % 10}`;
  assert.deepEqual(await issueCard(t.jpki, conductor, { ...order, residentRecordCode: wrong }), err('not-a-code'));
  assert.deepEqual(await issueCard(t.jpki, portal, order), err('not-authorised'));
  assert.deepEqual(
    await certificateState(t.jpki, conductor, { kind: 'signature', serial: '1' }),
    err('not-authorised'),
  );
});

test('one person, one card: a second order ends the first card; two at once leave one standing', async () => {
  await using t = await aJpki();
  const cards = [unwrap(await issueCard(t.jpki, conductor, order))];
  cards.push(
    ...(await Promise.all([issueCard(t.jpki, conductor, order), issueCard(t.jpki, conductor, order)])).map(unwrap),
  );
  const states = await Promise.all(
    cards.map(async (card) =>
      unwrap(
        await certificateState(t.jpki, portal, { kind: 'user-authentication', serial: card.userAuthenticationSerial }),
      ),
    ),
  );
  assert.equal(states.filter(({ state }) => state === 'good').length, 1);
  assert.equal(states[0]!.state, 'revoked');
  assert.equal((await t.owner('select 1 from jpki.holder')).length, 1);
});

test('失効: status and the numbered list say it at once, a repeat changes nothing, an unknown serial is unknown', async () => {
  await using t = await aJpki();
  const { cardNumber, userAuthenticationSerial: serial } = unwrap(await issueCard(t.jpki, conductor, order));
  const kind = 'user-authentication' as const;
  const state = async (of: string) => unwrap(await certificateState(t.jpki, portal, { kind, serial: of })).state;
  assert.deepEqual(unwrap(await currentList(t.jpki, portal, { kind })), undefined);
  unwrap(await publishLists(t.jpki, { kind: 'job', name: 'lists' }, null));
  assert.equal(await state(serial), 'good');
  assert.deepEqual(unwrap(await revoke(t.jpki, conductor, { cardNumber, reason: 'lost' })), { revoked: 2 });
  assert.deepEqual(unwrap(await revoke(t.jpki, conductor, { cardNumber, reason: 'lost' })), { revoked: 0 });
  assert.equal(await state(serial), 'revoked');
  assert.equal(await state('ff'), 'unknown');
  assert.deepEqual(
    await revoke(t.jpki, conductor, { cardNumber: t.jpki.newId(), reason: 'lost' }),
    err('no-such-card'),
  );
  unwrap(await publishLists(t.jpki, { kind: 'job', name: 'lists' }, null));
  const list = unwrap(await currentList(t.jpki, portal, { kind }))!;
  assert.equal(list.number, 2);
  const crl = new x509.X509Crl(Buffer.from(list.crl, 'base64'));
  const issuer = new x509.X509Certificate(new Uint8Array(authorities[kind].certificate));
  assert.ok(await crl.verify({ publicKey: issuer }));
  assert.equal(crl.issuer, issuer.subject);
  assert.deepEqual(
    crl.entries.map((entry) => entry.serialNumber),
    [serial],
  );
});

test('every column stands in the catalogue', async () => {
  await using t = await aJpki();
  const client = { query: async (text: string) => ({ rows: await t.owner(text) }) } as unknown as pg.ClientBase;
  const faults = await checkCatalogue(client, await readCatalogue([jpkiSchema]));
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('jpki.')),
    [],
  );
});
