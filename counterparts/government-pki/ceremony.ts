import path from 'node:path';
import { holdCeremony, issueIdentity } from '@musubi/kernel/pki/authority.ts';
import { pkiParty } from '@musubi/kernel/pki/contract.ts';
import { derOf, keyPem, pemOf, readIfThere, readKey, writePrivately } from '@musubi/kernel/pki/identity.ts';
import { writeIdentity } from '@musubi/kernel/pki/identity-files.ts';
import { type Authority, issueCrl } from '@musubi/kernel/pki/issue.ts';
import { writeKeptCrl } from '@musubi/kernel/pki/join.ts';

export interface CeremonyPlaces {
  /** Where the root's key goes: a medium that is taken away afterwards. The service never reads it. */
  readonly offlineDirectory: string;
  /** The root certificate (PEM) that everybody pins. Written last: it marks the ceremony as done. */
  readonly rootFile: string;
  /** The issuing authority's key and certificate. */
  readonly authorityDirectory: string;
  /** The service's own identity, and the first revocation list. */
  readonly identityDirectory: string;
  readonly dnsNames?: readonly string[];
}

/** Makes root, issuing authority and the service's identity, once. Returns false where it was done before. */
export async function prepareAuthority(places: CeremonyPlaces, at: Temporal.Instant): Promise<boolean> {
  if ((await readIfThere(places.rootFile)) !== undefined) return false;
  const { root, issuing } = await holdCeremony(at);
  await writePrivately(path.join(places.offlineDirectory, 'root.key.pem'), keyPem(root.key));
  await writePrivately(path.join(places.authorityDirectory, 'issuing.key.pem'), keyPem(issuing.key));
  await writePrivately(path.join(places.authorityDirectory, 'issuing.pem'), pemOf(issuing.certificate));
  const validity = { from: at.subtract({ minutes: 1 }), until: at.add({ hours: 730 * 24 }) };
  await writeIdentity(places.identityDirectory, await issueIdentity(issuing, pkiParty, validity, places.dnsNames));
  const crl = await issueCrl(issuing, { number: 1, thisUpdate: at, nextUpdate: at.add({ hours: 24 }), revoked: [] });
  await writeKeptCrl(places.identityDirectory, { crl, issuer: issuing.certificate });
  await writePrivately(places.rootFile, pemOf(root.certificate));
  return true;
}

export async function readAuthority(authorityDirectory: string): Promise<Authority> {
  const key = await readIfThere(path.join(authorityDirectory, 'issuing.key.pem'));
  const pem = await readIfThere(path.join(authorityDirectory, 'issuing.pem'));
  const certificate = pem === undefined ? undefined : derOf(pem)[0];
  if (key === undefined || certificate === undefined)
    throw new Error('there is no issuing authority: hold the ceremony first');
  return { key: readKey(key), certificate };
}
