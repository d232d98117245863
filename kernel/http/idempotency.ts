import { json, type Tx } from '../db/sql.ts';
import { momentOfUuidV7 } from '../ids/uuid.ts';
import { err, ok, type Result } from '../result/result.ts';

/** Where the keys stand; belongs to the schema sets of every instance that serves idempotent endpoints. */
export const httpSchema = { name: 'http', directory: new URL('./schema/', import.meta.url) };

/** A request that may come twice. Made by the server from header, certificate and body. */
export interface IdempotentRequest {
  /** `organisation/system`, from the certificate: one peer's keys never meet another's. */
  readonly peer: string;
  readonly endpoint: string;
  /** UUIDv7, lower case. */
  readonly key: string;
  /** SHA-256 over method, path and parsed body; a sender that tries again sends the same text. */
  readonly fingerprint: Buffer;
}

export type RequestKeyRefusal = 'request-key-reused' | 'request-key-too-old';

const keptHours = 14 * 24;
const aheadMinutes = 5;

/** Checks form and age; what is kept for 14 days may be asked for 14 days (design §4.0). */
export function checkRequestKey(
  key: string,
  at: Temporal.Instant,
): Result<string, 'request-key-malformed' | 'request-key-too-old'> {
  const made = momentOfUuidV7(key);
  if (made === undefined || Temporal.Instant.compare(made, at.add({ minutes: aheadMinutes })) > 0)
    return err('request-key-malformed');
  return Temporal.Instant.compare(made, at.subtract({ hours: keptHours })) < 0 ? err('request-key-too-old') : ok(key);
}

/**
 * Runs a request's body at most once per key, inside the caller's act: the key commits with what it caused, or neither does.
 * A second request at the same moment waits for the first (on the key's row) and gets its answer; after a refusal the key
 * is free again, because nothing happened. A repeat records `request.repeated` as the act's event.
 *
 * @param answer what is kept for the repeat; must hold nothing personal. Give a reference and rebuild the answer in
 *   `recall` where it does.
 */
export async function once<V, E extends string, Kept>(
  tx: Tx,
  request: IdempotentRequest,
  steps: {
    readonly run: () => Promise<Result<V, E>>;
    readonly keep: (value: V) => Kept;
    readonly recall: (kept: Kept) => Promise<V> | V;
  },
): Promise<Result<V, E | 'request-key-reused'>> {
  const claimed = await tx`
    insert into http.request_key (peer, request_key, endpoint, fingerprint, event_id)
    values (${request.peer}, ${request.key}, ${request.endpoint}, ${request.fingerprint}, ${tx.eventId})
    on conflict (peer, request_key) do nothing
    returning 1`;
  // A statement of its own: it must see what the transaction that was waited for has committed.
  if (claimed.length === 0) return recall(tx, request, steps.recall);
  const result = await steps.run();
  if (!result.ok) return result;
  await tx`
    update http.request_key set answer = ${json(steps.keep(result.value))}
     where peer = ${request.peer} and request_key = ${request.key}`;
  return result;
}

async function recall<V, Kept>(
  tx: Tx,
  request: IdempotentRequest,
  rebuild: (kept: Kept) => Promise<V> | V,
): Promise<Result<V, 'request-key-reused'>> {
  const [stored] = await tx<{ endpoint: string; fingerprint: Buffer; answer: Kept; eventId: string }>`
    select endpoint, fingerprint, answer, event_id as "eventId"
      from http.request_key where peer = ${request.peer} and request_key = ${request.key}`;
  if (stored === undefined) throw new Error('a request key vanished between claim and read');
  if (stored.endpoint !== request.endpoint || !request.fingerprint.equals(stored.fingerprint))
    return err('request-key-reused');
  tx.record({ event: 'request.repeated', detail: { endpoint: request.endpoint, first: stored.eventId } });
  return ok(await rebuild(stored.answer));
}

const sweptBefore = (at: Temporal.Instant): Temporal.Instant => at.subtract({ hours: keptHours + 24 });

/** How many `sweepRequestKeys` would delete. */
export async function countExpiredRequestKeys(tx: Tx, at: Temporal.Instant): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*) as n from http.request_key where received_at < ${sweptBefore(at)}`;
  return row!.n;
}

/** Deletes keys past their time. Their age alone refuses them by then. Returns how many. */
export async function sweepRequestKeys(tx: Tx, at: Temporal.Instant): Promise<number> {
  const rows = await tx`
    delete from http.request_key where received_at < ${sweptBefore(at)}
    returning 1`;
  return rows.length;
}
