import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ServerType, serve } from '@hono/node-server';
import { askAnotherBody, deferredInquiry, lodgeCopies } from '@musubi/contracts/exchange/endpoints.ts';
import { messageTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { registerPerson } from '@musubi/contracts/platform/persons.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { sha256Base64url } from '@musubi/kernel/crypto/digest.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { createPeerServer, route } from '@musubi/kernel/http/server.ts';
import { type IndividualNumber, makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { createPageApp, type PageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import { seededRandom, systemRandom } from '@musubi/kernel/random/random.ts';
import { err, ok, type Result, unwrap } from '@musubi/kernel/result/result.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { Vault } from '@musubi/kernel/vault/vault.ts';
import { type PaperDeps, settings as settingsSchema } from '../deps.ts';
import { definition } from '../main.ts';
import { startRecords } from '../records-module.ts';
import { rights } from '../rights.ts';
import { askTax } from '../service/ask-tax.ts';
import { decideCertification, type ProposeCertification, proposeCertification } from '../service/certify.ts';
import { checkEntry } from '../service/entry-check.ts';
import { type OpenCase, openCase, registerApplicant } from '../service/open-case.ts';
import { putToBoard, recordOpinion } from '../service/review-board.ts';
import { decideTierProposal, proposeTier } from '../service/tier.ts';
import { applicantNumberPages } from '../web/applicant-number.ts';
import { approvalPages } from '../web/approvals.ts';
import { caseInsurerPages } from '../web/case-insurer.ts';
import { casePages } from '../web/cases.ts';
import { certificateRequestPages } from '../web/certificate-requests.ts';

import { certificationPages } from '../web/certifications.ts';
import { copyPages } from '../web/copies.ts';
import { insurerPages } from '../web/insurers.ts';
import { intakePages } from '../web/intake.ts';
import { paperPages } from '../web/papers.ts';
import { registerUsePages } from '../web/register-uses.ts';
import { renewalPages } from '../web/renewals.ts';

export const schemas = [...kernelSchemas, ...definition.schemas];

const now = Temporal.Now.instant();
const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 24 }) };
const ceremony = await holdCeremony(now);
const trust = await trustWithCrl(ceremony, now);
const issue = (organisation: string, system: string) =>
  issueIdentity(ceremony.issuing, { organisation, system }, validity);
const identities = {
  own: await issue('tokyo', 'child-chronic'),
  platform: await issue('tokyo', 'common-platform'),
  ward: await issue('meguro', 'intermediate-server'),
  otherWard: await issue('setagaya', 'intermediate-server'),
  network: await issue('ins', 'information-providing-network'),
};

export const staff = (staffId: string): Extract<Actor, { kind: 'staff' }> => ({
  kind: 'staff',
  organisation: 'tokyo',
  staffId,
  sessionId: staffId,
});
export const officer = staff('officer1');
export const approver = staff('approver1');
export const viewer = staff('viewer1');
const roleOf = (staffId: string): string =>
  Object.entries({
    officer: 'case-officer',
    approver: 'approver',
    keeper: 'media-keeper',
    records: 'record-keeper',
    counter: 'disclosure-clerk',
    decider: 'disclosure-manager',
    operator: 'system-operator',
  }).find(([prefix]) => staffId.startsWith(prefix))?.[1] ?? 'viewer';

type Ask = Parameters<Parameters<typeof route<typeof askAnotherBody>>[1]>[0]['body'];
type Answer = ResponseOf<typeof askAnotherBody>;
type Lodge = RequestOf<typeof lodgeCopies>;

/** The platform and all behind it: strict in form (the contract's schemas), its answers as the test wants them. */
export interface Platform {
  register: (body: {
    individualNumber: string;
  }) => Result<
    { orgPersonNumber: string; known: boolean; linkage: 'none' | 'requested' | 'held' },
    'particulars-disagree'
  >;
  answer: (
    ask: Ask,
  ) => Promise<Result<Answer, 'no-linkage-code' | 'not-on-list' | 'own-list-refuses' | 'permit-expired' | 'congested'>>;
  readonly asked: Ask[];
  /** Where an inquiry stands that waits for its turn; undefined: the platform knows of none. */
  turn: ResponseOf<typeof deferredInquiry> | undefined;
  lodge: (body: Lodge) => Promise<Result<ResponseOf<typeof lodgeCopies>, 'not-your-information'>>;
  readonly lodged: Lodge[];
}

export interface World extends AsyncDisposable {
  readonly t: TestDatabase;
  readonly deps: PaperDeps;
  readonly platform: Platform;
  readonly faults: unknown[];
  readonly keyStore: SqliteKeyStore;
  readonly records: ReturnType<typeof startRecords>;
  /** Serves the pages to a browser; `as` may be changed between requests. */
  pages(): Promise<{ readonly url: string; as: Extract<Actor, { kind: 'staff' }> }>;
}

export const taxAnswer = {
  課税区分: '課税',
  合計所得金額: 3_880_000,
  調整控除後所得割額: 81_000,
  市町村民税所得割額: 69_000,
};

