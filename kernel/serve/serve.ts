import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { systemMachineClock } from '../clocks/clock.ts';
import { type Catalogue, readCatalogue } from '../db/catalogue.ts';
import { buildStylesheet } from '../pages/build-css.ts';
import { fileKeyProvider } from '../vault/key-provider.ts';
import { SqliteKeyStore } from '../vault/key-store/sqlite-key-store.ts';
import { releaseOf } from './composition.ts';
import type { OrganisationConfig } from './config.ts';
import type { SystemDefinition } from './host.ts';
import { type RunningInstance, startInstance } from './instance.ts';
import { type ProcessLog, processLog } from './log.ts';

/** The running instances of one organisation. */
export interface Served extends AsyncDisposable {
  readonly webPort: number;
  /** Port of each instance's peer service, by system. */
  readonly ports: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly log?: ProcessLog;
  /** Folders whose `.ts` files hold class names of pages. */
  readonly styleSources?: readonly string[];
  /** Another process has this one's place at a database. Where nothing is said this process ends at once. */
  readonly onDisplaced?: (id: string) => void;
}

/**
 * Runs the instances of one organisation: the first start of each enrols at the PKI; then its peer service answers, its
 * pages stand under its host name, and its loops run. Throws when one cannot start; those before it are stopped.
 */
export async function serve(
  config: OrganisationConfig,
  definitions: ReadonlyMap<string, SystemDefinition>,
  options: ServeOptions = {},
): Promise<Served> {
  const log = options.log ?? processLog(config.organisation, systemMachineClock);
  const stylesheet = await buildStylesheet({
    sources: [...(options.styleSources ?? [])],
    cacheFolder: path.join(config.home, 'cache'),
  });
  const release = await releaseOf();
  const onDisplaced = options.onDisplaced ?? (() => process.exit(1));
  const keyStore = await SqliteKeyStore.open({
    directory: path.join(config.home, 'key-store'),
    keys: await fileKeyProvider(path.join(config.home, 'keys', 'key-store')),
    keepBackupDays: 14,
  });
  const running: RunningInstance[] = [];
  const web = createServer((request, response) => answerByHost(running, request, response));
  const close = async (): Promise<void> => {
    web.closeIdleConnections();
    const closed = new Promise<void>((resolve) => (web.listening ? web.close(() => resolve()) : resolve()));
    await Promise.all(running.map((instance) => instance.close()));
    web.closeAllConnections();
    await closed;
    keyStore[Symbol.dispose]();
  };
  try {
    const catalogues = await cataloguesOf(config, definitions);
    for (const instance of config.instances) {
      const definition = definitions.get(instance.system);
      if (!definition) throw new Error(`there is no system "${instance.system}"`);
      running.push(
        await startInstance({
          organisation: config,
          config: instance,
          definition,
          catalogues,
          keyStore,
          stylesheet,
          log,
          release,
          onDisplaced,
        }),
      );
    }
    await new Promise<void>((resolve, reject) => {
      web.once('error', reject);
      web.listen(config.webPort, '127.0.0.1', () => resolve());
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    webPort: (web.address() as AddressInfo).port,
    ports: Object.fromEntries(running.map((r) => [r.system, r.port])),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What the systems of the organisation declare to hold; the kernel's own tables stand in none of them. */
async function cataloguesOf(
  { instances }: OrganisationConfig,
  definitions: ReadonlyMap<string, SystemDefinition>,
): Promise<ReadonlyMap<string, Catalogue>> {
  const read = instances.map(async ({ system }) => {
    const schemas = definitions.get(system)?.schemas ?? [];
    return [system, await readCatalogue(schemas)] as const;
  });
  return new Map(await Promise.all(read));
}

function answerByHost(running: readonly RunningInstance[], request: IncomingMessage, response: ServerResponse): void {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  const instance = running.find((r) => r.host === host);
  if (instance?.web) {
    instance.web(request, response);
    return;
  }
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
  response.end('この名前のシステムはここにはありません。 No system of this name is here.\n');
}
