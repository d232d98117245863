import pg from 'pg';
import type { CivilClock, MachineClock } from '../clocks/clock.ts';
import { enforced } from '../enforcement/enforcement.ts';
import type { NewId } from '../ids/uuid.ts';
import type { Random } from '../random/random.ts';
import { type Err, err, ok, type Result } from '../result/result.ts';
import { type Database, withTransaction } from './database.ts';
import type { ActEvent, Tx } from './sql.ts';
import { type Call, oneOfMany, sharing } from './together.ts';

/** What an act needs besides its command. Systems extend it (`interface Deps extends ActDeps { vault: Vault }`). */
export interface ActDeps {
  readonly db: Database;
  readonly machineClock: MachineClock;
  readonly civilClock: CivilClock;
  readonly newId: NewId;
  readonly random: Random;
  readonly rights: Rights;
  readonly audit: AuditSink;
}

/** [system, function, level]; every route, page and act declares one. */
export type Right = readonly [system: string, fn: string, level: 'read' | 'update'];

export type Actor =
  | {
      readonly kind: 'staff';
      readonly organisation: string;
      readonly staffId: string;
      readonly sessionId: string;
      readonly terminalId?: string;
      /** What kind of place the terminal is, as it was enrolled: `office`, `business` (業務端末), `representative` (代表端末). */
      readonly terminalKind?: string;
      /** Present for people of a contractor; the log then says so with every act. */
      readonly affiliation?: 'contractor';
    }
  | { readonly kind: 'system'; readonly organisation: string; readonly system: string; readonly certificate: string }
  | { readonly kind: 'resident'; readonly subject: string; readonly sessionId: string }
  | { readonly kind: 'job'; readonly name: string };

/** Who may do what; asked once per act, inside its transaction, so that a revocation counts at once. */
export interface Rights {
  allows(tx: Tx, actor: Actor, right: Right): Promise<boolean>;
}

/** Where events go: the audit log's intake, in the act's own transaction. */
export interface AuditSink {
  write(tx: Tx, entry: AuditEntry): Promise<void>;
  /**
   * As `write`, for the event of an act that ends well: all its statements are under way when it returns its promise, so that
   * the commit travels with them. A sink that waits for anything before its last statement does not have it.
   */
  writeLast?(tx: Tx, entry: AuditEntry): Promise<void>;
  /** As `writeLast`, for several acts of one transaction, each with its own event. */
  writeTogether?(tx: Tx, entries: readonly AuditEntry[]): Promise<void>;
}

export interface AuditEntry extends ActEvent {
  readonly eventId: string;
  /** `tax.decide-assessment` */
  readonly act: string;
  readonly actor: Actor;
  readonly right: Right;
  readonly at: Temporal.Instant;
  readonly civilOn: Temporal.PlainDate;
  readonly outcome: 'done' | 'refused';
  /** The refusal's word. */
  readonly refusal?: string;
}

export interface ActDefinition<D extends ActDeps, C, V, E extends string> {
  readonly right: Right;
  /**
   * Decides and writes. On `ok` it must have called `tx.record` once. On `err` everything it wrote is undone and the
   * refusal is recorded; `subjectOf` may name the person whom a refusal concerned.
   */
  run(tx: Tx, deps: D, command: C, actor: Actor): Promise<Result<V, E>>;
  readonly subjectOf?: (command: C) => string | undefined;
  /**
   * Whose calls may share a transaction when they come at the same time (README, "Together"). Not where a case must see what
   * another has just written, or wait for it: a lock does not part two cases of one transaction.
   */
  readonly shares?: (actor: Actor) => boolean;
}

export type Act<D extends ActDeps, C, V, E extends string> = ((
  deps: D,
  actor: Actor,
  command: C,
) => Promise<Result<V, E | 'not-authorised'>>) & { readonly actName: string; readonly right: Right };

/**
 * Makes a use case: authorised, recorded, one transaction. Nothing else in a system opens a transaction.
 * Throws (and rolls everything back, event included) on broken machinery or when a body ends `ok` without a record.
 */
export function act<D extends ActDeps, C, V, E extends string>(
  name: string,
  definition: ActDefinition<D, C, V, E>,
): Act<D, C, V, E> {
  type Answer = Promise<Result<V, E | 'not-authorised'>>;
  const alone = async (deps: D, actor: Actor, command: C, isShared: boolean): Answer => {
    const eventId = deps.newId();
    const asked: Asked = { name, eventId, actor, right: definition.right };
    return withTransaction(
      deps.db,
      eventId,
      async (tx, recorded, beforeCommit) => {
        const subject = definition.subjectOf?.(command);
        if (!(await mayAct(tx, deps, asked))) return refuse(tx, deps, asked, 'not-authorised', subject);
        const result = await definition.run(tx, deps, command, actor);
        if (!result.ok) {
          await tx`rollback to savepoint act_body`;
          return refuse(tx, deps, asked, result.error, subject);
        }
        const event = recorded();
        const mustRecord =
          definition.right[2] === 'read' ? enforced('audit.read-recorded') : enforced('audit.same-transaction');
        // Before the answer leaves: what a reading act found goes nowhere without its event.
        if (mustRecord && event === undefined) throw new Error(`act ${name} ended without a record`);
        if (event === undefined) return result;
        const { audit } = deps;
        const entry = entryOf(deps, asked, 'done', event);
        if (audit.writeLast === undefined) await audit.write(tx, entry);
        else beforeCommit(() => audit.writeLast!(tx, entry));
        return result;
      },
      { savepoint: 'act_body', plansOnce: isShared },
    );
  };
  const byItself = (deps: D, actor: Actor, command: C): Answer => alone(deps, actor, command, false);
  const { shares } = definition;
  if (shares === undefined) return Object.assign(byItself, { actName: name, right: definition.right });
  const shared = sharing({
    // As its statements are planned among others: it is one of thousands.
    alone: (deps: D, actor: Actor, command: C): Answer => alone(deps, actor, command, true),
    together: (deps: D, calls: readonly Call<C>[]) => together(name, definition, deps, calls),
  });
  const perform: typeof byItself = (deps, actor, command) => (shares(actor) ? shared : byItself)(deps, actor, command);
  return Object.assign(perform, { actName: name, right: definition.right });
}