/** A well-made answer with permit and evidence; `more` bends it. */
export function answerTo(
  ask: Ask,
  more: Partial<Answer> & { signer?: 'ward' | 'otherWard'; permitNumberInPermit?: string } = {},
): Answer {
  const { signer = 'ward', permitNumberInPermit, ...rest } = more;
  const inquiryNumber = '018f0000-0000-7000-8000-000000000001';
  const permitNumber = '7b1f2f0e-0000-4000-8000-000000000001';
  const at = Temporal.Now.instant();
  const permit = signMessage(identities.network, messageTypes.permit, {
    v: 1,
    permitNumber: permitNumberInPermit ?? permitNumber,
    inquiryNumber,
    statement: 'A'.repeat(43),
    provider: ask.provider,
    subjectCommitment: 'B'.repeat(43),
    listVersion: '2026-04-01',
    listRow: '009-TKX-0001-W',
    issuedAt: at.toString(),
    acceptUntil: at.add({ minutes: 5 }).toString(),
  });
  const result = rest.result ?? '00';
  return {
    requestId: ask.requestId,
    asker: ask.asker,
    inquiryNumber,
    permitNumber,
    result,
    validFrom: result === '00' ? '2026-06-10' : null,
    items: result === '00' ? taxAnswer : {},
    permit,
    evidence: signMessage(identities[signer], messageTypes.provision, {
      v: 1,
      inquiryNumber,
      permitNumber,
      permit: sha256Base64url(permit),
      answer: 'C'.repeat(43),
      result,
      eventId: '018f0000-0000-7000-8000-000000000002',
      at: at.toString(),
    }),
    answeredAt: at.toString(),
    ...rest,
  };
}

/** The office's own pages, as `main.ts` adds them. */
export function addPages(app: PageApp, deps: PaperDeps): void {
  intakePages(app, deps);
  casePages(app, deps);
  certificateRequestPages(app, deps);
  approvalPages(app, deps);
  paperPages(app, deps);
  insurerPages(app, deps);
  caseInsurerPages(app, deps);
  copyPages(app, deps);
  certificationPages(app, deps);
  renewalPages(app, deps);
  registerUsePages(app, deps);
  applicantNumberPages(app, deps);
}

/** Both ends of a call share one process, which may wait long for its turn on a busy machine; no test here is of a slow peer. */
const patienceMs = 120_000;

