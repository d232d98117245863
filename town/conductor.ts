import path from 'node:path';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { createPeerClient, type PeerClient } from '@musubi/kernel/http/client.ts';
import { joinPki } from '@musubi/kernel/pki/join.ts';
import { moveCivilDate } from '@musubi/kernel/serve/civil-date.ts';
import type { TownPlan } from './plan/build-plan.ts';

/** The town's own peer: moves the civil date of all instances and hands in what a town needs at its beginning. */
export interface Conductor extends AsyncDisposable {
  readonly peers: PeerClient;
  /** From now on the law sees `date` everywhere. Throws naming the instances that did not follow. */
  moveTo(date: Temporal.PlainDate): Promise<void>;
}

export async function createConductor(plan: TownPlan): Promise<Conductor> {
  const [config] = plan.configs.values();
  const directory = config!.directory;
  const pki = await joinPki({
    directory: path.join(plan.home, 'conductor', 'identity'),
    party: { organisation: 'town', system: 'conductor' },
    url: config!.pki.url,
    rootFile: plan.rootFile,
    enrolmentToken: plan.state.tokens['town/conductor'],
    machineClock: systemMachineClock,
  });
  const peers = createPeerClient({
    identity: pki.identity,
    trust: pki.trust,
    machineClock: systemMachineClock,
    directory: (peer) => directory[peer],
  });
  const stop = new AbortController();
  const following = pki.follow(stop.signal, () => {});
  return {
    peers,
    async moveTo(date) {
      const ids = [...plan.configs.values()].flatMap((c) => c.instances.map((i) => `${c.organisation}/${i.system}`));
      const missed: string[] = [];
      await Promise.all(
        ids.map(async (id) => {
          const moved = await peers.call(moveCivilDate, id, {}, { date: date.toString() });
          if (!moved.ok && moved.error !== 'backwards') missed.push(`${id}: ${moved.error}`);
        }),
      );
      if (missed.length > 0) throw new Error(`the civil date was not moved at ${missed.join(', ')}`);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
      await peers.close();
    },
  };
}
