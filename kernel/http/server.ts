import { constants } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { z } from 'zod';
import type { MachineClock } from '../clocks/clock.ts';
import { decodeUtf8 } from '../crypto/canonical-json.ts';
import { sha256 } from '../crypto/digest.ts';
import { parseStrictJson } from '../crypto/strict-json.ts';
import type { Actor } from '../db/act.ts';
import { enforced } from '../enforcement/enforcement.ts';
import type { Identity } from '../pki/identity.ts';
import { partyId } from '../pki/party.ts';
import type { Trust, VerifiedParty } from '../pki/trust.ts';
import { err, type Result } from '../result/result.ts';
import { type BodyFault, readBody } from './body.ts';
import type { AnyEndpoint, ParamsOf, RequestOf, ResponseOf, WordOf } from './endpoint.ts';
import { checkRequestKey, type IdempotentRequest } from './idempotency.ts';
import { openApiOf } from './openapi.ts';
import {
  type Answer,
  type GeneralProblem,
  generalProblem,
  generalProblems,
  type Problem,
  problemAnswer,
} from './problem.ts';
import { type Found, routerOf } from './router.ts';
import { peerChain, tlsOptions } from './tls.ts';

export type SystemActor = Extract<Actor, { kind: 'system' }>;

/** What a handler gets: everything parsed, the caller named by its certificate. */
export interface PeerRequest<E extends AnyEndpoint> {
  readonly params: ParamsOf<E>;
  readonly body: RequestOf<E>;
  /** For `act`. Endpoints open to anyone get organisation and system `-` where no certificate was shown. */
  readonly actor: SystemActor;
  readonly peer: VerifiedParty | undefined;
  /** There on idempotent endpoints: hand it to `once`. */
  readonly idempotency: IdempotentRequest | undefined;
}

export type Handler<E extends AnyEndpoint> = (
  request: PeerRequest<E>,
) => Promise<Result<ResponseOf<E>, WordOf<E> | GeneralProblem>>;

export interface Route {
  readonly endpoint: AnyEndpoint;
  readonly handle: (request: never) => Promise<Result<unknown, string>>;
}

/** Ties an endpoint to the use case behind it. */
export const route = <E extends AnyEndpoint>(endpoint: E, handle: Handler<E>): Route => ({
  endpoint,
  handle: handle as Route['handle'],
});

export interface ServerLimits {
  readonly maxBodyBytes: number;
  readonly maxJsonDepth: number;
  /** From the request's first byte of body to its last. */
  readonly bodyTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** How long `close` waits for requests under way. */
  readonly closeTimeoutMs: number;
}

export const defaultLimits: ServerLimits = {
  maxBodyBytes: 1_048_576,
  maxJsonDepth: 32,
  bodyTimeoutMs: 10_000,
  headersTimeoutMs: 10_000,
  keepAliveTimeoutMs: 60_000,
  closeTimeoutMs: 10_000,
};

export interface PeerServerOptions {
  readonly identity: Identity;
  readonly trust: Trust;
  readonly routes: readonly Route[];
  readonly machineClock: MachineClock;
  readonly limits?: Partial<ServerLimits>;
  /** Whether this peer's segment reaches this service at all; absent: the routes alone decide. */
  readonly admits?: (peer: VerifiedParty) => boolean;
  /** Whether this process may answer at all at this moment; absent: always. */
  readonly mayAnswer?: () => boolean;
  /** Told of what went wrong by code and endpoint only; the default keeps silent. */
  readonly onFault?: (fault: ServerFault) => void;
}

export interface ServerFault {
  readonly code: 'handler-threw' | 'answer-mismatch' | 'peer-refused' | 'tls-refused';
  readonly endpoint?: string;
  /** Chain refusal or TLS error code. */
  readonly word?: string;
  readonly error?: unknown;
}

export interface PeerServer extends AsyncDisposable {
  listen(port: number, host?: string): Promise<number>;
  /** Lets requests under way finish, refuses new ones. */
  close(): Promise<void>;
}

