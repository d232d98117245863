import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RightsTable } from '../access/rights.ts';
import type { SessionPolicy } from '../access/session.ts';
import type { CivilClock } from '../clocks/clock.ts';
import type { ActDeps } from '../db/act.ts';
import type { Catalogue } from '../db/catalogue.ts';
import type { Notifications } from '../db/listen.ts';
import type { SchemaSet } from '../db/migrate.ts';
import type { Tx } from '../db/sql.ts';
import type { PeerClient } from '../http/client.ts';
import type { Route } from '../http/server.ts';
import type { Matter, Service } from '../operations/state.ts';
import type { PageApp, PageAppOptions } from '../pages/app.ts';
import type { Identity } from '../pki/identity.ts';
import type { Party } from '../pki/party.ts';
import type { Trust } from '../pki/trust.ts';
import type { StreamHandler } from '../streams/inbox.ts';
import type { Outbox } from '../streams/outbox.ts';
import type { Alarms } from '../streams/ports.ts';
import type { SealedStore } from '../vault/sealed/sealed-store.ts';
import type { Vault } from '../vault/vault.ts';
import type { InstanceConfig, NamedText, OrganisationConfig } from './config.ts';

/** What `musubi serve` needs to know of a system; each system's `main.ts` exports one as `definition`. */
export interface SystemDefinition {
  readonly system: string;
  readonly name: NamedText;
  /** The system's own schema sets. The kernel's (audit, streams, vault, sealed, jobs, approvals, http, access, …) are always there. */
  readonly schemas: readonly SchemaSet[];
  readonly rights: RightsTable;
  /** Where idle times differ from the kernel's (`kernel/access/session.ts`). */
  readonly session?: Partial<SessionPolicy>;
  /** Builds the running system from what the host gives. Called once; throws where settings are missing, all named together. */
  start(host: Host): Promise<Instance>;
}

/** What an instance gets. Its acts take `host.deps` (extended with what the system adds). */
export interface Host {
  readonly organisation: OrganisationConfig;
  readonly config: InstanceConfig;
  /** `meguro/resident-tax` */
  readonly id: string;
  readonly deps: ActDeps;
  readonly civilClock: CivilClock;
  readonly identity: Identity;
  readonly trust: Trust;
  readonly peers: PeerClient;
  readonly outbox: Outbox;
  readonly vault: Vault;
  readonly sealed: SealedStore;
  readonly notifications: Notifications;
  /** What each system of this organisation declares to hold, by system: its own schema sets' catalogue of columns, as they run now. */
  readonly catalogues: ReadonlyMap<string, Catalogue>;
  readonly alarms: Alarms;
  /** Leaf and issuing certificate (DER) of a peer, from the PKI's repository, verified now. Throws where there is none. */
  certificateOf(peer: Party, purpose: 'signing' | 'encryption' | 'log'): Promise<readonly Buffer[]>;
  /** Pages with this instance's sign-in, style, names and rights already set. */
  pages(
    options?: Partial<
      Pick<PageAppOptions, 'nav' | 'footer' | 'session' | 'signInPath' | 'signOutPath' | 'formTargets' | 'blank'>
    >,
  ): Promise<PageApp>;
  /** Reports what went wrong in a loop or a background step; never a personal value. */
  onError(error: unknown, where: string): void;
}

export interface Instance {
  /** Endpoints for other systems. */
  readonly routes?: readonly Route[];
  /** What it applies from streams. Its deps are bound inside. */
  readonly handlers?: readonly BoundHandler[];
  readonly pages?: PageApp;
  /** Answers its host name instead of `pages`, for what is no page app of ours (the OpenID Connect provider). */
  readonly web?: (request: IncomingMessage, response: ServerResponse) => void;
  /** What the operators' view shows of the system's own besides streams, runs and certificates; see `kernel/operations`. */
  readonly watched?: {
    readonly matters?: (tx: Tx) => Promise<readonly Matter[]>;
    readonly services?: (tx: Tx, from: Temporal.Instant) => Promise<readonly Service[]>;
  };
  /** Run until `signal` aborts; an instance is ready before its loops begin. */
  readonly loops?: readonly ((signal: AbortSignal) => Promise<void>)[];
  stop?(): Promise<void>;
}

/** Some system's handler with its own deps; only `bind` makes one, so that the two fit. */
export type BoundHandler = { readonly handler: StreamHandler<never>; readonly deps: ActDeps };

/** Ties a handler to the deps of its acts, checked here and not looked at again. */
export const bind = <D extends ActDeps>(handler: StreamHandler<D>, deps: D): BoundHandler => ({ handler, deps });
