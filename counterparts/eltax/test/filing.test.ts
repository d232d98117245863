import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { submissionType, submitReports } from '@musubi/contracts/eltax/submission.ts';
import { readJws, signJws } from '@musubi/kernel/crypto/jws.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { startFaultRelay } from '@musubi/kernel/http/fault-relay.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { askStatus, sealFile, signManifest, submit } from '../client/submit.ts';
import { aFile, anOrder, aPortal, aRecord, aSummary, identity, otherNumber, type Portal } from './a-portal.ts';

const receptions = (portal: Portal) => portal.t.owner<{ n: number }>('select count(*)::int as n from eltax.reception');
const portalKey = () => new X509Certificate(identity('portal').encryption.chain[0]!);
const refused = (result: { ok: boolean; error?: unknown }): unknown => (result.ok ? 'accepted' : result.error);

test('002-W03-4 a payer files over TLS with its signature and holds a receipt that verifies (受付番号, 受付通知)', async () => {
  await using portal = await aPortal();
  const filer = await portal.filer('payer');
  const order = anOrder(portal, aFile(aRecord({ name: 'a' }), aRecord({ name: 'b' })));
  const { receipt } = unwrap(await submit(filer, order));
  assert.match(receipt.receptionNumber, /^20260130[0-9]{8}$/);
  assert.deepEqual([receipt.records, receipt.submissionId, receipt.receivedOn], [2, order.submissionId, '2026-01-30']);
  assert.equal(unwrap(await askStatus(filer, order.submissionId)).state, 'received');

  await portal.examine();
  const state = unwrap(await askStatus(filer, order.submissionId));
  assert.equal(state.state, 'accepted');
  assert.deepEqual(state.parts, [
    { municipality: '131105', records: 2, state: 'waiting', accepted: null, rejected: null, reason: null },
  ]);
});

test('INC-12 the same submission again gets the stored receipt, encrypted and signed anew or not', async () => {
  await using portal = await aPortal();
  const filer = await portal.filer('payer');
  const order = anOrder(portal, aFile(aRecord()));
  const first = unwrap(await submit(filer, order));
  assert.equal(unwrap(await submit(filer, order)).text, first.text);
  assert.deepEqual(await receptions(portal), [{ n: 1 }]);
  assert.equal(
    refused(await submit(filer, { ...order, file: aFile(aRecord({ name: 'other' })) })),
    'submission-id-reused',
  );
  assert.equal(refused(await submit(filer, { ...order, payerName: '別の名称' })), 'submission-id-reused');
});

test('INC-12 two at once and a network that cuts: exactly one reception, and whoever asks long enough has its receipt', async () => {
  await using portal = await aPortal();
  await using relay = await startFaultRelay({ port: portal.port }, 'last-days', { cutPerMille: 120 });
  const filer = await portal.filer('payer', relay.port);
  const order = anOrder(portal, aFile(...Array.from({ length: 40 }, (_, i) => aRecord({ name: `n${i}` }))));
  const untilReceipted = async (): Promise<string> => {
    for (let i = 0; i < 60; i++) {
      const answer = await submit(await portal.filer('payer', relay.port), order, { tries: 1 });
      if (answer.ok) return answer.value.text;
      assert.match(answer.error, /^peer-|circuit-open/);
    }
    return assert.fail('no receipt');
  };
  const [one, two] = await Promise.all([untilReceipted(), untilReceipted()]);
  relay.setFaults({});
  assert.equal(one, two);
  assert.equal(unwrap(await submit(filer, order)).text, one);
  assert.ok(relay.counts.cut > 0);
  assert.deepEqual(await receptions(portal), [{ n: 1 }]);
});

test('a file cut in half on its way is not received; the whole file under the same submission id then is', async () => {
  await using portal = await aPortal();
  const filer = await portal.filer('payer');
  const order = anOrder(portal, aFile(aRecord({ name: 'a' }), aRecord({ name: 'b' })));
  const manifest = signManifest(filer.identity, order);
  const half = sealFile(portalKey(), order.submissionId, order.file.subarray(0, order.file.length / 2));
  const answer = await filer.peers.call(submitReports, 'eltax/eltax', {}, { manifest, file: half });
  assert.equal(refused(answer), 'file-incomplete');
  assert.deepEqual(await receptions(portal), [{ n: 0 }]);
  assert.ok((await submit(filer, order)).ok);
});

mechanismTest('input.duplicate-file', 'INC-22 the same file under another submission id is refused', async () => {
  await using portal = await aPortal();
  const filer = await portal.filer('payer');
  const file = aFile(aRecord());
  unwrap(await submit(filer, anOrder(portal, file)));
  assert.equal(refused(await submit(filer, anOrder(portal, file))), 'duplicate-file');
  assert.deepEqual(await receptions(portal), [{ n: 1 }]);
});

