import assert from 'node:assert/strict';
import { connect as tlsConnect } from 'node:tls';
import { z } from 'zod';
import { systemMachineClock } from '../../clocks/clock.ts';
import { mechanismTest } from '../../enforcement/testing.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '../../pki/authority.ts';
import { keyPem, pemOf } from '../../pki/identity.ts';
import { partyDnsName } from '../../pki/party.ts';
import { err, ok } from '../../result/result.ts';
import { createPeerClient } from '../client.ts';
import { defineEndpoint } from '../endpoint.ts';
import { createPeerServer, type PeerServerOptions, type Route, route } from '../server.ts';

const now = Temporal.Now.instant();
const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 24 }) };
const ceremony = await holdCeremony(now);
const trust = await trustWithCrl(ceremony, now);
const network = { organisation: 'ins', system: 'information-providing-network' };
const caller = { organisation: 'meguro', system: 'intermediate-server' };
const serverIdentity = await issueIdentity(ceremony.issuing, network, validity);
const clientIdentity = await issueIdentity(ceremony.issuing, caller, validity);
const id = 'ins/information-providing-network';

const ask = defineEndpoint({
  id: 'test.ask',
  method: 'POST',
  path: '/inquiries',
  request: z.strictObject({ inquiryNumber: z.string() }),
  response: z.strictObject({ caller: z.string() }),
  right: ['test', 'inquiry', 'update'],
});
const enrol = defineEndpoint({ ...ask, id: 'test.enrol', path: '/enrolments', callers: 'anyone', errors: [] });
const answer = (endpoint: typeof ask): Route =>
  route(endpoint, async ({ actor }) => ok({ caller: `${actor.organisation}/${actor.system}` }));

async function aService(...endpoints: readonly (typeof ask)[]) {
  return aServiceWith({}, ...endpoints);
}
async function aServiceWith(more: Pick<PeerServerOptions, 'admits'>, ...endpoints: readonly (typeof ask)[]) {
  const server = createPeerServer({
    ...more,
    identity: serverIdentity,
    trust,
    machineClock: systemMachineClock,
    routes: endpoints.map(answer),
    limits: { closeTimeoutMs: 200 },
  });
  const port = await server.listen(0);
  const clientAs = (identity: typeof clientIdentity | undefined) =>
    createPeerClient({
      ...(identity === undefined ? {} : { identity }),
      trust,
      directory: () => `https://127.0.0.1:${port}`,
      machineClock: systemMachineClock,
      tries: 1,
    });
  return { port, clientAs, [Symbol.asyncDispose]: () => server.close() };
}
const body = { inquiryNumber: '1' };

mechanismTest(
  'transport.peer-list',
  'AC-33 design §6 ほかの区画の機関は、正しい証明書でも接続の時点で断られ、要求は届かない',
  async () => {
    const admits = ({ organisation }: { readonly organisation: string }) => organisation === 'tokyo';
    await using service = await aServiceWith({ admits }, ask);
    await using outside = service.clientAs(clientIdentity);
    assert.deepEqual(await outside.call(ask, id, {}, body), err('peer-unreachable'));
  },
);

mechanismTest(
  'transport.mtls-both-sides',
  'design §4.0 証明書を示さない相手は接続の時点で断られ、要求は届かない',
  async () => {
    await using service = await aService(ask);
    await using nobody = service.clientAs(undefined);
    assert.deepEqual(await nobody.call(ask, id, {}, body), err('peer-unreachable'));
  },
);

mechanismTest(
  'transport.mtls-both-sides',
  'design §4.0 宛先と異なる機関の証明書を示すサーバーには何も送らない',
  async () => {
    await using service = await aService(ask);
    await using client = service.clientAs(clientIdentity);
    assert.deepEqual(await client.call(ask, id, {}, body), ok({ caller: 'meguro/intermediate-server' }));
    // Another system of the same government PKI answers at the address of the one that is meant; its name differs.
    await using elsewhere = service.clientAs(clientIdentity);
    assert.deepEqual(await elsewhere.call(ask, 'jlis/national-juki', {}, body), err('wrong-peer'));
  },
);

mechanismTest(
  'auth.system-certificate',
  'design §4.0 登録窓口のあるサーバーでも、証明書のない者は機関向けの処理を呼べない',
  async () => {
    await using service = await aService(ask, enrol);
    await using nobody = service.clientAs(undefined);
    assert.deepEqual(await nobody.call(enrol, id, {}, body), ok({ caller: '-/-' }));
    assert.deepEqual(await nobody.call(ask, id, {}, body), err('not-authorised'));
  },
);

/** The protocol that a raw client ends up with, or `refused`. */
const protocolWith = (port: number, maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<string> =>
  new Promise((resolve) => {
    const socket = tlsConnect({
      host: '127.0.0.1',
      port,
      servername: partyDnsName(network),
      minVersion: 'TLSv1.2',
      maxVersion,
      ca: pemOf(trust.rootDer),
      key: keyPem(clientIdentity.tls.key),
      cert: clientIdentity.tls.chain.map((der) => pemOf(der)).join(''),
    });
    const end = (word: string): void => {
      socket.destroy();
      resolve(word);
    };
    socket.once('secureConnect', () => end(socket.getProtocol() ?? 'none'));
    socket.once('error', () => end('refused'));
  });

mechanismTest('transport.tls', 'design §4.0 TLS 1.3 より古い接続は断られる', async () => {
  await using service = await aService(ask);
  assert.equal(await protocolWith(service.port, 'TLSv1.3'), 'TLSv1.3');
  assert.equal(await protocolWith(service.port, 'TLSv1.2'), 'refused');
});

mechanismTest('input.declared-fields-only', 'design §4.0 定義にない項目を含む電文は全体が断られる', async () => {
  await using service = await aService(ask);
  await using client = service.clientAs(clientIdentity);
  // The sender's own schema is looser than the one that both agreed: its message reaches the server as it is.
  const looser = { ...ask, request: z.looseObject({ inquiryNumber: z.string() }) };
  assert.deepEqual(await client.call(looser, id, {}, { ...body, householdIncome: '3000000' }), err('schema-mismatch'));
});
