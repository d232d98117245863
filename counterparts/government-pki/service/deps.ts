import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { Authority } from '@musubi/kernel/pki/issue.ts';
import type { StatusCounts } from './status-counts.ts';

export interface Deps extends ActDeps {
  /** The issuing authority. The root's key is never here. */
  readonly issuing: Authority;
  /** The service's own: it signs answers about certificates. */
  readonly identity: Identity;
  readonly terms: Terms;
  readonly statusCounts: StatusCounts;
}

export interface Terms {
  readonly certificateDays: number;
  /** From a list's making to the moment from which nobody believes it. */
  readonly listHours: number;
}

export const usualTerms: Terms = { certificateDays: 730, listHours: 24 };
