import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { seededRandom } from '../random/random.ts';

/** How often what happens, each per thousand; of connections or of chunks as the name says. */
export interface Faults {
  /** Connection closed as soon as it opens. */
  readonly refusePerMille?: number;
  /** Connection cut in the middle of a chunk: its first half passes, then both sides are reset. */
  readonly cutPerMille?: number;
  /** Chunk swallowed; the connection then hangs until someone's time-out. */
  readonly dropPerMille?: number;
  /** Chunk sent twice. TLS must notice. */
  readonly doublePerMille?: number;
  /** Chunk held back until after the next one. TLS must notice. */
  readonly reorderPerMille?: number;
  /** One byte of the chunk changed. TLS must notice. */
  readonly alterPerMille?: number;
  /** Chunk delayed by up to `maxDelayMs`, order kept. */
  readonly delayPerMille?: number;
  readonly maxDelayMs?: number;
}

export interface FaultRelay extends AsyncDisposable {
  readonly port: number;
  /** What happened so far, by kind. */
  readonly counts: Readonly<Record<FaultKind, number>>;
  /** New faults from now on; `{}` lets all pass. */
  setFaults(faults: Faults): void;
  /** Cuts every open connection. */
  cutAll(): void;
}

export type FaultKind = 'refuse' | 'cut' | 'drop' | 'double' | 'reorder' | 'alter' | 'delay';

/** A TCP relay on 127.0.0.1 in front of `target` that misbehaves by seed. Tests and the town's fault runs only. */
export async function startFaultRelay(
  target: { readonly host?: string; readonly port: number },
  seed: string,
  initial: Faults = {},
): Promise<FaultRelay> {
  const random = seededRandom(`fault-relay:${seed}`);
  const counts: Record<FaultKind, number> = { refuse: 0, cut: 0, drop: 0, double: 0, reorder: 0, alter: 0, delay: 0 };
  const sockets = new Set<Socket>();
  let faults = initial;
  const strikes = (kind: FaultKind): boolean => {
    const perMille = faults[`${kind}PerMille`] ?? 0;
    if (perMille === 0 || random.below(1000) >= perMille) return false;
    counts[kind] += 1;
    return true;
  };

  const pump = (from: Socket, to: Socket): void => {
    let held: Buffer | undefined;
    let line = Promise.resolve();
    const later = (work: () => void, delayMs = 0): void => {
      line = line
        .then(() => (delayMs === 0 ? undefined : new Promise<void>((resolve) => setTimeout(resolve, delayMs))))
        .then(work);
    };
    const write = (chunk: Uint8Array): void => {
      if (to.writable && !to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    };
    const pass = (chunk: Buffer): void => {
      if (strikes('cut')) {
        write(chunk.subarray(0, chunk.length >> 1));
        for (const socket of [from, to]) socket.resetAndDestroy();
        return;
      }
      if (strikes('drop')) return;
      if (held === undefined && strikes('reorder')) {
        held = chunk;
        return;
      }
      let sent = chunk;
      if (strikes('alter')) {
        sent = Buffer.from(chunk);
        sent[random.below(sent.length)]! ^= 1 + random.below(255);
      }
      write(sent);
      if (held !== undefined) write(held);
      held = undefined;
      if (strikes('double')) write(sent);
    };
    from.on('data', (chunk: Buffer) =>
      later(() => pass(chunk), strikes('delay') ? random.below((faults.maxDelayMs ?? 50) + 1) : 0),
    );
    from.on('end', () => later(() => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => later(() => to.destroy()));
  };

  const server = createServer((near) => {
    sockets.add(near);
    near.on('close', () => sockets.delete(near));
    near.on('error', () => undefined);
    if (strikes('refuse')) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(target.port, target.host ?? '127.0.0.1');
    sockets.add(far);
    far.on('close', () => sockets.delete(far));
    for (const socket of [near, far]) socket.setNoDelay(true);
    pump(near, far);
    pump(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cutAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    setFaults(next) {
      faults = next;
    },
    cutAll,
    async [Symbol.asyncDispose]() {
      cutAll();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
