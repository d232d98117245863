import { act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Deps } from '../deps.ts';
import { trainingAaguid } from '../domain/training-authenticator.ts';
import { findAccount, lockAccount, passwords } from '../store/accounts.ts';
import { insertPasskey, moveCounter, type Passkey, passkeysOf } from '../store/passkeys.ts';

/** What the browser needs to ask for the passkey of this person, and the challenge to keep. */
export const passkeyChallenge = look('staff-directory.passkey-challenge', {
  right: ['staff-directory', 'sign-in', 'read'],
  async run(tx, deps: Deps, staffId: string): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const keys = await passkeysOf(tx, staffId);
    return generateAuthenticationOptions({
      rpID: deps.webauthn.rpId,
      challenge: Uint8Array.from(deps.random.bytes(32)),
      allowCredentials: keys.map((key) => ({ id: key.credentialId })),
      userVerification: 'required',
      timeout: 120_000,
    });
  },
});

/** The same for a new passkey. */
export const registrationChallenge = look('staff-directory.registration-challenge', {
  right: ['staff-directory', 'sign-in', 'read'],
  async run(tx, deps: Deps, staffId: string): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const account = await findAccount(tx, staffId);
    const keys = await passkeysOf(tx, staffId);
    return generateRegistrationOptions({
      rpID: deps.webauthn.rpId,
      rpName: deps.webauthn.rpName,
      userName: staffId,
      userDisplayName: account?.displayName ?? staffId,
      challenge: Uint8Array.from(deps.random.bytes(32)),
      attestationType: 'none',
      excludeCredentials: keys.map((key) => ({ id: key.credentialId })),
      authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
      supportedAlgorithmIDs: [-7],
      timeout: 120_000,
    });
  },
});

export interface Assertion {
  readonly staffId: string;
  readonly challenge: string;
  readonly response: AuthenticationResponseJSON;
}

/** Second step: a user-verifying passkey of the same person over this challenge. Gives the method's name (RFC 8176). */
export const verifySecondFactor = act('staff-directory.verify-second-factor', {
  right: ['staff-directory', 'sign-in', 'update'],
  async run(tx, deps: Deps, assertion: Assertion): Promise<Result<{ readonly method: string }, 'passkey-refused'>> {
    await lockAccount(tx, assertion.staffId);
    const key = (await passkeysOf(tx, assertion.staffId)).find((k) => k.credentialId === assertion.response.id);
    const counter = key && (await verifiedCounter(deps, key, assertion));
    if (enforced('auth.second-factor') && counter === undefined) return err('passkey-refused');
    if (key && counter !== undefined) await moveCounter(tx, key.credentialId, counter);
    const method = key?.training ? 'swk' : 'hwk';
    tx.record({ event: 'sign-in.second-factor-verified', detail: { staffId: assertion.staffId, method } });
    return ok({ method });
  },
});

async function verifiedCounter(deps: Deps, key: Passkey, assertion: Assertion): Promise<number | undefined> {
  if (key.training && !deps.town) return undefined;
  try {
    const verified = await verifyAuthenticationResponse({
      response: assertion.response,
      expectedChallenge: assertion.challenge,
      expectedOrigin: deps.webauthn.origin,
      expectedRPID: deps.webauthn.rpId,
      requireUserVerification: true,
      credential: { id: key.credentialId, publicKey: Uint8Array.from(key.publicKey), counter: key.counter },
    });
    return verified.verified ? verified.authenticationInfo.newCounter : undefined;
  } catch {
    // The library throws for whatever does not verify; why is of no use to whoever tries.
    return undefined;
  }
}

export interface Registration {
  readonly staffId: string;
  readonly challenge: string;
  readonly label: string;
  readonly response: RegistrationResponseJSON;
}

type RegistrationError = 'registration-not-open' | 'passkey-refused' | 'training-authenticator-outside-a-town';

/**
 * A first passkey, by the holder of a password that an administrator issued and while that is fresh; afterwards only
 * after the old ones were removed. In a town another browser's software authenticator may be added at any sign-in.
 */
export const registerPasskey = act('staff-directory.register-passkey', {
  right: ['staff-directory', 'sign-in', 'update'],
  async run(
    tx,
    deps: Deps,
    registration: Registration,
  ): Promise<Result<{ readonly method: string }, RegistrationError>> {
    const { staffId } = registration;
    await lockAccount(tx, staffId);
    const made = await verifiedCredential(deps, registration);
    if (made === undefined) return err('passkey-refused');
    const training = made.aaguid === trainingAaguid;
    if (training && !deps.town) return err('training-authenticator-outside-a-town');
    if (enforced('auth.second-factor') && !(await mayRegister(tx, deps, staffId, training)))
      return err('registration-not-open');
    const { credential } = made;
    const passkey = {
      credentialId: credential.id,
      staffId,
      publicKey: Buffer.from(credential.publicKey),
      counter: credential.counter,
      label: registration.label,
      training,
    };
    if (!(await insertPasskey(tx, passkey, deps.machineClock.now()))) return err('passkey-refused');
    tx.record({ event: 'passkey.registered', facts: ['staff_directory.passkey'], detail: { staffId, training } });
    return ok({ method: training ? 'swk' : 'hwk' });
  },
});

async function mayRegister(tx: Tx, deps: Deps, staffId: string, training: boolean): Promise<boolean> {
  const keys = await passkeysOf(tx, staffId);
  if (deps.town && training && keys.every((key) => key.training)) return true;
  const [password] = await passwords(tx, staffId, 1);
  const open = password?.enrolUntil;
  return keys.length === 0 && open !== undefined && Temporal.Instant.compare(deps.machineClock.now(), open) < 0;
}

async function verifiedCredential(deps: Deps, { response, challenge }: Registration) {
  try {
    const verified = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: deps.webauthn.origin,
      expectedRPID: deps.webauthn.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: [-7],
    });
    return verified.verified ? verified.registrationInfo : undefined;
  } catch {
    return undefined;
  }
}
