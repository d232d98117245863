import { generateKeyPair } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { type CardCertificateKind, cardCertificateKind } from '@musubi/contracts/portal/card.ts';
import { derOf, keyPem, newSerial, pemOf, readIfThere, readKey, writePrivately } from '@musubi/kernel/pki/identity.ts';
import { type CardAuthority, issueCardAuthority } from './certificate.ts';
import { profiles } from './profile.ts';

export const newCardKey = async (bits: 2048) =>
  (await promisify(generateKeyPair)('rsa', { modulusLength: bits, publicExponent: 0x10001 })).privateKey;

export type CardAuthorities = Readonly<Record<CardCertificateKind, CardAuthority>>;

/** The two authorities from their folder (files 0600); made at the first start. The certificate is written last: it marks the pair as whole. */
export async function cardAuthoritiesFrom(directory: string, at: Temporal.Instant): Promise<CardAuthorities> {
  const made = {} as Record<CardCertificateKind, CardAuthority>;
  for (const kind of cardCertificateKind.options) {
    const keyFile = path.join(directory, `${kind}.key.pem`);
    const certificateFile = path.join(directory, `${kind}.pem`);
    const keptKey = await readIfThere(keyFile);
    const certificate = derOf((await readIfThere(certificateFile)) ?? '')[0];
    if (keptKey !== undefined && certificate !== undefined) {
      made[kind] = { key: readKey(keptKey), certificate };
      continue;
    }
    const profile = profiles[kind];
    const key = keptKey === undefined ? await newCardKey(profile.keyBits) : readKey(keptKey);
    const validity = { from: at.subtract({ hours: 1 }), until: at.add({ hours: 10 * 365 * 24 }) };
    made[kind] = await issueCardAuthority(profile, key, newSerial(), validity);
    await writePrivately(keyFile, keyPem(key));
    await writePrivately(certificateFile, pemOf(made[kind].certificate));
  }
  return made;
}
