import { createHash, X509Certificate } from 'node:crypto';
import {
  confirmReceipt,
  type InquiryAnswer,
  inquireFuhyo,
  inquiryAnswer,
  inquiryAnswerType,
  inquiryRequest,
  inquiryRequestType,
  redeliverNumber,
} from '@musubi/contracts/fuhyo/inquiry.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { readJws, signatureStands } from '@musubi/kernel/crypto/jws.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { type Route, route, type SystemActor } from '@musubi/kernel/http/server.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { type Inquire, inquire } from '../service/inquire.ts';
import { confirmNumber, giveNumber } from '../service/number-keeping.ts';

type InquiryHost = Pick<Host, 'trust' | 'certificateOf'>;

/** Inquiries of agencies and departments by their systems; what goes back only the asker can open. */
export function inquiryRoutes(host: InquiryHost, deps: Deps): Route[] {
  return [
    route(inquireFuhyo, async ({ body, actor }) => {
      const read = readInquiry(host, deps, body, actor);
      if (!read.ok) return read;
      // Before anything is found or obtained: without the asker's certificate nobody could read it.
      const recipient = await recipientOf(host, actor);
      const answered = await inquire(deps, actor, 'network', read.value);
      return answered.ok ? ok({ sealed: sealTo(recipient, answered.value) }) : answered;
    }),
    route(redeliverNumber, async ({ params: { inquiryId }, actor }) => {
      const recipient = await recipientOf(host, actor);
      const given = await giveNumber(deps, actor, { inquiryId, asker: partyId(actor), method: 'network' });
      if (!given.ok) return given;
      const { number, keptUntil } = given.value;
      const answer: InquiryAnswer = {
        v: 1,
        inquiryId,
        result: 'identified',
        record: null,
        number: 'given',
        individualNumber: number.digits(),
        withheld: [],
        keptUntil: keptUntil.toString({ fractionalSecondDigits: 3 }),
      };
      return ok({ sealed: sealTo(recipient, answer) });
    }),
    route(confirmReceipt, async ({ params: { inquiryId }, actor }) => {
      const confirmed = await confirmNumber(deps, actor, { inquiryId, asker: partyId(actor), method: 'network' });
      return confirmed.ok ? ok({ erased: true }) : confirmed;
    }),
  ];
}

/** The signature must be the caller's own, and the request must name the caller: nobody asks in another's name. */
function readInquiry(
  { trust }: InquiryHost,
  deps: Deps,
  body: { readonly inquiryId: string; readonly request: string },
  actor: SystemActor,
): Result<Inquire, 'bad-signature'> {
  const jws = readJws(body.request, { typ: inquiryRequestType });
  if (!jws.ok || !('x5c' in jws.value.signer)) return err('bad-signature');
  const party = trust.verifyChain(jws.value.signer.x5c, 'signing', deps.machineClock.now());
  if (!party.ok) return err('bad-signature');
  if (enforced('transport.signed-message') && !signatureStands(jws.value, party.value.certificate.publicKey))
    return err('bad-signature');
  const request = inquiryRequest.safeParse(jws.value.payload);
  if (!request.success || request.data.inquiryId !== body.inquiryId) return err('bad-signature');
  if (request.data.asker !== partyId(party.value) || request.data.asker !== partyId(actor)) return err('bad-signature');
  const digest = createHash('sha256').update(jws.value.payloadBytes).digest();
  return ok({ request: request.data, signed: body.request, digest });
}

async function recipientOf(host: InquiryHost, { organisation, system }: SystemActor) {
  const [leaf] = await host.certificateOf({ organisation, system }, 'encryption');
  return new X509Certificate(leaf!).publicKey;
}

const sealTo = (recipient: X509Certificate['publicKey'], answer: InquiryAnswer): string =>
  sealJwe({
    recipient,
    typ: inquiryAnswerType,
    plaintext: Buffer.from(canonicalJson(inquiryAnswer.parse(answer))),
    members: { inq: answer.inquiryId },
  });
