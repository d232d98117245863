import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { payerParty } from '@musubi/contracts/eltax/submission.ts';
import { prepareAuthority } from '@musubi/government-pki/ceremony.ts';
import { markTown, provisionDatabase } from '@musubi/kernel/db/provision.ts';
import { writePrivately } from '@musubi/kernel/pki/identity.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { type OrganisationConfig, organisationConfig } from '@musubi/kernel/serve/config.ts';
import type { SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import { z } from 'zod';
import { makeTown } from '../people/town.ts';
import { registerDate } from './dates.ts';
import { organisations, witnessesOf } from './organisations.ts';
import type { PlannedInstance, PlannedOrganisation, TownFacts } from './shape.ts';

/** What a town keeps between starts beside its databases and keys: ports, passwords, one-time tokens. 0600. */
const planState = z.strictObject({
  seed: z.string(),
  residents: z.int(),
  publicPort: z.int(),
  ports: z.record(z.string(), z.int()),
  webPorts: z.record(z.string(), z.int()),
  passwords: z.record(z.string(), z.string()),
  tokens: z.record(z.string(), z.string()),
});
export type PlanState = z.infer<typeof planState>;

export interface TownPlan {
  readonly home: string;
  readonly state: PlanState;
  /** Process name → file with its configuration. */
  readonly configFiles: ReadonlyMap<string, string>;
  readonly configs: ReadonlyMap<string, OrganisationConfig>;
  /** `meguro/resident-tax` → address for the application role. */
  readonly databaseUrls: ReadonlyMap<string, string>;
  readonly rootFile: string;
}

export interface PlanOptions {
  readonly home: string;
  readonly adminUrl: string;
  readonly definitions: ReadonlyMap<string, SystemDefinition>;
  readonly prefix: string;
  readonly publicPort: number;
  readonly civilDate: string;
  readonly seed: string;
  readonly residents: number;
  readonly onProgress?: (done: number, of: number, what: string) => void;
}

export const instanceId = (o: PlannedOrganisation, i: PlannedInstance): string => `${o.organisation}/${i.system}`;
export const hostOf = (o: PlannedOrganisation, i: PlannedInstance): string | undefined =>
  i.label === undefined
    ? undefined
    : i.label === ''
      ? `${o.organisation}.localhost`
      : `${i.label}.${o.organisation}.localhost`;

/**
 * Makes (or finds again) all that the town's processes need: free ports, passwords, certificates' ceremony, enrolment
 * tokens, databases with their schemas, and one configuration file a process. Safe to repeat.
 */
export async function buildPlan(options: PlanOptions): Promise<TownPlan> {
  const { home } = options;
  await mkdir(home, { recursive: true, mode: 0o755 });
  const state = await readState(options);
  const every = organisations.flatMap((o) => o.instances.map((i) => ({ o, i, id: instanceId(o, i) })));

  const pkiHome = path.join(home, 'pki');
  const rootFile = path.join(pkiHome, 'root.pem');
  await prepareAuthority(
    {
      offlineDirectory: path.join(home, 'offline-root'),
      rootFile,
      authorityDirectory: path.join(pkiHome, 'authority'),
      identityDirectory: path.join(pkiHome, 'government-pki', 'identity'),
    },
    Temporal.Now.instant(),
  );

  const databaseUrls = await provisionAll(options, state, every);
  const facts: TownFacts = {
    home,
    publicPort: state.publicPort,
    residents: state.residents,
    seed: state.seed,
    authorityDirectory: path.join(pkiHome, 'authority'),
    originOf(id) {
      const found = every.find((e) => e.id === id);
      const host = found && hostOf(found.o, found.i);
      if (!host) throw new Error(`${id} has no pages`);
      return `http://${host}:${state.publicPort}`;
    },
    expected: Object.keys(state.tokens)
      // The authority itself has its certificates from the ceremony.
      .filter((id) => id !== 'government/government-pki')
      .map((id) => {
        const [organisation, system] = id.split('/') as [string, string];
        const tokenHash = createHash('sha256').update(state.tokens[id]!).digest('hex');
        return { organisation, system, tokenHash, expiresAt: '2099-12-31T00:00:00Z' };
      }),
  };

  const directory = Object.fromEntries(every.map(({ id }) => [id, `https://127.0.0.1:${state.ports[id]}`]));
  const configs = new Map<string, OrganisationConfig>();
  const configFiles = new Map<string, string>();
  for (const o of organisations) {
    const organisationHome = o.process === 'pki' ? pkiHome : path.join(home, o.process);
    await mkdir(organisationHome, { recursive: true, mode: 0o700 });
    const directoryInstance = o.instances.find((i) => i.system === 'staff-directory');
    const config = organisationConfig.parse({
      organisation: o.organisation,
      name: o.name,
      ...(o.code === undefined ? {} : { code: o.code }),
      town: true,
      civilDate: options.civilDate,
      home: organisationHome,
      backups: backupFolder(home, o.process),
      webPort: state.webPorts[o.process],
      publicPort: state.publicPort,
      pki: { url: directory['government/government-pki'], rootFile },
      ...(directoryInstance === undefined
        ? {}
        : {
            signIn: {
              issuer: facts.originOf(`${o.organisation}/staff-directory`),
              clientSecretFile: await secretFile(organisationHome),
            },
          }),
      ...(o.segments === undefined ? {} : { segments: o.segments }),
      directory,
      instances: o.instances.map((i) => {
        const id = instanceId(o, i);
        return {
          system: i.system,
          database: { url: databaseUrls.get(id) },
          port: state.ports[id],
          ...(hostOf(o, i) === undefined ? {} : { host: hostOf(o, i) }),
          enrolmentToken: state.tokens[id],
          witnesses: witnessesOf(o.organisation),
          settings: i.settings(facts),
        };
      }),
    });
    const file = path.join(organisationHome, 'config.json');
    await writePrivately(file, `${JSON.stringify(config, null, 2)}\n`);
    await keepBackupKey(home, o.process);
    configs.set(o.process, config);
    configFiles.set(o.process, file);
  }
  return { home, state, configFiles, configs, databaseUrls, rootFile };
}

/** Configuration files of a town that was made before in this folder. Throws where there is none. */
export async function townConfigFiles(home: string): Promise<string[]> {
  const files = organisations.map((o) => path.join(home, o.process, 'config.json'));
  for (const file of files) {
    await access(file).catch(() => {
      throw new Error(`there is no town in ${home}: start one with "npm start" first`);
    });
  }
  return files;
}

const backupFolder = (home: string, process: string): string => path.join(home, 'backups', process);

/**
 * Key of an organisation's backups: with operations, apart from the organisation's own folder and from the backups, so that
 * neither a running system nor whoever carries the backups away can read one.
 */
export const backupKeyFile = (home: string, process: string): string =>
  path.join(home, 'operations', `${process}.backup-key`);

async function keepBackupKey(home: string, process: string): Promise<void> {
  const file = backupKeyFile(home, process);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await access(file).catch(() => writeFile(file, randomBytes(32), { mode: 0o600, flag: 'wx' }));
}

async function secretFile(home: string): Promise<string> {
  const file = path.join(home, 'sign-in-secret');
  await readFile(file, 'utf8').catch(() => writePrivately(file, randomBytes(32).toString('base64url')));
  return file;
}

async function readState(options: PlanOptions): Promise<PlanState> {
  const file = path.join(options.home, 'plan.json');
  const ids = organisations.flatMap((o) => o.instances.map((i) => instanceId(o, i)));
  const kept = await readFile(file, 'utf8').then(
    (text) => planState.parse(JSON.parse(text)),
    () => undefined,
  );
  const keep = (known: Record<string, string> | undefined, names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.map((n) => [n, known?.[n] ?? randomBytes(24).toString('base64url')]));
  const ports = await freePorts(ids, kept?.ports);
  const webPorts = await freePorts(
    organisations.map((o) => o.process),
    kept?.webPorts,
    new Set(Object.values(ports)),
  );
  const state: PlanState = {
    seed: kept?.seed ?? options.seed,
    residents: kept?.residents ?? options.residents,
    publicPort: options.publicPort,
    ports,
    webPorts,
    passwords: keep(kept?.passwords, ids),
    tokens: keep(kept?.tokens, [...ids, 'town/conductor', await largeEmployer(options)]),
  };
  await writeFile(file, JSON.stringify(state, null, 2), { mode: 0o600 });
  return state;
}

/** The payer whose software files salary reports in the walk; it enrols like any other peer. */
async function largeEmployer({ seed, residents }: PlanOptions): Promise<string> {
  const people = await makeTown({ seed, residents, civilDate: registerDate });
  return partyId(payerParty(people.employers[0]!.corporateNumber));
}

/** A free port for each name; the one of last time where it is still free. */
async function freePorts(
  names: readonly string[],
  before: Record<string, number> | undefined,
  taken = new Set<number>(),
): Promise<Record<string, number>> {
  const held: ReturnType<typeof createServer>[] = [];
  const listen = (port: number): Promise<number | undefined> =>
    new Promise((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(undefined));
      server.listen(port, '127.0.0.1', () => {
        held.push(server);
        resolve((server.address() as { port: number }).port);
      });
    });
  const ports: Record<string, number> = {};
  for (const name of names) {
    const wished = before?.[name];
    let port = wished === undefined || taken.has(wished) ? undefined : await listen(wished);
    while (port === undefined) port = await listen(0);
    ports[name] = port;
  }
  await Promise.all(held.map((s) => new Promise((resolve) => s.close(resolve))));
  return ports;
}

async function provisionAll(
  options: PlanOptions,
  state: PlanState,
  every: readonly { o: PlannedOrganisation; i: PlannedInstance; id: string }[],
): Promise<Map<string, string>> {
  const urls = new Map<string, string>();
  const queue = [...every];
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { id, i } = next;
      const definition = options.definitions.get(i.system);
      if (!definition) throw new Error(`there is no system "${i.system}"`);
      const database = `${options.prefix}_${id.replace(/[/-]/g, '_')}`;
      urls.set(
        id,
        await provisionDatabase(options.adminUrl, {
          database,
          appPassword: state.passwords[id]!,
          schemas: [...kernelSchemas, ...definition.schemas],
        }),
      );
      await markTown(options.adminUrl, database);
      options.onProgress?.(++done, every.length, id);
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  return urls;
}
