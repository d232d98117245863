import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { MachineClock } from '../clocks/clock.ts';
import { decodeBase64url } from '../crypto/base64url.ts';
import { unwrap } from '../result/result.ts';
import { enrolEndpoint, pkiParty } from './contract.ts';
import { derOf, type Identity, readIfThere, writePrivately } from './identity.ts';
import { keptRequest, readIdentity, writeChain } from './identity-files.ts';
import { type Party, type Purpose, partyId, purposes } from './party.ts';
import { identityDirectory, isDue, renewableIdentity, renewIdentity } from './renew.ts';
import { type PublicRepository, publicRepository, type RevocationListFile } from './repository.ts';
import { Trust } from './trust.ts';

export interface JoinOptions {
  /** Where keys and certificates of this instance stand (0700). */
  readonly directory: string;
  readonly party: Party;
  readonly url: string;
  /** PEM of the pinned root. */
  readonly rootFile: string;
  /** Needed once. */
  readonly enrolmentToken: string | undefined;
  readonly machineClock: MachineClock;
  /** Further names in the TLS certificate; `localhost` where none are given. */
  readonly dnsNames?: readonly string[];
  /** How long the authority may take to appear on a first start. */
  readonly patienceMs?: number;
}

export interface Joined {
  readonly identity: Identity;
  readonly trust: Trust;
  readonly repository: PublicRepository;
  /**
   * Keeps the revocation list fresh until `signal` aborts, and asks for new certificates before the old ones end; `identity` is
   * the new one from then on.
   */
  follow(signal: AbortSignal, onError: (error: unknown) => void, everyMs?: number): Promise<void>;
  /** Renews where it is due; true where it did. For `follow`, and for an operator who will not wait. */
  renewIfDue(): Promise<boolean>;
}

/**
 * Makes an instance a member: reads the pinned root and the last revocation list, fetches a fresh one, and reads the
 * identity or enrols for one. Throws where that is impossible, naming what is missing.
 */
export async function joinPki(options: JoinOptions): Promise<Joined> {
  const { directory, party, url, machineClock, patienceMs = 30_000 } = options;
  const trust = await pinnedTrust(options.rootFile);
  const repository = publicRepository({ url, trust, machineClock });
  try {
    const known = await readKeptCrl(directory);
    if (known !== undefined) await trust.acceptCrl(known.crl, known.issuer);
    await firstCrl(repository, trust, directory, known !== undefined ? 0 : patienceMs);
    const inUse = await identityDirectory(directory);
    const held = renewableIdentity((await readIdentity(inUse, party)) ?? (await enrol(repository, trust, options)));
    const renewIfDue = async (): Promise<boolean> => {
      if (!isDue(held.identity, machineClock.now())) return false;
      const renewed = await renewIdentity(held.identity, { directory, url, trust, machineClock });
      if (!renewed.ok) throw new Error(`certificates were not renewed: ${renewed.error}`);
      held.replace(renewed.value);
      return true;
    };
    return {
      identity: held.identity,
      trust,
      repository,
      renewIfDue,
      follow: (signal, onError, everyMs = 30_000) =>
        follow(repository, trust, directory, everyMs, signal, onError, renewIfDue),
    };
  } catch (error) {
    await repository[Symbol.asyncDispose]();
    throw error;
  }
}

export async function pinnedTrust(rootFile: string): Promise<Trust> {
  const [root, ...more] = derOf(await readFile(rootFile, 'utf8'));
  if (root === undefined || more.length > 0) throw new Error('the pinned root file must hold exactly one certificate');
  return new Trust(root);
}

const crlFile = (directory: string): string => path.join(directory, 'revocations.json');
const keptCrl = z.strictObject({ crl: z.string(), issuer: z.string() });

async function readKeptCrl(directory: string): Promise<RevocationListFile | undefined> {
  const text = await readIfThere(crlFile(directory));
  if (text === undefined) return undefined;
  const { crl, issuer } = keptCrl.parse(JSON.parse(text));
  return { crl: Buffer.from(crl, 'base64url'), issuer: Buffer.from(issuer, 'base64url') };
}

