import { type Running, startInstance } from '@musubi/bench/register/instances.ts';
import { type MachineClock, systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { readIdentity } from '@musubi/kernel/pki/identity-files.ts';
import { Trust } from '@musubi/kernel/pki/trust.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { memberOf } from './members.ts';
import type { Asked, Order, StartOrder, Told } from './orders.ts';
import { troubled } from './wire.ts';

/* One server of the register network in a process of its own, so that it can be killed: it does what it is told, one thing beside the other. */

const state = { offsetMs: 0, troubled: false };
const clock: MachineClock = { now: () => systemMachineClock.now().add({ milliseconds: state.offsetMs }) };
const tell = (told: Told): void => void process.send?.(told);
let running: Running | undefined;

async function start(order: StartOrder): Promise<void> {
  Object.assign(state, { offsetMs: order.offsetMs, troubled: order.troubled });
  const trust = new Trust(Buffer.from(order.trust.root, 'base64'));
  const accepted = await trust.acceptCrl(
    Buffer.from(order.trust.list, 'base64'),
    Buffer.from(order.trust.issuer, 'base64'),
  );
  if (!accepted.ok) throw new Error(`revocation list: ${accepted.error}`);
  const { definition: load, code, settings } = memberOf(order.id);
  const definition = await load();
  const random = seededRandom(order.seed);
  running = await startInstance({
    registry: {
      trust,
      addresses: new Map(Object.entries(order.places).map(([id, { port }]) => [id, `https://127.0.0.1:${port}`])),
      async identityOf(id) {
        const [organisation = '', system = ''] = id.split('/');
        const identity = await readIdentity(order.places[id]!.identity, { organisation, system });
        if (identity === undefined) throw new Error(`${id} has no identity`);
        return identity;
      },
    },
    id: order.id,
    definition,
    databaseUrl: order.databaseUrl,
    home: order.home,
    keysDirectory: `${order.home}/keys`,
    ...(code === undefined ? {} : { code }),
    settings,
    machineClock: clock,
    port: order.places[order.id]!.port,
    staffRoles: Object.keys(definition.rights.staff),
    wire: (honest) =>
      troubled(honest, random, (oneIn, kind) => {
        if (!state.troubled || random.below(oneIn) > 0) return false;
        tell({ hit: kind });
        return true;
      }),
  });
}

async function relay(streams: Extract<Order, { do: 'relay' }>['streams']): Promise<boolean> {
  let busy = false;
  for (const { receiver, family } of streams) {
    const outcome = await running!.relay(receiver, family).catch(() => undefined);
    if (outcome === undefined || outcome.kind === 'settled' || outcome.kind === 'held' || outcome.kind === 'leased')
      busy = true;
  }
  return busy;
}

/** Of a municipality's register alone; the others do not load it. */
const clerks = () => import('./clerks.ts');

async function perform(order: Order): Promise<boolean> {
  switch (order.do) {
    case 'start':
      await start(order.order);
      return false;
    case 'set':
      Object.assign(state, { offsetMs: order.offsetMs, troubled: order.troubled });
      return false;
    case 'relay':
      return relay(order.streams);
    case 'file':
      await (await clerks()).file(running!, order.filing);
      return false;
    case 'load':
      await (await clerks()).load(running!, order);
      return false;
  }
}

process.on('message', ({ no, order }: Asked) => {
  perform(order).then(
    (busy) => tell({ no, busy }),
    (error: unknown) => tell({ no, busy: true, fault: error instanceof Error ? error.message : 'unknown' }),
  );
});
process.once('disconnect', () => process.exit(0));
