import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { createPeerServer } from '@musubi/kernel/http/server.ts';
import { pkiParty, revokeEndpoint } from '@musubi/kernel/pki/contract.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { readIdentity } from '@musubi/kernel/pki/identity-files.ts';
import { joinPki, pinnedTrust } from '@musubi/kernel/pki/join.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { prepareAuthority, readAuthority } from '../ceremony.ts';
import { routesOf } from '../http/routes.ts';
import { rights } from '../rights.ts';
import { type Deps, type Terms, usualTerms } from '../service/deps.ts';
import { expectEnrolment } from '../service/enrol.ts';
import { recordOwnCertificates } from '../service/repository.ts';
import { publishList } from '../service/revoke.ts';
import { pkiSchema } from '../store/register.ts';

const job: Actor = { kind: 'job', name: 'start' };

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
  const database = await testDatabase([pkiSchema], {
    rights: createRights(rights, 'government', { rolesOf: async () => [] }),
  });
  const own = (await readIdentity(places.identityDirectory, pkiParty))!;
  let terms: Terms = { ...usualTerms, ...first };
  const deps: Deps = {
    ...database.deps,
    machineClock: systemMachineClock,
    issuing: await readAuthority(places.authorityDirectory),
    identity: own,
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
    async revoke(fingerprint: string): Promise<void> {
      await using operator = clientOf(own);
      unwrap(await operator.call(revokeEndpoint, partyId(pkiParty), {}, { fingerprint, reason: 'key-compromise' }));
    },
    async [Symbol.asyncDispose]() {
      await service.close();
      await database[Symbol.asyncDispose]();
      await rm(home, { recursive: true });
    },
  };
}
