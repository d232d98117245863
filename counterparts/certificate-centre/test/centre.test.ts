import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { type KofuAnswer, reportOutcome, requestCertificate } from '@musubi/contracts/certificates/kofu.ts';
import { cardAuthorities, certificateStatus } from '@musubi/contracts/portal/card.ts';
import { challengeText } from '@musubi/contracts/portal/card-file.ts';
import { issueCardAuthority, issueCardCertificate } from '@musubi/jpki/ca/certificate.ts';
import { profiles } from '@musubi/jpki/ca/profile.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { askForCertificate, stateOutcome as kioskStates } from '../client/kiosk.ts';
import type { Deps } from '../deps.ts';
import { rights } from '../rights.ts';
import { giveChallenge, requestFromKiosk, stateOutcome } from '../service/kiosk.ts';
import { certificateCentreSchema } from '../store/schema-set.ts';

const kind = profiles['user-authentication'];
const now = Temporal.Now.instant();
const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 10 }) };
const newKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const authority = await issueCardAuthority(kind, newKey().privateKey, '42', validity);
const otherAuthority = await issueCardAuthority(kind, newKey().privateKey, '43', validity);
const aCard = async (serial: string, by = authority) => {
  const { privateKey, publicKey } = newKey();
  const order = { profile: kind, publicKey, serial, commonName: serial, ...validity, training: true };
  return {
    serial,
    certificate: (await issueCardCertificate(by, order)).toString('base64'),
    sign: async (text: string) => sign('sha256', Buffer.from(text), privateKey).toString('base64'),
  };
};
const [cardA, cardB, stranger] = await Promise.all([aCard('a1'), aCard('b2'), aCard('a1', otherAuthority)]);
const machine = { kind: 'system', organisation: 'store', system: 'kiosk', certificate: '-' } as const;

type Body = (request: { requestId: string; certSerial: string }) => KofuAnswer;
const paper: Body = ({ requestId, certSerial }) => ({
  requestId,
  result: '00',
  pages: 1,
  fee: 300,
  documentNo: `KS-2026-${requestId.slice(-8)}`,
  issuedAt: '2026-11-21T12:00:00+09:00',
  certSerial,
  pdfBase64: Buffer.from(`paper of ${certSerial}`).toString('base64'),
});

async function aCentre(options: { body?: Body; revoked?: string } = {}) {
  const t = await testDatabase([auditSchema, certificateCentreSchema], {
    audit: auditSink({ instance: 'jlis/certificate-centre', random: seededRandom('salts') }),
    rights: createRights(rights, 'jlis', { rolesOf: async () => [] }),
  });
  const alarms: string[] = [];
  const outcomes: unknown[] = [];
  const state = { body: options.body ?? paper, reachable: true };
  const call = async (endpoint: { id: string }, _peer: string, params: unknown, given: never) => {
    if (endpoint.id === cardAuthorities.id)
      return ok({ signature: '', userAuthentication: authority.certificate.toString('base64') });
    if (endpoint.id === certificateStatus.id)
      return ok({
        state: (given as { serial: string }).serial === options.revoked ? 'revoked' : 'good',
        checkedAt: '',
      });
    if (!state.reachable) return err('peer-timeout');
    if (endpoint.id === requestCertificate.id) return ok(state.body(given));
    assert.equal(endpoint.id, reportOutcome.id);
    outcomes.push([params, given]);
    return ok({ recorded: true });
  };
  const deps: Deps = {
    ...t.deps,
    machineClock: { now: () => now },
    peers: { call } as unknown as PeerClient,
    alarms: { raise: (code) => void alarms.push(code) },
    jpki: 'jlis/jpki',
    bodies: new Map([['131105', 'meguro/convenience-certificates']]),
    origin: 'https://certificate-centre.invalid',
  };
  /** A machine that reaches the centre's acts without a wire. */
  const kiosk = {
    centre: 'jlis/certificate-centre',
    kioskId: '7E-0012345',
    peers: {
      call: async (endpoint: { id: string }, _peer: string, params: never, given: never) =>
        endpoint.id === 'certificate-centre.challenge'
          ? giveChallenge(deps, machine, undefined)
          : endpoint.id === 'certificate-centre.request'
            ? requestFromKiosk(deps, machine, given)
            : stateOutcome(deps, machine, { ...(params as object), ...(given as object) } as never),
    } as unknown as PeerClient,
  };
  return Object.assign(t, { deps, kiosk, alarms, outcomes, state, [Symbol.asyncDispose]: t[Symbol.asyncDispose] });
}
const choiceOf = (n: number, card: Awaited<ReturnType<typeof aCard>>) => ({
  requestId: `01JX0000000000000000${`${n}`.padStart(6, '0')}`,
  municipality: '131105',
  certType: '04' as const,
  taxYear: '2026',
  copies: 1,
  certificate: card.certificate,
  sign: card.sign,
});

test('002 ⑫ W12 端末からの申請: カードの署名を確かめ、区に聞き、印刷の結果を区が先に聞く', async () => {
  await using c = await aCentre();
  const answer = unwrap(await askForCertificate(c.kiosk, choiceOf(1, cardA)));
  assert.ok(answer.result === '00');
  assert.equal(Buffer.from(answer.pdfBase64, 'base64').toString(), 'paper of a1');
  const { requestId } = choiceOf(1, cardA);
  const printed = { outcome: 'printed', feeReceived: 300 } as const;
  assert.ok((await kioskStates(c.kiosk, requestId, printed)).ok);
  assert.ok((await kioskStates(c.kiosk, requestId, printed)).ok);
  assert.deepEqual(await kioskStates(c.kiosk, requestId, { outcome: 'cancelled', feeReceived: 0 }), {
    ok: false,
    error: 'outcome-already-stated',
  });
  assert.equal(c.outcomes.length, 2);
  assert.deepEqual(await kioskStates(c.kiosk, choiceOf(2, cardA).requestId, printed), {
    ok: false,
    error: 'no-such-request',
  });
});

