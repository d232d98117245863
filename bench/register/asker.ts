import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:https';
import { municipalitiesOf, type Person, personOf } from './people.ts';

/* The other side of the wire, in a process of its own: a plain HTTPS client that asks the product and the floor alike. */

export interface AskOrder {
  readonly tls: { readonly ca: string; readonly key: string; readonly cert: string };
  readonly port: number;
  readonly servername: string;
  readonly residents: number;
  readonly task: string;
  /** By code and number in turn, or by code alone (the floor knows no vault). */
  readonly keys: readonly ('code' | 'number')[];
  readonly inFlight: number;
  readonly warmMs: number;
  readonly forMs: number;
}
export interface AskResult {
  readonly asked: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly wrong: Readonly<Record<string, number>>;
}

async function ask(order: AskOrder): Promise<AskResult> {
  const agent = new Agent({ ...order.tls, keepAlive: true, maxSockets: order.inFlight, minVersion: 'TLSv1.3' });
  const places = municipalitiesOf(order.residents);
  const anyone = (): Person => {
    const i = Math.floor(Math.random() * order.residents);
    return personOf(i, places.find((m) => i < m.to)!);
  };
  const send = (body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const { port, servername } = order;
      const call = request(
        { agent, port, servername, host: '127.0.0.1', path: '/inquiries', method: 'POST', headers },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => resolve(Buffer.concat(chunks).toString()));
        },
      );
      call.on('error', reject).end(body);
    });
  const wrong: Record<string, number> = {};
  const times: number[] = [];
  let asked = 0;
  const began = performance.now();
  const [from, until] = [began + order.warmMs, began + order.warmMs + order.forMs];
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const person = anyone();
      const kind = order.keys[asked++ % order.keys.length]!;
      const key =
        kind === 'code'
          ? { kind, residentRecordCode: person.residentRecordCode }
          : { kind, individualNumber: person.individualNumber };
      const body = { inquiryId: randomUUID(), task: order.task, document: '受付1', operator: 'W-7', key };
      const start = performance.now();
      const text = await send(JSON.stringify(body));
      const end = performance.now();
      if (start >= from) times.push(end - start);
      const { items, code } = JSON.parse(text) as { items?: { name: string; address: string }; code?: string };
      if (items?.name !== person.name || items.address !== person.address)
        wrong[code ?? 'other'] = (wrong[code ?? 'other'] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: order.inFlight }, worker));
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return { asked, perSecond: (times.length / order.forMs) * 1_000, p50: at(0.5), p99: at(0.99), wrong };
}

if (process.send !== undefined && process.argv[1]?.endsWith('asker.ts')) {
  process.on('message', async (order: AskOrder) => process.send?.(await ask(order)));
  process.once('disconnect', () => process.exit(0));
}
