import { X509Certificate } from 'node:crypto';
import { encodeBase64url } from '@musubi/kernel/crypto/base64url.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { type Party, type Purpose, purposes } from '@musubi/kernel/pki/party.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import { findCertificate, insertCertificate, newestList } from '../store/register.ts';
import type { Deps } from './deps.ts';

export const certificateOf = look('government-pki.certificate-of', {
  right: ['government-pki', 'repository', 'read'],
  async run(tx, _deps: Deps, query: Party & { readonly purpose: Purpose }): Promise<readonly string[] | undefined> {
    return (await findCertificate(tx, query, query.purpose))?.map(encodeBase64url);
  },
});

export const currentList = look('government-pki.current-list', {
  right: ['government-pki', 'repository', 'read'],
  async run(tx, _deps: Deps, _query: null) {
    const list = await newestList(tx);
    if (list === undefined) return undefined;
    return { number: list.number, crl: encodeBase64url(list.der), issuer: encodeBase64url(list.issuerDer) };
  },
});

/** The authority's own certificates, made at the ceremony, enter the register on its first start. */
export const recordOwnCertificates = act('government-pki.record-own-certificates', {
  right: ['government-pki', 'enrolment', 'update'],
  async run(tx, _deps: Deps, identity: Identity): Promise<Result<null, never>> {
    for (const purpose of purposes) {
      const [der, issuerDer] = identity[purpose].chain as [Buffer, Buffer];
      const certificate = new X509Certificate(der);
      await insertCertificate(
        tx,
        {
          organisation: identity.organisation,
          system: identity.system,
          purpose,
          serial: certificate.serialNumber.toLowerCase(),
          fingerprint: sha256Hex(der),
          der,
          issuerDer,
          validFrom: Temporal.Instant.fromEpochMilliseconds(certificate.validFromDate.getTime()),
          validUntil: Temporal.Instant.fromEpochMilliseconds(certificate.validToDate.getTime()),
        },
        {},
      );
    }
    tx.record({ event: 'own-certificates.recorded', facts: ['government_pki.certificate'] });
    return ok(null);
  },
});
