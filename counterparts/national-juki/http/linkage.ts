import { X509Certificate } from 'node:crypto';
import {
  deriveLinkageCode,
  linkageRequest,
  linkageRequestEnvelope,
  processingNumber as processingNumberSchema,
  requestLinkageCode,
  rootRequest,
} from '@musubi/contracts/exchange/endpoints.ts';
import { canonicalJson, parseCanonicalJsonBytes } from '@musubi/kernel/crypto/canonical-json.ts';
import { openJwe, sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { readJws, signatureStands } from '@musubi/kernel/crypto/jws.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { type AcceptLinkage, acceptLinkage } from '../service/accept-linkage.ts';

export interface LinkagePeers {
  /** `ins/information-providing-network`: whose signature a processing number bears. */
  readonly informationProvidingNetwork: string;
  /** `ins/linkage-root` */
  readonly linkageRoot: string;
}

type LinkageHost = Pick<Host, 'identity' | 'trust' | 'peers' | 'certificateOf'>;

/** Way 2 of design §4.2: resolve the person, hand {processing number, Resident Record Code} to the root process. */
export function linkageRoute(host: LinkageHost, deps: Deps, to: LinkagePeers): Route {
  return route(requestLinkageCode, async ({ body, actor }) => {
    const read = readRequest(host, to, body, deps.machineClock.now());
    if (!read.ok) return read;
    const accepted = await acceptLinkage(deps, actor, read.value.command);
    if (!accepted.ok) return accepted;
    const [organisation = '', system = ''] = to.linkageRoot.split('/');
    const [leaf] = await host.certificateOf({ organisation, system }, 'encryption');
    const content = rootRequest.parse({
      v: 1,
      processingNumber: read.value.processingNumber,
      residentRecordCode: accepted.value.residentRecordCode,
    });
    const sealed = sealJwe({
      recipient: new X509Certificate(leaf!).publicKey,
      typ: 'musubi-root-request',
      plaintext: Buffer.from(canonicalJson(content)),
    });
    const derived = await host.peers.call(deriveLinkageCode, to.linkageRoot, {}, { requestId: body.requestId, sealed });
    if (derived.ok) return ok({ accepted: true });
    return err(derived.error === 'processing-number-invalid' ? 'processing-number-invalid' : 'unavailable');
  });
}

type Refusal = 'bad-signature' | 'processing-number-invalid';

/** Signatures, bindings and times, before anything is looked up. */
function readRequest(
  { trust, identity }: Pick<LinkageHost, 'trust' | 'identity'>,
  { informationProvidingNetwork }: LinkagePeers,
  body: { readonly requestId: string; readonly request: string },
  at: Temporal.Instant,
): Result<{ command: AcceptLinkage; processingNumber: string }, Refusal> {
  const envelope = verified(trust, body.request, 'musubi-linkage-request-envelope', at);
  const outer = linkageRequestEnvelope.safeParse(envelope?.payload);
  if (!envelope || !outer.success || outer.data.requestId !== body.requestId) return err('bad-signature');
  const number = verified(trust, outer.data.processingNumber, 'musubi-processing-number', at);
  const bound = processingNumberSchema.safeParse(number?.payload);
  if (enforced('exchange.signature-chain') && number?.signer !== informationProvidingNetwork)
    return err('processing-number-invalid');
  if (!bound.success) return err('processing-number-invalid');
  if (Temporal.Instant.compare(Temporal.Instant.from(bound.data.until), at) <= 0)
    return err('processing-number-invalid');
  const opened = openJwe(outer.data.sealed, { privateKey: identity.encryption.key, typ: 'musubi-linkage-request' });
  if (!opened.ok) return err('bad-signature');
  const text = parseCanonicalJsonBytes(opened.value.plaintext);
  const inner = linkageRequest.safeParse(text.ok ? text.value : undefined);
  if (!inner.success || inner.data.processingNumber !== outer.data.processingNumber) return err('bad-signature');
  // A platform asks for its own organisation's intermediate server; only the card service asks for the portal.
  const [askingOrganisation, askingSystem] = envelope.signer.split('/');
  const byCode = 'residentRecordCode' in inner.data;
  const fits = askingSystem === 'jpki' ? byCode : !byCode && askingOrganisation === bound.data.organisation;
  if (!fits) return err('processing-number-invalid');
  const person = 'residentRecordCode' in inner.data ? { residentRecordCode: inner.data.residentRecordCode } : undefined;
  const parsed = 'individualNumber' in inner.data ? IndividualNumber.parse(inner.data.individualNumber) : undefined;
  if (parsed && !parsed.ok) return err('bad-signature');
  return ok({
    processingNumber: outer.data.processingNumber,
    command: {
      requestId: body.requestId,
      asker: envelope.signer,
      processingNumber: bound.data.number,
      madeFor: `${bound.data.organisation}/${bound.data.system}`,
      person: person ?? { individualNumber: parsed!.value },
    },
  });
}

function verified(
  trust: Trust,
  compact: string,
  typ: string,
  at: Temporal.Instant,
): { readonly payload: unknown; readonly signer: string } | undefined {
  const jws = readJws(compact, { typ });
  if (!jws.ok || !('x5c' in jws.value.signer)) return undefined;
  const party = trust.verifyChain(jws.value.signer.x5c, 'signing', at);
  if (!party.ok || !signatureStands(jws.value, party.value.certificate.publicKey)) return undefined;
  return { payload: jws.value.payload, signer: partyId(party.value) };
}
