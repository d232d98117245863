import { canonicalJson } from '../crypto/canonical-json.ts';
import type { Actor, AuditEntry, AuditSink } from '../db/act.ts';
import { json, type Tx } from '../db/sql.ts';
import type { Random } from '../random/random.ts';
import { leafHash, rootOf, sha256 } from './merkle.ts';

export interface AuditSinkConfig {
  /** `organisation/system`: stands in every event, so that a body moved from one log to another is seen. */
  readonly instance: string;
  /** Makes the salts of the commitments; `systemRandom` outside tests. */
  readonly random: Random;
}

/** The version of the body's form; a reader refuses what it does not know. */
export const BODY_VERSION = 1;

interface SubjectRow {
  readonly role: 'subject' | 'member' | 'actor';
  readonly ord: number;
  readonly subject: string;
  readonly salt: Buffer;
  readonly commitment: Buffer;
}

/** SHA-256(salt ‖ UTF-8 of the subject's token). Without the salt (32 random bytes) it tells nothing about the subject. */
export const commitmentTo = (salt: Uint8Array, subject: string): Buffer =>
  sha256(Buffer.concat([salt, Buffer.from(subject, 'utf8')]));

/** What a bulk event commits to: the root over its per-person commitments, in the order of the persons. */
export const rootOverCommitments = (commitments: readonly Uint8Array[]): Buffer => rootOf(commitments.map(leafHash));

/**
 * The log's intake: writes an act's event in the act's own transaction, with the digests of the rows that the act wrote
 * and salted commitments in place of persons. One round trip. Throws when a fact table does not exist or has no key;
 * the act then rolls back: no record, no act.
 */
export function auditSink(config: AuditSinkConfig): AuditSink {
  const taken = (entry: AuditEntry): Taken => takenOf(config, entry);
  const sink = {
    async write(tx: Tx, entry: AuditEntry): Promise<void> {
      const { head, tail, facts, rows } = taken(entry);
      await tx`select audit.intake(${entry.eventId}::uuid, ${head}, ${tail}, ${facts ?? null}::text[],
        ${rows.map((r) => r.role)}::text[], ${rows.map((r) => r.ord)}::integer[], ${rows.map((r) => r.subject)}::text[],
        ${rows.map((r) => r.salt.toString('hex'))}::text[], ${rows.map((r) => r.commitment.toString('hex'))}::text[],
        ${entry.batches === undefined ? null : json(entry.batches)}::jsonb)`;
    },
    // A statement for those that wrote into the same tables; none waits for another.
    async writeTogether(tx: Tx, entries: readonly AuditEntry[]): Promise<void> {
      const alike = Map.groupBy(entries.filter((entry) => entry.batches === undefined).map(taken), ({ facts }) =>
        facts?.join(),
      );
      const batched = entries.filter((entry) => entry.batches !== undefined);
      await Promise.all([
        ...[...alike.values()].map((some) => each(tx, some)),
        ...batched.map((one) => sink.write(tx, one)),
      ]);
    },
  };
  // One statement, made without waiting for anything.
  return { ...sink, writeLast: sink.write };
}

/** An event as the intake takes it: the body around the place of its facts, and who it concerns. */
interface Taken {
  readonly entry: AuditEntry;
  readonly head: string;
  readonly tail: string;
  readonly facts: readonly string[] | undefined;
  readonly rows: readonly SubjectRow[];
}

function takenOf({ instance, random }: AuditSinkConfig, entry: AuditEntry): Taken {
  const rows = subjectRows(random, entry);
  const facts = entry.facts === undefined ? undefined : [...new Set(entry.facts)].sort();
  for (const table of facts ?? []) {
    if (!/^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$/.test(table)) throw new TypeError(`not a fact table's name: ${table}`);
  }
  const [head, tail] = bodyAround(bodyOf(instance, entry, rows), facts !== undefined);
  return { entry, head, tail, facts, rows };
}

async function each(tx: Tx, taken: readonly Taken[]): Promise<void> {
  const rows = taken.flatMap((t) => t.rows.map((row) => ({ ...row, of: t.entry.eventId })));
  await tx`select audit.intake_each(${taken.map((t) => t.entry.eventId)}::uuid[], ${taken.map((t) => t.head)}::text[],
    ${taken.map((t) => t.tail)}::text[], ${taken[0]!.facts ?? null}::text[], ${rows.map((r) => r.of)}::uuid[],
    ${rows.map((r) => r.role)}::text[], ${rows.map((r) => r.ord)}::integer[], ${rows.map((r) => r.subject)}::text[],
    ${rows.map((r) => r.salt.toString('hex'))}::text[], ${rows.map((r) => r.commitment.toString('hex'))}::text[])`;
}

function subjectRows(random: Random, entry: AuditEntry): SubjectRow[] {
  const salts = random.bytes(32 * (2 + (entry.subjects?.length ?? 0)));
  let next = 0;
  const row = (role: SubjectRow['role'], ord: number, subject: string): SubjectRow => {
    const salt = Buffer.from(salts.buffer, salts.byteOffset + 32 * next, 32);
    next += 1;
    return { role, ord, subject, salt, commitment: commitmentTo(salt, subject) };
  };
  return [
    ...(entry.subject === undefined ? [] : [row('subject', 0, entry.subject)]),
    ...(entry.subjects ?? []).map((subject, i) => row('member', i, subject)),
    ...(entry.actor.kind === 'resident' ? [row('actor', 0, entry.actor.subject)] : []),
  ];
}

function bodyOf(instance: string, entry: AuditEntry, rows: readonly SubjectRow[]): Readonly<Record<string, unknown>> {
  const one = (role: SubjectRow['role']) => rows.find((r) => r.role === role)?.commitment.toString('hex');
  const members = rows.filter((r) => r.role === 'member').map((r) => r.commitment);
  return {
    v: BODY_VERSION,
    instance,
    eventId: entry.eventId,
    event: entry.event,
    act: entry.act,
    actor: actorOf(entry.actor, one('actor')),
    right: entry.right,
    at: entry.at.toString({ fractionalSecondDigits: 3 }),
    civilOn: entry.civilOn.toString(),
    outcome: entry.outcome,
    refusal: entry.refusal,
    ground: entry.ground,
    items: entry.items,
    recipient: entry.recipient,
    detail: entry.detail,
    subject: one('subject'),
    subjects:
      entry.subjects === undefined
        ? undefined
        : { count: members.length, root: rootOverCommitments(members).toString('hex') },
  };
}

/** A resident who acts is a person concerned too: only the commitment stands in the body. */
function actorOf(actor: Actor, commitment: string | undefined): unknown {
  if (actor.kind !== 'resident') return { ...actor };
  return { kind: actor.kind, sessionId: actor.sessionId, subject: commitment };
}

/** Cuts the canonical body where the value of `facts` stands; the database fills it in. */
function bodyAround(body: Readonly<Record<string, unknown>>, withFacts: boolean): readonly [string, string] {
  const text = canonicalJson(withFacts ? { ...body, facts: null } : body);
  if (!withFacts) return [text, ''];
  const before = canonicalJson(Object.fromEntries(Object.entries(body).filter(([key]) => key < 'facts')));
  // `{…before…` then `,"facts":` — `act`, `actor`, `at` always stand before it, so a comma is always due.
  const head = `${before.slice(0, -1)},"facts":`;
  if (!text.startsWith(`${head}null`)) throw new Error('canonical body was cut in the wrong place');
  return [head, text.slice(head.length + 'null'.length)];
}
