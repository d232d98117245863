import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type InquiryAnswer,
  type InquiryRequest,
  inquireFuhyo,
  inquiryAnswer,
  inquiryAnswerType,
  inquiryRequestType,
} from '@musubi/contracts/fuhyo/inquiry.ts';
import { type FuhyoNotice, fuhyoChanges, type SupplementItems } from '@musubi/contracts/fuhyo/notices.ts';
import { type ResidentNotice, residentChanges } from '@musubi/contracts/juki/notices.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { SettableCivilClock, systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { parseCanonicalJsonBytes } from '@musubi/kernel/crypto/canonical-json.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { signJws } from '@musubi/kernel/crypto/jws.ts';
import { type ActDeps, type Actor, act } from '@musubi/kernel/db/act.ts';
import { Notifications } from '@musubi/kernel/db/listen.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { createPeerClient, type PeerClient } from '@musubi/kernel/http/client.ts';
import { createPeerServer, type PeerServer } from '@musubi/kernel/http/server.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { type NewId, uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { createPageApp, type PageApp } from '@musubi/kernel/pages/app.ts';
import type { Stylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { type Party, partyId } from '@musubi/kernel/pki/party.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import type { Host, Instance, SystemDefinition } from '@musubi/kernel/serve/host.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import type { Family } from '@musubi/kernel/streams/family.ts';
import { deliverRoute, httpTransport } from '@musubi/kernel/streams/http.ts';
import { createInbox, withOwnDeps } from '@musubi/kernel/streams/inbox.ts';
import { createOutbox } from '@musubi/kernel/streams/outbox.ts';
import { type RelayDeps, relayOnce } from '@musubi/kernel/streams/relay.ts';
import { sealedPayloads } from '@musubi/kernel/streams/sealed-payloads.ts';
import { signedCodec } from '@musubi/kernel/streams/signed-codec.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { Vault } from '@musubi/kernel/vault/vault.ts';
import { definition as municipalDefinition } from '@musubi/municipal-juki/main.ts';
import { definition as nationalDefinition } from '@musubi/national-fuhyo/main.ts';
import { definition as prefecturalDefinition } from '@musubi/prefectural-juki/main.ts';
import { definition as residentDefinition } from '@musubi/resident-register/main.ts';
import { definition as fuhyoDefinition } from '../main.ts';

/* The supplement's chain: a ward's server, the prefecture's two servers, the national one, and askers. Real TLS, signatures, databases. */

const now = systemMachineClock.now();
const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 24 * 60 }) };
const ceremony = await holdCeremony(now);
export const trust = await trustWithCrl(ceremony, now);
export const partyOf = (id: string): Party => {
  const [organisation = '', system = ''] = id.split('/');
  return { organisation, system };
};

export const operator = (staffId = 'S-101'): Actor => ({
  kind: 'staff',
  organisation: 'tokyo',
  staffId,
  sessionId: `session-${staffId}`,
  terminalId: 'T-1',
});

export interface Member {
  readonly id: string;
  readonly t: TestDatabase;
  readonly host: Host;
  readonly instance: Instance;
  /** Those of the member's own system, which have no type in common: whoever calls an act or reads one says which. */
  readonly deps: never;
  readonly newId: NewId;
  readonly server: PeerServer;
  readonly peers: PeerClient;
  relay(receiver: string, family: string): ReturnType<typeof relayOnce>;
  close(): Promise<void>;
}

export interface FuhyoWorld extends AsyncDisposable {
  readonly civilClock: SettableCivilClock;
  readonly errors: unknown[];
  readonly directory: string;
  /** Moves the machine clock of the supplement's server alone. */
  pass(hours: number): void;
  readonly fuhyo: Member;
  readonly register: Member;
  readonly national: Member;
  readonly ward: Member;
  member(id: string): Member;
  pump(): Promise<void>;
  client(id: string): Promise<{ readonly identity: Identity; readonly client: PeerClient }>;
  addressOf(id: string): string | undefined;
}

export interface WorldOptions {
  readonly linksNumbers?: boolean;
  readonly nationalFaults?: { readonly seed: string; readonly failPerMille: number };
  readonly stylesheet?: Stylesheet;
  /** The ward's own resident register too, which then makes the notices itself. */
  readonly withRegister?: boolean;
}

