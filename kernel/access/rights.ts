import type { Actor, Right, Rights } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import type { TerminalKind } from './session.ts';

export type Level = 'read' | 'update';
/** [function, level]; `update` includes `read`. */
export type FunctionRight = readonly [fn: string, level: Level];

/** Who may do what in one system; the same table makes the matrix of rights and decides. A right that stands nowhere is nobody's. */
export interface RightsTable {
  /** First word of the system's rights. */
  readonly system: string;
  /** Role of the staff directory → what it may do here. */
  readonly staff: Readonly<Record<string, readonly FunctionRight[]>>;
  /** Other systems, by certificate. `own`: of the same organisation; `any`: of every organisation. */
  readonly peers: readonly {
    readonly organisation: 'own' | 'any' | (string & {});
    readonly system: string;
    readonly may: readonly FunctionRight[];
  }[];
  /** The instance's own scheduled work and relays. */
  readonly jobs: readonly FunctionRight[];
  /** All that people of a contractor may do here, whatever role they were given; absent: nothing. */
  readonly contractors?: readonly FunctionRight[];
  /** Functions that open at these kinds of terminals only (bulk work at the 代表端末); absent: anywhere. */
  readonly terminals?: Readonly<Record<string, readonly TerminalKind[]>>;
  /** Signed-in residents (portal only). */
  readonly residents?: readonly FunctionRight[];
}

const includes = (granted: readonly FunctionRight[] | undefined, [, fn, level]: Right): boolean => {
  const stands = granted?.some(([f, l]) => f === fn && (l === level || l === 'update')) ?? false;
  return !enforced('access.rights-table') || stands;
};

/** What a peer may do, from the table alone. */
export function peerMay(
  table: RightsTable,
  ownOrganisation: string,
  actor: { organisation: string; system: string },
  right: Right,
): boolean {
  const isListed = (p: RightsTable['peers'][number]): boolean =>
    p.system === actor.system &&
    (p.organisation === 'any' ||
      p.organisation === actor.organisation ||
      (p.organisation === 'own' && actor.organisation === ownOrganisation));
  return table.peers.some((p) => (!enforced('transport.peer-list') || isListed(p)) && includes(p.may, right));
}

/** What a role may do, from the table alone. */
export const roleMay = (table: RightsTable, role: string, right: Right): boolean => includes(table.staff[role], right);

type Staff = Extract<Actor, { kind: 'staff' }>;

/** A contractor's people work within the list for contractors: a role granted by mistake opens no record. */
const contractorMay = (table: RightsTable, actor: Staff, [, fn, level]: Right): boolean =>
  actor.affiliation !== 'contractor' ||
  (table.contractors?.some(([f, l]) => f === fn && (l === level || l === 'update')) ?? false);

const opensAt = (table: RightsTable, actor: Staff, [, fn]: Right): boolean => {
  const kinds: readonly string[] | undefined = table.terminals?.[fn];
  return kinds === undefined || (actor.terminalKind !== undefined && kinds.includes(actor.terminalKind));
};

/** A grant as the directory's stream brought it. Days as ISO text; both are included. */
export interface GrantRow {
  readonly role: string;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly revoked: boolean;
}

/** Roles that stand on this day: begun, not run out, not revoked. */
export function standingRoles(grants: readonly GrantRow[], today: Temporal.PlainDate): string[] {
  const on = today.toString();
  const stands = (grant: GrantRow): boolean => {
    if (enforced('access.revocation') && grant.revoked) return false;
    if (enforced('access.temporary-grant') && (on < grant.validFrom || on > grant.validUntil)) return false;
    return true;
  };
  return [...new Set(grants.filter(stands).map((grant) => grant.role))];
}

/** Roles of a staff member whose session stands now, read in the act's own transaction; see `staff-roles.ts`. */
export interface StaffRoles {
  rolesOf(tx: Tx, actor: Extract<Actor, { kind: 'staff' }>): Promise<readonly string[]>;
}

/**
 * Decides by table, session and grant, anew for each act: a revoked grant or an ended session counts at once.
 * Kernel acts ask with the rights ['streams'|'jobs'|'audit'|…, fn, level]; the table lists them under `kernel:` + name.
 */
export function createRights(table: RightsTable, ownOrganisation: string, staff: StaffRoles): Rights {
  return {
    async allows(tx, actor, right) {
      if (right[0] !== table.system) return kernelRight(actor, right);
      switch (actor.kind) {
        case 'system':
          return peerMay(table, ownOrganisation, actor, right);
        case 'job':
          return includes(table.jobs, right);
        case 'resident':
          return includes(table.residents, right);
        case 'staff': {
          if (actor.organisation !== ownOrganisation) return false;
          if (enforced('access.contractor-role-limit') && !contractorMay(table, actor, right)) return false;
          if (enforced('media.export-terminal') && !opensAt(table, actor, right)) return false;
          const roles = await staff.rolesOf(tx, actor);
          return roles.some((role) => roleMay(table, role, right));
        }
      }
    },
  };
}

/** The kernel's own acts (relay, inbox, sequencer, witness): peers by certificate may deliver, the instance's jobs may work. */
function kernelRight(actor: Actor, [system]: Right): boolean {
  const kernel = [
    'streams',
    'jobs',
    'audit',
    'vault',
    'sealed',
    'media',
    'serve',
    'access',
    'http',
    'approvals',
    'backup',
    'db-sessions',
    'operations',
  ];
  // No role of a person opens the stores, the log, the keys or the deletions behind the systems' own functions.
  const isPerson = actor.kind !== 'job' && actor.kind !== 'system';
  if (enforced('access.operator-without-data') && isPerson) return false;
  return kernel.includes(system);
}
