import { X509Certificate } from 'node:crypto';
import { type Actor, look } from '@musubi/kernel/db/act.ts';
import { askStatus } from '@musubi/kernel/pki/status.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { BodyKind, Deps } from '../deps.ts';

export interface BodyCertificate {
  readonly validUntil: Temporal.Instant;
  /** As the authority says at this moment; `no-answer` where it could not be asked. */
  readonly status: 'good' | 'revoked' | 'unknown' | 'no-answer';
}
export interface ShownBody {
  readonly id: string;
  readonly kind: BodyKind;
  readonly ims: string;
  readonly certificate: BodyCertificate | undefined;
}

const maySee = look('network.bodies', {
  right: ['information-providing-network', 'statistics', 'read'],
  run: async (_tx, deps: Deps, _query: null) => [...deps.bodies],
});

/** 接続機関: each body of the exchange, its server, and the certificate by which it signs, with its state of this moment. */
export async function showBodies(deps: Deps, actor: Actor): Promise<Result<readonly ShownBody[], 'not-authorised'>> {
  const bodies = await maySee(deps, actor, null);
  if (!bodies.ok) return bodies;
  return ok(
    await Promise.all(
      bodies.value.map(async ([id, { kind, ims }]) => {
        const certificate = await certificateOf(deps, ims);
        return { id, kind, ims, certificate };
      }),
    ),
  );
}

async function certificateOf(deps: Deps, ims: string): Promise<BodyCertificate | undefined> {
  const [organisation = '', system = ''] = ims.split('/');
  try {
    const [leaf] = await deps.certificateOf({ organisation, system }, 'signing');
    if (leaf === undefined) return undefined;
    const told = await askStatus(deps, leaf);
    const validUntil = Temporal.Instant.fromEpochMilliseconds(new X509Certificate(leaf).validToDate.getTime());
    return { validUntil, status: told.ok ? told.value.status : 'no-answer' };
  } catch {
    // Not enrolled yet, revoked, or the repository is away: there is none to show.
    return undefined;
  }
}
