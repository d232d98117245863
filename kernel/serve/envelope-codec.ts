import { X509Certificate } from 'node:crypto';
import type { MachineClock } from '../clocks/clock.ts';
import { sha256Base64url } from '../crypto/digest.ts';
import { openJwe, sealJwe } from '../crypto/jwe.ts';
import { openJws, signJws } from '../crypto/jws.ts';
import type { Identity } from '../pki/identity.ts';
import { type Party, type Purpose, partyId } from '../pki/party.ts';
import type { Trust } from '../pki/trust.ts';
import type { EnvelopeCodec } from '../streams/ports.ts';
import { partyOf } from './certificates.ts';

const signedType = 'musubi-envelope';
const sealedType = 'musubi-sealed-envelope';
const maxLength = 8 * 1_048_576;

/**
 * Stream envelopes: the content's digest and its receiver signed by this instance, signature and content encrypted to
 * the receiver, so that nobody on the way sees who said what, and nobody passes it on as said to himself.
 */
export function envelopeCodec(options: {
  readonly identity: Identity;
  readonly trust: Trust;
  readonly machineClock: MachineClock;
  readonly certificateOf: (peer: Party, purpose: Purpose) => Promise<readonly Buffer[]>;
}): EnvelopeCodec {
  const { identity, trust, machineClock, certificateOf } = options;
  return {
    async seal(bytes, receiver) {
      const [leaf] = await certificateOf(partyOf(receiver), 'encryption');
      const signature = signJws({
        key: identity.signing.key,
        typ: signedType,
        signer: { x5c: identity.signing.chain },
        payload: { v: 1, to: receiver, content: sha256Base64url(bytes) },
      });
      const plaintext = Buffer.concat([Buffer.from(`${signature}\n`), bytes]);
      return sealJwe({ recipient: new X509Certificate(leaf!).publicKey, typ: sealedType, plaintext });
    },
    async open(compact, sender) {
      const opened = openJwe(compact, { privateKey: identity.encryption.key, typ: sealedType, maxLength });
      if (!opened.ok) throw new Error(`envelope: ${opened.error}`);
      const { plaintext } = opened.value;
      const end = plaintext.indexOf(0x0a);
      if (end < 0) throw new Error('envelope: no signature');
      const content = plaintext.subarray(end + 1);
      const jws = openJws(plaintext.subarray(0, end).toString('latin1'), { typ: signedType }, (signer) => {
        if (!('x5c' in signer)) return undefined;
        const verdict = trust.verifyChain(signer.x5c, 'signing', machineClock.now());
        return verdict.ok && partyId(verdict.value) === sender ? verdict.value.certificate.publicKey : undefined;
      });
      if (!jws.ok) throw new Error(`envelope: ${jws.error}`);
      const stated = jws.value.payload as { readonly to?: unknown; readonly content?: unknown };
      if (stated.to !== partyId(identity) || stated.content !== sha256Base64url(content)) {
        throw new Error('envelope: the signature is over something else');
      }
      return content;
    },
  };
}
