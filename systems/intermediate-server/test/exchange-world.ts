import { createPublicKey, sign, X509Certificate } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  askAnotherBody,
  beginLinkage,
  deliverLinkageCode,
  deriveLinkageCode,
  lodgeCopies,
  obtainProcessingNumber,
} from '@musubi/contracts/exchange/endpoints.ts';
import { sealedTypes } from '@musubi/contracts/exchange/signed.ts';
import { definition as network } from '@musubi/information-providing-network/main.ts';
import { definition as root } from '@musubi/information-providing-network/root/main.ts';
import { createRights, roleMay } from '@musubi/kernel/access/rights.ts';
import { logOrigin, Sequencer } from '@musubi/kernel/audit/sequencer.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { SettableCivilClock } from '@musubi/kernel/clocks/clock.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import type { ActDeps, Actor } from '@musubi/kernel/db/act.ts';
import { Notifications } from '@musubi/kernel/db/listen.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { createPeerClient, type PeerClient } from '@musubi/kernel/http/client.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';
import { createPeerServer, type Route, route, type ServerFault } from '@musubi/kernel/http/server.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { createPageApp, type PageApp } from '@musubi/kernel/pages/app.ts';
import type { Stylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { formToken } from '@musubi/kernel/pages/security.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { segmentOf } from '@musubi/kernel/serve/config.ts';
import type { Host, Instance, SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { schemasTogether } from '@musubi/kernel/serve/schemas.ts';
import { createOutbox } from '@musubi/kernel/streams/outbox.ts';
import { sealedPayloads } from '@musubi/kernel/streams/sealed-payloads.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { Vault } from '@musubi/kernel/vault/vault.ts';
import { definition as ims } from '../main.ts';

export interface Placed {
  readonly t: TestDatabase;
  readonly deps: ActDeps;
  readonly identity: Identity;
  readonly host: Host;
  readonly pages: PageApp;
  readonly instance: Instance;
  readonly keyStore: SqliteKeyStore;
  /** Loops once around where a test needs what they do. */
  readonly faults: ServerFault[];
}

interface LoggedEvent {
  readonly at: string;
  readonly actor: Readonly<Record<string, string>>;
  readonly items?: readonly string[];
  readonly recipient?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}
export type StaffActor = Extract<Actor, { kind: 'staff' }>;
interface Seat {
  readonly actor: StaffActor;
  readonly roles: readonly string[];
}
/** Where a test says nothing of who sits there. */
const usualSeat = (organisation: string): Seat => ({
  actor: { kind: 'staff', organisation, staffId: 's-1', sessionId: 'x-1' },
  roles: ['ims-operator', 'network-operator', 'log-analyst'],
});

export type Asked = RequestOf<typeof askAnotherBody>;

const organisations = { meguro: { kind: 'ward' }, setagaya: { kind: 'ward' }, tokyo: { kind: 'prefecture' } };
/** As in the town: the network reaches a body's intermediate server and nothing behind it, the portal its platform. */
export const bodySegments = { ins: ['intermediate-server'], portal: ['common-platform'] };

/** Ward, prefecture, network and root process with real TLS, certificates and databases; machine and civil clock are movable. */
export async function exchangeWorld(options: { readonly stylesheet?: Stylesheet } = {}) {
  const began = Temporal.Now.instant();
  let ahead = Temporal.Duration.from({ seconds: 0 });
  const machineClock = { now: () => Temporal.Now.instant().add(ahead) };
  const civilClock = new SettableCivilClock('2026-06-10');
  const newId = uuidV7Maker(machineClock, systemRandom);
  const ceremony = await holdCeremony(began.subtract({ hours: 24 }));
  const validity = { from: began.subtract({ hours: 1 }), until: began.add({ hours: 24 * 300 }) };
  const trust = await trustWithCrl(ceremony, began.subtract({ hours: 1 }), [], 1, 24 * 300);
  const directory = new Map<string, string>();
  const home = await mkdtemp(path.join(tmpdir(), 'musubi-exchange-'));
  const open: AsyncDisposable[] = [];
  const known = new Map<string, Identity>();
  const seats = new Map<string, Seat>();

  const identityOf = (organisation: string, system: string): Promise<Identity> =>
    issueIdentity(ceremony.issuing, { organisation, system }, validity);
  const clientOf = (identity: Identity, changed: Record<string, string> = {}): PeerClient => {
    const client = createPeerClient({
      identity,
      trust,
      machineClock,
      directory: (peer) => changed[peer] ?? directory.get(peer),
      backoffBaseMs: 1,
      breakerThreshold: 1_000,
    });
    open.push(client);
    return client;
  };
  const serveAs = async (
    identity: Identity,
    routes: readonly Route[],
    faults: ServerFault[] = [],
    segments: Readonly<Record<string, readonly string[]>> = {},
  ): Promise<string> => {
    const server = createPeerServer({
      identity,
      trust,
      routes,
      machineClock,
      admits: segmentOf(segments, identity.system),
      onFault: (fault) => faults.push(fault),
    });
    open.push(server);
    return `https://127.0.0.1:${await server.listen(0)}`;
  };

  const place = async (
    definition: SystemDefinition,
    organisation: string,
    settings: Record<string, unknown>,
  ): Promise<Placed> => {
    const t = await testDatabase(schemasTogether([definition]));
    open.push(t);
    const identity = await identityOf(organisation, definition.system);
    const id = partyId(identity);
    known.set(id, identity);
    const keys = await fileKeyProvider(path.join(home, id, 'keys'));
    const keyStore = await SqliteKeyStore.open({
      directory: path.join(home, id, 'key-store'),
      keys,
      keepBackupDays: 7,
    });
    open.push({ [Symbol.asyncDispose]: async () => keyStore[Symbol.dispose]() });
    const sealed = new SealedStore({ keyStore, machineClock, newId });
    const vault = new Vault({ keys, machineClock, newId });
    const seat = (): Seat => seats.get(id) ?? usualSeat(organisation);
    const deps: ActDeps = {
      db: t.db,
      machineClock,
      civilClock,
      newId,
      random: systemRandom,
      rights: createRights(definition.rights, organisation, {
        rolesOf: async (_tx, { staffId }) => {
          const seated = [...seats.values()].find(({ actor }) => actor.staffId === staffId);
          return [...(seated ?? usualSeat(organisation)).roles];
        },
      }),
      audit: vault.audited(sealed.audited(auditSink({ instance: id, random: systemRandom }))),
    };
    const pages = createPageApp({
      system: { id: definition.system, name: definition.name.ja, gloss: definition.name.en },
      organisation: { id: organisation, name: organisation, gloss: organisation },
      environment: trainingTown,
      session: {
        read: async () => ({ actor: seat().actor, displayName: '試験 花子', csrfSecret: new Uint8Array(32) }),
      },
      mayOpen: async (_actor, right) =>
        !seats.has(id) || seat().roles.some((role) => roleMay(definition.rights, role, right)),
      stylesheet: options.stylesheet ?? { href: '/-/style.css', css: '' },
      random: systemRandom,
    });
    const host = {
      organisation: {
        organisation,
        name: { ja: organisation, en: organisation },
        town: true,
        home: path.join(home, organisation),
      },
      config: { system: definition.system, settings },
      id,
      deps,
      civilClock,
      identity,
      trust,
      peers: clientOf(identity),
      sealed,
      vault,
      outbox: createOutbox({
        payloads: sealedPayloads(sealed, machineClock),
        newId,
        machineClock,
        random: systemRandom,
      }),
      notifications: new Notifications(t.db),
      certificateOf: async (
        party: { organisation: string; system: string },
        purpose: 'signing' | 'encryption' | 'log',
      ) => known.get(partyId(party))?.[purpose].chain ?? [],
      alarms: { raise() {} },
      onError(error: unknown) {
        throw error;
      },
      pages: async () => pages,
    } as unknown as Host;
    const instance = await definition.start(host);
    const faults: ServerFault[] = [];
    const isBody = Object.hasOwn(organisations, organisation);
    directory.set(id, await serveAs(identity, instance.routes ?? [], faults, isBody ? bodySegments : {}));
    return { t, deps, identity, host, pages, instance, faults, keyStore };
  };
  /** Who sits before the pages of an instance from now on. */
  const sit = (id: string, staffId: string, roles: readonly string[], terminalId = 'T-1'): StaffActor => {
    const [organisation = ''] = id.split('/');
    const actor = { kind: 'staff', organisation, staffId, sessionId: `session-${staffId}`, terminalId } as const;
    seats.set(id, { actor, roles });
    return actor;
  };

  /** A page as whoever sits there sees it. */
  const read = async ({ pages }: Placed, path: string): Promise<{ status: number; text: string }> => {
    const answer = await pages.fetch(new Request(`http://page${path}`));
    return { status: answer.status, text: await answer.text() };
  };
  /** What the log of an instance says under an event's name, with whom it was about; numbered or not yet. */
  const eventsOf = async ({ t }: Placed, event: string) =>
    (
      await t.owner<{ body: string; subjects: string[] }>(
        `select body, array(select subject from audit.subject s where s.event_id = e.event_id and s.subject is not null) as subjects
           from (select event_id, body from audit.intake_event union all select event_id, body from audit.entry) e
          where body::jsonb ->> 'event' = $1 order by e.event_id`,
        [event],
      )
    ).map(({ body, subjects }) => ({ subjects, ...(JSON.parse(body) as LoggedEvent) }));
  /** A form sent by whoever sits there; `location` where it leads on. */
  const post = async ({ host, pages }: Placed, path: string, fields: Record<string, string | File>) => {
    const { actor } = seats.get(host.id) ?? usualSeat(host.organisation.organisation);
    const session = { actor, displayName: '', csrfSecret: new Uint8Array(32) };
    const body = new FormData();
    for (const [name, value] of Object.entries({ _token: formToken(session), ...fields })) body.append(name, value);
    const headers = { origin: 'http://page', 'sec-fetch-site': 'same-origin' };
    const answer = await pages.fetch(new Request(`http://page${path}`, { method: 'POST', headers, body }));
    return { status: answer.status, location: answer.headers.get('location') ?? '', text: await answer.text() };
  };

  const imsSettings = {
    organisations,
    owners: { 'TKX-0001': 'resident-tax', 'TKX-0014': 'child-chronic' },
    askers: {
      'MS2-009': 'child-chronic',
      'MS2-161': 'child-chronic',
      'MS2-048': 'resident-tax',
      'MS2-777': 'child-chronic',
      'MS2-020': 'welfare',
    },
  };
  const placed = {
    network: await place(network, 'ins', { organisations }),
    root: await place(root, 'ins', { organisations: [...Object.keys(organisations), 'portal'] }),
    meguro: await place(ims, 'meguro', imsSettings),
    tokyo: await place(ims, 'tokyo', imsSettings),
  };
  const identities = {
    meguroPlatform: await identityOf('meguro', 'common-platform'),
    tokyoPlatform: await identityOf('tokyo', 'common-platform'),
    register: await identityOf('jlis', 'national-juki'),
    portal: await identityOf('portal', 'mynaportal'),
  };
  const clients = {
    meguroPlatform: clientOf(identities.meguroPlatform),
    tokyoPlatform: clientOf(identities.tokyoPlatform),
    register: clientOf(identities.register),
    portal: clientOf(identities.portal),
  };
  const portalCodes = new Map<string, string>();
  directory.set(
    'portal/mynaportal',
    await serveAs(identities.portal, [
      route(deliverLinkageCode, async ({ body }) => {
        portalCodes.set(body.processingNumber, body.linkageCode);
        return ok({ stored: true });
      }),
    ]),
  );

  const derive = async (processingNumber: string, residentRecordCode: string) => {
    const recipient = new X509Certificate(placed.root.identity.encryption.chain[0]!).publicKey;
    const plaintext = Buffer.from(canonicalJson({ v: 1, processingNumber, residentRecordCode }));
    const sealed = sealJwe({ recipient, typ: sealedTypes.rootRequest, plaintext });
    return clients.register.call(deriveLinkageCode, 'ins/linkage-root', {}, { requestId: newId(), sealed });
  };
  const link = async (
    organisation: 'meguro' | 'tokyo',
    orgPersonNumber: string,
    residentRecordCode: string,
  ): Promise<void> => {
    const platform = organisation === 'meguro' ? clients.meguroPlatform : clients.tokyoPlatform;
    const begun = unwrap(
      await platform.call(
        beginLinkage,
        `${organisation}/intermediate-server`,
        {},
        { requestId: newId(), orgPersonNumber },
      ),
    );
    unwrap(await derive(begun.processingNumber, residentRecordCode));
  };
  let persons = 0;
  return {
    ...placed,
    identities,
    clients,
    directory,
    trust,
    machineClock,
    civilClock,
    newId,
    home,
    ceremony,
    place,
    sit,
    read,
    post,
    eventsOf,
    known,
    identityOf,
    clientOf,
    serveAs,
    derive,
    link,
    portalCodes,
    /** Moves the machine clock of all. */
    wait(duration: Temporal.DurationLike): void {
      ahead = ahead.add(duration);
    },
    /** A person known to both bodies, with a lodged copy in the ward where `items` are given. */
    async person(
      items?: Record<string, string | number | boolean | null>,
      marks: { blocked?: boolean; withheld?: boolean } = {},
    ) {
      persons += 1;
      const ward = `1${String(persons).padStart(14, '0')}`;
      const prefecture = `2${String(persons).padStart(14, '0')}`;
      const residentRecordCode = `9${String(persons).padStart(10, '0')}`;
      await this.link('meguro', ward, residentRecordCode);
      await this.link('tokyo', prefecture, residentRecordCode);
      if (items) {
        const lodged = unwrap(
          await clients.meguroPlatform.call(
            lodgeCopies,
            'meguro/intermediate-server',
            {},
            {
              batchId: newId(),
              system: 'resident-tax',
              kind: 'difference',
              copies: [
                {
                  row: 1,
                  orgPersonNumber: ward,
                  informationCode: 'TKX-0001',
                  condition: { taxYear: 2026 },
                  validFrom: '2026-06-01',
                  items,
                  autoReplyBlocked: marks.blocked ?? false,
                  withheldFromPerson: marks.withheld ?? false,
                },
              ],
            },
          ),
        );
        if (lodged.accepted !== 1) throw new Error('the copy was rejected');
      }
      return { ward, prefecture, residentRecordCode };
    },
    question(prefecture: string, more: Partial<Asked> = {}): Asked {
      return {
        requestId: newId(),
        asker: { system: 'child-chronic', staffId: 's-7', caseReference: 'C-1' },
        orgPersonNumber: prefecture,
        procedure: 'MS2-009',
        informationCode: 'TKX-0001',
        items: ['市町村民税所得割額', '課税区分'],
        condition: { taxYear: 2026 },
        provider: 'meguro',
        ...more,
      };
    },
    ask(question: Asked) {
      return clients.tokyoPlatform.call(askAnotherBody, 'tokyo/intermediate-server', {}, question);
    },
    async portalCode(residentRecordCode: string): Promise<string> {
      const { processingNumber } = unwrap(
        await clients.portal.call(
          obtainProcessingNumber,
          'ins/information-providing-network',
          {},
          { requestId: newId() },
        ),
      );
      unwrap(await derive(processingNumber, residentRecordCode));
      return [...portalCodes.values()].at(-1)!;
    },
    /** Numbers and signs the log of an instance; gives the key with which proofs are checked. */
    async sealLog(at: Placed) {
      const name = logOrigin(at.host.id);
      const publicKey = createPublicKey(at.identity.log.key).export({ format: 'der', type: 'spki' }).subarray(-32);
      const sequencer = new Sequencer({
        db: at.t.db,
        machineClock,
        signer: { name, publicKey, sign: (bytes) => sign(null, bytes, at.identity.log.key) },
      });
      await sequencer.drain();
      await sequencer.checkpoint();
      return { name, publicKey };
    },
    async [Symbol.asyncDispose]() {
      for (const each of open.reverse()) await each[Symbol.asyncDispose]();
    },
  };
}
export type ExchangeWorld = Awaited<ReturnType<typeof exchangeWorld>>;
