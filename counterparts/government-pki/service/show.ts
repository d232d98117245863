import { look } from '@musubi/kernel/db/act.ts';
import {
  authorityState,
  type CertificateLine,
  type CertificateState,
  certificateCounts,
  certificateLines,
} from '../store/certificates.ts';
import { certificateBy, type HeldCertificate } from '../store/register.ts';
import {
  type RevocationReason,
  type RevocationRequest,
  requestCounts,
  revocationReasons,
  revocationRequests,
} from '../store/revocation-requests.ts';
import type { Deps } from './deps.ts';

export { certificateStates } from '../store/certificates.ts';
export type { RevocationReason, RevocationRequest };
export { type CertificateLine, type CertificateState, type HeldCertificate, revocationReasons };

/** Days before its end from which a certificate that was not renewed is listed as ending: the time in which it may be renewed. */
export const endingDays = 90;

/** What stands, ends, was revoked; the newest list. Nothing personal is in this register. */
export const showAuthority = look('government-pki.show-authority', {
  right: ['government-pki', 'certificate', 'read'],
  async run(tx, deps: Deps, _query: null) {
    const at = deps.machineClock.now();
    return {
      counts: await certificateCounts(tx, { at, endingDays }),
      authority: await authorityState(tx, at),
      waiting: (await requestCounts(tx, at)).waiting,
      statuses: deps.statusCounts.since(at.subtract({ hours: 1 })),
    };
  },
});

export const showCertificates = look('government-pki.show-certificates', {
  right: ['government-pki', 'certificate', 'read'],
  run: (
    tx,
    deps: Deps,
    query: {
      readonly state?: CertificateState;
      readonly party?: string;
      readonly limit: number;
      readonly offset: number;
    },
  ) => certificateLines(tx, { ...query, at: deps.machineClock.now(), endingDays }),
});

/** One certificate as the authority answers for it. */
export const showCertificate = look('government-pki.show-certificate', {
  right: ['government-pki', 'certificate', 'read'],
  run: (tx, _deps: Deps, { fingerprint }: { readonly fingerprint: string }) => certificateBy(tx, fingerprint),
});

export const showRequests = look('government-pki.show-revocation-requests', {
  right: ['government-pki', 'certificate', 'read'],
  async run(tx, deps: Deps, query: { readonly limit: number; readonly offset: number }) {
    const rows = await revocationRequests(tx, query);
    return { rows, total: (await requestCounts(tx, deps.machineClock.now())).all };
  },
});

export const showRequest = look('government-pki.show-revocation-request', {
  right: ['government-pki', 'certificate', 'read'],
  async run(tx, _deps: Deps, { requestId }: { readonly requestId: string }): Promise<RevocationRequest | undefined> {
    return (await revocationRequests(tx, { requestId, limit: 1 }))[0];
  },
});
