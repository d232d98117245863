import type { MachineClock } from '../clocks/clock.ts';
import type { AuditSink } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import { type Gathered, gathered } from '../db/together.ts';
import { IndividualNumber } from '../identifiers/individual-number.ts';
import type { Brand } from '../ids/brand.ts';
import type { NewId } from '../ids/uuid.ts';
import { isUuid } from '../ids/uuid.ts';
import { assertPurpose, VaultFault } from './fault.ts';
import type { KeyProvider } from './key-provider.ts';
import { KeyRing, type KeyState } from './key-ring.ts';

/** Stands for an Individual Number in every table outside the vault (a uuid). */
export type NumberRef = Brand<string, 'NumberRef'>;
/** A reference read from a column of ours. */
export const numberRef = (text: string): NumberRef => {
  if (!isUuid(text)) throw new VaultFault('no-such-number');
  return text as NumberRef;
};

export interface VaultDeps {
  readonly keys: KeyProvider;
  readonly machineClock: MachineClock;
  readonly newId: NewId;
}

export interface Put {
  readonly owner: string;
  readonly ref: NumberRef;
  readonly outcome: 'new' | 'same' | 'changed';
  /** The number that this one replaced. */
  readonly former: NumberRef | undefined;
}

export interface Holder {
  readonly ref: NumberRef;
  /** Internal id, as `put` was given it. */
  readonly owner: string;
  /** False where the owner has another number by now. */
  readonly holds: boolean;
}

export interface HeldNumber {
  readonly ref: NumberRef;
  readonly sinceAt: Temporal.Instant;
  readonly eventId: string;
  readonly closed: { readonly at: Temporal.Instant; readonly eventId: string } | undefined;
}

export interface HolderQuery {
  readonly number: IndividualNumber;
  readonly purpose: string;
}

/** What `vault.find_each` is called with. */
export interface FindCall {
  readonly at: Temporal.Instant;
  readonly version: number;
  readonly events: readonly string[];
  readonly purposes: readonly string[];
  readonly nos: readonly number[];
  readonly digests: readonly Uint8Array[];
}

export interface FoundHolder extends Holder {
  /** Whose question it answers: the first is 1. */
  readonly no: number;
  readonly stale: boolean;
}

interface Use {
  readonly operation: 'put' | 'find' | 'reveal';
  readonly purpose: string;
  readonly asked: number;
  readonly refs: readonly string[];
  readonly at: Temporal.Instant;
}

/** An owner's name as the vault keeps it: its uuid once, in a column, and what is around it as a pattern shared by all of a kind. */
function takenApart(owner: string): { readonly id: string; readonly name: string } {
  const found = uuidWithin.exec(owner);
  return found === null
    ? { id: '00000000-0000-0000-0000-000000000000', name: owner }
    : { id: found[0], name: owner.replace(uuidWithin, '*') };
}
const uuidWithin = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/**
 * Individual Numbers of one instance. Every call belongs to an act: its transaction does not commit without the act's
 * event (design §3). Call inside `act` only.
 *
 * @law 番号利用法 第12条 (安全管理措置), 第19条, 第20条
 */
export class Vault {
  readonly #deps: VaultDeps;
  readonly #ring: KeyRing;
  #state: KeyState | undefined;
  readonly #uses = new WeakMap<Tx, Use[]>();

  constructor(deps: VaultDeps) {
    this.#deps = deps;
    this.#ring = new KeyRing(deps.keys);
  }

  /**
   * Holds a number for an owner. The same number again gives the same reference; another one closes the former.
   * @param owner internal id of the person (`person:0190…`); never a number or a name
   */
  async put(tx: Tx, owner: string, number: IndividualNumber, purpose = 'hold'): Promise<NumberRef> {
    const [put] = await this.putMany(tx, [{ owner, number }], purpose);
    return put!.ref;
  }

