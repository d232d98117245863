import type { CivilClock, MachineClock } from '../clocks/clock.ts';
import type { NewId } from '../ids/uuid.ts';
import type { Random } from '../random/random.ts';
import { type Err, err, type Result } from '../result/result.ts';
import { type Database, withTransaction } from './database.ts';
import type { ActEvent, Tx } from './sql.ts';

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
  const perform = async (deps: D, actor: Actor, command: C): Promise<Result<V, E | 'not-authorised'>> => {
    const eventId = deps.newId();
    return withTransaction(deps.db, eventId, async (tx, recorded) => {
      const entry = (outcome: 'done' | 'refused', event: ActEvent, refusal?: string): AuditEntry => ({
        ...event,
        eventId,
        act: name,
        actor,
        right: definition.right,
        at: deps.machineClock.now(),
        civilOn: deps.civilClock.today(),
        outcome,
        ...(refusal === undefined ? {} : { refusal }),
      });
      const refuse = async <W extends string>(word: W): Promise<Err<W>> => {
        const subject = definition.subjectOf?.(command);
        await deps.audit.write(
          tx,
          entry('refused', { event: `${name}.refused`, ...(subject ? { subject } : {}) }, word),
        );
        return err(word);
      };
      if (!(await deps.rights.allows(tx, actor, definition.right))) return refuse('not-authorised');
      await tx`savepoint act_body`;
      const result = await definition.run(tx, deps, command, actor);
      if (!result.ok) {
        await tx`rollback to savepoint act_body`;
        return refuse(result.error);
      }
      const event = recorded();
      if (event === undefined) throw new Error(`act ${name} ended without a record`);
      await deps.audit.write(tx, entry('done', event));
      return result;
    });
  };
  return Object.assign(perform, { actName: name, right: definition.right });
}

export interface LookDefinition<D extends ActDeps, C, V> {
  readonly right: Right;
  run(tx: Tx, deps: D, query: C, actor: Actor): Promise<V>;
}

/** A read that touches nothing personal (progress, counts, settings): authorised, read-only, not recorded. */
export function look<D extends ActDeps, C, V>(name: string, definition: LookDefinition<D, C, V>) {
  const perform = async (deps: D, actor: Actor, query: C): Promise<Result<V, 'not-authorised'>> =>
    withTransaction(
      deps.db,
      name,
      async (tx) => {
        if (!(await deps.rights.allows(tx, actor, definition.right))) return err('not-authorised');
        return { ok: true as const, value: await definition.run(tx, deps, query, actor) };
      },
      { readOnly: true },
    );
  return Object.assign(perform, { actName: name, right: definition.right });
}