/** An HTTPS service for other systems: TLS 1.3, a verified client certificate, schemas on every message. */
export function createPeerServer(options: PeerServerOptions): PeerServer {
  const limits = { ...defaultLimits, ...options.limits };
  const open = options.routes.some(({ endpoint }) => endpoint.callers === 'anyone');
  let closing = false;
  const document: Answer = {
    status: 200,
    type: 'application/json',
    body: JSON.stringify(
      openApiOf(
        options.identity,
        options.routes.map(({ endpoint }) => endpoint),
      ),
    ),
  };
  const find = routerOf(options.routes.map((each) => [each.endpoint, answerer(each, options, limits)] as const));
  const answerTo = async (incoming: IncomingMessage): Promise<Answer> => {
    const [path = '', query = ''] = splitTarget(incoming.url ?? '');
    if (path === '/openapi.json' && incoming.method === 'GET') return document;
    const found = find(incoming.method ?? '', path);
    if (found === undefined) return generalProblem('unknown-route');
    if (closing || options.mayAnswer?.() === false) return generalProblem('shutting-down');
    return found.value({ incoming, path, query, params: found.params });
  };

  const server: Server = createServer(
    {
      ...tlsOptions(options.identity, options.trust),
      requestCert: true,
      // No resumption: every connection shows its whole chain. Connections are kept open, so it would save little.
      secureOptions: constants.SSL_OP_NO_TICKET,
      // With an open endpoint the handshake lets anyone in; every other endpoint still asks for a verified peer.
      rejectUnauthorized: enforced('transport.mtls-both-sides') && !open,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.headersTimeoutMs + limits.bodyTimeoutMs + 1_000,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: 1_000,
    },
    (incoming, outgoing) => {
      answerTo(incoming)
        .catch((error: unknown) => {
          options.onFault?.({ code: 'handler-threw', error });
          return generalProblem('internal-error');
        })
        .then((answer) => send(incoming, outgoing, answer, closing));
    },
  );
  server.on('tlsClientError', (error) =>
    options.onFault?.({ code: 'tls-refused', word: (error as NodeJS.ErrnoException).code ?? 'unknown' }),
  );
  let shown = options.identity.tls;
  server.on('secureConnection', (socket) => {
    // A renewed certificate is shown from the next connection on; the one before still stands.
    if (options.identity.tls !== shown) {
      shown = options.identity.tls;
      const secureOptions = constants.SSL_OP_NO_TICKET;
      server.setSecureContext({ ...tlsOptions(options.identity, options.trust), secureOptions });
    }
    const verdict = verdictOn(socket, options);
    if (!enforced('transport.mtls-both-sides')) return;
    if (verdict.ok || (open && peerChain(socket).length === 0)) return;
    options.onFault?.({ code: 'peer-refused', word: verdict.error });
    socket.destroy();
  });

  const close = async (): Promise<void> => {
    closing = true;
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), limits.closeTimeoutMs);
    await closed;
    clearTimeout(timer);
  };
  return {
    listen: (port, host = '127.0.0.1') =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve((server.address() as AddressInfo).port);
        });
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Asked again for each request: a revocation counts on connections that are already open. */
const verdictOn = (
  socket: TLSSocket,
  { trust, machineClock, admits }: PeerServerOptions,
): Result<VerifiedParty, string> => {
  const chain = chains.get(socket) ?? peerChain(socket);
  chains.set(socket, chain);
  const verdict = trust.verifyChain(chain, 'tls', machineClock.now());
  const isOutside = verdict.ok && admits?.(verdict.value) === false;
  return enforced('transport.peer-list') && isOutside ? err('other-segment') : verdict;
};
const chains = new WeakMap<TLSSocket, Buffer[]>();

interface Asked {
  readonly incoming: IncomingMessage;
  readonly path: string;
  readonly query: string;
  readonly params: Found<unknown>['params'];
}

const splitTarget = (target: string): readonly [string, string] => {
  const mark = target.indexOf('?');
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
};

function send(incoming: IncomingMessage, outgoing: ServerResponse, answer: Answer, closing: boolean): void {
  if (outgoing.destroyed) return;
  // A body that was not read to its end would stand before the next request on this connection.
  const isUnread = !incoming.complete;
  outgoing.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    ...(closing || isUnread ? { connection: 'close' } : {}),
  });
  outgoing.end(answer.body);
  if (isUnread) incoming.resume();
}

