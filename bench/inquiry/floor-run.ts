import { type ChildProcess, fork } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent } from 'node:https';
import { fileURLToPath } from 'node:url';
import { at, withClient } from '@musubi/kernel/db/provision.ts';
import { holdCeremony, issueIdentity } from '@musubi/kernel/pki/authority.ts';
import { keyPem, pemOf } from '@musubi/kernel/pki/identity.ts';
import { type Order, openPlace, post, type Role, siv, tables } from '../floors/inquiry-tools.ts';
import { closedLoop } from './loops.ts';

const place = fileURLToPath(new URL('../floors/inquiry.ts', import.meta.url));
const persons = 300;
const roles = ['r', 'b', 'n', 'a'] as const satisfies readonly Role[];

export type FloorFigures = Readonly<
  Record<'per_s' | 'p50_ms' | 'p99_ms' | 'step_per_s' | 'step_p99_ms' | 'cpu_ms_each', number>
>;

/** Runs the floor: certificates and data are made here, the work itself is in `floors/`. */
export async function runFloor(adminUrl: string, inFlight: number, used: () => Promise<number>): Promise<FloorFigures> {
  const sivKey = randomBytes(64).toString('hex');
  const tls = await floorCertificate();
  const running: ChildProcess[] = [];
  const ports: Partial<Record<Role, number>> = {};
  try {
    for (const role of roles) {
      const url = await databaseOf(adminUrl, role, sivKey);
      const child = fork(place);
      running.push(child);
      child.send({ role, tls, url, ports, sivKey } satisfies Order);
      ports[role] = Number((await once(child, 'message'))[0]);
    }
    const agent = new Agent({ ...tls, keepAlive: true, maxSockets: 64, minVersion: 'TLSv1.3' });
    let asked = 0;
    const ask = async (): Promise<void> => {
      const person = asked++ % persons;
      const { items } = await post(agent, ports.a!, { person: personOf(person) });
      if (items !== itemsOf(person)) throw new Error('the floor answered wrongly');
    };
    await closedLoop(ask, { inFlight, warmMs: 0, forMs: 2_000 });
    const [cpuBefore, askedBefore] = [await used(), asked];
    const closed = await closedLoop(ask, { inFlight, warmMs: 0, forMs: 6_000 });
    const cpuEach = ((await used()) - cpuBefore) / (asked - askedBefore);
    const { sign } = openPlace({ role: 'a', tls, url: adminUrl, ports, sivKey });
    const answerKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .publicKey.export({ format: 'der', type: 'spki' })
      .toString('base64url');
    const asked0 = { person: personOf(0), information: 'TKX-0001', taxYear: '2026', answerKey };
    const statement = sign(asked0);
    const step = await closedLoop(
      async () => {
        await post(agent, ports.b!, { person: personOf(0), statement });
      },
      { inFlight: 32, warmMs: 1_000, forMs: 3_000 },
    );
    agent.destroy();
    return {
      per_s: closed.perSecond,
      p50_ms: closed.p50,
      p99_ms: closed.p99,
      step_per_s: step.perSecond,
      step_p99_ms: step.p99,
      cpu_ms_each: cpuEach,
    };
  } finally {
    for (const child of running) child.disconnect();
  }
}

const personOf = (i: number): string => String(i).padStart(15, '0');
const itemsOf = (i: number): string => JSON.stringify({ 課税区分: '課税', 市町村民税所得割額: 100_000 + i * 100 });

async function databaseOf(adminUrl: string, role: Role, sivKey: string): Promise<string> {
  const name = `floor_${role}`;
  await withClient(adminUrl, (client) => client.query(`create database ${name}`));
  await withClient(at(adminUrl, name), async (client) => {
    await client.query(tables);
    if (role !== 'a' && role !== 'b') return;
    const all = Array.from({ length: persons }, (_, i) => i);
    // What the root makes of A's code is B's code.
    const codes = all.map((i) => (role === 'a' ? codeOf(i) : siv(Buffer.from(sivKey, 'hex'), codeOf(i))));
    await client.query('insert into linkage select * from unnest($1::text[], $2::text[])', [all.map(personOf), codes]);
    await client.query(
      `insert into copy select p, 'TKX-0001', 2026, i from unnest($1::text[], $2::text[]) as u(p, i)`,
      [all.map(personOf), all.map(itemsOf)],
    );
    await client.query('analyze');
  });
  return at(adminUrl, name);
}
const codeOf = (i: number): string => Buffer.from(`code-of-person-${personOf(i)}`).toString('base64url');

async function floorCertificate(): Promise<Order['tls']> {
  const now = Temporal.Now.instant();
  const { root, issuing } = await holdCeremony(now.subtract({ hours: 1 }));
  const validity = { from: now.subtract({ minutes: 5 }), until: now.add({ hours: 24 }) };
  const { tls } = await issueIdentity(issuing, { organisation: 'floor', system: 'floor' }, validity);
  return { ca: pemOf(root.certificate), key: keyPem(tls.key), cert: tls.chain.map((der) => pemOf(der)).join('') };
}
