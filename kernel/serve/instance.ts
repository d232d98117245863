import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { createRights } from '../access/rights.ts';
import { sessionPolicy } from '../access/session.ts';
import { createStaffAccess } from '../access/staff-access.ts';
import { auditSink } from '../audit/sink.ts';
import { runBackupWatch } from '../backup/watch.ts';
import { type CivilClock, systemMachineClock, tokyoCivilClock } from '../clocks/clock.ts';
import type { ActDeps } from '../db/act.ts';
import type { Catalogue } from '../db/catalogue.ts';
import { openDatabase } from '../db/database.ts';
import { Notifications } from '../db/listen.ts';
import type { Place } from '../db/place.ts';
import { runSessionWatch } from '../db-sessions/tell.ts';
import { createPeerClient } from '../http/client.ts';
import { createPeerServer } from '../http/server.ts';
import { uuidV7Maker } from '../ids/uuid.ts';
import { operationsNav, withOperators } from '../operations/operators.ts';
import { createPageApp } from '../pages/app.ts';
import type { Stylesheet } from '../pages/build-css.ts';
import { trainingTown } from '../pages/layout.ts';
import { joinPki } from '../pki/join.ts';
import { partyId } from '../pki/party.ts';
import { systemRandom } from '../random/random.ts';
import { deliverRoute, httpTransport } from '../streams/http.ts';
import { createInbox, withOwnDeps } from '../streams/inbox.ts';
import { createOutbox } from '../streams/outbox.ts';
import type { Alarms } from '../streams/ports.ts';
import { runRelays } from '../streams/relays.ts';
import { sealedPayloads } from '../streams/sealed-payloads.ts';
import { signedCodec } from '../streams/signed-codec.ts';
import { fileKeyProvider } from '../vault/key-provider.ts';
import type { KeyStore, KeyStoreUpkeep } from '../vault/key-store/key-store.ts';
import { SealedStore } from '../vault/sealed/sealed-store.ts';
import { Vault } from '../vault/vault.ts';
import { startAudit } from './audit-loops.ts';
import { certificateBook, partyOf } from './certificates.ts';
import { civilClockOf } from './civil-date.ts';
import { compositionOf, type Release } from './composition.ts';
import { type InstanceConfig, type OrganisationConfig, segmentOf } from './config.ts';
import type { Host, SystemDefinition } from './host.ts';
import { runHousekeeping } from './housekeeping.ts';
import type { ProcessLog } from './log.ts';
import { mountOperations } from './operations.ts';
import { addProcessPage, processLink } from './process-page.ts';
import { StartRefused, startProcess } from './process-starts.ts';
import { kernelSchemas } from './schemas.ts';

export interface RunningInstance {
  readonly system: string;
  readonly port: number;
  readonly host: string | undefined;
  /** Answers its host name. */
  readonly web: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  close(): Promise<void>;
}

export interface InstanceStart {
  readonly organisation: OrganisationConfig;
  readonly config: InstanceConfig;
  readonly definition: SystemDefinition;
  /** Of all systems of the organisation; none where this instance runs alone. */
  readonly catalogues?: ReadonlyMap<string, Catalogue>;
  readonly keyStore: KeyStore & KeyStoreUpkeep;
  readonly stylesheet: Stylesheet;
  readonly log: ProcessLog;
  readonly release: Release;
  /** Another process has taken this one's place: it may not answer any more. */
  readonly onDisplaced: (id: string) => void;
}

