import { signJws } from '@musubi/kernel/crypto/jws.ts';
import { look } from '@musubi/kernel/db/act.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';
import { type CertificateStatus, certificateStatusType, type statusEndpoint } from '@musubi/kernel/pki/contract.ts';
import { certificateBy } from '../store/register.ts';
import type { Deps } from './deps.ts';

/** 証明書の状態, signed for this question: read in the register, where a revocation stands before any list tells of it. */
export const statusOf = look('government-pki.status-of', {
  right: ['government-pki', 'repository', 'read'],
  async run(tx, deps: Deps, { fingerprint, nonce }: RequestOf<typeof statusEndpoint>): Promise<string> {
    const found = await certificateBy(tx, fingerprint);
    const at = deps.machineClock.now();
    const status = found === undefined ? 'unknown' : found.revokedAt === null ? 'good' : 'revoked';
    deps.statusCounts.add(status, at);
    const payload: CertificateStatus = {
      v: 1,
      fingerprint,
      nonce,
      status,
      revokedAt: found?.revokedAt == null ? null : Temporal.Instant.from(found.revokedAt.replace(' ', 'T')).toString(),
      reason: found?.reason ?? null,
      at: at.toString(),
    };
    const { key, chain } = deps.identity.signing;
    return signJws({ key, typ: certificateStatusType, signer: { x5c: chain }, payload });
  },
});
