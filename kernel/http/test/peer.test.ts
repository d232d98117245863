import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { Agent, request as send } from 'undici';
import { z } from 'zod';
import { systemMachineClock } from '../../clocks/clock.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '../../pki/authority.ts';
import type { Identity } from '../../pki/identity.ts';
import { issueCrl } from '../../pki/issue.ts';
import type { Trust } from '../../pki/trust.ts';
import { err, ok } from '../../result/result.ts';
import { createPeerClient, type PeerClient } from '../client.ts';
import { defineEndpoint } from '../endpoint.ts';
import { startFaultRelay } from '../fault-relay.ts';
import { createPeerServer, route, type ServerFault } from '../server.ts';
import { tlsOptions } from '../tls.ts';

const now = Temporal.Now.instant();
const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 24 }) };
const ceremony = await holdCeremony(now);
const { issuing } = ceremony;
const freshTrust = () => trustWithCrl(ceremony, now);
const server = { organisation: 'country', system: 'information-providing-network' };
const client = { organisation: 'meguro', system: 'intermediate-server' };
const serverIdentity = await issueIdentity(issuing, server, validity);
const clientIdentity = await issueIdentity(issuing, client, validity);

const greet = defineEndpoint({
  id: 'test.greet',
  method: 'POST',
  path: '/greetings/:name',
  params: z.strictObject({ name: z.string().max(10) }),
  request: z.strictObject({ inquiryNumber: z.string().regex(/^[0-9]{3}$/), note: z.string().optional() }),
  response: z.strictObject({ text: z.string(), caller: z.string() }),
  errors: { 'permit-expired': { status: 410, title: '照会許可の期限が切れています' } },
  right: ['test', 'greeting', 'read'],
  maxBodyBytes: 2_000,
});
const find = defineEndpoint({
  id: 'test.find',
  method: 'GET',
  path: '/items',
  request: z.strictObject({ since: z.string() }),
  response: z.strictObject({ since: z.string() }),
  right: ['test', 'item', 'read'],
});
const broken = defineEndpoint({ ...find, id: 'test.broken', path: '/broken', errors: [] });

const faults: ServerFault[] = [];
const serverTrust = await freshTrust();
let calls = 0;
const service = createPeerServer({
  identity: serverIdentity,
  trust: serverTrust,
  machineClock: systemMachineClock,
  limits: { bodyTimeoutMs: 200, closeTimeoutMs: 500 },
  onFault: (fault) => faults.push(fault),
  routes: [
    route(greet, async ({ params, body, actor, peer }) => {
      calls += 1;
      if (body.inquiryNumber === '999') return err('permit-expired');
      assert.equal(peer?.fingerprint, actor.certificate);
      return ok({ text: `こんにちは ${params.name}`, caller: `${actor.organisation}/${actor.system}` });
    }),
    route(find, async ({ body }) => ok(body)),
    route(broken, async () => {
      throw new Error('secret 123456789018');
    }),
  ],
});
const port = await service.listen(0);
after(() => service.close());

const clientWith = (identity: Identity, trust: Trust, at = port, more = {}): PeerClient =>
  createPeerClient({
    identity,
    trust,
    directory: () => `https://127.0.0.1:${at}`,
    machineClock: systemMachineClock,
    backoffBaseMs: 1,
    ...more,
  });
const id = 'country/information-providing-network';
const body = { inquiryNumber: '001' };

test('design §4.0 the caller is who its certificate says, the answer fits the schema', async () => {
  await using caller = clientWith(clientIdentity, await freshTrust());
  const answer = await caller.call(greet, id, { name: '花' }, body);
  assert.deepEqual(answer, ok({ text: 'こんにちは 花', caller: 'meguro/intermediate-server' }));
  assert.deepEqual(await caller.call(find, id, {}, { since: '2026-04-01' }), ok({ since: '2026-04-01' }));
  assert.deepEqual(await caller.call(greet, id, { name: '花' }, { inquiryNumber: '999' }), err('permit-expired'));
});