/** Builds one instance from configuration, database and keys, and starts it. The only place that ties the kernel's parts together. */
export async function startInstance(start: InstanceStart): Promise<RunningInstance> {
  const { organisation, config, definition, log } = start;
  const id = partyId({ organisation: organisation.organisation, system: config.system });
  const home = path.join(organisation.home, config.system);
  const machineClock = systemMachineClock;
  const random = systemRandom;
  const newId = uuidV7Maker(machineClock, random);
  const onError = (error: unknown, where: string): void => log.write('work.failed', { part: id, where }, { error });
  const alarms: Alarms = {
    raise: (alarm, detail) => log.write('alarm.raised', { part: id, alarm, detail: JSON.stringify(detail) }),
  };

  const db = openDatabase({ url: config.database.url });
  const place = await placeFor(start, { id, db, machineClock, random, newId, alarms }).catch(async (error: unknown) => {
    await db.close();
    throw error;
  });
  const pki = await joinPki({
    directory: path.join(home, 'identity'),
    party: { organisation: organisation.organisation, system: config.system },
    url: organisation.pki.url,
    rootFile: organisation.pki.rootFile,
    enrolmentToken: config.enrolmentToken,
    machineClock,
  }).catch(async (error: unknown) => {
    await place.release();
    await db.close();
    throw error;
  });
  const { identity, trust } = pki;
  const notifications = new Notifications(db);
  const stop = new AbortController();
  try {
    const vault = new Vault({ keys: await fileKeyProvider(path.join(home, 'vault-keys')), machineClock, newId });
    const sealed = new SealedStore({ keyStore: start.keyStore, machineClock, newId });
    const origin = config.host === undefined ? undefined : `http://${config.host}:${organisation.publicPort}`;

    // Rights ask the staff sessions, and these need deps of their own: bound late, never seen unbound.
    const unbound = {
      db,
      machineClock,
      newId,
      random,
      audit: vault.audited(sealed.audited(auditSink({ instance: id, random }))),
    };
    const staff = createStaffAccess({
      organisation: organisation.organisation,
      system: config.system,
      machineClock,
      onError,
      policy: { ...sessionPolicy, ...definition.session },
      ...(organisation.signIn && origin ? { signIn: { ...organisation.signIn, origin } } : {}),
    });
    const table = withOperators(definition.rights);
    const rights = createRights(table, organisation.organisation, staff.roles);
    const depsWith = (civilClock: CivilClock): ActDeps => ({ ...unbound, rights, civilClock });
    const civil = await civilClockOf(db, { is: organisation.town, startsOn: organisation.civilDate }, depsWith);
    const deps = depsWith(civil.clock);
    staff.start(deps);

    const peers = createPeerClient({
      identity,
      trust,
      machineClock,
      directory: (peer) => organisation.directory[peer],
    });
    const certificateOf = certificateBook(pki.repository, trust, machineClock);
    const codec = signedCodec({
      identity,
      trust,
      machineClock,
      encryptionChainOf: (peer) => certificateOf(partyOf(peer), 'encryption'),
    });
    const payloads = sealedPayloads(sealed, machineClock);
    const outbox = createOutbox({ payloads, newId, machineClock, random });

    const host: Host = {
      organisation,
      config,
      id,
      deps,
      civilClock: civil.clock,
      identity,
      trust,
      peers,
      outbox,
      vault,
      sealed,
      notifications,
      catalogues: start.catalogues ?? new Map(),
      alarms,
      certificateOf,
      onError,
      async pages(options = {}) {
        const isForStaff = options.session === undefined;
        const app = createPageApp({
          system: { id: definition.rights.system, name: definition.name.ja, gloss: definition.name.en },
          organisation: { id: organisation.organisation, name: organisation.name.ja, gloss: organisation.name.en },
          environment: organisation.town ? trainingTown : { kind: 'production' },
          session: staff.reader,
          mayOpen: staff.mayOpen(rights),
          opensPage: staff.opensPage,
          stylesheet: start.stylesheet,
          random,
          ...(origin === undefined ? {} : { origin }),
          ...staff.paths,
          onError: (error, reference) => log.write('page.failed', { part: id, reference }, { error }),
          ...(isForStaff ? { footer: processLink(start.release) } : {}),
          ...options,
          ...(isForStaff ? { nav: [...(options.nav ?? []), ...operationsNav(definition.rights)] } : {}),
        });
        if (isForStaff) {
          staff.mount(app);
          addProcessPage(app, deps);
        }
        return app;
      },
    };
    const instance = await definition.start(host);
    const operations = mountOperations(host, definition.rights, instance);
    const audit = startAudit({
      deps,
      identity,
      witnesses: config.witnesses,
      certificateOf,
      peers,
      notifications,
      alarms,
      onError,
    });
    const inbox = createInbox({
      deps,
      self: id,
      codec,
      handlers: [...staff.handlers(), ...(instance.handlers ?? [])].map(({ handler, deps: own }) =>
        withOwnDeps(handler, own),
      ),
      alarms,
      onError: (error) => onError(error, 'stream-handler'),
    });
    const server = createPeerServer({
      identity,
      trust,
      machineClock,
      admits: segmentOf(organisation.segments, config.system),
      mayAnswer: place.isHeld,
      routes: [deliverRoute(inbox), ...civil.routes, ...audit.routes, ...staff.routes, ...(instance.routes ?? [])],
      onFault: ({ code, endpoint = '', word = '', error }) =>
        log.write('peer.fault', { part: id, fault: code, endpoint, word }, { error }),
    });
    const port = await server.listen(config.port);
    const { signal } = stop;
    const backupWatch = (folder: string) => (s: AbortSignal) =>
      runBackupWatch(
        { deps, instance: id, folder, alarms },
        { notifications, signal: s, onError: (error) => onError(error, 'backup-watch') },
      );
    const relay = { ...deps, self: id, payloads, codec, alarms, transport: httpTransport(peers) };
    const loops = [
      ...audit.loops,
      (s: AbortSignal) => pki.follow(s, (error) => onError(error, 'revocations')),
      (s: AbortSignal) =>
        runRelays(relay, { notifications, signal: s, onError: (error) => onError(error, 'stream-relay') }),
      (s: AbortSignal) => runHousekeeping({ deps, keyStore: start.keyStore, onError }, notifications, s),
      (s: AbortSignal) =>
        runSessionWatch(
          { deps, instance: id, alarms },
          { notifications, signal: s, onError: (error) => onError(error, 'database-sessions') },
        ),
      ...(organisation.backups === undefined ? [] : [backupWatch(path.join(organisation.backups, config.system))]),
      ...operations,
      ...(instance.loops ?? []),
    ].map((loop, i) => loop(signal).catch((error) => onError(error, `loop-${i}`)));
    log.write('instance.ready', { part: id, port });
    const web =
      instance.web ?? (instance.pages && getRequestListener(instance.pages.fetch, { overrideGlobalObjects: false }));
    return {
      system: config.system,
      port,
      host: config.host,
      web: web && ((request, response) => (place.isHeld() ? web(request, response) : away(response))),
      async close() {
        stop.abort();
        await server.close();
        await Promise.all(loops);
        await instance.stop?.();
        await peers.close();
        await notifications.close();
        await db.close();
        await place.release();
        log.write('instance.stopped', { part: id });
      },
    };
  } catch (error) {
    stop.abort();
    await notifications.close();
    await db.close();
    await place.release();
    throw error;
  }
}