/**
 * Cases that all end well, in one transaction. Nothing of it stands, and undefined is given, where one of them may not, refuses,
 * records nothing or throws: each then goes its way alone, where its refusal is recorded. Throws where the commit was on its way
 * and the server did not say that it failed: nothing may be done twice.
 */
async function together<D extends ActDeps, C, V, E extends string>(
  name: string,
  definition: ActDefinition<D, C, V, E>,
  deps: D,
  calls: readonly Call<C>[],
): Promise<readonly Result<V, E>[] | undefined> {
  const { right } = definition;
  let isCommitting = false;
  try {
    return await withTransaction(
      deps.db,
      deps.newId(),
      async (tx, _recorded, beforeCommit) => {
        const cases = calls.map(({ actor, command }) => {
          const asked: Asked = { name, eventId: deps.newId(), actor, right };
          return { asked, command, ...oneOfMany(tx, asked.eventId) };
        });
        const allowed = await Promise.all(cases.map((each) => mayAct(each.tx, deps, each.asked)));
        if (allowed.includes(false)) throw new NotTogether();
        // To their end, all of them: nothing is asked of a transaction that has gone back.
        const ended = await Promise.allSettled(
          cases.map((each) => definition.run(each.tx, deps, each.command, each.asked.actor)),
        );
        const results = ended.flatMap((end) => (end.status === 'fulfilled' && end.value.ok ? [end.value] : []));
        const entries = cases.flatMap(({ asked, recorded }) => {
          const event = recorded();
          return event === undefined ? [] : [entryOf(deps, asked, 'done', event)];
        });
        if (results.length < calls.length || entries.length < calls.length) throw new NotTogether();
        const { audit } = deps;
        if (audit.writeTogether === undefined) for (const entry of entries) await audit.write(tx, entry);
        beforeCommit(async () => {
          isCommitting = true;
          await audit.writeTogether?.(tx, entries);
        });
        return results;
      },
      { plansOnce: true },
    );
  } catch (error) {
    const isUndone = !isCommitting || (error instanceof pg.DatabaseError && error.severity === 'ERROR');
    if (!isUndone) throw error;
    return undefined;
  }
}
class NotTogether extends Error {}

interface Asked {
  readonly name: string;
  readonly eventId: string;
  readonly actor: Actor;
  readonly right: Right;
}

const mayAct = async (tx: Tx, deps: ActDeps, { actor, right }: Asked): Promise<boolean> =>
  !(enforced('access.right-per-route') && !(await deps.rights.allows(tx, actor, right)));

async function refuse<W extends string>(
  tx: Tx,
  deps: ActDeps,
  asked: Asked,
  word: W,
  subject: string | undefined,
): Promise<Err<W>> {
  if (enforced('audit.refusal-recorded')) {
    const event = { event: `${asked.name}.refused`, ...(subject ? { subject } : {}) };
    await deps.audit.write(tx, entryOf(deps, asked, 'refused', event, word));
  }
  return err(word);
}

const entryOf = (
  deps: ActDeps,
  { name, eventId, actor, right }: Asked,
  outcome: AuditEntry['outcome'],
  event: ActEvent,
  refusal?: string,
): AuditEntry => ({
  ...event,
  eventId,
  act: name,
  actor,
  right,
  at: deps.machineClock.now(),
  civilOn: deps.civilClock.today(),
  outcome,
  ...(refusal === undefined ? {} : { refusal }),
});

export interface LookDefinition<D extends ActDeps, C, V> {
  readonly right: Right;
  run(tx: Tx, deps: D, query: C, actor: Actor): Promise<V>;
}

/** A read that touches nothing personal (progress, counts, settings): authorised, read-only; only its refusal is recorded. */
export function look<D extends ActDeps, C, V>(name: string, definition: LookDefinition<D, C, V>) {
  const perform = async (deps: D, actor: Actor, query: C): Promise<Result<V, 'not-authorised'>> => {
    const asked: Asked = { name, eventId: deps.newId(), actor, right: definition.right };
    const seen = await withTransaction(
      deps.db,
      asked.eventId,
      async (tx) => ((await mayAct(tx, deps, asked)) ? ok(await definition.run(tx, deps, query, actor)) : undefined),
      { readOnly: true },
    );
    return (
      seen ?? withTransaction(deps.db, asked.eventId, (tx) => refuse(tx, deps, asked, 'not-authorised', undefined))
    );
  };
  return Object.assign(perform, { actName: name, right: definition.right });
}
