import type { MachineClock } from '../clocks/clock.ts';
import { type ActDeps, look, type Rights } from '../db/act.ts';
import { withTransaction } from '../db/database.ts';
import type { Route } from '../http/server.ts';
import type { PageApp, PageAppOptions } from '../pages/app.ts';
import { cookieName } from '../pages/security.ts';
import type { MayOpen, OpensPage, SessionReader } from '../pages/session.ts';
import type { BoundHandler } from '../serve/host.ts';
import { bind } from '../serve/host.ts';
import { directorySystem, grantHandler } from './grants.ts';
import { createRelyingParty, type SignInConfig } from './relying-party.ts';
import type { StaffRoles } from './rights.ts';
import { createSessionReader, type SessionPolicy, sessionCookie, sessionPolicy } from './session.ts';
import { mountSignIn } from './sign-in-pages.ts';
import { staffRoles } from './staff-roles.ts';
import { standingSessionsRoute } from './standing-sessions.ts';

export interface StaffAccessOptions {
  readonly organisation: string;
  /** This system's name; its client id at the directory. */
  readonly system: string;
  readonly machineClock: MachineClock;
  /** Absent where nobody signs in (a system without pages). */
  readonly signIn?: SignInConfig;
  readonly policy?: SessionPolicy;
  /** Told why the directory could not be reached; the page says only that it could not. */
  readonly onError?: (error: unknown, where: string) => void;
}

/** Everything of staff sign-in that one instance needs. `start` must come before the first request. */
export interface StaffAccess {
  readonly roles: StaffRoles;
  readonly reader: SessionReader;
  /** For `createPageApp`. */
  readonly paths: Pick<PageAppOptions, 'signInPath' | 'signOutPath' | 'formTargets' | 'blank'>;
  mayOpen(rights: Rights): MayOpen;
  /** Whoever may not open a page is refused on the record, as by an act. */
  readonly opensPage: OpensPage;
  /** Rights need the roles before the deps exist, and the deps need the rights: this ties them. */
  start(deps: ActDeps): void;
  /** Adds the sign-in pages and the idle lock of every page that is added after it. */
  mount(app: PageApp): void;
  readonly routes: readonly Route[];
  /** The directory's stream of grants; none at the directory itself. Call after `start`. */
  handlers(): readonly BoundHandler[];
}

export function createStaffAccess(options: StaffAccessOptions): StaffAccess {
  const { organisation, system, signIn, policy = sessionPolicy } = options;
  let bound: ActDeps | undefined;
  const deps = (): ActDeps => {
    if (bound === undefined) throw new Error('staff access was used before it was started');
    return bound;
  };
  const secure = signIn?.origin.startsWith('https:') ?? false;
  const cookie = cookieName(sessionCookie, secure);
  const sessions = createSessionReader({ organisation, cookie, deps });
  return {
    roles: staffRoles({
      machineClock: options.machineClock,
      civilClock: { today: () => deps().civilClock.today() },
    }),
    reader: sessions,
    paths: signIn
      ? {
          signInPath: '/sign-in',
          signOutPath: '/sign-out',
          formTargets: [new URL(signIn.issuer).origin],
          blank: { path: '/session/blank', afterSeconds: policy.blankMinutes * 60 },
        }
      : {},
    mayOpen: (rights) => (actor, right) =>
      withTransaction(deps().db, 'access.may-open', (tx) => rights.allows(tx, actor, right), { readOnly: true }),
    async opensPage(actor, right, page) {
      const opened = await look(`open ${page}`, { right, run: async () => null })(deps(), actor, null);
      return opened.ok;
    },
    start(given) {
      bound = given;
    },
    mount(app) {
      if (signIn === undefined) return;
      mountSignIn(app, {
        deps,
        sessions,
        cookie,
        secure,
        policy,
        party: createRelyingParty(system, signIn),
        onError: options.onError ?? (() => {}),
      });
    },
    routes: signIn === undefined || system === directorySystem ? [] : [standingSessionsRoute(organisation, deps)],
    handlers: () => (system === directorySystem ? [] : [bind(grantHandler(organisation), deps())]),
  };
}
