import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Alarms, Peer } from '@musubi/kernel/streams/ports.ts';

/** What the acts need. Built in `main.ts`, nowhere else. */
export interface Deps extends ActDeps {
  readonly peers: PeerClient;
  readonly alarms: Alarms;
  readonly jpki: Peer;
  /** Municipality code → its system of the convenience stores. */
  readonly bodies: ReadonlyMap<string, Peer>;
  /** Where cards sign for: names the centre in each challenge. */
  readonly origin: string;
}
