import { X509Certificate } from 'node:crypto';
import { sha256, sha256Base64url } from '@musubi/kernel/crypto/digest.ts';
import { openJwe, sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { readJws, signatureStands, signJws } from '@musubi/kernel/crypto/jws.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import {
  inquireNational,
  type NationalAnswer,
  type NationalInquiry,
  nationalAnswer,
  nationalAnswerType,
  nationalInquiry,
  nationalInquiryType,
} from './inquiry.ts';

/** What was sent and what came back, for the journal: digests and sizes of the sealed texts. */
export interface NationalExchange {
  readonly requestDigest: Buffer | null;
  readonly requestBytes: number;
  readonly answerDigest: Buffer | null;
  readonly answerBytes: number;
  /** Undefined where no answer can be believed; `word` says why. */
  readonly answer: NationalAnswer | undefined;
  readonly word: string;
}

/** 機構への情報照会 (JPS-F4, JUK-F2). Never throws for what the other side does. */
export interface NationalRegister {
  ask(inquiry: Omit<NationalInquiry, 'v' | 'asker'>): Promise<NationalExchange>;
}

type NationalHost = Pick<Host, 'id' | 'deps' | 'identity' | 'trust' | 'peers' | 'certificateOf' | 'alarms'>;

/**
 * Signed by us and encrypted to the national server; its answer likewise. A peer that does not show the national server's
 * standing certificate gets not one byte of it, and people are told.
 */
export function nationalRegister(host: NationalHost, peer: string): NationalRegister {
  const nothing = { requestDigest: null, requestBytes: 0, answerDigest: null, answerBytes: 0, answer: undefined };
  const alarmed = (word: string): string => {
    host.alarms.raise('national-peer-refused', { peer, word });
    return word;
  };
  return {
    async ask(inquiry) {
      const sealed = await sealedFor(host, peer, inquiry).catch(() => undefined);
      if (sealed === undefined) return { ...nothing, word: alarmed('no-certificate') };
      const called = await host.peers.call(inquireNational, peer, {}, { inquiryId: inquiry.inquiryId, sealed });
      if (!called.ok && called.error === 'wrong-peer') return { ...nothing, word: alarmed('wrong-peer') };
      const sent = { requestDigest: sha256(sealed), requestBytes: sealed.length };
      if (!called.ok) return { ...nothing, ...sent, word: called.error };
      const came = { ...sent, answerDigest: sha256(called.value.sealed), answerBytes: called.value.sealed.length };
      const answer = openAnswer(host, peer, called.value.sealed);
      const belongs = answer?.inquiryId === inquiry.inquiryId && answer.request === sha256Base64url(sealed);
      if (answer === undefined || !belongs) return { ...came, answer: undefined, word: alarmed('unreadable-answer') };
      return { ...came, answer, word: answer.result };
    },
  };
}

async function sealedFor(
  host: NationalHost,
  peer: string,
  inquiry: Omit<NationalInquiry, 'v' | 'asker'>,
): Promise<string> {
  const [organisation = '', system = ''] = peer.split('/');
  const [leaf] = await host.certificateOf({ organisation, system }, 'encryption');
  const { key, chain } = host.identity.signing;
  const payload = nationalInquiry.parse({ v: 1, asker: host.id, ...inquiry });
  const signed = signJws({ key, typ: nationalInquiryType, signer: { x5c: chain }, payload });
  return sealJwe({
    recipient: new X509Certificate(leaf!).publicKey,
    typ: nationalInquiryType,
    plaintext: Buffer.from(signed),
  });
}

function openAnswer(host: NationalHost, peer: string, sealed: string): NationalAnswer | undefined {
  const opened = openJwe(sealed, { privateKey: host.identity.encryption.key, typ: nationalAnswerType });
  if (!opened.ok) return undefined;
  const jws = readJws(opened.value.plaintext.toString(), { typ: nationalAnswerType });
  if (!jws.ok || !('x5c' in jws.value.signer)) return undefined;
  const party = host.trust.verifyChain(jws.value.signer.x5c, 'signing', host.deps.machineClock.now());
  if (!party.ok || partyId(party.value) !== peer) return undefined;
  if (!signatureStands(jws.value, party.value.certificate.publicKey)) return undefined;
  const read = nationalAnswer.safeParse(jws.value.payload);
  return read.success ? read.data : undefined;
}