export async function aWorld(): Promise<World> {
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-child-chronic-'));
  const t = await testDatabase(schemas, { today: '2026-07-10' });
  const machineClock = systemMachineClock;
  const newId = uuidV7Maker(machineClock, systemRandom);
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const vault = new Vault({ keys, machineClock, newId });
  const keyStore = await SqliteKeyStore.open({ directory, keys, keepBackupDays: 7 });
  const sealed = new SealedStore({ keyStore, machineClock, newId });
  const faults: unknown[] = [];
  const platform: Platform = {
    register: () => ok({ orgPersonNumber: '123456789012345', known: false, linkage: 'none' }),
    answer: async (ask) => ok(answerTo(ask)),
    asked: [],
    turn: undefined,
    lodge: async ({ copies }) => ok({ accepted: copies.length, rejected: [] }),
    lodged: [],
  };
  const server = createPeerServer({
    identity: identities.platform,
    trust,
    machineClock,
    routes: [
      route(registerPerson, async ({ body }) => platform.register(body)),
      route(askAnotherBody, async ({ body }) => {
        platform.asked.push(body);
        return platform.answer(body);
      }),
      route(deferredInquiry, async () => (platform.turn === undefined ? err('not-deferred') : ok(platform.turn))),
      route(lodgeCopies, async ({ body }) => {
        platform.lodged.push(body);
        return platform.lodge(body);
      }),
    ],
    onFault: (fault) => faults.push(fault),
    limits: { headersTimeoutMs: patienceMs, bodyTimeoutMs: patienceMs },
  });
  const port = await server.listen(0);
  const peers = createPeerClient({
    identity: identities.own,
    trust,
    machineClock,
    directory: (peer) => (peer === 'tokyo/common-platform' ? `https://127.0.0.1:${port}` : undefined),
    connectTimeoutMs: patienceMs,
    timeoutMs: patienceMs,
  });
  const given = settingsSchema.parse({
    providers: [
      { organisation: 'setagaya', name: '世田谷区', signer: 'setagaya/intermediate-server' },
      { organisation: 'meguro', name: '目黒区', signer: 'meguro/intermediate-server' },
    ],
  });
  const deps: PaperDeps = {
    ...t.deps,
    machineClock,
    newId,
    rights: createRights(rights, 'tokyo', { rolesOf: async (_tx, { staffId }) => [roleOf(staffId)] }),
    audit: vault.audited(sealed.audited(auditSink({ instance: 'tokyo/child-chronic', random: systemRandom }))),
    settings: { ...given, commonPlatform: 'tokyo/common-platform' },
    vault,
    sealed,
    peers,
    trust,
    typesetter,
    subjectCheckKey: new Uint8Array(32).fill(3),
  };
  const records = startRecords(deps, given.disclosure);
  let web: ServerType | undefined;
  return {
    t,
    deps,
    platform,
    faults,
    keyStore,
    records,
    async pages() {
      const state = { url: '', as: officer };
      const app = createPageApp({
        system: {
          id: 'child-chronic',
          name: '医療費助成事務システム（小児慢性）',
          gloss: 'Subsidy for chronic childhood diseases',
        },
        organisation: { id: 'tokyo', name: '東京都', gloss: 'Tokyo Metropolis' },
        environment: trainingTown,
        session: {
          read: async () => ({
            actor: state.as,
            displayName: state.as.staffId,
            csrfSecret: new Uint8Array(32).fill(7),
          }),
        },
        mayOpen: (actor, right) =>
          typeof right === 'string'
            ? Promise.resolve(true)
            : deps.rights.allows(undefined as unknown as Tx, actor, right),
        stylesheet: await buildStylesheet({
          sources: [path.join(import.meta.dirname, '../web')],
          cacheFolder: path.join(directory, 'css'),
        }),
        random: systemRandom,
        onError: (error) => faults.push(error),
      });
      addPages(app, deps);
      records.addPages(app);
      await new Promise<void>((resolve) => {
        web = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve());
      });
      state.url = `http://med.tokyo.localhost:${(web!.address() as AddressInfo).port}`;
      return state;
    },
    async [Symbol.asyncDispose]() {
      web?.close();
      await records.stop();
      await peers.close();
      await server.close();
      keyStore[Symbol.dispose]();
      await t[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** For those test files that print; close it at their end. */
export const typesetter = lazyTypesetter({ templatesFolder: path.join(import.meta.dirname, '../documents/') });

const second = staff('officer2');

/** A case whose entry stands and whose tier is decided. */
export async function aTieredCase(w: World, more: Partial<OpenCase> = {}): Promise<string> {
  const { caseId } = unwrap(await openCase(w.deps, officer, anApplication(w, more)));
  unwrap(await registerApplicant(w.deps, officer, { caseId }));
  unwrap(await checkEntry(w.deps, second, { caseId, differing: [] }));
  unwrap(await askTax(w.deps, officer, { caseId, requestId: w.deps.newId(), provider: 'meguro' }));
  const { approvalId } = unwrap(await proposeTier(w.deps, officer, { caseId }));
  unwrap(await decideTierProposal(w.deps, approver, { approvalId, approve: true, reason: '' }));
  return caseId;
}

/** The board's word about a case, on today's meeting. */
export async function boardSays(
  w: World,
  caseId: string,
  opinion: 'approved' | 'not-approved' = 'approved',
  reason = '',
): Promise<void> {
  const heldOn = w.deps.civilClock.today().toString();
  const { meetingId } = unwrap(await putToBoard(w.deps, officer, { caseId, heldOn }));
  unwrap(await recordOpinion(w.deps, officer, { caseId, meetingId, opinion, reason }));
}

export const terms = {
  diseaseCode: '08-01',
  diseaseName: 'ファロー四徴症',
  from: '2026-07-01',
  diagnosedOn: '2026-06-20',
  unavoidable: false,
  other: undefined,
} as const;

/** From the entry to the decision. */
export async function aCertifiedCase(
  w: World,
  more: Partial<OpenCase> = {},
  asked: ProposeCertification['terms'] = terms,
): Promise<{ readonly caseId: string; readonly beneficiaryNumber: string }> {
  const caseId = await aTieredCase(w, more);
  await boardSays(w, caseId);
  const { approvalId } = unwrap(await proposeCertification(w.deps, officer, { caseId, terms: asked }));
  const made = unwrap(await decideCertification(w.deps, approver, { approvalId, approve: true, reason: '' }));
  return { caseId, beneficiaryNumber: made.beneficiaryNumber! };
}

const random = seededRandom('child chronic tests');
export const aNumber = (): IndividualNumber => makeIndividualNumber(random);

export const anApplication = (
  w: World,
  more: Partial<OpenCase> = {},
): OpenCase & { readonly individualNumber: string } => ({
  requestId: w.deps.newId(),
  kind: 'renewal',
  appliedOn: '2026-07-01',
  patientName: '目黒 一郎',
  patientKana: 'メグロ イチロウ',
  patientBirthOn: '2018-06-01',
  applicantIsPatient: false,
  applicantName: '目黒 花子',
  applicantKana: 'メグロ ハナコ',
  applicantBirthOn: '1988-04-02',
  applicantSex: 'female',
  applicantAddress: '東京都目黒区上目黒二丁目19番15号',
  individualNumber: aNumber().digits(),
  insurer: 'employee-dependent',
  otherMembers: 0,
  condition: 'general',
  declaredTax: null,
  formVersion: '2026-04',
  noticeConfirmed: true,
  identity: { numberDocument: 'card', identityDocuments: ['card'], proxy: null },
  channel: 'counter',
  sheets: 3,
  ...(more as Partial<OpenCase & { readonly individualNumber: string }>),
});

export const refuse =
  <W extends string>(word: W) =>
  async () =>
    err(word);
