import { X509Certificate } from 'node:crypto';
import { inquiryRequest, inquiryRequestType } from '@musubi/contracts/fuhyo/inquiry.ts';
import { emigrantNumber, emigrantNumberType, linkNumber, obtainNumber } from '@musubi/contracts/fuhyo/number-link.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { readJws, signatureStands } from '@musubi/kernel/crypto/jws.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import {
  digestOfRequest,
  findQueuedLinks,
  noteLink,
  obtainNumber as obtain,
  prepareLink,
} from '../service/number-link.ts';

type LinkHost = Pick<Host, 'trust' | 'certificateOf' | 'peers'>;
const job: Actor = { kind: 'job', name: 'prefectural-juki.number-links' };

/** 取得: the one route of this server that hears the supplement's server. The inquiry bears its asker's own signature. */
export function numberLinkRoute(host: LinkHost, deps: Deps): Route {
  return route(obtainNumber, async ({ body, actor }) => {
    const jws = readJws(body.inquiry, { typ: inquiryRequestType });
    if (!jws.ok || !('x5c' in jws.value.signer)) return err('bad-signature');
    const party = host.trust.verifyChain(jws.value.signer.x5c, 'signing', deps.machineClock.now());
    if (!party.ok) return err('bad-signature');
    if (enforced('transport.signed-message') && !signatureStands(jws.value, party.value.certificate.publicKey))
      return err('bad-signature');
    const request = inquiryRequest.safeParse(jws.value.payload);
    if (!request.success || request.data.inquiryId !== body.inquiryId) return err('bad-signature');
    if (request.data.asker !== partyId(party.value)) return err('bad-signature');
    const { inquiryId, residentRecordCode } = body;
    // Before anything is revealed: without that server's certificate nobody could read it.
    const recipient = await encryptionKeyOf(host, actor);
    const digest = digestOfRequest(jws.value.payloadBytes);
    const obtained = await obtain(deps, actor, { request: request.data, digest, residentRecordCode });
    if (!obtained.ok) return obtained;
    if (obtained.value.kind === 'queued') return ok({ outcome: 'linked-later' });
    const sealed = sealNumber(recipient, inquiryId, residentRecordCode, obtained.value.number);
    return ok({ outcome: 'answered', sealed });
  });
}

/** 紐付け: pushes what is queued into its open inquiry. What cannot be reached stays queued. Returns how many were settled. */
export async function pushLinks(host: LinkHost, deps: Deps): Promise<number> {
  if (deps.fuhyoLink === undefined) return 0;
  const [organisation = '', system = ''] = deps.fuhyoLink.split('/');
  const queued = await findQueuedLinks(deps, job, { limit: 20 });
  if (!queued.ok) throw new Error(`queued links: ${queued.error}`);
  let settled = 0;
  for (const inquiryId of queued.value) {
    const recipient = await encryptionKeyOf(host, { organisation, system });
    const prepared = await prepareLink(deps, job, { inquiryId });
    if (!prepared.ok) continue;
    const { residentRecordCode, number } = prepared.value;
    const sealed = sealNumber(recipient, inquiryId, residentRecordCode, number);
    const said = await host.peers.call(linkNumber, deps.fuhyoLink, {}, { inquiryId, sealed });
    if (!said.ok && !Object.hasOwn(linkNumber.errors, said.error)) continue;
    await noteLink(deps, job, { inquiryId, refused: said.ok ? undefined : said.error });
    settled += 1;
  }
  return settled;
}

const encryptionKeyOf = async (
  host: LinkHost,
  { organisation, system }: { readonly organisation: string; readonly system: string },
): Promise<X509Certificate['publicKey']> => {
  const [leaf] = await host.certificateOf({ organisation, system }, 'encryption');
  return new X509Certificate(leaf!).publicKey;
};

function sealNumber(
  recipient: X509Certificate['publicKey'],
  inquiryId: string,
  residentRecordCode: string,
  number: IndividualNumber,
): string {
  const content = emigrantNumber.parse({ v: 1, inquiryId, residentRecordCode, individualNumber: number.digits() });
  return sealJwe({
    recipient,
    typ: emigrantNumberType,
    plaintext: Buffer.from(canonicalJson(content)),
    members: { inq: inquiryId },
  });
}
