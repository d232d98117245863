import path from 'node:path';
import { createStatusWatch } from '@musubi/kernel/pki/status-watch.ts';
import type { Deps } from '../deps.ts';
import { Gate } from '../domain/gate.ts';
import { UnderWay } from '../domain/under-way.ts';
import { fileDayKeys } from '../keys.ts';
import { newNetworkState } from '../network-state.ts';
import type { ExchangeWorld, Placed } from './exchange-world.ts';

/** The deps of an intermediate server of the world, as its main.ts makes them. */
export function depsOf(world: ExchangeWorld, { host, deps, identity }: Placed): Deps {
  const { organisations, owners, askers } = host.config.settings as {
    organisations: Record<string, { kind: 'ward' | 'prefecture' }>;
    owners: Record<string, string>;
    askers: Record<string, string>;
  };
  return {
    ...deps,
    self: identity.organisation,
    identity,
    trust: world.trust,
    peers: host.peers,
    network: 'ins/information-providing-network',
    portal: 'portal/mynaportal',
    root: 'ins/linkage-root',
    kinds: new Map(Object.entries(organisations).map(([id, { kind }]) => [id, kind])),
    owners: new Map(Object.entries(owners)),
    askers: new Map(Object.entries(askers)),
    statuses: createStatusWatch({ ...deps, peers: host.peers, trust: world.trust }),
    gate: new Gate(),
    underWay: new UnderWay(),
    dayKeys: fileDayKeys(path.join(host.organisation.home, 'intermediate-server', 'inquiry-keys')),
    sealed: host.sealed,
    pageKeys: new Map(),
    copyYears: 8,
    inquiryOnly: false,
    autoRelease: new Map(),
    lists: new Map(),
    heard: newNetworkState(),
  };
}
