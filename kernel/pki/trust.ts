import { X509Certificate } from 'node:crypto';
import { sha256Hex } from '../crypto/digest.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import { crlNumberOid } from './issue.ts';
import type { Party, Purpose } from './party.ts';
import { type ChainRefusal, canonicalSerial, type ReadChain, readLeaf } from './read.ts';
import * as x509 from './x509.ts';

export interface VerifiedParty extends Party {
  /** SHA-256 of the leaf, hexadecimal. */
  readonly fingerprint: string;
  readonly certificate: X509Certificate;
}

interface RevocationList {
  readonly number: number;
  readonly thisUpdate: Temporal.Instant;
  readonly nextUpdate: Temporal.Instant;
  readonly serials: ReadonlySet<string>;
}

export type CrlRefusal = 'malformed' | 'unknown-issuer' | 'wrong-signature' | 'older-than-known';

const remembered = 4096;

/**
 * What an instance believes: one pinned root, and the newest revocation list of each issuing authority under it.
 * A list past its `nextUpdate` is not believed: peers are refused ('revocation-stale') until a fresh one arrives, because
 * whoever can keep lists away could otherwise keep a stolen certificate alive. Before the first list: 'revocation-unknown'.
 */
export class Trust {
  readonly root: X509Certificate;
  readonly rootDer: Buffer;
  #lists = new Map<string, RevocationList>();
  #read = new Map<string, Result<ReadChain, ChainRefusal>>();
  /** The same by the chain itself, where a caller holds on to it: without hashing both certificates each time. */
  #readOf = new WeakMap<readonly Uint8Array[], Map<Purpose, Result<ReadChain, ChainRefusal>>>();

  /** @param rootDer the pinned root; came with the installation, never over the network it protects */
  constructor(rootDer: Uint8Array) {
    this.rootDer = Buffer.from(rootDer);
    this.root = new X509Certificate(this.rootDer);
  }

  /** Takes a list if an authority under the root signed it and it is not older than what is known. Returns its number. */
  async acceptCrl(crlDer: Uint8Array, issuerDer: Uint8Array): Promise<Result<number, CrlRefusal>> {
    let crl: x509.X509Crl;
    let issuer: X509Certificate;
    try {
      crl = new x509.X509Crl(new Uint8Array(crlDer));
      issuer = new X509Certificate(issuerDer);
    } catch {
      return err('malformed');
    }
    if (!this.#issued(issuer)) return err('unknown-issuer');
    const issuerCertificate = new x509.X509Certificate(new Uint8Array(issuerDer));
    if (crl.issuer !== issuerCertificate.subject) return err('unknown-issuer');
    if (!(await crl.verify({ publicKey: issuerCertificate }).catch(() => false))) return err('wrong-signature');
    const number = numberOf(crl);
    if (number === undefined || crl.nextUpdate === undefined) return err('malformed');
    const name = sha256Hex(issuerDer);
    const known = this.#lists.get(name);
    if (known !== undefined && number < known.number) return err('older-than-known');
    this.#lists.set(name, {
      number,
      thisUpdate: Temporal.Instant.fromEpochMilliseconds(crl.thisUpdate.getTime()),
      nextUpdate: Temporal.Instant.fromEpochMilliseconds(crl.nextUpdate.getTime()),
      serials: new Set(crl.entries.map((entry) => canonicalSerial(entry.serialNumber))),
    });
    return ok(number);
  }

  /** An issuing authority directly under the root. */
  #issued(issuer: X509Certificate): boolean {
    return issuer.ca && issuer.checkIssued(this.root) && issuer.verify(this.root.publicKey);
  }

  /**
   * @param chain leaf first, then its issuing authority; the root may follow and is ignored
   * @param at of the machine clock
   */
  verifyChain(
    chain: readonly Uint8Array[],
    purpose: Purpose,
    at: Temporal.Instant,
  ): Result<VerifiedParty, ChainRefusal> {
    const read = this.#readOnce(chain, purpose);
    if (!read.ok) return read;
    const { party, validFrom, validUntil, issuerName, serial, certificate, fingerprint } = read.value;
    if (Temporal.Instant.compare(at, validFrom) < 0) return err('not-yet-valid');
    if (Temporal.Instant.compare(at, validUntil) > 0) return err('expired');
    const list = this.#lists.get(issuerName);
    if (list === undefined) return err('revocation-unknown');
    // A revocation is never forgotten: it counts even where the list itself has grown stale.
    if (enforced('transport.revoked-certificate') && list.serials.has(serial)) return err('revoked');
    const stale = Temporal.Instant.compare(at, list.nextUpdate) >= 0;
    if (enforced('transport.revoked-certificate') && stale) return err('revocation-stale');
    return ok({ ...party, fingerprint, certificate });
  }

  /** What does not change with time is worked out once per chain: parsing and signatures cost more than all the rest. */
  #readOnce(chain: readonly Uint8Array[], purpose: Purpose): Result<ReadChain, ChainRefusal> {
    const held = this.#readOf.get(chain)?.get(purpose);
    if (held !== undefined) return held;
    const [leaf, issuer] = chain;
    if (leaf === undefined || issuer === undefined) return err('unknown-issuer');
    const key = `${purpose}:${sha256Hex(leaf)}:${sha256Hex(issuer)}`;
    const known = this.#read.get(key);
    const read = known ?? readLeaf(leaf, issuer, purpose, this.root);
    // Refusals are not kept: whoever sends rubbish should not push out what is in use.
    if (read.ok) {
      if (known === undefined && this.#read.size >= remembered) this.#read.delete(this.#read.keys().next().value!);
      this.#read.set(key, read);
      const ofChain = this.#readOf.get(chain) ?? new Map<Purpose, Result<ReadChain, ChainRefusal>>();
      this.#readOf.set(chain, ofChain.set(purpose, read));
    }
    return read;
  }
}

/** The same as the method, for callers that hold the trust as a value. */
export const verifyChain = (
  chain: readonly Uint8Array[],
  trust: Trust,
  purpose: Purpose,
  at: Temporal.Instant,
): Result<VerifiedParty, ChainRefusal> => trust.verifyChain(chain, purpose, at);

function numberOf(crl: x509.X509Crl): number | undefined {
  const extension = crl.getExtension(crlNumberOid);
  if (extension === null) return undefined;
  const der = Buffer.from(extension.value);
  const length = der[1];
  if (der[0] !== 2 || length === undefined || length === 0 || length > 6 || der.length !== length + 2) return undefined;
  return der.readUIntBE(2, length); // list numbers stay below 2^47
}
