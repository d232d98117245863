import type { Actor } from './act.ts';
import type { ActEvent, Sql, Tx } from './sql.ts';

/*
 * Acts that come at the same time in one transaction: what a transaction costs (begin, commit, the way to the server and back, the
 * log's intake) is paid once for all of them. Each keeps its own authorisation, event and answer; act.ts says what holds.
 */

export interface Call<C> {
  readonly actor: Actor;
  readonly command: C;
}

export interface Shared<D extends object, C, V> {
  alone(deps: D, actor: Actor, command: C): Promise<V>;
  /** All in one transaction; undefined where nothing of it stands. Throws where nobody knows whether it does. */
  together(deps: D, calls: readonly Call<C>[]): Promise<readonly V[] | undefined>;
}

interface Waiting<C, V> extends Call<C> {
  readonly resolve: (value: V) => void;
  readonly reject: (error: unknown) => void;
}
interface Room<C, V> {
  waiting: Waiting<C, V>[];
  running: number;
  isCalled: boolean;
  /** When the newest transaction began. */
  begunMs: number;
  /** Of the last one that ended: for how many it was, when it ended, how long it took. */
  last: { readonly calls: number; readonly endedMs: number; readonly tookMs: number };
  patience: NodeJS.Timeout | undefined;
}

/** What comes while one is under way is the next; a second one beside it begins only where the first takes long. */
const transactionsAtOnce = 2;
/** The longest that one slow case keeps others waiting. An ordinary transaction has ended by then, and gathered more for the next. */
const patienceMs = 20;
const callsInOne = 32;
/** Whoever was just answered and asks again at once comes in time for the next, where that waits a part of what the last one took. */
const gathering = { part: 1 / 3, atMostMs: 5 };

/** How long the next transaction still waits. */
function waitsMs<C, V>({ waiting, running, begunMs, last }: Room<C, V>): number {
  if (running > 0) return begunMs + patienceMs - performance.now();
  if (waiting.length >= last.calls) return 0;
  return last.endedMs + Math.min(last.tookMs * gathering.part, gathering.atMostMs) - performance.now();
}

const emptyRoom = <C, V>(): Room<C, V> => ({
  waiting: [],
  running: 0,
  isCalled: false,
  begunMs: 0,
  last: { calls: 0, endedMs: 0, tookMs: 0 },
  patience: undefined,
});

/**
 * Gathers calls: who comes while nobody is under way goes at once, alone; the others go together when it is their turn. What cannot
 * stand together is done again one by one, so that nobody fails for another's sake.
 */
export function sharing<D extends object, C, V>(shared: Shared<D, C, V>) {
  // By the deps themselves: other rights, another log, another database never come together.
  const rooms = new WeakMap<D, Room<C, V>>();

  const settle = async (deps: D, calls: readonly Waiting<C, V>[]): Promise<void> => {
    const values = calls.length > 1 ? await shared.together(deps, calls) : undefined;
    const answers = calls.map(({ actor, command, resolve, reject }, i) => {
      const answer = values === undefined ? shared.alone(deps, actor, command) : Promise.resolve(values[i]!);
      return answer.then(resolve, reject);
    });
    await Promise.all(answers);
  };

  const next = (deps: D, room: Room<C, V>): void => {
    if (room.isCalled || room.running >= transactionsAtOnce || room.waiting.length === 0) return;
    clearTimeout(room.patience);
    const leftMs = waitsMs(room);
    if (leftMs > 0) {
      room.patience = setTimeout(() => next(deps, room), leftMs);
      return;
    }
    room.isCalled = true;
    // All that arrived with this turn of the loop.
    setImmediate(() => {
      room.isCalled = false;
      const calls = room.waiting.splice(0, callsInOne);
      room.running += 1;
      const begunMs = performance.now();
      room.begunMs = begunMs;
      settle(deps, calls)
        .catch((error: unknown) => {
          for (const { reject } of calls) reject(error);
        })
        .finally(() => {
          room.running -= 1;
          const endedMs = performance.now();
          room.last = { calls: calls.length, endedMs, tookMs: endedMs - begunMs };
          next(deps, room);
        });
      next(deps, room);
    });
  };

  return (deps: D, actor: Actor, command: C): Promise<V> => {
    const room = rooms.get(deps) ?? emptyRoom();
    rooms.set(deps, room);
    const answer = new Promise<V>((resolve, reject) => {
      room.waiting.push({ actor, command, resolve, reject });
    });
    next(deps, room);
    return answer;
  };
}

/** The transaction that a case shares with others. */
const sharedOf = new WeakMap<Tx, Tx>();

export interface OneOfMany {
  readonly tx: Tx;
  recorded(): ActEvent | undefined;
}

/** A transaction as one case of several sees it: its own event, the same connection. */
export function oneOfMany(shared: Tx, eventId: string): OneOfMany {
  let event: ActEvent | undefined;
  const sql: Sql = (text, ...values) => shared(text, ...values);
  const notHere = (): never => {
    throw new Error('COPY has the connection to itself: not in a transaction that is shared');
  };
  const tx: Tx = Object.assign(sql, {
    eventId,
    record(next: ActEvent): void {
      if (event !== undefined) throw new Error('an act records one event');
      event = next;
    },
    copyIn: notHere,
    copyOut: notHere,
    cursor: shared.cursor,
  });
  sharedOf.set(tx, shared);
  return { tx, recorded: () => event };
}

/** What one case asks of a gathered statement, and under which event it asks. */
export interface Gathered<Q> {
  readonly query: Q;
  readonly eventId: string;
}

/**
 * A statement that is asked once for all cases of a shared transaction that ask it in the same turn; by itself it is asked for one.
 *
 *     export const personsByCode = gathered((tx, asked: readonly Gathered<string>[]) => …one statement…);
 *     const found = await personsByCode(tx, code);
 *
 * @param load answers in the order asked
 */
export function gathered<Q, A>(load: (tx: Tx, asked: readonly Gathered<Q>[]) => Promise<readonly A[]>) {
  const open = new WeakMap<Tx, { readonly asked: Gathered<Q>[]; readonly answers: Promise<readonly A[]> }>();
  return async (tx: Tx, query: Q): Promise<A> => {
    const one: Gathered<Q> = { query, eventId: tx.eventId };
    const shared = sharedOf.get(tx);
    if (shared === undefined) return (await load(tx, [one]))[0]!;
    let turn = open.get(shared);
    if (turn === undefined) {
      const asked: Gathered<Q>[] = [];
      const answers = afterThisTurn().then(() => {
        open.delete(shared);
        return load(shared, asked);
      });
      turn = { asked, answers };
      open.set(shared, turn);
    }
    const at = turn.asked.push(one) - 1;
    return (await turn.answers)[at]!;
  };
}

/** When all that goes on without waiting has gone on: cases that were answered together ask their next question together. */
const afterThisTurn = (): Promise<void> =>
  new Promise((resolve) => {
    queueMicrotask(() => process.nextTick(resolve));
  });
