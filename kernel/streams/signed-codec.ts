import type { MachineClock } from '../clocks/clock.ts';
import { openJwe, sealJwe } from '../crypto/jwe.ts';
import { readJws, signatureStands, signJws } from '../crypto/jws.ts';
import { enforced } from '../enforcement/enforcement.ts';
import type { Identity } from '../pki/identity.ts';
import { partyId } from '../pki/party.ts';
import type { Trust } from '../pki/trust.ts';
import type { EnvelopeCodec, Peer } from './ports.ts';

export interface SignedCodecOptions {
  readonly identity: Pick<Identity, 'signing' | 'encryption'>;
  readonly trust: Trust;
  readonly machineClock: MachineClock;
  /** Encryption certificate of a peer with its issuing authority, from the public repository. */
  readonly encryptionChainOf: (peer: Peer) => Promise<readonly Uint8Array[] | undefined>;
}

const jwsType = 'musubi-stream+jws';
const jweType = 'musubi-stream+jwe';
/** A batch of one message of a few megabytes still passes. */
const maxLength = 16_777_216;

/** Signed with the instance's signing key, then encrypted to the receiver's certificate; both chains are verified. */
export function signedCodec({ identity, trust, machineClock, encryptionChainOf }: SignedCodecOptions): EnvelopeCodec {
  return {
    async seal(bytes, receiver) {
      const chain = await encryptionChainOf(receiver);
      if (!chain) throw new Error(`no encryption certificate of ${receiver}`);
      const party = trust.verifyChain(chain, 'encryption', machineClock.now());
      if (!party.ok) throw new Error(`encryption certificate of ${receiver}: ${party.error}`);
      if (partyId(party.value) !== receiver) throw new Error(`the encryption certificate is not ${receiver}'s`);
      const { key, chain: x5c } = identity.signing;
      const payload = JSON.parse(Buffer.from(bytes).toString('utf8')) as object;
      const jws = signJws({ key, typ: jwsType, signer: { x5c }, payload });
      if (!enforced('transport.message-encrypted')) return jws;
      return sealJwe({ recipient: party.value.certificate.publicKey, typ: jweType, plaintext: Buffer.from(jws) });
    },
    async open(compact, sender) {
      const opened = openJwe(compact, { privateKey: identity.encryption.key, typ: jweType, maxLength });
      if (!opened.ok) throw new Error(`envelope: ${opened.error}`);
      const jws = readJws(opened.value.plaintext.toString('latin1'), { typ: jwsType, maxLength });
      if (!jws.ok) throw new Error(`envelope: ${jws.error}`);
      if (!('x5c' in jws.value.signer)) throw new Error('envelope: signer without a certificate');
      const party = trust.verifyChain(jws.value.signer.x5c, 'signing', machineClock.now());
      if (!party.ok) throw new Error(`envelope: ${party.error}`);
      if (enforced('transport.signed-message') && partyId(party.value) !== sender)
        throw new Error('envelope: signed by another than its sender');
      if (enforced('transport.signed-message') && !signatureStands(jws.value, party.value.certificate.publicKey))
        throw new Error('envelope: wrong-signature');
      return jws.value.payloadBytes;
    },
  };
}
