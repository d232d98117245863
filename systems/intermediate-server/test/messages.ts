import type { InquiryStatement, Permit } from '@musubi/contracts/exchange/messages.ts';
import { commitmentOf, messageTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sha256Base64url } from '@musubi/kernel/crypto/digest.ts';
import { exportP256, generateP256 } from '@musubi/kernel/crypto/p256.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import type { ExchangeWorld, Placed } from './exchange-world.ts';

/* Messages made by hand, right unless a test says otherwise. */

export const nonceText = (): string => Buffer.from(systemRandom.bytes(32)).toString('base64url');

export async function codeAt({ t }: Placed, person: string): Promise<string> {
  const [row] = await t.owner<{ code: string }>(
    'select linkage_code as code from intermediate_server.linkage where org_person_number = $1',
    [person],
  );
  return row!.code;
}

export function aStatement(
  world: ExchangeWorld,
  linkageCode: string,
  more: Partial<InquiryStatement> = {},
  signer: Pick<Identity, 'signing'> = world.tokyo.identity,
) {
  const nonce = nonceText();
  const pair = generateP256();
  const said: InquiryStatement = {
    v: 1,
    inquiryNumber: world.newId(),
    asker: 'tokyo',
    procedure: 'MS2-009',
    informationCode: 'TKX-0001',
    items: ['課税区分'],
    condition: { taxYear: 2026 },
    provider: 'meguro',
    answerKey: exportP256(pair.publicKey),
    subjectCommitment: commitmentOf(nonce, linkageCode),
    at: world.machineClock.now().toString(),
    ...more,
  };
  return {
    said,
    statement: signMessage(signer, messageTypes.inquiry, said),
    nonce,
    linkageCode,
    privateKey: pair.privateKey,
  };
}

export function aPermit(
  world: ExchangeWorld,
  { said, statement }: { said: InquiryStatement; statement: string },
  linkageCode: string,
  more: Partial<Permit> = {},
  signer: Pick<Identity, 'signing'> = world.network.identity,
) {
  const nonce = nonceText();
  const at = world.machineClock.now();
  const permit: Permit = {
    v: 1,
    permitNumber: world.newId(),
    inquiryNumber: said.inquiryNumber,
    statement: sha256Base64url(statement),
    provider: 'meguro',
    subjectCommitment: commitmentOf(nonce, linkageCode),
    listVersion: '2026-04-01',
    listRow: '009-TKX-0001-W',
    issuedAt: at.toString(),
    acceptUntil: at.add({ minutes: 5 }).toString(),
    ...more,
  };
  return { statement, permit: signMessage(signer, messageTypes.permit, permit), linkageCode, nonce };
}

/** The same text with one member of its payload changed and the signature kept. */
export function altered(jws: string, change: (payload: Record<string, unknown>) => void): string {
  const [header, body, signature] = jws.split('.') as [string, string, string];
  const payload = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Record<string, unknown>;
  change(payload);
  return [header, Buffer.from(canonicalJson(payload)).toString('base64url'), signature].join('.');
}
