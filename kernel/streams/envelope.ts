import { createHash } from 'node:crypto';
import { z } from 'zod';
import { err, ok, type Result } from '../result/result.ts';

/** What one envelope carries at most; a single larger message travels alone. */
export const maxMessages = 100;
export const maxBytes = 1_048_576;

const peer = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);
const digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const number = z.int().min(1);

/**
 * A message under its number. `body` is a salt and the JSON text as the sender's act wrote it, so that the digest holds
 * byte for byte; it is absent where the sender gave the message up after five unreadable tries (a parked number, consumed).
 * The subject does not travel: internal numbers of one organisation are none of the other's business (design §3).
 */
const message = z.strictObject({ number, messageId: z.uuid(), digest, body: z.string().optional() });

const batch = z.strictObject({
  v: z.literal(1),
  from: peer,
  to: peer,
  family: z.string().min(1).max(100),
  class: z.enum(['single', 'bulk']),
  messages: z.array(message).min(1).max(maxMessages),
});
export type Batch = z.infer<typeof batch>;
export type BatchMessage = Batch['messages'][number];

const outcome = z.strictObject({
  number,
  outcome: z.enum(['applied', 'refused', 'parked']),
  word: z.string().max(100).optional(),
});
export type FinalOutcome = z.infer<typeof outcome>;

/** Why the receiver went no further: `expected` is the number that it awaits. */
const stop = z.strictObject({
  why: z.enum(['not-now', 'unreadable', 'unreadable-envelope', 'gap', 'conflict']),
  expected: number.optional(),
  word: z.string().max(100).optional(),
});
export type Stop = z.infer<typeof stop>;

/** The receiver's answer, bound to the envelope by its hash. */
const answer = z.strictObject({
  v: z.literal(1),
  envelope: digest,
  outcomes: z.array(outcome).max(maxMessages),
  stop: stop.optional(),
});
export type Answer = z.infer<typeof answer>;

export const digestOf = (text: string | Uint8Array): Buffer => createHash('sha256').update(text).digest();

const saltLength = 22;

/**
 * 16 random bytes stand before the text: digests lie outside the sealed store at both ends, and a short message's bare
 * digest would let someone who sees it try all Individual Numbers until one fits.
 */
export const salted = (text: string, salt: Uint8Array): string => Buffer.from(salt).toString('base64url') + text;
export const unsalted = (body: string): string => body.slice(saltLength);

export const encode = (value: Batch | Answer): Uint8Array => Buffer.from(JSON.stringify(value));

export function readBatch(bytes: Uint8Array): Result<Batch, 'malformed' | 'not-consecutive'> {
  const read = batch.safeParse(parseJson(bytes));
  if (!read.success) return err('malformed');
  const first = read.data.messages[0]!.number;
  return read.data.messages.every((m, i) => m.number === first + i) ? ok(read.data) : err('not-consecutive');
}

export function readAnswer(
  bytes: Uint8Array,
  envelope: string,
): Result<Answer, 'malformed' | 'answers-another-envelope'> {
  const read = answer.safeParse(parseJson(bytes));
  if (!read.success) return err('malformed');
  return read.data.envelope === digestOf(envelope).toString('base64url')
    ? ok(read.data)
    : err('answers-another-envelope');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}
