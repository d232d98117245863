import { verify, X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { deliverLinkageCode, obtainProcessingNumber } from '@musubi/contracts/exchange/endpoints.ts';
import { messageTypes, readSigned, sealedTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { cardAuthorities, certificateStatus, linkCardHolder } from '@musubi/contracts/portal/card.ts';
import type { PersonNotice } from '@musubi/contracts/portal/notices.ts';
import type { OwnInformation } from '@musubi/contracts/portal/own-information.ts';
import {
  askOwnRecords,
  type PersonRecord,
  type PersonRequest,
  personRequest,
} from '@musubi/contracts/portal/records.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sha256Base64url } from '@musubi/kernel/crypto/digest.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { importP256 } from '@musubi/kernel/crypto/p256.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { createPeerServer, type Route, route } from '@musubi/kernel/http/server.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { seededRandom, systemRandom } from '@musubi/kernel/random/random.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps, Procedure } from '../deps.ts';
import { routesOf } from '../http/routes.ts';
import { rights } from '../rights.ts';
import { createPortalSessions } from '../service/session.ts';
import { SessionMemory } from '../service/session-memory.ts';
import { mynaportalSchema } from '../store/schema-set.ts';
import { addAgentPages } from '../web/agent-pages.ts';
import { addApplicationPages } from '../web/application-pages.ts';
import { addInformationPages } from '../web/information-pages.ts';
import { addNoticePages } from '../web/notice-pages.ts';
import { addRecordPages } from '../web/record-pages.ts';
import { signInScripts } from '../web/scripts.ts';
import { addSignInPages } from '../web/sign-in-pages.ts';
import type { TestAuthority } from './a-card.ts';

export interface BodyAnswer {
  readonly organisation: string;
  readonly state: 'answered' | 'unavailable' | 'unknown';
  readonly records?: readonly PersonRecord[];
  readonly information?: readonly OwnInformation[];
  readonly notices?: readonly PersonNotice[];
}

/** What the peers of the portal do; tests change it. */
export interface PeerState {
  revoked: Set<string>;
  /** Card serial → person. */
  persons: Map<string, string>;
  jpkiDown: boolean;
  /** The root process never delivers. */
  deliverNothing: boolean;
  /** Person → what the bodies answer. */
  answers: Map<string, readonly BodyAnswer[]>;
  /** Whose name the answers' protected header bears; to plant a mistake. */
  answersAs: string | undefined;
  /** Who signs signature certificates, where it is not the authority of the cards (DER). */
  signatureAuthority: Buffer | undefined;
  /** Notices that the portal told as opened. */
  readonly opened: Set<string>;
  readonly asked: { readonly linkageCode: string; readonly from: string; readonly until: string }[];
}

const parties = {
  portal: { organisation: 'portal', system: 'mynaportal' },
  ins: { organisation: 'ins', system: 'information-providing-network' },
  root: { organisation: 'ins', system: 'linkage-root' },
  jpki: { organisation: 'jlis', system: 'jpki' },
  meguro: { organisation: 'meguro', system: 'intermediate-server' },
  tokyo: { organisation: 'tokyo', system: 'intermediate-server' },
  platform: { organisation: 'meguro', system: 'common-platform' },
  otherPlatform: { organisation: 'setagaya', system: 'common-platform' },
} as const;
type Name = keyof typeof parties;

/** What a body tells to one kind of question. */
function partOf(kind: PersonRequest['kind'], told: BodyAnswer, opened: ReadonlySet<string>) {
  if (kind === 'records') return { records: told.records ?? [] };
  if (kind === 'information') return { information: told.information ?? [] };
  const at = (n: PersonNotice) => (opened.has(n.noticeId) ? { state: 'opened', openedAt: n.lodgedAt } : {});
  return { notices: (told.notices ?? []).map((n) => ({ ...n, ...at(n) })) };
}

/** What the root process makes of a person: the same code whatever the card. */
export const codeOf = (person: string): string => `1${sha256Base64url(`code of ${person}`)}`;

const stylesheet = buildStylesheet({ sources: [fileURLToPath(new URL('../web/', import.meta.url))] });

/** The portal with pages, database and TLS, and peers that follow the contracts to the letter. */
export async function aPortal(
  authority: TestAuthority,
  options: { readonly town?: boolean; readonly procedures?: readonly Procedure[] } = {},
) {
  const started = Temporal.Now.instant();
  let offset = Temporal.Duration.from({ seconds: 0 });
  const machineClock = { now: () => Temporal.Now.instant().add(offset) };
  const { root, issuing } = await holdCeremony(started);
  const trust = await trustWithCrl({ root, issuing }, started);
  const validity = { from: started.subtract({ hours: 1 }), until: started.add({ hours: 100 }) };
  const identities = Object.fromEntries(
    await Promise.all(
      Object.entries(parties).map(async ([name, party]) => [name, await issueIdentity(issuing, party, validity)]),
    ),
  ) as Record<Name, Identity>;
  const ports = new Map<string, number>();
  const directory = (peer: string) => (ports.has(peer) ? `https://127.0.0.1:${ports.get(peer)}` : undefined);
  const client = (name: Name) => createPeerClient({ identity: identities[name], trust, directory, machineClock });
  const clients = {
    portal: client('portal'),
    root: client('root'),
    platform: client('platform'),
    otherPlatform: client('otherPlatform'),
  };
  const newId = uuidV7Maker(machineClock, systemRandom);

  const state: PeerState = {
    revoked: new Set(),
    persons: new Map(),
    jpkiDown: false,
    deliverNothing: false,
    answers: new Map(),
    answersAs: undefined,
    signatureAuthority: undefined,
    asked: [],
    opened: new Set(),
  };
  const numbers = new Set<string>();
  const requests = new Set<string>();
  const insRoutes = [
    route(obtainProcessingNumber, async ({ actor }) => {
      const at = machineClock.now();
      const number = newId();
      numbers.add(number);
      const { organisation, system } = actor;
      const until = at.add({ minutes: 10 }).toString();
      const payload = { v: 1, number, organisation, system, issuedAt: at.toString(), until };
      return ok({ processingNumber: signMessage(identities.ins, messageTypes.processingNumber, payload) });
    }),
    route(askOwnRecords, async ({ body, actor }) => {
      const signed = readSigned(body.request, messageTypes.personRequest, personRequest, trust, machineClock.now());
      if (!signed.ok || partyId(signed.value.signer) !== partyId(actor)) return err('bad-signature');
      const { requestId, answerKey, at, from, until, kind, opened = [] } = signed.value.payload;
      const late = Temporal.Instant.from(at).until(machineClock.now()).total('minutes');
      if (Math.abs(late) > 5 || requests.has(requestId)) return err('bad-signature');
      requests.add(requestId);
      const person = [...state.answers.keys()].find((each) => codeOf(each) === body.linkageCode);
      state.asked.push({ linkageCode: body.linkageCode, from, until });
      for (const noticeId of opened) state.opened.add(noticeId);
      if (person === undefined) return err('not-your-linkage-code');
      const answers = state.answers.get(person)!.map((told) => {
        const { organisation, state: said } = told;
        if (said !== 'answered') return { organisation, answer: '' as const, state: said };
        const content = { v: 1, requestId, organisation, ...partOf(kind, told, state.opened) };
        const answer = sealJwe({
          recipient: unwrap(importP256(answerKey)),
          typ: sealedTypes.personAnswer,
          plaintext: Buffer.from(canonicalJson(content)),
          members: { req: requestId, org: state.answersAs ?? organisation },
        });
        return { organisation, answer, state: said };
      });
      return ok({ answers });
    }),
  ];
  const jpkiRoutes = [
    route(cardAuthorities, async () => {
      if (state.jpkiDown) throw new Error('down');
      const certificate = authority.certificate.toString('base64');
      const signature = state.signatureAuthority?.toString('base64') ?? certificate;
      return ok({ signature, userAuthentication: certificate });
    }),
    route(certificateStatus, async ({ body }) =>
      ok({
        state: state.revoked.has(body.serial) ? ('revoked' as const) : ('good' as const),
        checkedAt: machineClock.now().toString(),
      }),
    ),
    route(linkCardHolder, async ({ body }) => {
      const { certificate, challenge, signature } = body.assertion;
      const card = new X509Certificate(Buffer.from(certificate, 'base64'));
      if (!verify('sha256', Buffer.from(challenge), card.publicKey, Buffer.from(signature, 'base64')))
        return err('assertion-refused');
      const number = JSON.parse(Buffer.from(body.processingNumber.split('.')[1]!, 'base64url').toString()).number;
      if (!numbers.delete(number)) return err('processing-number-invalid');
      const person = state.persons.get(card.serialNumber.toLowerCase().replace(/^0+/, ''));
      if (person === undefined) return err('no-such-person');
      if (state.deliverNothing) return err('unavailable');
      const linkageCode = codeOf(person);
      const delivered = await clients.root.call(
        deliverLinkageCode,
        'portal/mynaportal',
        {},
        { processingNumber: number, linkageCode },
      );
      return delivered.ok ? ok({ accepted: true as const }) : err('unavailable');
    }),
  ];

  const t = await testDatabase([auditSchema, mynaportalSchema], {
    rights: createRights(rights, 'portal', { rolesOf: async () => [] }),
    audit: auditSink({ instance: 'portal/mynaportal', random: seededRandom('portal') }),
  });
  const byId = new Map(Object.entries(parties).map(([name, party]) => [partyId(party), identities[name as Name]]));
  let handle: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 });
  const web = createServer(getRequestListener((request) => handle(request), { overrideGlobalObjects: false }));
  await new Promise<void>((done) => web.listen(0, '127.0.0.1', done));
  const origin = `http://portal.localhost:${(web.address() as AddressInfo).port}`;
  const deps: Deps = {
    ...t.deps,
    machineClock,
    random: systemRandom,
    newId,
    host: {
      identity: identities.portal,
      trust,
      peers: clients.portal,
      certificateOf: async (party, purpose) => {
        const known = byId.get(partyId(party));
        if (known === undefined) throw new Error('no such certificate');
        return known[purpose].chain;
      },
    },
    keys: { linkage: new Uint8Array(64).fill(1), challenge: new Uint8Array(32).fill(2) },
    town: options.town ?? true,
    origin,
    informationProvidingNetwork: 'ins/information-providing-network',
    jpki: 'jlis/jpki',
    bodies: new Map([
      ['meguro', { name: '目黒区', ims: 'meguro/intermediate-server' }],
      ['tokyo', { name: '東京都', ims: 'tokyo/intermediate-server' }],
    ]),
    procedures: options.procedures ?? [],
    shown: new SessionMemory(machineClock),
    information: new SessionMemory(machineClock),
    notices: new SessionMemory(machineClock),
  };

  const faults: unknown[] = [];
  const servers = await Promise.all(
    (
      [
        ['ins', insRoutes],
        ['jpki', jpkiRoutes],
        ['portal', routesOf(deps)],
      ] as [Name, readonly Route[]][]
    ).map(async ([name, routes]) => {
      const onFault = (fault: { error?: unknown }) => faults.push(fault.error ?? fault);
      const server = createPeerServer({ identity: identities[name], trust, machineClock, routes, onFault });
      ports.set(partyId(parties[name]), await server.listen(0));
      return server;
    }),
  );

  const app = createPageApp({
    system: { id: 'mynaportal', name: 'マイナポータル', gloss: 'Resident portal' },
    organisation: { id: 'portal', name: 'デジタル庁', gloss: 'Digital Agency' },
    environment: trainingTown,
    session: createPortalSessions(deps),
    mayOpen: (actor, right) => deps.rights.allows(undefined as never, actor, right), // the portal's table alone decides
    stylesheet: await stylesheet,
    random: systemRandom,
    origin,
    signInPath: '/sign-in',
    signOutPath: '/sign-out',
    nav: [{ label: 'やりとり履歴', href: '/records', right: ['mynaportal', 'record', 'read'] }],
    onError: (error) => faults.push(error),
  });
  addSignInPages(app, deps, await signInScripts());
  addInformationPages(app, deps);
  addNoticePages(app, deps);
  addApplicationPages(app, deps);
  addAgentPages(app, deps);
  addRecordPages(app, deps);
  handle = (request) => app.fetch(request);

  return {
    ...t,
    deps,
    state,
    app,
    origin,
    identities,
    faults,
    clients,
    /** Lets time pass for portal and peers alike. */
    pass: (duration: Temporal.DurationLike) => {
      offset = offset.add(duration);
    },
    async [Symbol.asyncDispose]() {
      web.closeAllConnections();
      await new Promise((done) => web.close(done));
      await Promise.all(Object.values(clients).map((each) => each.close()));
      await Promise.all(servers.map((server) => server.close()));
      await t[Symbol.asyncDispose]();
    },
  };
}
export type TestPortal = Awaited<ReturnType<typeof aPortal>>;
