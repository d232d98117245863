import { Agent, request as send } from 'undici';
import type { MachineClock } from '../clocks/clock.ts';
import { decodeBase64url } from '../crypto/base64url.ts';
import { createPeerClient, type PeerClient } from '../http/client.ts';
import { tlsOptions } from '../http/tls.ts';
import { unwrap } from '../result/result.ts';
import { certificateEndpoint, crlEndpoint, pkiParty } from './contract.ts';
import { type Party, type Purpose, partyDnsName, partyId } from './party.ts';
import type { Trust } from './trust.ts';

export interface RevocationListFile {
  readonly crl: Buffer;
  readonly issuer: Buffer;
}

/** The authority's public side, as everybody else sees it. */
export interface PublicRepository extends AsyncDisposable {
  /** Leaf first. Throws where the authority has none or cannot be reached; verify before use. */
  fetch(peer: Party, purpose: Purpose): Promise<readonly Buffer[]>;
  /** Not verified yet: {@link Trust.acceptCrl} does that. Throws where the authority cannot be reached. */
  fetchCrl(): Promise<RevocationListFile>;
  /** For enrolment: a client without certificate. */
  readonly client: PeerClient;
}

export function publicRepository(options: {
  readonly url: string;
  readonly trust: Trust;
  readonly machineClock: MachineClock;
}): PublicRepository {
  const client = createPeerClient({ ...options, directory: () => options.url });
  const peer = partyId(pkiParty);
  // The list's own connection is checked against the pinned root and the name alone: whether the authority's certificate
  // is revoked cannot be asked before its list is there, and the list is signed by itself.
  const agent = new Agent({
    connect: { ...tlsOptions(undefined, options.trust), servername: partyDnsName(pkiParty) },
    connectTimeout: 3_000,
  });
  return {
    client,
    async fetch(party, purpose) {
      const found = await client.call(certificateEndpoint, peer, { ...party, purpose }, {});
      return unwrap(found).chain.map((text) => unwrap(decodeBase64url(text)));
    },
    async fetchCrl() {
      const answer = await send(`${options.url}${crlEndpoint.path}`, {
        dispatcher: agent,
        signal: AbortSignal.timeout(5_000),
      });
      const read = crlEndpoint.response.safeParse(await answer.body.json());
      if (!read.success) throw new Error(`the revocation list could not be read (${answer.statusCode})`);
      return { crl: unwrap(decodeBase64url(read.data.crl)), issuer: unwrap(decodeBase64url(read.data.issuer)) };
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await agent.destroy();
    },
  };
}