/** Kept on disk too: a start while the authority is away goes on with what is known, until that grows stale. */
export const writeKeptCrl = (directory: string, { crl, issuer }: RevocationListFile): Promise<void> =>
  writePrivately(
    crlFile(directory),
    JSON.stringify({ crl: crl.toString('base64url'), issuer: issuer.toString('base64url') }),
  );

async function refresh(repository: PublicRepository, trust: Trust, directory: string): Promise<void> {
  const fetched = await repository.fetchCrl();
  const accepted = await trust.acceptCrl(fetched.crl, fetched.issuer);
  if (!accepted.ok) throw new Error(`the revocation list was refused: ${accepted.error}`);
  await writeKeptCrl(directory, fetched);
}

/** Waits for the authority to appear; with a kept list (`patienceMs` 0) one try is enough. */
async function firstCrl(
  repository: PublicRepository,
  trust: Trust,
  directory: string,
  patienceMs: number,
): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += 250) {
    try {
      return await refresh(repository, trust, directory);
    } catch (error) {
      if (patienceMs === 0) return;
      if (waitedMs >= patienceMs) throw new Error('the authority does not answer', { cause: error });
      await delay(250);
    }
  }
}

async function follow(
  repository: PublicRepository,
  trust: Trust,
  directory: string,
  everyMs: number,
  signal: AbortSignal,
  onError: (error: unknown) => void,
  renewIfDue: () => Promise<boolean>,
): Promise<void> {
  try {
    for (let rounds = 0; !signal.aborted; rounds++) {
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      await refresh(repository, trust, directory).catch(onError);
      // With the first list, then about every half hour: an authority that refuses is not asked twice a minute.
      if (rounds % 60 === 0) await renewIfDue().catch(onError);
    }
  } finally {
    await repository[Symbol.asyncDispose]();
  }
}

async function enrol(repository: PublicRepository, trust: Trust, options: JoinOptions): Promise<Identity> {
  const { directory, party, enrolmentToken, dnsNames = ['localhost'], machineClock } = options;
  if (enrolmentToken === undefined) throw new Error(`${partyId(party)} has no certificates and no enrolment token`);
  const requests = {} as Record<Purpose, string>;
  for (const purpose of purposes)
    requests[purpose] = (await keptRequest(directory, purpose, party)).toString('base64url');
  const command = { token: enrolmentToken, ...party, dnsNames: [...dnsNames], requests };
  const answer = await enrolOrRepeat(repository, command);
  const issuer = unwrap(decodeBase64url(answer.issuer));
  for (const purpose of purposes) {
    const chain = [unwrap(decodeBase64url(answer.certificates[purpose])), issuer];
    const verdict = unwrap(trust.verifyChain(chain, purpose, machineClock.now()));
    if (partyId(verdict) !== partyId(party)) throw new Error('the authority issued a certificate for somebody else');
    await writeChain(directory, purpose, chain);
  }
  const identity = await readIdentity(directory, party);
  if (identity === undefined) throw new Error(`the identity of ${partyId(party)} could not be read back`);
  return identity;
}

/** Sending the same request again is harmless: the token answers it with the same certificates. */
async function enrolOrRepeat({ client }: PublicRepository, command: z.infer<typeof enrolEndpoint.request>) {
  for (let attempt = 1; ; attempt++) {
    const answer = await client.call(enrolEndpoint, partyId(pkiParty), {}, command);
    if (answer.ok) return answer.value;
    const transient = ['peer-unreachable', 'peer-timeout', 'internal-error', 'circuit-open'].includes(answer.error);
    if (!transient || attempt === 5)
      throw new Error(`enrolment of ${command.organisation}/${command.system} refused: ${answer.error}`);
    await delay(200 * 2 ** attempt);
  }
}
