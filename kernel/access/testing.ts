import { auditSink } from '../audit/sink.ts';
import { systemMachineClock, tokyoCivilClock } from '../clocks/clock.ts';
import { type ActDeps, type Actor, act } from '../db/act.ts';
import type { Database } from '../db/database.ts';
import { uuidV7Maker } from '../ids/uuid.ts';
import { cookieName } from '../pages/security.ts';
import { systemRandom } from '../random/random.ts';
import type { DirectoryGrant } from './directory-grant.ts';
import { applyChange } from './grants.ts';
import {
  type Affiliation,
  openSession,
  type SessionPolicy,
  sessionCookie,
  signInActor,
  type TerminalKind,
} from './session.ts';

export interface SignedIn {
  readonly sessionId: string;
  readonly actor: Extract<Actor, { kind: 'staff' }>;
  /** For playwright's `context.addCookies([{ ...cookie, url }])`. */
  readonly cookie: { readonly name: string; readonly value: string };
  /** `name=value`, for a request's header. */
  readonly header: string;
}

export interface SignedInOptions {
  readonly staffId: string;
  readonly roles: readonly string[];
  /** Default `meguro`. */
  readonly organisation?: string;
  /** Shown in the header; default 試験 花子. */
  readonly displayName?: string;
  readonly position?: string;
  readonly terminalId?: string;
  /** Default business, where there is a terminal. */
  readonly terminalKind?: TerminalKind;
  readonly affiliation?: Affiliation;
  readonly policy?: SessionPolicy;
  /** Whether the pages stand under https; default false. */
  readonly secure?: boolean;
  /** Days of the grants; default from 2000-01-01 to 2099-12-31. */
  readonly validFrom?: string;
  readonly validUntil?: string;
}

const applyInTest = act('access.apply-grant', {
  right: ['access', 'grant', 'update'],
  run: (tx, deps: ActDeps, message: DirectoryGrant) => applyChange(tx, deps, message),
});

/**
 * A real session with real grants, made by the same acts as a sign-in, so that page tests need no directory.
 * Give the `ActDeps` of the system under test (same clocks as its session reader); for an instance that was started as
 * a whole, `systemDeps(db, 'meguro/resident-tax')`.
 */
export async function signedInSession(deps: ActDeps, options: SignedInOptions): Promise<SignedIn> {
  const { staffId, organisation = 'meguro', terminalId, affiliation } = options;
  const terminalKind = terminalId === undefined ? undefined : (options.terminalKind ?? 'business');
  for (const role of options.roles) {
    const granted = await applyInTest(deps, signInActor, {
      kind: 'granted',
      grantId: deps.newId(),
      staffId,
      role,
      validFrom: options.validFrom ?? '2000-01-01',
      validUntil: options.validUntil ?? '2099-12-31',
    });
    if (!granted.ok) throw new Error(`the grant of ${role} was refused: ${granted.error}`);
  }
  const opened = await openSession(deps, signInActor, {
    staffId,
    displayName: options.displayName ?? '試験 花子',
    position: options.position,
    accountUntil: Temporal.PlainDate.from('2099-12-31'),
    terminalId,
    terminalKind,
    affiliation,
    ...(options.policy ? { policy: options.policy } : {}),
  });
  if (!opened.ok) throw new Error(`the session was refused: ${opened.error}`);
  const { sessionId, token } = opened.value;
  const cookie = { name: cookieName(sessionCookie, options.secure ?? false), value: token };
  return {
    sessionId,
    actor: {
      kind: 'staff',
      organisation,
      staffId,
      sessionId,
      ...(terminalId ? { terminalId } : {}),
      ...(terminalKind ? { terminalKind } : {}),
      ...(affiliation === 'contractor' ? { affiliation } : {}),
    },
    cookie,
    header: `${cookie.name}=${cookie.value}`,
  };
}

/** Deps on the clocks of the machine, for a database whose instance runs as a whole. `id`: `meguro/resident-tax`. */
export function systemDeps(db: Database, id: string): ActDeps {
  return {
    db,
    machineClock: systemMachineClock,
    civilClock: tokyoCivilClock,
    random: systemRandom,
    newId: uuidV7Maker(systemMachineClock, systemRandom),
    rights: { allows: async () => true },
    audit: auditSink({ instance: id, random: systemRandom }),
  };
}
