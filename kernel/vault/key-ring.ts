import { createHmac } from 'node:crypto';
import { openGcm, sealGcm } from '../crypto/aead.ts';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import type { IndividualNumber } from '../identifiers/individual-number.ts';
import { VaultFault } from './fault.ts';
import { currentKeyVersion, type KeyProvider, keyCheckValue } from './key-provider.ts';

/** The versions that writers of this database must use now. */
export interface KeyState {
  readonly cipher: number;
  readonly digest: number;
  readonly nextDigest: number | null;
}

interface StateRow {
  readonly cipher: number;
  readonly digest: number;
  readonly nextDigest: number | null;
  readonly checks: readonly { use: 'cipher' | 'digest'; version: number; check: string }[];
}

/** Keys of one vault, read once per version, checked against what the database was written with. */
export class KeyRing {
  readonly #keys: KeyProvider;
  readonly #read = new Map<string, Uint8Array>();
  constructor(keys: KeyProvider) {
    this.#keys = keys;
  }

  async key(use: 'cipher' | 'digest', version: number): Promise<Uint8Array> {
    const name = `${use}.${version}`;
    const known = this.#read.get(name);
    if (known) return known;
    const key = await this.#keys.key(`vault-${use}`, version);
    this.#read.set(name, key);
    return key;
  }

  /** Makes the key of a version if there is none yet, and gives its check value. */
  async make(use: 'cipher' | 'digest', version: number): Promise<Buffer> {
    await this.#keys.create(`vault-${use}`, version);
    return keyCheckValue(`vault-${use}`, await this.key(use, version));
  }

  async nextVersion(use: 'cipher' | 'digest'): Promise<number> {
    return (await currentKeyVersion(this.#keys, `vault-${use}`)) + 1;
  }

  /** Reads the state; at the very first use of a database says which keys it begins with. Throws on a wrong key. */
  async state(tx: Tx, at: Temporal.Instant): Promise<KeyState> {
    let [row] = await readState(tx);
    if (!row) {
      const cipher = await currentKeyVersion(this.#keys, 'vault-cipher');
      const digest = await currentKeyVersion(this.#keys, 'vault-digest');
      const cipherCheck = keyCheckValue('vault-cipher', await this.key('cipher', cipher));
      const digestCheck = keyCheckValue('vault-digest', await this.key('digest', digest));
      await tx`select vault.begin_keys(${cipher}::integer, ${cipherCheck}::bytea, ${digest}::integer, ${digestCheck}::bytea, ${at}::timestamptz)`;
      [row] = await readState(tx);
      if (!row) throw new VaultFault('keys-changing');
    }
    const { cipher, digest, nextDigest } = row;
    for (const { use, version, check } of row.checks) {
      // Versions out of use may be destroyed; those in use must be the very keys.
      if (use === 'cipher' ? version !== cipher : version !== digest && version !== nextDigest) continue;
      const own = keyCheckValue(`vault-${use}`, await this.key(use, version));
      if (enforced('vault.key-rotation') && own.toString('hex') !== check)
        throw new VaultFault('key-differs', `vault-${use}.v${version}`);
    }
    return { cipher, digest, nextDigest };
  }

  async seal(version: number, ref: string, owner: string, number: IndividualNumber): Promise<Buffer> {
    return this.sealDigits(version, ref, owner, number.digits());
  }

  async sealDigits(version: number, ref: string, owner: string, digits: string): Promise<Buffer> {
    return sealGcm(await this.key('cipher', version), Buffer.from(digits, 'latin1'), identityOf(version, ref, owner));
  }

  /** @returns the twelve digits. Throws where ciphertext, row identity or key do not belong together. */
  async open(version: number, ref: string, owner: string, ciphertext: Uint8Array): Promise<string> {
    const opened = openGcm(await this.key('cipher', version), ciphertext, identityOf(version, ref, owner));
    if (!opened.ok) throw new VaultFault('cannot-open', ref);
    return opened.value.toString('latin1');
  }

  /** Sixteen bytes: 128 bits of an HMAC tell any two of a country's numbers apart, and an index of half the size holds them. */
  async digest(version: number, digits: string): Promise<Buffer> {
    return createHmac('sha256', await this.key('digest', version))
      .update('musubi vault digest\0')
      .update(digits)
      .digest()
      .subarray(0, 16);
  }
}

const readState = (tx: Tx): Promise<StateRow[]> => tx<StateRow>`
  select cipher_version as "cipher", digest_version as "digest", next_digest_version as "nextDigest", checks from vault.state()`;

/** Binds a ciphertext to its row: moved to another row or owner it does not open. */
const identityOf = (version: number, ref: string, owner: string): Buffer =>
  Buffer.from(JSON.stringify(['musubi/vault/1', version, ref, owner]));
