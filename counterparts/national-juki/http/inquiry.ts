import { X509Certificate } from 'node:crypto';
import {
  inquireNational,
  loadOtherPrefectures,
  nationalAnswer,
  nationalAnswerType,
  nationalInquiry,
  nationalInquiryType,
} from '@musubi/contracts/juki/inquiry.ts';
import { sha256Base64url } from '@musubi/kernel/crypto/digest.ts';
import { openJwe, sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { readJws, signatureStands, signJws } from '@musubi/kernel/crypto/jws.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { answerNationalInquiry } from '../service/answer-inquiry.ts';
import { loadPersonsOfOthers } from '../service/load-other-prefectures.ts';

/** Answers the prefecture that signed, under the certificate that it shows; what goes back only it can read. */
export function inquiryRoute(host: Pick<Host, 'identity' | 'trust' | 'certificateOf'>, deps: Deps): Route {
  return route(inquireNational, async ({ body, actor }) => {
    const opened = openJwe(body.sealed, { privateKey: host.identity.encryption.key, typ: nationalInquiryType });
    if (!opened.ok) return err('bad-signature');
    const jws = readJws(opened.value.plaintext.toString(), { typ: nationalInquiryType });
    if (!jws.ok || !('x5c' in jws.value.signer)) return err('bad-signature');
    const party = host.trust.verifyChain(jws.value.signer.x5c, 'signing', deps.machineClock.now());
    if (!party.ok) return err('bad-signature');
    if (enforced('transport.signed-message') && !signatureStands(jws.value, party.value.certificate.publicKey))
      return err('bad-signature');
    const inquiry = nationalInquiry.safeParse(jws.value.payload);
    const asker = partyId(party.value);
    const isTheirs = asker === partyId(actor) && inquiry.data?.asker === asker;
    if (!inquiry.success || !isTheirs || inquiry.data.inquiryId !== body.inquiryId) return err('bad-signature');
    const answered = await answerNationalInquiry(deps, actor, inquiry.data);
    if (!answered.ok) return answered;
    const [leaf] = await host.certificateOf(party.value, 'encryption');
    const payload = nationalAnswer.parse({
      v: 1,
      inquiryId: body.inquiryId,
      request: sha256Base64url(body.sealed),
      ...answered.value,
    });
    const { key, chain } = host.identity.signing;
    const signed = signJws({ key, typ: nationalAnswerType, signer: { x5c: chain }, payload });
    const sealed = sealJwe({
      recipient: new X509Certificate(leaf!).publicKey,
      typ: nationalAnswerType,
      plaintext: Buffer.from(signed),
    });
    return ok({ sealed });
  });
}

/** People of other prefectures for a training town; a register in real use refuses. */
export const otherPrefecturesRoute = (deps: Deps, town: boolean): Route =>
  route(loadOtherPrefectures, async ({ body, actor }) =>
    town ? loadPersonsOfOthers(deps, actor, body) : err('not-a-town'),
  );
