import { createHash } from 'node:crypto';
import { type InquiryRequest, inquiryRequestType } from '@musubi/contracts/fuhyo/inquiry.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { signJws } from '@musubi/kernel/crypto/jws.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';

export type SignInquiry = (request: InquiryRequest) => { readonly signed: string; readonly digest: Uint8Array };

/** Inquiries of the shared terminals are signed by this server itself; requester and operator stand in them (A6). */
export const signAs =
  ({ identity }: Pick<Host, 'identity'>): SignInquiry =>
  (request) => ({
    signed: signJws({
      key: identity.signing.key,
      typ: inquiryRequestType,
      signer: { x5c: identity.signing.chain },
      payload: request,
    }),
    digest: createHash('sha256').update(canonicalJson(request)).digest(),
  });
