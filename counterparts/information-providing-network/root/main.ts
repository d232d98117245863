import path from 'node:path';
import { deriveLinkageCode, turnLinkageCode } from '@musubi/contracts/exchange/endpoints.ts';
import { reportSuccession, resealLinkageCodes, rotateBodyKey } from '@musubi/contracts/exchange/linkage-life.ts';
import { route } from '@musubi/kernel/http/server.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { z } from 'zod';
import type { Deps } from './deps.ts';
import { fileRootKeys } from './keys.ts';
import { rights } from './rights.ts';
import { deriveAndDeliver } from './service/derive.ts';
import { reseal, rotate } from './service/rotate.ts';
import { succeed } from './service/succeed.ts';
import { turn } from './service/turn.ts';

/** Organisations may be given as a list or as the network's table of kinds; only their names count here. */
const settings = z.object({
  network: z.string().default('ins/information-providing-network'),
  organisations: z.union([z.array(z.string()), z.record(z.string(), z.unknown()).transform(Object.keys)]),
});

export const schema = { name: 'linkage-root', directory: new URL('./store/schema/', import.meta.url) };

/** 符号の根: the process that holds the keys of all linkage codes, apart from the network that uses it. */
export const definition: SystemDefinition = {
  system: 'linkage-root',
  name: { ja: '情報提供ネットワークシステム 符号生成', en: 'Linkage root of the Information Providing Network' },
  schemas: [schema],
  rights,
  async start(host) {
    const { network, organisations } = settings.parse(host.config.settings);
    const deps: Deps = {
      ...host.deps,
      identity: host.identity,
      trust: host.trust,
      peers: host.peers,
      keys: await fileRootKeys(path.join(host.organisation.home, host.config.system, 'root-keys')),
      network,
      organisations: new Set(organisations),
    };
    return {
      routes: [
        route(deriveLinkageCode, ({ body, actor }) => deriveAndDeliver(deps, actor, body)),
        route(reportSuccession, ({ body, actor }) => succeed(deps, actor, body)),
        route(rotateBodyKey, ({ body, actor }) => rotate(deps, actor, body)),
        route(resealLinkageCodes, ({ body, actor }) => reseal(deps, actor, body)),
        route(turnLinkageCode, ({ body, actor }) => turn(deps, actor, body)),
      ],
    };
  },
};
