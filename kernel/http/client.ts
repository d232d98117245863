import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request as send } from 'undici';
import type { MachineClock } from '../clocks/clock.ts';
import { decodeUtf8 } from '../crypto/canonical-json.ts';
import { parseStrictJson } from '../crypto/strict-json.ts';
import { enforced } from '../enforcement/enforcement.ts';
import type { Identity } from '../pki/identity.ts';
import { type PartyId, partyDnsName, partyId } from '../pki/party.ts';
import type { Trust } from '../pki/trust.ts';
import { type Random, systemRandom } from '../random/random.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { AnyEndpoint, ParamsOf, RequestOf, ResponseOf, WordOf } from './endpoint.ts';
import { type GeneralProblem, generalProblems } from './problem.ts';
import { Breaker, backoffMs } from './retry.ts';
import { chainOf, tlsOptions } from './tls.ts';

/** What keeps a call from an answer on this side of the wire. */
export type CallFault =
  /** No address in the directory. */
  | 'unknown-peer'
  | 'peer-unreachable'
  | 'peer-timeout'
  /** Its certificate names someone else, is revoked, expired or not of the PKI. Never tried again. */
  | 'wrong-peer'
  | 'circuit-open'
  /** Not JSON, not the endpoint's schema, or a word that nobody declared. */
  | 'unreadable-answer';

export type CallError<E extends AnyEndpoint> = WordOf<E> | GeneralProblem | CallFault;

export interface PeerClientOptions {
  /** Without one the client shows no certificate (enrolment). */
  readonly identity?: Pick<Identity, 'tls'>;
  readonly trust: Trust;
  /** Where a peer (`organisation/system`) answers: `https://127.0.0.1:7443`. Read on each call, so it may change. */
  readonly directory: (peer: PartyId) => string | undefined;
  readonly machineClock: MachineClock;
  readonly random?: Random;
  readonly connectTimeoutMs?: number;
  /** For one try, to the last byte of the answer. */
  readonly timeoutMs?: number;
  /** Tries in all for what may be repeated (GET, or with a request key). */
  readonly tries?: number;
  readonly backoffBaseMs?: number;
  readonly backoffCeilingMs?: number;
  readonly connections?: number;
  readonly breakerThreshold?: number;
  readonly breakerRestMs?: number;
  readonly maxAnswerBytes?: number;
}

export interface CallOptions {
  /** UUIDv7; made once per business act and kept, so that a repeat after a crash is the same request. */
  readonly idempotencyKey?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface PeerClient extends AsyncDisposable {
  call<E extends AnyEndpoint>(
    endpoint: E,
    peer: PartyId,
    params: ParamsOf<E>,
    body: RequestOf<E>,
    options?: CallOptions,
  ): Promise<Result<ResponseOf<E>, CallError<E>>>;
  close(): Promise<void>;
}

interface Line {
  readonly origin: string;
  readonly agent: Agent;
  readonly breaker: Breaker;
  /** Our own certificate that its connections show. */
  readonly shown: Identity['tls'] | undefined;
  /** What the peer showed at the newest handshake. */
  chain: readonly Buffer[] | undefined;
}

const closeGraceMs = 500;

class WrongPeer extends Error {
  readonly code = 'MUSUBI_WRONG_PEER';
}

/** Calls to other systems: kept-alive TLS 1.3 connections, the peer's name checked, repeats where they do no harm. */
export function createPeerClient(options: PeerClientOptions): PeerClient {
  const {
    trust,
    machineClock,
    random = systemRandom,
    tries = 4,
    backoffBaseMs = 100,
    backoffCeilingMs = 5_000,
  } = options;
  const maxAnswerBytes = options.maxAnswerBytes ?? 16_777_216;
  const lines = new Map<PartyId, Line>();

  const isStill = (peer: PartyId, chain: readonly Buffer[]): boolean => {
    const verdict = trust.verifyChain(chain, 'tls', machineClock.now());
    return verdict.ok && partyId(verdict.value) === peer;
  };

  const openLine = (peer: PartyId, origin: string): Line => {
    const [organisation = '', system = ''] = peer.split('/');
    const line: Line = {
      origin,
      breaker: new Breaker(machineClock, options.breakerThreshold ?? 5, options.breakerRestMs ?? 5_000),
      chain: undefined,
      shown: options.identity?.tls,
      agent: new Agent({
        // As many as requests may be under way at once: what waits for a connection waits for another's whole chain of calls.
        connections: options.connections ?? 32,
        pipelining: 1,
        keepAliveTimeout: 30_000,
        connectTimeout: options.connectTimeoutMs ?? 3_000,
        // A resumed session would skip the check of the certificate.
        maxCachedSessions: 0,
        connect: {
          ...tlsOptions(options.identity, trust),
          servername: partyDnsName({ organisation, system }),
          checkServerIdentity(_host, certificate) {
            const chain = chainOf(certificate);
            if (enforced('transport.mtls-both-sides') && !isStill(peer, chain))
              return new WrongPeer('the certificate is not the expected peer’s');
            line.chain = chain;
            return undefined;
          },
        },
      }),
    };
    return line;
  };

  /** The line to a peer; a new one where the address changed or its certificate has been revoked since the handshake. */
  const lineTo = (peer: PartyId): Line | undefined => {
    const origin = options.directory(peer);
    if (origin === undefined) return undefined;
    const known = lines.get(peer);
    const isFit = known?.origin === origin && (known.chain === undefined || isStill(peer, known.chain));
    if (isFit && known.shown === options.identity?.tls) return known;
    // With our own certificate renewed, calls under way end on the old line; otherwise nothing more goes to that peer.
    if (known !== undefined) void (isFit ? known.agent.close() : known.agent.destroy());
    const line = openLine(peer, origin);
    lines.set(peer, line);
    return line;
  };

  const once = async <E extends AnyEndpoint>(
    line: Line,
    endpoint: E,
    target: string,
    body: string | null,
    call: CallOptions,
  ): Promise<Result<ResponseOf<E>, CallError<E>>> => {
    const over = new AbortController();
    const limit = over.signal;
    const timer = setTimeout(() => over.abort(), call.timeoutMs ?? options.timeoutMs ?? 10_000);
    const signal = call.signal === undefined ? limit : AbortSignal.any([limit, call.signal]);
    try {
      const answer = await orAborted(
        signal,
        send(`${line.origin}${target}`, {
          dispatcher: line.agent,
          method: endpoint.method,
          headers: {
            accept: 'application/json, application/problem+json',
            ...(body === null ? {} : { 'content-type': 'application/json' }),
            ...(call.idempotencyKey === undefined ? {} : { 'idempotency-key': call.idempotencyKey }),
          },
          body,
          signal,
        }),
      );
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        length += chunk.byteLength;
        if (length > maxAnswerBytes) return err('unreadable-answer');
        chunks.push(chunk);
      }
      return read(endpoint, answer.statusCode, Buffer.concat(chunks, length));
    } catch (error) {
      if (isWrongPeer(error)) return err('wrong-peer');
      if (call.signal?.aborted) throw error;
      return err(limit.aborted ? 'peer-timeout' : 'peer-unreachable');
    } finally {
      clearTimeout(timer);
    }
  };

