import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { createRights } from '../access/rights.ts';
import { createStaffAccess } from '../access/staff-access.ts';
import { auditSink } from '../audit/sink.ts';
import { type CivilClock, systemMachineClock } from '../clocks/clock.ts';
import type { ActDeps } from '../db/act.ts';
import { openDatabase } from '../db/database.ts';
import { Notifications } from '../db/listen.ts';
import { createPeerClient } from '../http/client.ts';
import { createPeerServer, type Route, route } from '../http/server.ts';
import { uuidV7Maker } from '../ids/uuid.ts';
import { createPageApp } from '../pages/app.ts';
import { buildStylesheet } from '../pages/build-css.ts';
import { enrolledIdentity } from '../pki/enrol.ts';
import { followRevocations, pinnedTrust, publicRepository } from '../pki/repository.ts';
import { partyId } from '../pki/party.ts';
import { systemRandom } from '../random/random.ts';
import { ok } from '../result/result.ts';
import { createInbox } from '../streams/inbox.ts';
import { createOutbox } from '../streams/outbox.ts';
import type { Alarms, PayloadStore } from '../streams/ports.ts';
import { runRelays } from '../streams/relays.ts';
import { createLog } from '../telemetry/log.ts';
import { fileKeyProvider } from '../vault/key-provider.ts';
import { SqliteKeyStore } from '../vault/key-store/sqlite-key-store.ts';
import { type SealedId, SealedStore } from '../vault/sealed/sealed-store.ts';
import { Vault } from '../vault/vault.ts';
import { startAudit } from './audit-loops.ts';
import { certificateBook } from './certificates.ts';
import { civilClockOf } from './civil-date.ts';
import type { InstanceConfig, OrganisationConfig } from './config.ts';
import { envelopeCodec } from './envelope-codec.ts';
import type { Host, Instance, SystemDefinition } from './host.ts';
import { deliverEnvelope } from './stream-endpoint.ts';

/** The running instances of one organisation. */
export interface Served extends AsyncDisposable {
  /** Ports as they are (configuration may say 0). */
  readonly webPort: number;
  readonly ports: Readonly<Record<string, number>>;
  close(): Promise<void>;
}
