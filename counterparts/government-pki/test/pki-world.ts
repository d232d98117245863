import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { approvalsSchema } from '@musubi/kernel/access/approvals/schema.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { backupSchema } from '@musubi/kernel/backup/schema-set.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { createPeerServer } from '@musubi/kernel/http/server.ts';
import { jobsSchema } from '@musubi/kernel/jobs/schema.ts';
import { operationsSchema } from '@musubi/kernel/operations/schema-set.ts';
import { pkiParty } from '@musubi/kernel/pki/contract.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { readIdentity } from '@musubi/kernel/pki/identity-files.ts';
import { joinPki, pinnedTrust } from '@musubi/kernel/pki/join.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { streamsSchema } from '@musubi/kernel/streams/schema.ts';
import { prepareAuthority, readAuthority } from '../ceremony.ts';
import { routesOf } from '../http/routes.ts';
import { rights } from '../rights.ts';
import { type Deps, type Terms, usualTerms } from '../service/deps.ts';
import { expectEnrolment } from '../service/enrol.ts';
import { recordOwnCertificates } from '../service/repository.ts';
import { decideRevocation, publishList, requestRevocation } from '../service/revoke.ts';
import { StatusCounts } from '../service/status-counts.ts';
import { pkiSchema } from '../store/register.ts';

const job: Actor = { kind: 'job', name: 'start' };
const seats = new Map([
  ['g-1001', ['pki-operator']],
  ['g-1002', ['pki-officer']],
  // Both, as it must not be given: still not the second person of one's own request.
  ['g-1003', ['pki-operator', 'pki-officer']],
]);
/** Somebody at the authority. */
export const staff = (staffId: string) =>
  ({ kind: 'staff', organisation: 'government', staffId, sessionId: `session-${staffId}` }) as const satisfies Actor;

/** An authority that really serves, with its register; what it issues lasts for `terms.certificateDays`. */
export async function pkiWorld(first: Partial<Terms> = {}) {
  const home = await mkdtemp(path.join(tmpdir(), 'musubi-pki-'));
  const places = {
    offlineDirectory: path.join(home, 'offline'),
    rootFile: path.join(home, 'public/root.pem'),
    authorityDirectory: path.join(home, 'authority'),
    identityDirectory: path.join(home, 'identity'),
    dnsNames: ['localhost'],
  };
  await prepareAuthority(places, Temporal.Now.instant());
  const database = await testDatabase(
    [auditSchema, streamsSchema, approvalsSchema, pkiSchema, jobsSchema, backupSchema, operationsSchema],
    {
      rights: createRights(rights, 'government', { rolesOf: async (_tx, { staffId }) => seats.get(staffId) ?? [] }),
    },
  );
  const own = (await readIdentity(places.identityDirectory, pkiParty))!;
  let terms: Terms = { ...usualTerms, ...first };
  const deps: Deps = {
    ...database.deps,
    machineClock: systemMachineClock,
    issuing: await readAuthority(places.authorityDirectory),
    identity: own,
    statusCounts: new StatusCounts(),
    get terms() {
      return terms;
    },
  };
  unwrap(await recordOwnCertificates(deps, job, own));
  unwrap(await publishList(deps, job, null));
  const trust = await pinnedTrust(places.rootFile);
  /** The authority follows its own lists as everybody does; here by hand. */
  const followList = async (): Promise<void> => {
    const [row] = await database.owner<{ der: Buffer; issuer_der: Buffer }>(
      'select der, issuer_der from government_pki.revocation_list order by list_number desc limit 1',
    );
    unwrap(await trust.acceptCrl(row!.der, row!.issuer_der));
  };
  await followList();
  const service = createPeerServer({
    identity: own,
    trust,
    machineClock: systemMachineClock,
    routes: routesOf(deps),
    onFault: ({ code, error }) => code === 'handler-threw' && console.error(error),
  });
  const url = `https://127.0.0.1:${await service.listen(0)}`;
  const clientOf = (identity: Identity, of = trust) =>
    createPeerClient({ identity, trust: of, directory: () => url, machineClock: systemMachineClock });
  return {
    home,
    places,
    database,
    deps,
    own,
    trust,
    url,
    followList,
    clientOf,
    setTerms(next: Partial<Terms>) {
      terms = { ...terms, ...next };
    },
    async expect(system: string, token: string, hours = 1): Promise<void> {
      const expiresAt = Temporal.Now.instant().add({ hours });
      unwrap(await expectEnrolment(deps, job, { organisation: 'meguro', system, tokenHash: sha256(token), expiresAt }));
    },
    /** Enrols with the token; without one, starts again from what is on disk. */
    async join(system: string, token?: string, at = url) {
      return joinPki({
        directory: path.join(home, system),
        party: { organisation: 'meguro', system },
        url: at,
        rootFile: places.rootFile,
        enrolmentToken: token,
        machineClock: systemMachineClock,
        patienceMs: 3_000,
      });
    },
    /** One person asks, another decides. Gives the number of the list that tells of it. */
    async revoke(fingerprint: string, scope: 'certificate' | 'holder' = 'certificate'): Promise<number | null> {
      const { requestId } = unwrap(
        await requestRevocation(deps, staff('g-1001'), {
          fingerprint,
          scope,
          reason: 'key-compromise',
          explanation: '媒体の紛失',
        }),
      );
      return unwrap(await decideRevocation(deps, staff('g-1002'), { requestId, approve: true })).crlNumber;
    },
    async [Symbol.asyncDispose]() {
      await service.close();
      await database[Symbol.asyncDispose]();
      await rm(home, { recursive: true });
    },
  };
}