test('a file that was returned may be filed again', async () => {
  await using portal = await aPortal();
  const filer = await portal.filer('payer');
  const file = aFile(aRecord());
  const wrong = anOrder(portal, file, { records: 2 });
  unwrap(await submit(filer, wrong));
  await portal.examine();
  const state = unwrap(await askStatus(filer, wrong.submissionId));
  assert.deepEqual([state.state, state.reasons, state.parts], ['returned', [{ code: 'records-differ', rows: [] }], []]);
  unwrap(await submit(filer, anOrder(portal, file)));
});

mechanismTest('transport.signed-message', 'a manifest that someone else’s key signed is refused', async () => {
  await using portal = await aPortal();
  const filer = await portal.filer('payer');
  const order = anOrder(portal, aFile(aRecord()));
  const jws = readJws(signManifest(filer.identity, order), { typ: submissionType });
  assert.ok(jws.ok);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const manifest = signJws({
    key: privateKey,
    typ: submissionType,
    signer: { x5c: identity('payer').signing.chain },
    payload: jws.value.payload as object,
  });
  const file = sealFile(portalKey(), order.submissionId, order.file);
  assert.equal(refused(await filer.peers.call(submitReports, 'eltax/eltax', {}, { manifest, file })), 'bad-signature');
});

mechanismTest(
  'auth.filer-identity',
  'nobody files for another payer, with its own signature or a borrowed one',
  async () => {
    await using portal = await aPortal();
    const other = await portal.filer('otherPayer');
    const order = anOrder(portal, aFile(aRecord()));
    const borrowed = signManifest({ ...identity('payer') }, order);
    const file = sealFile(portalKey(), order.submissionId, order.file);
    const answer = await other.peers.call(submitReports, 'eltax/eltax', {}, { manifest: borrowed, file });
    assert.equal(refused(answer), 'other-payer');
  },
);

test('neither a municipality nor a file for another reader is accepted; another payer’s filing is not shown', async () => {
  await using portal = await aPortal();
  const filer = await portal.filer('payer');
  const order = anOrder(portal, aFile(aRecord()));
  const manifest = signManifest(filer.identity, order);
  const file = sealFile(portalKey(), order.submissionId, order.file);
  const ward = await portal.peers('meguro').call(submitReports, 'eltax/eltax', {}, { manifest, file });
  assert.equal(refused(ward), 'not-authorised');
  const wardKey = new X509Certificate(identity('meguro').encryption.chain[0]!);
  const foreign = sealFile(wardKey, order.submissionId, order.file);
  assert.equal(
    refused(await filer.peers.call(submitReports, 'eltax/eltax', {}, { manifest, file: foreign })),
    'cannot-open',
  );
  const otherId = sealFile(portalKey(), portal.newId(), order.file);
  assert.equal(
    refused(await filer.peers.call(submitReports, 'eltax/eltax', {}, { manifest, file: otherId })),
    'cannot-open',
  );
  unwrap(await submit(filer, order));
  assert.equal(refused(await askStatus(await portal.filer('otherPayer'), order.submissionId)), 'no-such-submission');
});

test('a record of another payer in the file: returned whole, with the record’s number and no value', async () => {
  await using portal = await aPortal();
  const filer = await portal.filer('payer');
  const order = anOrder(portal, aFile(aRecord({ name: 'a' }), aRecord({ name: 'b', payer: otherNumber })));
  unwrap(await submit(filer, order));
  await portal.examine();
  const state = unwrap(await askStatus(filer, order.submissionId));
  assert.deepEqual(state.reasons, [{ code: 'other-payer', rows: [2] }]);
});

test('design §3 a filed Individual Number stands in the sealed store alone, not in a row or an event', async () => {
  await using portal = await aPortal();
  const number = makeIndividualNumber(systemRandom).digits();
  const filer = await portal.filer('payer');
  const order = anOrder(portal, aFile(aRecord({ number: `0${number}` })), { summaries: [aSummary('131105', 1)] });
  unwrap(await submit(filer, order));
  await portal.examine();
  const tables = await portal.t.owner<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  for (const { name } of tables) {
    const [found] = await portal.t.owner<{ n: number }>(
      `select count(*)::int as n from ${name} t where to_jsonb(t)::text like '%' || $1 || '%'
          or to_jsonb(t)::text like '%' || encode(convert_to($1, 'UTF8'), 'hex') || '%'`,
      [number],
    );
    assert.equal(found!.n, 0, name);
  }
  assert.ok(tables.length > 10);
});
