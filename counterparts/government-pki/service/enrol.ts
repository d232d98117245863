import { createHash, type KeyObject } from 'node:crypto';
import { decodeBase64url, encodeBase64url } from '@musubi/kernel/crypto/base64url.ts';
import { fingerprint, sha256 } from '@musubi/kernel/crypto/digest.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { RequestOf, ResponseOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import type { enrolEndpoint } from '@musubi/kernel/pki/contract.ts';
import { newSerial } from '@musubi/kernel/pki/identity.ts';
import { issueLeaf, readRequest } from '@musubi/kernel/pki/issue.ts';
import { type Party, type Purpose, purposes } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { certificatesOfToken, findToken, insertCertificate, insertToken, useToken } from '../store/register.ts';
import type { Deps } from './deps.ts';

type Enrolled = ResponseOf<typeof enrolEndpoint>;
const facts = ['government_pki.enrolment', 'government_pki.certificate'];

/** Lets a system enrol once. The token itself goes to its operator by another way; only its SHA-256 arrives here. */
export const expectEnrolment = act('government-pki.expect-enrolment', {
  right: ['government-pki', 'enrolment', 'update'],
  async run(
    tx,
    _deps: Deps,
    command: Party & { tokenHash: Uint8Array; expiresAt: Temporal.Instant },
  ): Promise<Result<null, never>> {
    await insertToken(tx, command.tokenHash, command, command.expiresAt);
    tx.record({
      event: 'enrolment.expected',
      facts: ['government_pki.enrolment_token'],
      detail: { organisation: command.organisation, system: command.system },
    });
    return ok(null);
  },
});

/** Certificates against a one-time token. The same requests again get the same certificates, so that an answer lost on the way costs nothing. */
export const enrol = act('government-pki.enrol', {
  right: ['government-pki', 'enrolment', 'update'],
  async run(
    tx,
    deps: Deps,
    command: RequestOf<typeof enrolEndpoint>,
  ): Promise<Result<Enrolled, WordOf<typeof enrolEndpoint>>> {
    const { organisation, system, dnsNames } = command;
    const at = deps.machineClock.now();
    const tokenHash = sha256(command.token);
    const token = await findToken(tx, tokenHash);
    if (token?.organisation !== organisation || token.system !== system) return err('token-unknown');

    const used = await useToken(tx, tokenHash, fingerprint({ dnsNames, requests: command.requests }), at);
    if (used !== undefined)
      return repeat(tx, tokenHash, used.equals(fingerprint({ dnsNames, requests: command.requests })));
    if (Temporal.Instant.compare(at, token.expiresAt) > 0) return err('token-expired');

    const keys = await readKeys(command.requests);
    if (keys === undefined) return err('request-refused');
    const certificates = {} as Record<Purpose, string>;
    for (const purpose of purposes) {
      const der = await issue(tx, deps, { organisation, system }, purpose, keys[purpose], dnsNames, at, { tokenHash });
      certificates[purpose] = encodeBase64url(der);
    }
    tx.record({ event: 'enrolment.completed', facts, detail: { organisation, system } });
    return ok({ certificates, issuer: encodeBase64url(deps.issuing.certificate) });
  },
});

async function repeat(tx: Tx, tokenHash: Buffer, same: boolean): Promise<Result<Enrolled, 'token-used'>> {
  if (!same) return err('token-used');
  const rows = await certificatesOfToken(tx, tokenHash);
  tx.record({ event: 'enrolment.repeated' });
  const certificates = Object.fromEntries(rows.map(({ purpose, der }) => [purpose, encodeBase64url(der)])) as Record<
    Purpose,
    string
  >;
  return ok({ certificates, issuer: encodeBase64url(rows[0]!.issuerDer) });
}

export async function readKeys(
  requests: Readonly<Record<Purpose, string>>,
): Promise<Record<Purpose, KeyObject> | undefined> {
  const keys = {} as Record<Purpose, KeyObject>;
  const seen = new Set<string>();
  for (const purpose of purposes) {
    const der = decodeBase64url(requests[purpose]);
    if (!der.ok) return undefined;
    const key = await readRequest(der.value, purpose);
    if (!key.ok) return undefined;
    keys[purpose] = key.value;
    seen.add(
      createHash('sha256')
        .update(key.value.export({ type: 'spki', format: 'der' }))
        .digest('hex'),
    );
  }
  return seen.size === purposes.length ? keys : undefined; // one key per purpose
}

export async function issue(
  tx: Tx,
  { issuing, terms }: Deps,
  party: Party,
  purpose: Purpose,
  publicKey: KeyObject,
  dnsNames: readonly string[],
  at: Temporal.Instant,
  by: { readonly tokenHash: Uint8Array } | { readonly renewal: Uint8Array },
): Promise<Buffer> {
  const serial = newSerial();
  // Seconds, as X.509 writes them; one minute back for clocks that differ a little.
  const from = at.subtract({ minutes: 1 }).round('second');
  const validity = { from, until: from.add({ hours: terms.certificateDays * 24 }) };
  const der = await issueLeaf(issuing, { party, purpose, publicKey, serial, validity, dnsNames });
  await insertCertificate(
    tx,
    {
      ...party,
      purpose,
      serial,
      fingerprint: sha256(der).toString('hex'),
      der,
      issuerDer: issuing.certificate,
      validFrom: validity.from,
      validUntil: validity.until,
    },
    by,
  );
  return der;
}