test('unknown client certificate: of another root, none, expired, or of another purpose', async () => {
  const other = await holdCeremony(now);
  const foreign = await issueIdentity(other.issuing, client, validity);
  const expired = await issueIdentity(issuing, client, {
    from: now.subtract({ hours: 48 }),
    until: now.subtract({ hours: 24 }),
  });
  const before = calls;
  for (const identity of [foreign, expired, { ...clientIdentity, tls: clientIdentity.signing }]) {
    await using caller = clientWith(identity, await freshTrust());
    assert.deepEqual(await caller.call(greet, id, { name: '花' }, body), err('peer-unreachable'));
  }
  await using anonymous = createPeerClient({
    trust: await freshTrust(),
    directory: () => `https://127.0.0.1:${port}`,
    machineClock: systemMachineClock,
  });
  assert.deepEqual(await anonymous.call(greet, id, { name: '花' }, body), err('peer-unreachable'));
  assert.equal(calls, before);
});

test('a revocation counts at once, on connections that are already open too', async () => {
  const doomed = await issueIdentity(issuing, client, validity);
  await using caller = clientWith(doomed, await freshTrust());
  assert.ok((await caller.call(greet, id, { name: '花' }, body)).ok);
  const { serialNumber } = new X509Certificate(doomed.tls.chain[0]!);
  const list = await issueCrl(issuing, {
    number: 2,
    thisUpdate: now,
    nextUpdate: now.add({ hours: 24 }),
    revoked: [{ serial: serialNumber, at: now }],
  });
  assert.ok((await serverTrust.acceptCrl(list, issuing.certificate)).ok);
  assert.deepEqual(await caller.call(greet, id, { name: '花' }, body), err('not-authorised'));
  await using again = clientWith(doomed, await freshTrust());
  assert.deepEqual(await again.call(greet, id, { name: '花' }, body), err('peer-unreachable'));
  assert.ok(faults.some((fault) => fault.code === 'peer-refused' && fault.word === 'revoked'));
});

test('wrong server identity: another system behind the address gets nothing', async () => {
  const before = calls;
  await using caller = clientWith(clientIdentity, await freshTrust());
  assert.deepEqual(await caller.call(greet, 'country/national-juki', { name: '花' }, body), err('wrong-peer'));
  const other = await holdCeremony(now);
  await using stranger = clientWith(clientIdentity, await trustWithCrl(other, now));
  assert.deepEqual(await stranger.call(greet, id, { name: '花' }, body), err('wrong-peer'));
  assert.equal(calls, before);
});

test('a server revoked after the handshake is not spoken to again', async () => {
  const trust = await freshTrust();
  await using caller = clientWith(clientIdentity, trust);
  assert.ok((await caller.call(greet, id, { name: '花' }, body)).ok);
  const { serialNumber } = new X509Certificate(serverIdentity.tls.chain[0]!);
  const list = await issueCrl(issuing, {
    number: 3,
    thisUpdate: now,
    nextUpdate: now.add({ hours: 1 }),
    revoked: [{ serial: serialNumber, at: now }],
  });
  await trust.acceptCrl(list, issuing.certificate);
  assert.deepEqual(await caller.call(greet, id, { name: '花' }, body), err('wrong-peer'));
});

test('TLS below 1.3 is refused', async () => {
  const { minVersion: _, maxVersion: __, ...options } = tlsOptions(clientIdentity, await freshTrust());
  await assert.rejects(
    new Promise((resolve, reject) => {
      tlsConnect({ ...options, port, host: '127.0.0.1', servername: 'localhost', maxVersion: 'TLSv1.2' }, () =>
        resolve(undefined),
      ).on('error', reject);
    }),
  );
});