test('N01 カード: 失効、別の認証局、別の文への署名、使われた署名、知らない団体は拒まれ、区には何も届かない', async () => {
  await using c = await aCentre({ revoked: 'b2' });
  let asked = 0;
  c.state.body = (request) => {
    asked++;
    return paper(request);
  };
  const fault = async (choice: Parameters<typeof askForCertificate>[1]) => {
    const done = await askForCertificate(c.kiosk, choice);
    return done.ok ? done.value.result : done.error;
  };
  assert.equal(await fault(choiceOf(1, cardB)), 'certificate-not-valid');
  assert.equal(await fault(choiceOf(2, stranger)), 'assertion-refused');
  assert.equal(await fault({ ...choiceOf(3, cardA), sign: () => cardA.sign('another text') }), 'assertion-refused');
  assert.equal(await fault({ ...choiceOf(4, cardA), municipality: '131121' }), 'no-such-body');
  const own = challengeText({
    origin: c.deps.origin,
    until: now.add({ minutes: 1 }).toString(),
    nonce: 'x'.repeat(43),
  });
  const forged = { certificate: cardA.certificate, challenge: own, signature: await cardA.sign(own) };
  const { sign: _sign, certificate: _certificate, ...request } = choiceOf(5, cardA);
  const send = (n: number, assertion: typeof forged) =>
    requestFromKiosk(c.deps, machine, { ...request, requestId: choiceOf(n, cardA).requestId, kioskId: 'K', assertion });
  assert.deepEqual(await send(5, forged), { ok: false, error: 'assertion-refused' });
  assert.equal(asked, 0);

  const { challenge } = unwrap(await giveChallenge(c.deps, machine, undefined));
  const assertion = { certificate: cardA.certificate, challenge, signature: await cardA.sign(challenge) };
  assert.ok((await send(6, assertion)).ok);
  assert.deepEqual(await send(7, assertion), { ok: false, error: 'assertion-used' });
  assert.ok((await send(6, assertion)).ok);
  // The number of a request before, with the card of the next person (INC-55).
  const next = unwrap(await giveChallenge(c.deps, machine, undefined)).challenge;
  const other = await aCard('c3');
  assert.deepEqual(
    await send(6, { certificate: other.certificate, challenge: next, signature: await other.sign(next) }),
    { ok: false, error: 'request-key-reused' },
  );
});

test('INC-01 INC-08 INC-55 区が別の人の証明書を返したときは端末に渡らず、警報が上がる', async () => {
  await using c = await aCentre();
  c.state.body = ({ requestId }) => paper({ requestId, certSerial: 'b2' });
  const answer = unwrap(await askForCertificate(c.kiosk, choiceOf(1, cardA)));
  assert.equal(answer.result, '90');
  assert.ok(!('pdfBase64' in answer));
  c.state.body = ({ certSerial }) => paper({ requestId: choiceOf(9, cardA).requestId, certSerial });
  assert.equal(unwrap(await askForCertificate(c.kiosk, choiceOf(2, cardA))).result, '90');
  assert.deepEqual(c.alarms, ['certificates.subject-differs', 'certificates.subject-differs']);
  // One paper never becomes another.
  c.state.body = paper;
  assert.equal(unwrap(await askForCertificate(c.kiosk, choiceOf(3, cardA))).result, '00');
  c.state.body = (request) => ({ ...paper(request), documentNo: 'KS-2026-00000099' }) as KofuAnswer;
  assert.equal(unwrap(await askForCertificate(c.kiosk, choiceOf(3, cardA))).result, '90');
  assert.equal(c.alarms.length, 3);
});

test('§3.1 端末の文言: 発行制限の理由は示さず、区につながらないときは手数料なしと伝え、後で同じ番号で受け取れる', async () => {
  await using c = await aCentre();
  const texts = new Set<string>();
  for (const [n, result] of (['10', '11', '12', '20', '21', '30'] as const).entries()) {
    c.state.body = ({ requestId }) => ({ requestId, result });
    const shown = unwrap(await askForCertificate(c.kiosk, choiceOf(n, cardA)));
    assert.ok(shown.result !== '00');
    texts.add(shown.text);
  }
  assert.equal(texts.size, 1);
  c.state.reachable = false;
  const lost = unwrap(await askForCertificate(c.kiosk, choiceOf(20, cardA)));
  assert.ok(lost.result === '90' && lost.text.includes('手数料はいただいていません'));
  const outcome = { requestId: choiceOf(20, cardA).requestId, outcome: 'printed', feeReceived: 300 } as const;
  assert.deepEqual(await stateOutcome(c.deps, machine, outcome), { ok: false, error: 'no-document' });
  c.state.reachable = true;
  c.state.body = paper;
  assert.equal(unwrap(await askForCertificate(c.kiosk, choiceOf(20, cardA))).result, '00');
});

test('design §2.7 証明書交付センター: every column stands in the catalogue, and no paper is kept', async () => {
  await using c = await aCentre();
  const client = { query: async (text: string) => ({ rows: await c.owner(text) }) };
  const faults = await checkCatalogue(client as never, await readCatalogue([certificateCentreSchema]));
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('certificate_centre.')),
    [],
  );
});
