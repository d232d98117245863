import { z } from 'zod';
import type { MachineClock } from '../clocks/clock.ts';
import { type Party, type PartyId, type Purpose, partyId } from '../pki/party.ts';
import type { Trust } from '../pki/trust.ts';

/** Where the certificates of others come from: the PKI's public repository. */
export interface Repository {
  fetch(peer: Party, purpose: Purpose): Promise<readonly Buffer[]>;
}

/**
 * Certificates of peers, verified anew each time they are used and fetched again when they no longer stand. What does
 * not verify is never handed out.
 */
export function certificateBook(repository: Repository, trust: Trust, machineClock: MachineClock) {
  const known = new Map<PartyId, readonly Buffer[]>();
  const stands = (peer: Party, purpose: Purpose, chain: readonly Buffer[]): boolean => {
    const verdict = trust.verifyChain(chain, purpose, machineClock.now());
    return verdict.ok && partyId(verdict.value) === partyId(peer);
  };
  return async (peer: Party, purpose: Purpose): Promise<readonly Buffer[]> => {
    const key = `${partyId(peer)}#${purpose}`;
    const kept = known.get(key);
    if (kept && stands(peer, purpose, kept)) return kept;
    const fetched = await repository.fetch(peer, purpose);
    if (!stands(peer, purpose, fetched))
      throw new Error(`the ${purpose} certificate of ${partyId(peer)} does not verify`);
    known.set(key, fetched);
    return fetched;
  };
}

export const partyOf = (id: PartyId): Party => {
  const [organisation, system] = z.tuple([z.string(), z.string()]).parse(id.split('/'));
  return { organisation, system };
};