const raw = new Agent({ connect: { ...tlsOptions(clientIdentity, await freshTrust()), servername: 'localhost' } });
after(() => raw.close());
const post = async (content: string | Buffer, type = 'application/json', path = '/greetings/a') => {
  const answer = await send(`https://127.0.0.1:${port}${path}`, {
    dispatcher: raw,
    method: 'POST',
    headers: { 'content-type': type },
    body: content,
  });
  const problem = (await answer.body.json()) as {
    status: number;
    code: string;
    fields?: { path: string; fault: string }[];
  };
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(problem.status, answer.statusCode);
  return problem;
};

for (const [why, status, code, content, type, path] of [
  ['malformed JSON', 400, 'malformed-json', '{"inquiryNumber":', undefined, undefined],
  ['a doubled member', 400, 'malformed-json', '{"inquiryNumber":"001","inquiryNumber":"002"}', undefined, undefined],
  ['nesting too deep', 400, 'malformed-json', '['.repeat(40) + ']'.repeat(40), undefined, undefined],
  ['broken UTF-8', 400, 'malformed-json', Buffer.from('7b22ff227d', 'hex'), undefined, undefined],
  ['empty body', 400, 'malformed-json', '', undefined, undefined],
  ['another media type', 415, 'unsupported-media-type', '{}', 'text/plain', undefined],
  ['too large a body', 413, 'body-too-large', JSON.stringify({ note: 'x'.repeat(3_000) }), undefined, undefined],
  ['unknown route', 404, 'unknown-route', '{}', undefined, '/nowhere'],
  [
    'a path value that does not fit',
    422,
    'schema-mismatch',
    '{"inquiryNumber":"001"}',
    undefined,
    '/greetings/aaaaaaaaaaaaaaaa',
  ],
] as const) {
  test(`refused with one problem format: ${why} → ${status} ${code}`, async () => {
    const problem = await post(content, type, path);
    assert.deepEqual([problem.status, problem.code], [status, code]);
  });
}

test('a schema failure names the field and the fault, never the value', async () => {
  const problem = await post('{"inquiryNumber":"123456789018"}');
  assert.deepEqual(problem.fields, [{ path: 'body.inquiryNumber', fault: 'invalid_format' }]);
  const unknown = await post('{"inquiryNumber":"001","123456789018":1}');
  assert.equal(unknown.code, 'schema-mismatch');
  assert.ok(!JSON.stringify([problem, unknown]).includes('123456789018'));
});

test('a defect behind an endpoint answers 500 without its message', async () => {
  await using caller = clientWith(clientIdentity, await freshTrust(), port, { tries: 1 });
  assert.deepEqual(await caller.call(broken, id, {}, { since: 'x' }), err('internal-error'));
});

