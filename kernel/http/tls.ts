import type { PeerCertificate, TLSSocket } from 'node:tls';
import { enforced } from '../enforcement/enforcement.ts';
import { type Identity, keyPem, pemOf } from '../pki/identity.ts';
import type { Trust } from '../pki/trust.ts';

/** Without it the library's own minimum would count, which lets TLS 1.2 in. */
const newest = { minVersion: 'TLSv1.3' } as const;

/** TLS 1.3 only, own key and chain, one root. */
export const tlsOptions = (identity: Pick<Identity, 'tls'> | undefined, trust: Trust) =>
  ({
    ...(enforced('transport.tls') ? newest : {}),
    maxVersion: 'TLSv1.3',
    ca: pemOf(trust.rootDer),
    ...(identity === undefined
      ? {}
      : { key: keyPem(identity.tls.key), cert: identity.tls.chain.map((der) => pemOf(der)).join('') }),
  }) as const;

/** The peer's chain, leaf first. Empty where it showed no certificate. */
export function chainOf(certificate: PeerCertificate | undefined): Buffer[] {
  const chain: Buffer[] = [];
  let at = certificate as { raw?: Buffer; issuerCertificate?: unknown } | undefined;
  while (at?.raw !== undefined && chain.length < 4) {
    chain.push(at.raw);
    const issuer = at.issuerCertificate as typeof at;
    if (issuer === at || issuer === undefined) break;
    at = issuer;
  }
  return chain;
}

export const peerChain = (socket: TLSSocket): Buffer[] => chainOf(socket.getPeerCertificate(true));