export async function startWorld(options: WorldOptions = {}): Promise<FuhyoWorld> {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-fuhyo-'));
  const civilClock = new SettableCivilClock('2026-06-01');
  const addresses = new Map<string, string>();
  const identities = new Map<string, Identity>();
  const identityOf = async (id: string): Promise<Identity> => {
    const known = identities.get(id) ?? (await issueIdentity(ceremony.issuing, partyOf(id), validity));
    identities.set(id, known);
    return known;
  };
  const errors: unknown[] = [];
  let offset = Temporal.Duration.from({ hours: 0 });
  const shared = { directory, civilClock, addresses, identities, identityOf, errors };
  const wards = { '131105': 'meguro/municipal-juki', '131121': 'setagaya/municipal-juki' };
  const wardSettings = (ward: string) => ({
    residentRegister: `${ward}/resident-register`,
    prefecturalJuki: 'tokyo/prefectural-juki',
    nationalJuki: 'jlis/national-juki',
    fuhyoLink: 'tokyo/fuhyo-link',
  });
  const register: readonly [string, SystemDefinition, string, Record<string, unknown>] = [
    'meguro/resident-register',
    residentDefinition,
    '131105',
    { municipalJuki: 'meguro/municipal-juki', keepsFuhyo: true },
  ];
  const plan: readonly (readonly [string, SystemDefinition, string | undefined, Record<string, unknown>])[] = [
    ...(options.withRegister ? [register] : []),
    ['meguro/municipal-juki', municipalDefinition, '131105', wardSettings('meguro')],
    ['setagaya/municipal-juki', municipalDefinition, '131121', wardSettings('setagaya')],
    [
      'tokyo/prefectural-juki',
      prefecturalDefinition,
      '130001',
      {
        nationalJuki: 'jlis/national-juki',
        municipalities: wards,
        fuhyoLink: 'tokyo/fuhyo-link',
        linksNumbers: options.linksNumbers ?? false,
      },
    ],
    [
      'tokyo/fuhyo-link',
      fuhyoDefinition,
      '130001',
      { nationalFuhyo: 'jlis/national-fuhyo', prefecturalJuki: 'tokyo/prefectural-juki', municipalities: wards },
    ],
    [
      'jlis/national-fuhyo',
      nationalDefinition,
      undefined,
      options.nationalFaults ? { faults: options.nationalFaults } : {},
    ],
  ];
  const members = new Map<string, Member>();
  for (const [id, definition, code, settings] of plan) {
    const machineClock =
      id === 'tokyo/fuhyo-link'
        ? { now: () => systemMachineClock.now().add({ seconds: offset.total('seconds') }) }
        : systemMachineClock;
    const stylesheet = options.stylesheet ?? ({ css: '', href: '/-/style.css' } as unknown as Stylesheet);
    members.set(id, await startMember({ ...shared, id, definition, code, settings, machineClock, stylesheet }));
  }
  const clients: PeerClient[] = [];
  const member = (id: string): Member => members.get(id)!;
  return {
    civilClock,
    errors,
    directory,
    pass(hours) {
      offset = offset.add({ hours });
    },
    get fuhyo() {
      return member('tokyo/fuhyo-link');
    },
    get register() {
      return member('tokyo/prefectural-juki');
    },
    get national() {
      return member('jlis/national-fuhyo');
    },
    get ward() {
      return member('meguro/municipal-juki');
    },
    member,
    async pump() {
      for (let quiet = false, rounds = 0; !quiet; rounds++) {
        if (rounds > 300) throw new Error('the chain did not come to rest');
        quiet = true;
        for (const m of members.values()) {
          const streams = await m.t.owner<{ receiver: string; family: string }>(
            'select receiver, family from streams.outbound',
          );
          for (const { receiver, family } of streams) {
            if (!members.has(receiver)) continue;
            const outcome = await m.relay(receiver, family);
            if (outcome.kind === 'settled') quiet = false;
            // A server that fails on purpose is asked again.
            if (outcome.kind === 'held' && options.nationalFaults) {
              await m.t.owner('update streams.outbound set not_before = null');
              quiet = false;
            } else if (outcome.kind === 'held') throw new Error(`${m.id} → ${receiver} ${family}: ${outcome.because}`);
          }
        }
      }
    },
    addressOf: (id) => addresses.get(id),
    async client(id) {
      const identity = await identityOf(id);
      const client = createPeerClient({
        identity,
        trust,
        directory: (peer) => addresses.get(peer),
        machineClock: systemMachineClock,
        tries: 1,
      });
      clients.push(client);
      return { identity, client };
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.close();
      for (const m of members.values()) await m.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface MemberStart {
  readonly id: string;
  readonly definition: SystemDefinition;
  readonly code: string | undefined;
  readonly settings: Record<string, unknown>;
  readonly directory: string;
  readonly civilClock: SettableCivilClock;
  readonly machineClock: ActDeps['machineClock'];
  readonly addresses: Map<string, string>;
  readonly identities: ReadonlyMap<string, Identity>;
  readonly identityOf: (id: string) => Promise<Identity>;
  readonly errors: unknown[];
  readonly stylesheet: Stylesheet;
}

async function startMember(start: MemberStart): Promise<Member> {
  const { id, definition, directory, civilClock, machineClock, addresses, identities, errors } = start;
  const { organisation, system } = partyOf(id);
  const random = systemRandom;
  const newId = uuidV7Maker(systemMachineClock, random);
  const identity = await start.identityOf(id);
  const home = path.join(directory, organisation);
  const keys = await fileKeyProvider(path.join(home, system, 'vault-keys'));
  const keyStore = await SqliteKeyStore.open({
    directory: path.join(home, system, 'key-store'),
    keys,
    keepBackupDays: 7,
  });
  const vault = new Vault({ keys, machineClock, newId });
  const sealed = new SealedStore({ keyStore, machineClock, newId });
  const t = await testDatabase([...kernelSchemas, ...definition.schemas]);
  const roles = Object.keys(definition.rights.staff);
  const rights = createRights(definition.rights, organisation, { rolesOf: async () => roles });
  const audit = vault.audited(sealed.audited(auditSink({ instance: id, random })));
  const deps: ActDeps = { db: t.db, machineClock, civilClock, newId, random, rights, audit };
  const peers = createPeerClient({
    identity,
    trust,
    machineClock: systemMachineClock,
    directory: (peer) => addresses.get(peer),
    tries: 1,
    breakerThreshold: 1_000,
  });
  const certificateOf: Host['certificateOf'] = async (party, purpose) => {
    const chain = identities.get(partyId(party))?.[purpose].chain;
    if (!chain) throw new Error(`no certificate of ${partyId(party)}`);
    return chain;
  };
  const codec = signedCodec({
    identity,
    trust,
    machineClock: systemMachineClock,
    encryptionChainOf: (peer) => certificateOf(partyOf(peer), 'encryption'),
  });
  const payloads = sealedPayloads(sealed, systemMachineClock);
  const outbox = createOutbox({ payloads, newId, machineClock, random });
  const notifications = new Notifications(t.db);
  const alarms = { raise: () => undefined };
  const pages = async (more = {}): Promise<PageApp> =>
    createPageApp({
      system: { id: definition.system, name: definition.name.ja, gloss: definition.name.en },
      organisation: { id: organisation, name: '東京都', gloss: 'Tokyo Metropolis' },
      environment: trainingTown,
      session: {
        read: async () => ({
          actor: { ...operator(), organisation },
          displayName: '田中 花子',
          csrfSecret: new Uint8Array(32).fill(1),
        }),
      },
      mayOpen: async () => true,
      stylesheet: start.stylesheet,
      random: systemRandom,
      onError: (error) => void errors.push(error),
      ...more,
    });
  const host = {
    organisation: {
      organisation,
      name: { ja: organisation === 'meguro' ? '目黒区' : organisation, en: organisation },
      town: true,
      code: start.code,
      home,
    },
    config: { system, settings: start.settings },
    id,
    deps,
    civilClock,
    identity,
    trust,
    peers,
    outbox,
    vault,
    sealed,
    notifications,
    alarms,
    certificateOf,
    onError: (error: unknown, where: string) => void errors.push({ id, where, error }),
    pages,
  } as unknown as Host;
  const instance = await definition.start(host);
  const inbox = createInbox({
    deps,
    self: id,
    codec,
    handlers: (instance.handlers ?? []).map(({ handler, deps: own }) => withOwnDeps(handler, own)),
    alarms,
    onError: (error) => void errors.push({ id, error }),
  });
  const server = createPeerServer({
    identity,
    trust,
    machineClock: systemMachineClock,
    routes: [deliverRoute(inbox), ...(instance.routes ?? [])],
    onFault: (fault) => {
      if (fault.code !== 'peer-refused' && fault.code !== 'tls-refused') errors.push({ id, fault });
    },
  });
  addresses.set(id, `https://127.0.0.1:${await server.listen(0)}`);
  const holder = newId();
  const wire = httpTransport(peers);
  return {
    id,
    t,
    host,
    instance,
    deps: (instance.handlers?.[0]?.deps ?? deps) as never,
    newId,
    server,
    peers,
    relay(receiver, family) {
      const relay: RelayDeps = { ...deps, self: id, payloads, codec, transport: wire, alarms };
      return relayOnce(relay, { receiver, family }, holder, new AbortController().signal);
    },
    async close() {
      await server.close();
      await instance.stop?.();
      await peers.close();
      await notifications.close();
      keyStore[Symbol.dispose]();
      await t[Symbol.asyncDispose]();
    },
  };
}

/** An invented person of the ward. */
export interface Person {
  readonly residentRecordCode: string;
  readonly individualNumber: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: 'male' | 'female' | 'other';
}

const surnames = ['髙橋', '渡邊', '斉藤', '小林', '加藤', '吉田', '山本', '佐々木'];
const kana = ['タカハシ', 'ワタナベ', 'サイトウ', 'コバヤシ', 'カトウ', 'ヨシダ', 'ヤマモト', 'ササキ'];
let made = 0;
export function aPerson(more: Partial<Person> = {}): Person {
  const n = made++;
  return {
    residentRecordCode: makeResidentRecordCode(systemRandom),
    individualNumber: makeIndividualNumber(systemRandom).digits(),
    name: `${surnames[n % 8]}　花子`,
    nameKana: `${kana[n % 8]}　ハナコ`,
    birthDate: `19${70 + (n % 30)}-04-01`,
    sex: 'female',
    ...more,
  };
}

const lived = '東京都目黒区上目黒二丁目1番1号';

export const fuhyoNotice = (
  world: FuhyoWorld,
  person: Person,
  noticeKind: SupplementItems['noticeKind'],
  sequence: number,
  items: Partial<SupplementItems> = {},
): FuhyoNotice => ({
  changeId: world.ward.newId(),
  sequence,
  items: {
    residentRecordCode: person.residentRecordCode,
    name: person.name,
    nameGaijiCount: 0,
    nameKana: person.nameKana,
    birthDate: person.birthDate,
    sex: person.sex,
    addressMunicipalityCode: '131105',
    address: lived,
    addressGaijiCount: 0,
    lastAddress: null,
    lastAddressGaijiCount: 0,
    changedOn: '2026-05-20',
    formerResidentRecordCode: null,
    managingMunicipalityCode: '131105',
    recordState: noticeKind === 'removal' ? 'removed' : 'domestic',
    gaijiFlag: false,
    gaijiPattern: 'none',
    noticeKind,
    ...items,
  },
});

/** As the ward's register or another sender would put it on the way; goes to `receiver` unchecked by its sender. */
export async function send<M>(
  from: Member,
  receiver: string,
  family: Family<M>,
  message: M,
  subject: string = receiver,
): Promise<void> {
  const enqueue = act('test.send', {
    right: ['streams', 'relay', 'update'],
    async run(tx) {
      await from.host.outbox.enqueue(tx, { receiver, family, subject, message });
      tx.record({ event: 'test.sent' });
      return ok(undefined);
    },
  });
  unwrap(await enqueue(from.host.deps, { kind: 'job', name: 'test' }, undefined));
}

export async function sendFuhyo(world: FuhyoWorld, notice: FuhyoNotice, from: Member = world.ward): Promise<void> {
  await send(from, 'tokyo/fuhyo-link', fuhyoChanges, notice);
  await world.pump();
}

/** Notices to the prefecture's register: entered by birth, then perhaps gone abroad. */
export async function enterInRegister(world: FuhyoWorld, person: Person, options: { abroad: boolean }): Promise<void> {
  const notice = (reason: ResidentNotice['reason'], sequence: number, removed: boolean): ResidentNotice => ({
    changeId: world.ward.newId(),
    reason,
    changedOn: reason === 'moved-out-abroad' ? '2026-05-20' : '2020-04-01',
    status: removed ? 'removed' : 'resident',
    becameResidentOn: '2020-04-01',
    sequence,
    operatorId: 'S-1',
    terminalId: 'T-1',
    sourceAt: '2026-05-20T01:00:00Z',
    items: {
      residentRecordCode: person.residentRecordCode,
      name: person.name,
      nameGaijiCount: 0,
      nameKana: person.nameKana,
      birthDate: person.birthDate,
      sex: person.sex,
      address: lived,
      addressGaijiCount: 0,
      individualNumber: person.individualNumber,
      municipalityCode: '131105',
      azaCode: '',
      formerSurname: null,
      formerSurnameGaijiCount: 0,
      formerSurnameKana: null,
    },
  });
  await send(world.ward, 'tokyo/prefectural-juki', residentChanges, notice('moved-in', 1, false));
  if (options.abroad)
    await send(world.ward, 'tokyo/prefectural-juki', residentChanges, notice('moved-out-abroad', 2, true));
  await world.pump();
}

/** In both servers, gone abroad in both. */
export async function anEmigrant(world: FuhyoWorld, more: Partial<Person> = {}): Promise<Person> {
  const person = aPerson(more);
  await enterInRegister(world, person, { abroad: true });
  await sendFuhyo(world, fuhyoNotice(world, person, 'entry', 1));
  await sendFuhyo(world, fuhyoNotice(world, person, 'correction', 2, abroad));
  return person;
}
export const abroad = {
  recordState: 'abroad',
  addressMunicipalityCode: null,
  address: 'アメリカ合衆国',
  lastAddress: lived,
} as const;

export const asker = 'tokyo/child-chronic';

/** What a business system asks; by name and birth date where nothing else is said. */
export const inquiryOf = (world: FuhyoWorld, person: Person, more: Partial<InquiryRequest> = {}): InquiryRequest => ({
  v: 1,
  inquiryId: world.fuhyo.newId(),
  asker,
  requester: '福祉局子供・子育て支援部',
  task: 'child-chronic-disease',
  document: '受付第12号',
  key: { name: person.name, birthDate: person.birthDate },
  wantsNumber: true,
  wantsCode: false,
  at: systemMachineClock.now().toString({ fractionalSecondDigits: 3 }),
  ...more,
});

export const signedBy = (identity: Identity, request: InquiryRequest): string =>
  signJws({
    key: identity.signing.key,
    typ: inquiryRequestType,
    signer: { x5c: identity.signing.chain },
    payload: request,
  });

/** Asks as the business system does, and opens what comes back. */
export async function ask(
  world: FuhyoWorld,
  request: InquiryRequest,
): Promise<{ readonly ok: true; readonly value: InquiryAnswer } | { readonly ok: false; readonly error: string }> {
  const { identity, client } = await world.client(request.asker);
  const body = { inquiryId: request.inquiryId, request: signedBy(identity, request) };
  const answered = await client.call(inquireFuhyo, 'tokyo/fuhyo-link', {}, body);
  return answered.ok ? { ok: true, value: openAnswer(identity, answered.value.sealed) } : answered;
}

export function openAnswer(identity: Identity, sealed: string): InquiryAnswer {
  const opened = unwrap(
    openJwe(sealed, { privateKey: identity.encryption.key, typ: inquiryAnswerType, members: ['inq'] }),
  );
  return inquiryAnswer.parse(unwrap(parseCanonicalJsonBytes(opened.plaintext)));
}
