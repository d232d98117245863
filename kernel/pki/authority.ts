import type { KeyObject } from 'node:crypto';
import { generateP256 } from '../crypto/p256.ts';
import { type Identity, type KeyAndChain, newKeyFor, newSerial } from './identity.ts';
import { type Authority, issueAuthority, issueCrl, issueLeaf, issueRoot, type Validity } from './issue.ts';
import { type Party, type Purpose, purposes } from './party.ts';
import { Trust } from './trust.ts';

/** Root and issuing authority, made together: at the ceremony, and in tests. The root's key leaves this value only for offline keeping. */
export interface Ceremony {
  readonly root: Authority;
  readonly issuing: Authority;
}

const years = (from: Temporal.Instant, count: number): Temporal.Instant => from.add({ hours: count * 365 * 24 });

export async function holdCeremony(at: Temporal.Instant): Promise<Ceremony> {
  const rootKey = generateP256().privateKey;
  const from = at.subtract({ hours: 1 });
  const root = {
    key: rootKey,
    certificate: await issueRoot(rootKey, newSerial(), 'root', { from, until: years(at, 20) }),
  };
  const key = generateP256().privateKey;
  const validity = { from, until: years(at, 10) };
  return { root, issuing: { key, certificate: await issueAuthority(root, key, newSerial(), 'issuing', validity) } };
}

/** A whole identity at once, keys and all. For the authority's own instance and for tests; others enrol. */
export async function issueIdentity(
  issuing: Authority,
  party: Party,
  validity: Validity,
  dnsNames: readonly string[] = ['localhost'],
): Promise<Identity> {
  const entries = purposes.map(async (purpose): Promise<[Purpose, KeyAndChain]> => {
    const key: KeyObject = newKeyFor(purpose);
    const leaf = await issueLeaf(issuing, { party, purpose, publicKey: key, serial: newSerial(), validity, dnsNames });
    return [purpose, { key, chain: [leaf, issuing.certificate] }];
  });
  return { ...party, ...(Object.fromEntries(await Promise.all(entries)) as Record<Purpose, KeyAndChain>) };
}

/** A trust with a first revocation list, fresh for `hours`. */
export async function trustWithCrl(
  { root, issuing }: { readonly root: Pick<Authority, 'certificate'>; readonly issuing: Authority },
  at: Temporal.Instant,
  revoked: readonly string[] = [],
  number = 1,
  hours = 24,
): Promise<Trust> {
  const trust = new Trust(root.certificate);
  const order = {
    number,
    thisUpdate: at,
    nextUpdate: at.add({ hours }),
    revoked: revoked.map((serial) => ({ serial, at })),
  };
  const accepted = await trust.acceptCrl(await issueCrl(issuing, order), issuing.certificate);
  if (!accepted.ok) throw new Error(`own revocation list refused: ${accepted.error}`);
  return trust;
}
