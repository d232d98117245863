import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { nationalRegister } from '@musubi/contracts/juki/national-client.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import { type Identity, pemOf } from '@musubi/kernel/pki/identity.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { inquire } from '../service/inquiry.ts';
import { startInquiryWorld } from './inquiry-world.ts';

/* 全国サーバ and those who pretend to be it: a bare TLS server that counts every byte of content that reaches it. */

const world = await startInquiryWorld();
after(() => world[Symbol.asyncDispose]());
const now = systemMachineClock.now();
const ceremony = await holdCeremony(now);
const stranger = await holdCeremony(now);
const hours = (from: number, until: number) => ({ from: now.add({ hours: from }), until: now.add({ hours: until }) });
const jlis = { organisation: 'jlis', system: 'national-juki' };
const tokyo = await issueIdentity(
  ceremony.issuing,
  { organisation: 'tokyo', system: 'prefectural-juki' },
  hours(-1, 24),
);
const genuine = await issueIdentity(ceremony.issuing, jlis, hours(-1, 24));
const revoked = await issueIdentity(ceremony.issuing, jlis, hours(-1, 24));
const serial = new X509Certificate(revoked.tls.chain[0]!).serialNumber.toLowerCase();
const trust = await trustWithCrl(ceremony, now, [serial]);

interface Heard {
  bytes: number;
  readonly port: number;
  close(): void;
}
async function listenAs(identity: Identity): Promise<Heard> {
  const { key, chain } = identity.tls;
  const server = createServer({
    key: key.export({ type: 'pkcs8', format: 'pem' }),
    cert: chain.map((der) => pemOf(der)).join(''),
    minVersion: 'TLSv1.3',
    requestCert: true,
    rejectUnauthorized: false,
  });
  const heard = { bytes: 0, port: 0, close: () => void server.close() };
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('data', (chunk: Buffer) => {
      heard.bytes += chunk.byteLength;
      socket.destroy();
    });
    socket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  heard.port = (server.address() as AddressInfo).port;
  return heard;
}

/** One inquiry of another prefecture's person, with `shown` at the national server's address. */
async function askedWith(shown: Identity) {
  const heard = await listenAs(shown);
  const told: { code: string; word: unknown }[] = [];
  const peers = createPeerClient({
    identity: tokyo,
    trust,
    machineClock: systemMachineClock,
    directory: () => `https://127.0.0.1:${heard.port}`,
    tries: 1,
  });
  const national = nationalRegister(
    {
      ...world.tokyo.host,
      identity: tokyo,
      trust,
      peers,
      certificateOf: async () => genuine.encryption.chain,
      alarms: { raise: (code, detail) => void told.push({ code, word: detail.word }) },
    },
    'jlis/national-juki',
  );
  const task = await world.task({ includesOtherPrefectures: true });
  const document = `誤った相手-${task.code}`;
  const actor = { kind: 'system', organisation: 'suido', system: 'register-inquirer', certificate: 'c' } as const;
  const key = {
    kind: 'four-items',
    name: '他県　花子',
    birthDate: '1980-01-01',
    address: '大阪府大阪市北区1',
  } as const;
  const inquiry = { inquiryId: world.deps.newId(), taskCode: task.code, document, operator: 'W-7', items: null };
  const answer = unwrap(await inquire({ ...world.deps, national }, actor, { ...inquiry, key, useEntryId: null }));
  await peers.close();
  heard.close();
  return { answer, bytes: heard.bytes, told, records: await world.records(document) };
}

const wrong: readonly (readonly [string, Identity])[] = [
  ['未知の認証局の証明書', await issueIdentity(stranger.issuing, jlis, hours(-1, 24))],
  ['期限の切れた証明書', await issueIdentity(ceremony.issuing, jlis, hours(-48, -24))],
  ['失効した証明書', revoked],
  ['ほかの機関の証明書', await issueIdentity(ceremony.issuing, { ...jlis, organisation: 'osaka' }, hours(-1, 24))],
];
for (const [what, shown] of wrong)
  test(`003 scenario 17 全国サーバが${what}を示すとき、1バイトも送らず警報を上げ、断った記録を残す`, async () => {
    const { answer, bytes, told, records } = await askedWith(shown);
    assert.deepEqual(answer, { kind: 'refused', refusal: 'national-unavailable' });
    assert.equal(bytes, 0);
    assert.deepEqual(told, [{ code: 'national-peer-refused', word: 'wrong-peer' }]);
    assert.deepEqual(
      records.map((r) => [r.result, r.refusal, r.source, r.items.length]),
      [['refused', 'national-unavailable', 'national', 0]],
    );
  });

test('003 scenario 17 正しい証明書には照会が届く（この数え方が働くことの確かめ）', async () => {
  const { bytes, told } = await askedWith(genuine);
  assert.ok(bytes > 500);
  assert.deepEqual(told, []);
});

mechanismTest('transport.mtls-both-sides', '003-III.5-R2-A02 認証できない全国サーバには何も提供されない', async () => {
  const { bytes } = await askedWith(wrong[3]![1]);
  assert.equal(bytes, 0);
});