/** While the connection that holds the place is away, nobody knows whether another process has it. */
function away(response: ServerResponse): void {
  response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '2' });
  response.end('ただいま応答できません。少し待ってからもう一度開いてください。 Not available at the moment.\n');
}

/** The right to serve from this database, held for as long as the instance runs (INC-06). */
async function placeFor(
  { organisation, config, definition, release, onDisplaced }: InstanceStart,
  base: Pick<ActDeps, 'db' | 'machineClock' | 'random' | 'newId'> & { readonly id: string; readonly alarms: Alarms },
): Promise<Place> {
  const { id, alarms, ...kernel } = base;
  const schemas = [...kernelSchemas, ...definition.schemas];
  const of = await compositionOf(release, schemas, config);
  // Before anything of the system exists: the kernel's own act, which no person may do.
  const rights = createRights(definition.rights, organisation.organisation, { rolesOf: async () => [] });
  const audit = auditSink({ instance: id, random: kernel.random });
  const deps: ActDeps = { ...kernel, civilClock: tokyoCivilClock, rights, audit };
  try {
    return await startProcess({ deps, url: config.database.url, of, schemas, onDisplaced: () => onDisplaced(id) });
  } catch (error) {
    if (error instanceof StartRefused) alarms.raise('deployment-refused', { why: error.why });
    throw error;
  }
}
