import { X509Certificate } from 'node:crypto';
import { lookUpNational, nationalAnswer, nationalAnswerType } from '@musubi/contracts/fuhyo/inquiry.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { lookUp } from '../service/look-up.ts';

/** Answers the asking prefecture's server alone: sealed to its certificate, bound to its look-up. */
export const lookUpRoute = (host: Pick<Host, 'certificateOf'>, deps: Deps): Route =>
  route(lookUpNational, async ({ body, actor }) => {
    if (deps.failsNow()) return err('internal-error');
    const [leaf] = await host.certificateOf(actor, 'encryption');
    const found = await lookUp(deps, actor, { ...body, asker: partyId(actor) });
    if (!found.ok) return found;
    const content = nationalAnswer.parse({ v: 1, lookupId: body.lookupId, items: found.value ?? null });
    const sealed = sealJwe({
      recipient: new X509Certificate(leaf!).publicKey,
      typ: nationalAnswerType,
      plaintext: Buffer.from(canonicalJson(content)),
      members: { inq: body.lookupId },
    });
    return ok({ sealed });
  });