function answerer({ endpoint, handle }: Route, options: PeerServerOptions, limits: ServerLimits) {
  return async ({ incoming, path, query, params: rawParams }: Asked): Promise<Answer> => {
    const verdict = verdictOn(incoming.socket as TLSSocket, options);
    if (enforced('auth.system-certificate') && !verdict.ok && endpoint.callers === 'peers')
      return generalProblem('not-authorised');
    const peer = verdict.ok ? verdict.value : undefined;

    const params =
      endpoint.params === undefined ? { success: true as const, data: {} } : endpoint.params.safeParse(rawParams);
    if (!params.success) return generalProblem('schema-mismatch', faultsOf(params.error, 'path'));
    const given =
      endpoint.method === 'GET'
        ? { ok: true as const, value: Object.fromEntries(new URLSearchParams(query)) }
        : await jsonBody(incoming, endpoint, limits);
    if (!given.ok) return generalProblem(given.error);
    const body = endpoint.request.safeParse(given.value);
    if (enforced('input.declared-fields-only') && !body.success)
      return generalProblem('schema-mismatch', faultsOf(body.error, endpoint.method === 'GET' ? 'query' : 'body'));

    const actor: SystemActor = {
      kind: 'system',
      organisation: peer?.organisation ?? '-',
      system: peer?.system ?? '-',
      certificate: peer?.fingerprint ?? '-',
    };
    let idempotency: IdempotentRequest | undefined;
    if (endpoint.idempotent) {
      const key = incoming.headers['idempotency-key'];
      if (typeof key !== 'string') return generalProblem('request-key-missing');
      const checked = checkRequestKey(key, options.machineClock.now());
      if (!checked.ok) return generalProblem(checked.error);
      const asked = JSON.stringify([endpoint.method, path, given.value]);
      idempotency = { peer: partyId(actor), endpoint: endpoint.id, key, fingerprint: sha256(asked) };
    }
    try {
      const result = await handle({ params: params.data, body: body.data, actor, peer, idempotency } as never);
      return result.ok ? answerOf(endpoint, result.value, options) : refusalOf(endpoint, result.error);
    } catch (error) {
      options.onFault?.({ code: 'handler-threw', endpoint: endpoint.id, error });
      return generalProblem('internal-error');
    }
  };
}

function answerOf(endpoint: AnyEndpoint, value: unknown, options: PeerServerOptions): Answer {
  const answer = endpoint.response.safeEncode(value);
  if (!answer.success) {
    options.onFault?.({
      code: 'answer-mismatch',
      endpoint: endpoint.id,
      word: faultsOf(answer.error, 'answer')
        .map((f) => f.path)
        .join(' '),
    });
    return generalProblem('internal-error');
  }
  return { status: 200, type: 'application/json', body: JSON.stringify(answer.data) };
}

function refusalOf(endpoint: AnyEndpoint, word: string): Answer {
  const own = endpoint.errors[word];
  if (own !== undefined) return problemAnswer(word, own);
  if (word in generalProblems) return generalProblem(word as GeneralProblem);
  throw new Error(`${endpoint.id}: ${word} is not among its errors`);
}

/** Names fields and faults. Values are never repeated, nor member names that the schema does not know. */
function faultsOf(error: z.ZodError, where: string): NonNullable<Problem['fields']> {
  return error.issues
    .slice(0, 20)
    .map((issue) => ({ path: [where, ...issue.path.map(String)].join('.'), fault: issue.code }));
}

async function jsonBody(
  request: IncomingMessage,
  endpoint: AnyEndpoint,
  limits: ServerLimits,
): Promise<Result<unknown, BodyFault | 'unsupported-media-type' | 'malformed-json'>> {
  if (!/^application\/json(?:;\s*charset=utf-8)?$/i.test(request.headers['content-type'] ?? '')) {
    return { ok: false, error: 'unsupported-media-type' };
  }
  const bytes = await readBody(request, endpoint.maxBodyBytes ?? limits.maxBodyBytes, limits.bodyTimeoutMs);
  if (!bytes.ok) return bytes;
  const text = decodeUtf8(bytes.value);
  if (text === undefined) return { ok: false, error: 'malformed-json' };
  const value = parseStrictJson(text, limits.maxJsonDepth);
  return value.ok ? value : { ok: false, error: 'malformed-json' };
}