  const close = async (): Promise<void> => {
    const agents = [...lines.values()].map(({ agent }) => agent);
    lines.clear();
    // Calls under way get a moment; a peer that has gone silent must not hold up the stop.
    await Promise.race([
      Promise.all(agents.map((agent) => agent.close())),
      delay(closeGraceMs, undefined, { ref: false }),
    ]);
    await Promise.all(agents.map((agent) => agent.destroy()));
  };
  return {
    async call(endpoint, peer, params, body, call = {}) {
      if (endpoint.idempotent && call.idempotencyKey === undefined)
        throw new TypeError(`${endpoint.id} needs a request key`);
      const target = targetOf(endpoint, params as Record<string, string>, body);
      const text = endpoint.method === 'GET' ? null : JSON.stringify(endpoint.request.encode(body));
      const mayRepeat = endpoint.method === 'GET' || endpoint.idempotent;
      for (let attempt = 1; ; attempt++) {
        const line = lineTo(peer);
        if (line === undefined) return err('unknown-peer');
        if (!line.breaker.admits()) return err('circuit-open');
        let result: Awaited<ReturnType<typeof once<typeof endpoint>>>;
        try {
          result = await once(line, endpoint, target, text, call);
        } catch (error) {
          line.breaker.succeeded(); // the caller gave up; that says nothing against the peer
          throw error;
        }
        const failed = !result.ok && isTransient(result.error);
        if (failed) line.breaker.failed();
        else line.breaker.succeeded();
        if (!failed || !mayRepeat || attempt >= tries) return result;
        await delay(
          backoffMs(attempt, backoffBaseMs, backoffCeilingMs, random),
          undefined,
          call.signal ? { signal: call.signal } : {},
        );
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The library hears an abort only once it has a connection; a peer that never finishes its handshake must not outlast the limit. */
function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  work.catch(() => undefined);
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}

const transient = new Set<string>([
  'peer-unreachable',
  'peer-timeout',
  'internal-error',
  'shutting-down',
  'request-timeout',
  'request-in-progress',
]);
const isTransient = (word: string): boolean => transient.has(word);

function isWrongPeer(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return (
    code === 'MUSUBI_WRONG_PEER' ||
    certificateFaults.has(code) ||
    (error instanceof Error && error.cause !== undefined && isWrongPeer(error.cause))
  );
}
/** What OpenSSL says before our own check is asked. */
const certificateFaults = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_PURPOSE',
]);

function targetOf(endpoint: AnyEndpoint, params: Record<string, string>, body: unknown): string {
  const path = endpoint.path.replaceAll(/:([a-zA-Z]+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new TypeError(`${endpoint.id}: ${name} is missing`);
    return encodeURIComponent(value);
  });
  if (endpoint.method !== 'GET') return path;
  const query = new URLSearchParams(endpoint.request.encode(body) as Record<string, string>).toString();
  return query === '' ? path : `${path}?${query}`;
}

function read<E extends AnyEndpoint>(endpoint: E, status: number, bytes: Buffer): Result<ResponseOf<E>, CallError<E>> {
  const text = decodeUtf8(bytes);
  const value = text === undefined ? undefined : parseStrictJson(text, 64);
  if (value?.ok !== true) return err(status >= 500 ? 'peer-unreachable' : 'unreadable-answer');
  if (status === 200) {
    const answer = endpoint.response.safeParse(value.value);
    return answer.success ? ok(answer.data as ResponseOf<E>) : err('unreadable-answer');
  }
  const code = (value.value as { code?: unknown } | null)?.code;
  const declared =
    typeof code === 'string' && (Object.hasOwn(endpoint.errors, code) || Object.hasOwn(generalProblems, code));
  return err(declared ? (code as CallError<E>) : 'unreadable-answer');
}