test('a chunked body beyond the limit, and a slow body, are given up', async () => {
  async function* chunks(text: string, count: number, waitMs: number) {
    for (let i = 0; i < count; i++) {
      yield Buffer.from(text);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  for (const [bodyOf, code] of [
    [() => chunks('x'.repeat(500), 8, 1), 'body-too-large'],
    [() => chunks(' ', 20, 100), 'request-timeout'],
  ] as const) {
    await using agent = {
      client: new Agent({ connect: { ...tlsOptions(clientIdentity, await freshTrust()), servername: 'localhost' } }),
      async [Symbol.asyncDispose]() {
        await this.client.destroy();
      },
    };
    const answer = await send(`https://127.0.0.1:${port}/greetings/a`, {
      dispatcher: agent.client,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: bodyOf() as never,
    });
    assert.equal(((await answer.body.json()) as { code: string }).code, code);
  }
});

test('OpenAPI 3.1 is made from the same schemas', async () => {
  const answer = await send(`https://127.0.0.1:${port}/openapi.json`, { dispatcher: raw });
  const document = (await answer.body.json()) as {
    openapi: string;
    paths: Record<string, Record<string, Record<string, never>>>;
  };
  assert.equal(document.openapi, '3.1.0');
  const operation = document.paths['/greetings/{name}']?.post as unknown as {
    operationId: string;
    responses: Record<string, { description: string }>;
    parameters: { name: string; in: string }[];
    requestBody: { content: Record<string, { schema: { required: string[] } }> };
  };
  assert.equal(operation.operationId, 'test.greet');
  assert.match(operation.responses[410]!.description, /permit-expired/);
  assert.deepEqual(
    operation.parameters.map(({ name, in: place }) => [name, place]),
    [['name', 'path']],
  );
  assert.deepEqual(operation.requestBody.content['application/json']?.schema.required, ['inquiryNumber']);
});

test('a GET is tried again over a relay that cuts; TLS notices doubled, reordered and altered bytes', async () => {
  await using relay = await startFaultRelay({ port }, 'seed-1', {
    cutPerMille: 60,
    doublePerMille: 40,
    reorderPerMille: 40,
    alterPerMille: 40,
    delayPerMille: 200,
    maxDelayMs: 3,
  });
  await using caller = clientWith(clientIdentity, await freshTrust(), relay.port, {
    tries: 12,
    breakerThreshold: 100,
    timeoutMs: 300,
  });
  for (let i = 0; i < 30; i++)
    assert.deepEqual(await caller.call(find, id, {}, { since: `${i}` }), ok({ since: `${i}` }));
  assert.ok(relay.counts.cut + relay.counts.double + relay.counts.alter > 5, JSON.stringify(relay.counts));
});

test('what may not be repeated is sent once', async () => {
  await using relay = await startFaultRelay({ port }, 'seed-2', { refusePerMille: 1000 });
  await using caller = clientWith(clientIdentity, await freshTrust(), relay.port);
  assert.deepEqual(await caller.call(greet, id, { name: '花' }, body), err('peer-unreachable'));
  assert.equal(relay.counts.refuse, 1);
});

test('a swallowed answer is a time-out, not a hang', async () => {
  await using relay = await startFaultRelay({ port }, 'seed-3', {});
  await using caller = clientWith(clientIdentity, await freshTrust(), relay.port, { timeoutMs: 150 });
  // The first call makes the connection; a busy machine takes its time for it.
  assert.ok((await caller.call(greet, id, { name: '花' }, body, { timeoutMs: 10_000 })).ok);
  relay.setFaults({ dropPerMille: 1000 });
  assert.deepEqual(await caller.call(greet, id, { name: '花' }, body), err('peer-timeout'));
});

test('after five failures the peer is left alone, then one probe decides', async () => {
  await using relay = await startFaultRelay({ port }, 'seed-4', { refusePerMille: 1000 });
  await using caller = clientWith(clientIdentity, await freshTrust(), relay.port, { breakerRestMs: 100, tries: 1 });
  for (let i = 0; i < 5; i++) assert.deepEqual(await caller.call(find, id, {}, { since: '' }), err('peer-unreachable'));
  assert.deepEqual(await caller.call(find, id, {}, { since: '' }), err('circuit-open'));
  assert.equal(relay.counts.refuse, 5);
  relay.setFaults({});
  await new Promise((resolve) => setTimeout(resolve, 120));
  assert.deepEqual(await caller.call(find, id, {}, { since: '' }), ok({ since: '' }));
});

test('closing lets a request under way finish and takes no new one', async () => {
  const { promise: gate, resolve: release } = Promise.withResolvers<void>();
  const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
  const slow = createPeerServer({
    identity: serverIdentity,
    trust: await freshTrust(),
    machineClock: systemMachineClock,
    routes: [
      route(find, async ({ body: query }) => {
        enter();
        await gate;
        return ok(query);
      }),
    ],
  });
  const at = await slow.listen(0);
  await using caller = clientWith(clientIdentity, await freshTrust(), at, { tries: 1 });
  const running = caller.call(find, id, {}, { since: 'a' });
  await entered;
  const closed = slow.close();
  release();
  assert.deepEqual(await running, ok({ since: 'a' }));
  await closed;
  assert.deepEqual(await caller.call(find, id, {}, { since: 'b' }), err('peer-unreachable'));
});
