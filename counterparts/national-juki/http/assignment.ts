import { X509Certificate } from 'node:crypto';
import {
  assignCodes,
  assignmentAnswer,
  assignmentAnswerType,
  assignmentRequest,
  assignmentRequestType,
} from '@musubi/contracts/juki/assignment.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { readJws, signatureStands } from '@musubi/kernel/crypto/jws.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { assignCodesTo } from '../service/assign-codes.ts';

/** Answers the register that signed, whoever relayed: the codes are encrypted to it. */
export function assignmentRoute(host: Pick<Host, 'trust' | 'certificateOf'>, deps: Deps): Route {
  return route(assignCodes, async ({ body, actor }) => {
    const jws = readJws(body.request, { typ: assignmentRequestType });
    if (!jws.ok || !('x5c' in jws.value.signer)) return err('bad-signature');
    const party = host.trust.verifyChain(jws.value.signer.x5c, 'signing', deps.machineClock.now());
    if (!party.ok) return err('bad-signature');
    if (enforced('transport.signed-message') && !signatureStands(jws.value, party.value.certificate.publicKey))
      return err('bad-signature');
    const request = assignmentRequest.safeParse(jws.value.payload);
    if (!request.success || request.data.requestId !== body.requestId) return err('bad-signature');
    if (partyId(party.value) !== request.data.register || party.value.system !== 'resident-register')
      return err('not-your-register');
    // Before anything is given out: without the register's certificate nobody could read it.
    const [leaf] = await host.certificateOf(party.value, 'encryption');
    const assigned = await assignCodesTo(deps, actor, request.data);
    if (!assigned.ok) return assigned;
    const content = assignmentAnswer.parse({
      v: 1,
      requestId: body.requestId,
      residentRecordCode: assigned.value.residentRecordCode,
      individualNumber: assigned.value.individualNumber.digits(),
    });
    const sealed = sealJwe({
      recipient: new X509Certificate(leaf!).publicKey,
      typ: assignmentAnswerType,
      plaintext: Buffer.from(canonicalJson(content)),
      members: { req: body.requestId },
    });
    return ok({ sealed });
  });
}
