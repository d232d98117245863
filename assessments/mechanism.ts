import type { MechanismId } from '@musubi/kernel/enforcement/mechanism-ids.ts';
import { accessMechanisms } from './mechanisms/access.ts';
import { assuranceMechanisms } from './mechanisms/assurance.ts';
import { auditMechanisms } from './mechanisms/audit.ts';
import { authMechanisms } from './mechanisms/auth.ts';
import { contractorMechanisms } from './mechanisms/contractor.ts';
import { deliveryMechanisms } from './mechanisms/delivery.ts';
import { dispatchMechanisms } from './mechanisms/dispatch.ts';
import { exchangeMechanisms } from './mechanisms/exchange.ts';
import { inputMechanisms } from './mechanisms/input.ts';
import { matchingMechanisms } from './mechanisms/matching.ts';
import { mediaMechanisms } from './mechanisms/media.ts';
import { registersMechanisms } from './mechanisms/registers.ts';
import { retentionMechanisms } from './mechanisms/retention.ts';
import { transportMechanisms } from './mechanisms/transport.ts';
import { vaultMechanisms } from './mechanisms/vault.ts';

/** A protection that software keeps; many measures of the five assessments rest on one. */
export interface Mechanism {
  readonly title: { readonly ja: string; readonly en: string };
  /** What is refused, required or recorded: the sentence that its tests show. */
  readonly enforces: string;
  /**
   * Where it is kept, `file#export` from the root; `{system}` stands for each system's folder. These are intentions: whether
   * a point is there is read from the sources (`points.ts`), so a place that does not exist yet counts as planned.
   */
  readonly points: readonly string[];
  /** `shared`: kept once for all (kernel, or its one owner). `each-system`: every system must keep and prove its own. */
  readonly scope: 'shared' | 'each-system';
  /** The part of the work that owns it: A foundation, B registers, C exchange, D tax, E collection, later. */
  readonly issue: 'A' | 'B' | 'C' | 'D' | 'E' | 'later';
  /** Name of the query behind `GET /evidence/:mechanism` of a system. */
  readonly evidence: string;
}

/** Exactly one entry for each id: a missing or a surplus one does not compile. */
export const mechanisms = {
  ...authMechanisms,
  ...accessMechanisms,
  ...auditMechanisms,
  ...exchangeMechanisms,
  ...registersMechanisms,
  ...transportMechanisms,
  ...vaultMechanisms,
  ...matchingMechanisms,
  ...inputMechanisms,
  ...deliveryMechanisms,
  ...retentionMechanisms,
  ...mediaMechanisms,
  ...dispatchMechanisms,
  ...contractorMechanisms,
  ...assuranceMechanisms,
} as const satisfies Record<MechanismId, Mechanism>;

export function mechanismOf(id: MechanismId): Mechanism {
  return mechanisms[id];
}
