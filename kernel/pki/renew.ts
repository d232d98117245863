import { X509Certificate } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { MachineClock } from '../clocks/clock.ts';
import { decodeBase64url } from '../crypto/base64url.ts';
import { createPeerClient } from '../http/client.ts';
import { err, ok, type Result, unwrap } from '../result/result.ts';
import { pkiParty, renewEndpoint } from './contract.ts';
import { type Identity, keyPem, readIfThere, writePrivately } from './identity.ts';
import { keptRequest, readIdentity, writeChain } from './identity-files.ts';
import { makeRequest } from './issue.ts';
import { type Party, type Purpose, partyId, purposes } from './party.ts';
import type { Trust } from './trust.ts';

/**
 * Days before the first of its certificates ends from which an instance asks for new ones. The operators' view calls somebody at
 * thirty: what is left then did not renew itself.
 */
export const renewBeforeDays = 45;

/**
 * Purposes whose key goes on under a new certificate: what was sealed to it is still under way, and the log is verified by its key
 * by witnesses who know no other. A log whose key must change is a new log.
 */
const keptKeys: ReadonlySet<Purpose> = new Set<Purpose>(['encryption', 'log']);

/** An identity whose certificates can be replaced while it is used: every use reads what stands now. */
export function renewableIdentity(first: Identity): { readonly identity: Identity; replace(next: Identity): void } {
  let now = first;
  const { organisation, system } = first;
  return {
    identity: {
      organisation,
      system,
      get tls() {
        return now.tls;
      },
      get signing() {
        return now.signing;
      },
      get encryption() {
        return now.encryption;
      },
      get log() {
        return now.log;
      },
    },
    replace(next) {
      now = next;
    },
  };
}

/** When the first of the four ends. */
export function endsAt(identity: Identity): Temporal.Instant {
  const ends = purposes.map((purpose) => new X509Certificate(identity[purpose].chain[0]!).validToDate.getTime());
  return Temporal.Instant.fromEpochMilliseconds(Math.min(...ends));
}

export const isDue = (identity: Identity, now: Temporal.Instant): boolean =>
  now.until(endsAt(identity)).total('hours') < renewBeforeDays * 24;

export interface RenewalOptions {
  readonly directory: string;
  readonly url: string;
  readonly trust: Trust;
  readonly machineClock: MachineClock;
}

/**
 * Asks for new certificates with the old one, and puts them in place: in a folder of their own, named after the certificate that
 * they follow, whole and verified; then one note says that it counts. A crash at any point leaves the old identity or the new one,
 * and the next try sends the same requests, which the authority answers with the same certificates.
 */
export async function renewIdentity(
  identity: Identity,
  options: RenewalOptions,
): Promise<Result<Identity, 'not-answered' | 'not-due' | 'refused'>> {
  const { directory, url, trust, machineClock } = options;
  const party: Party = { organisation: identity.organisation, system: identity.system };
  const folder = folderAfter(identity);
  const draft = path.join(directory, folder);
  await mkdir(draft, { recursive: true, mode: 0o700 });
  const requests = {} as Record<Purpose, string>;
  for (const purpose of purposes)
    requests[purpose] = (await requestIn(draft, identity, purpose, party)).toString('base64url');
  await using client = createPeerClient({ identity, trust, machineClock, directory: () => url });
  const answer = await client.call(renewEndpoint, partyId(pkiParty), {}, { requests });
  if (!answer.ok) {
    if (answer.error === 'not-due') return err('not-due');
    const isAnswer = answer.error === 'request-refused' || answer.error === 'key-used-before';
    // Other keys are made for the next try: these will never be taken.
    if (isAnswer) await rm(draft, { recursive: true, force: true });
    const refused = isAnswer || answer.error === 'certificate-revoked' || answer.error === 'not-enrolled';
    return err(refused ? 'refused' : 'not-answered');
  }
  const issuer = unwrap(decodeBase64url(answer.value.issuer));
  for (const purpose of purposes) {
    const chain = [unwrap(decodeBase64url(answer.value.certificates[purpose])), issuer];
    const verdict = unwrap(trust.verifyChain(chain, purpose, machineClock.now()));
    if (partyId(verdict) !== partyId(party)) throw new Error('the authority issued a certificate for somebody else');
    await writeChain(draft, purpose, chain);
  }
  const next = await readIdentity(draft, party);
  if (next === undefined) throw new Error(`the renewed identity of ${partyId(party)} could not be read back`);
  for (const purpose of purposes) {
    if (!new X509Certificate(next[purpose].chain[0]!).checkPrivateKey(next[purpose].key))
      throw new Error('the authority certified another key than the one asked for');
  }
  await writePrivately(path.join(directory, 'current'), `${folder}\n`);
  return ok(next);
}

const folderAfter = (identity: Identity): string =>
  `after-${new X509Certificate(identity.tls.chain[0]!).serialNumber.toLowerCase()}`;

/** Where the identity in use stands: the directory itself until the first renewal. */
export async function identityDirectory(directory: string): Promise<string> {
  const name = (await readIfThere(path.join(directory, 'current')))?.trim();
  if (name === undefined) return directory;
  if (!/^after-[0-9a-f]{2,40}$/.test(name)) throw new Error('the note of the identity in use cannot be read');
  return path.join(directory, name);
}

async function requestIn(draft: string, identity: Identity, purpose: Purpose, party: Party): Promise<Buffer> {
  if (keptKeys.has(purpose) && (await readIfThere(path.join(draft, `${purpose}.request.der`))) === undefined) {
    const { key } = identity[purpose];
    await writePrivately(path.join(draft, `${purpose}.key.pem`), keyPem(key));
    const request = await makeRequest(key, party);
    await writePrivately(path.join(draft, `${purpose}.request.der`), request.toString('base64url'));
  }
  return keptRequest(draft, purpose, party);
}
