import { createPublicKey, verify } from 'node:crypto';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';

/** A terminal's public key as its browser exports it: P-256 only. */
export interface TerminalKey {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

export interface EnrolledTerminal {
  readonly terminalId: string;
  readonly key: TerminalKey;
  readonly state: 'awaiting-approval' | 'enrolled' | 'revoked';
}

/** What the terminal signs: this challenge for this purpose at this origin, so that a signature is good for one sign-in only. */
export const terminalStatement = (origin: string, challenge: string): Buffer =>
  Buffer.from(`musubi terminal 1\n${origin}\n${challenge}`, 'utf8');

export type TerminalFault = 'terminal-not-enrolled' | 'terminal-signature-wrong';

/**
 * Whether a sign-in comes from a terminal whose key was enrolled by approval.
 *
 * @param signature base64url, 64 bytes r ‖ s as WebCrypto makes it
 */
export function checkTerminal(
  terminal: EnrolledTerminal | undefined,
  proof: { readonly origin: string; readonly challenge: string; readonly signature: string },
): Result<string, TerminalFault> {
  if (terminal === undefined) return err('terminal-not-enrolled');
  if (enforced('auth.terminal-binding') && terminal.state !== 'enrolled') return err('terminal-not-enrolled');
  const key = createPublicKey({ key: { ...terminal.key }, format: 'jwk' });
  const right = verify(
    'sha256',
    terminalStatement(proof.origin, proof.challenge),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(proof.signature, 'base64url'),
  );
  if (enforced('auth.terminal-binding') && !right) return err('terminal-signature-wrong');
  return ok(terminal.terminalId);
}