  /** One round trip for any number of owners; each owner once. Answers in the order given. */
  async putMany(
    tx: Tx,
    entries: readonly { readonly owner: string; readonly number: IndividualNumber }[],
    purpose = 'hold',
  ): Promise<Put[]> {
    assertPurpose(purpose);
    if (entries.length === 0) return [];
    if (new Set(entries.map((e) => e.owner)).size !== entries.length)
      throw new Error('vault: an owner twice in one put');
    for (let tries = 0; tries < 3; tries++) {
      const state = await this.#keyState(tx, tries > 0);
      const at = this.#deps.machineClock.now();
      const refs = entries.map(() => this.#deps.newId());
      const ciphertexts = await Promise.all(
        entries.map((e, i) => this.#ring.seal(state.cipher, refs[i]!, e.owner, e.number)),
      );
      const digests = await this.#digests(state.digest, entries);
      const nexts =
        state.nextDigest === null ? entries.map(() => null) : await this.#digests(state.nextDigest, entries);
      const owners = entries.map((e) => takenApart(e.owner));
      const rows = await tx<{ ref: NumberRef; outcome: Put['outcome']; former: NumberRef | null }>`
        select number_ref as "ref", outcome, former_ref as "former"
          from vault.put_named(${tx.eventId}::uuid, ${purpose}::text, ${at}::timestamptz, ${state.cipher}::integer,
            ${state.digest}::integer, ${state.nextDigest}::integer, ${owners.map((o) => o.id)}::uuid[],
            ${owners.map((o) => o.name)}::text[], ${refs}::uuid[], ${ciphertexts}::bytea[], ${digests}::bytea[], ${nexts}::bytea[])
         order by ord`;
      if (rows.length === 0) continue; // Keys moved on since we looked.
      this.#remember(tx, { operation: 'put', purpose, asked: entries.length, refs: rows.map((r) => r.ref), at });
      return rows.map((r, i) => ({ ...r, owner: entries[i]!.owner, former: r.former ?? undefined }));
    }
    throw new VaultFault('keys-changing');
  }

  /** References under which this number is held now. Usually none or one; more than one is a finding for a clerk. */
  async find(tx: Tx, number: IndividualNumber, purpose: string): Promise<NumberRef[]> {
    return (await this.holders(tx, number, purpose)).filter((h) => h.holds).map((h) => h.ref);
  }

  /** As `find`, for many: one answer per number, in the order asked. */
  async findMany(tx: Tx, numbers: readonly IndividualNumber[], purpose: string): Promise<NumberRef[][]> {
    const all = await this.holdersOfMany(tx, numbers, purpose);
    return all.map((holders) => holders.filter((h) => h.holds).map((h) => h.ref));
  }

  /** Who holds this number or held it before theirs changed. */
  async holders(tx: Tx, number: IndividualNumber, purpose: string): Promise<Holder[]> {
    return (await this.holdersOfMany(tx, [number], purpose))[0]!;
  }

  /** As `holders`; acts that share a transaction ask together, each under its own event. */
  readonly holdersTogether: (tx: Tx, asked: HolderQuery) => Promise<Holder[]> = gathered(async (tx, asked) => {
    const found = await this.holdersOfEach(
      tx,
      asked,
      (f) => tx<FoundHolder & object>`
        select asked_no as "no", number_ref as "ref", owner, holds, stale
          from vault.find_each(${f.at}::timestamptz, ${f.version}::integer, ${f.events}::uuid[], ${f.purposes}::text[],
            ${f.nos}::integer[], ${f.digests}::bytea[])`,
    );
    return found.map((rows) => rows.map(({ ref, owner, holds }) => ({ ref, owner, holds })));
  });

  /** @param kind only owners whose id begins so (`person:`) are looked at; all of them unless told */
  async holdersOfMany(tx: Tx, numbers: readonly IndividualNumber[], purpose: string, kind = ''): Promise<Holder[][]> {
    assertPurpose(purpose);
    if (numbers.length === 0) return [];
    for (let tries = 0; tries < 3; tries++) {
      const state = await this.#keyState(tx, tries > 0);
      const at = this.#deps.machineClock.now();
      const versions = [state.digest, ...(state.nextDigest === null ? [] : [state.nextDigest])];
      const asked = await Promise.all(
        versions.flatMap((v) => numbers.map(async (n, no) => ({ no, digest: await this.#ring.digest(v, n.digits()) }))),
      );
      const rows = await tx<{ no: number; ref: NumberRef; owner: string; holds: boolean; stale: boolean }>`
        select asked_no as "no", number_ref as "ref", owner, holds, stale
          from vault.find_among(${tx.eventId}::uuid, ${purpose}::text, ${at}::timestamptz, ${versions.at(-1)!}::integer, ${numbers.length}::integer,
            ${asked.map((a) => a.no)}::integer[], ${asked.map((a) => a.digest)}::bytea[], ${kind}::text)`;
      if (rows[0]?.stale) continue;
      this.#remember(tx, {
        operation: 'find',
        purpose,
        asked: numbers.length,
        refs: [...new Set(rows.map((r) => r.ref))],
        at,
      });
      const answers: Holder[][] = numbers.map(() => []);
      for (const { no, ref, owner, holds } of rows) answers[no]!.push({ ref, owner, holds });
      return answers;
    }
    throw new VaultFault('keys-changing');
  }

  /**
   * As `holdersTogether`, for a caller that reads with its own statement what it keeps of each holder: one way to the server.
   *
   * @param find selects from `vault.find_each`, called with exactly what it is given, at least the columns of `FoundHolder`
   */
  async holdersOfEach<Row extends FoundHolder>(
    tx: Tx,
    asked: readonly Gathered<HolderQuery>[],
    find: (call: FindCall) => Promise<Row[]>,
  ): Promise<Row[][]> {
    for (const { query } of asked) assertPurpose(query.purpose);
    for (let tries = 0; tries < 3; tries++) {
      const state = await this.#keyState(tx, tries > 0);
      const at = this.#deps.machineClock.now();
      const versions = [state.digest, ...(state.nextDigest === null ? [] : [state.nextDigest])];
      const digests = await Promise.all(
        versions.flatMap((v) =>
          asked.map(async ({ query }, i) => ({ no: i + 1, digest: await this.#ring.digest(v, query.number.digits()) })),
        ),
      );
      const rows = await find({
        at,
        version: versions.at(-1)!,
        events: asked.map((a) => a.eventId),
        purposes: asked.map((a) => a.query.purpose),
        nos: digests.map((d) => d.no),
        digests: digests.map((d) => d.digest),
      });
      if (rows[0]?.stale) continue;
      // A refusal is recorded by an act that runs alone; there is then one.
      const refs = [...new Set(rows.map((r) => r.ref))];
      this.#remember(tx, { operation: 'find', purpose: asked[0]!.query.purpose, asked: asked.length, refs, at });
      const answers: Row[][] = asked.map(() => []);
      for (const row of rows) answers[row.no - 1]!.push(row);
      return answers;
    }
    throw new VaultFault('keys-changing');
  }

  /** The number itself. Throws VaultFault `no-such-number`, or `cannot-open` where the row was tampered with. */
  async reveal(tx: Tx, ref: NumberRef, purpose: string): Promise<IndividualNumber> {
    return (await this.revealMany(tx, [ref], purpose))[0]!;
  }

  /** In the order asked. Many at once need a second person's approval: that is the calling act's to see to (design §6). */
  async revealMany(tx: Tx, refs: readonly NumberRef[], purpose: string): Promise<IndividualNumber[]> {
    assertPurpose(purpose);
    const at = this.#deps.machineClock.now();
    const rows = await tx<{ ref: string; owner: string; version: number; ciphertext: Uint8Array }>`
      select number_ref as "ref", owner, key_version as "version", ciphertext
        from vault.reveal(${tx.eventId}::uuid, ${purpose}::text, ${at}::timestamptz, ${[...new Set(refs)]}::uuid[])`;
    this.#remember(tx, { operation: 'reveal', purpose, asked: refs.length, refs: rows.map((r) => r.ref), at });
    const byRef = new Map(rows.map((r) => [r.ref, r]));
    return Promise.all(
      refs.map(async (ref) => {
        const row = byRef.get(ref);
        if (!row) throw new VaultFault('no-such-number', ref);
        const parsed = IndividualNumber.parse(await this.#ring.open(row.version, row.ref, row.owner, row.ciphertext));
        if (!parsed.ok) throw new VaultFault('cannot-open', ref);
        return parsed.value;
      }),
    );
  }

  /** What an owner has held, first to last: references and moments, no numbers. */
  async history(tx: Tx, owner: string): Promise<HeldNumber[]> {
    const rows = await tx<{
      ref: NumberRef;
      since: string;
      eventId: string;
      closedAt: string | null;
      closedBy: string | null;
    }>`
      select number_ref as "ref", to_json(since_at)#>>'{}' as "since", event_id as "eventId",
             to_json(closed_at)#>>'{}' as "closedAt", closed_event_id as "closedBy"
        from vault.history(${owner}::text)`;
    return rows.map((r) => ({
      ref: r.ref,
      sinceAt: Temporal.Instant.from(r.since),
      eventId: r.eventId,
      closed: r.closedAt === null ? undefined : { at: Temporal.Instant.from(r.closedAt), eventId: r.closedBy! },
    }));
  }

  /**
   * Wraps the audit log of an instance, so that an act which used numbers and then refused keeps the record of that use:
   * the refusal's savepoint takes the first one away, and the number had been seen all the same. Wire it in `main.ts`.
   */
  audited(sink: AuditSink): AuditSink {
    return {
      ...sink,
      write: async (tx, entry) => {
        if (entry.outcome === 'refused') {
          for (const u of this.#uses.get(tx) ?? []) {
            await tx`select vault.note_refused(${tx.eventId}::uuid, ${u.operation}::text, ${u.purpose}::text, ${u.asked}::integer,
              ${u.operation === 'put' ? [] : u.refs}::uuid[], ${u.at}::timestamptz)`;
          }
        }
        await sink.write(tx, entry);
      },
    };
  }

  /** The keys, for the rotation beside this file. */
  get ring(): KeyRing {
    return this.#ring;
  }

  async #keyState(tx: Tx, anew: boolean): Promise<KeyState> {
    if (this.#state === undefined || anew) this.#state = await this.#ring.state(tx, this.#deps.machineClock.now());
    return this.#state;
  }

  async #digests(version: number, entries: readonly { readonly number: IndividualNumber }[]): Promise<Buffer[]> {
    return Promise.all(entries.map((e) => this.#ring.digest(version, e.number.digits())));
  }

  #remember(tx: Tx, use: Use): void {
    const known = this.#uses.get(tx);
    if (known) known.push(use);
    else this.#uses.set(tx, [use]);
  }
}
