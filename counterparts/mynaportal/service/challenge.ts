import { challengeText, readChallenge, type SignInChallenge } from '@musubi/contracts/portal/card-file.ts';
import { constantTimeEqual, hmacSha256, sha256 } from '@musubi/kernel/crypto/digest.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';

/** Minutes from the page to the card's answer. */
export const challengeMinutes = 5;

/** A challenge and this portal's seal on it: nothing is stored until a card has answered. */
export interface IssuedChallenge {
  readonly text: string;
  readonly seal: string;
}

const sealOf = (deps: Pick<Deps, 'keys'>, text: string): Buffer => hmacSha256(deps.keys.challenge, text);

export function newChallenge(deps: Pick<Deps, 'keys' | 'origin' | 'machineClock' | 'random'>): IssuedChallenge {
  const text = challengeText({
    origin: deps.origin,
    until: deps.machineClock.now().add({ minutes: challengeMinutes }).toString(),
    nonce: Buffer.from(deps.random.bytes(32)).toString('base64url'),
  });
  return { text, seal: sealOf(deps, text).toString('base64url') };
}

export type ChallengeRefusal = 'challenge-unknown' | 'challenge-expired';

/** Whether we made it, for this address, and it still counts. @returns the digest under which its use is written down */
export function checkChallenge(
  deps: Pick<Deps, 'keys' | 'origin'>,
  { text, seal }: IssuedChallenge,
  at: Temporal.Instant,
): Result<Buffer, ChallengeRefusal> {
  if (!constantTimeEqual(Buffer.from(seal, 'base64url'), sealOf(deps, text))) return err('challenge-unknown');
  const read: SignInChallenge | undefined = readChallenge(text);
  if (read === undefined || read.origin !== deps.origin) return err('challenge-unknown');
  if (Temporal.Instant.compare(at, Temporal.Instant.from(read.until)) >= 0) return err('challenge-expired');
  return ok(sha256(read.nonce));
}
