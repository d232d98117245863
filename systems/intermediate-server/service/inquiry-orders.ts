import type { addOrderPersons, orderInquiries, orderResults } from '@musubi/contracts/exchange/inquiry-orders.ts';
import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { openWindow } from '../network-state.ts';
import {
  dueOrders,
  endedAs,
  findOrder,
  insertAgain,
  insertOrder,
  insertOrderRows,
  insertOutcomes,
  listOrders,
  type OpenRow,
  type OrderStanding,
  type Outcome,
  openRows,
  resultsOf,
} from '../store/orders.ts';
import { askAnotherBody } from './ask-another-body.ts';
import { personOf } from './send-inquiry.ts';

const asking = ['intermediate-server', 'ask', 'update'] as const;

/** 一括照会の受付. The same order again is a repeat. */
export const takeOrder = act('inquiry-order.take', {
  right: asking,
  async run(
    tx,
    deps: Deps,
    order: RequestOf<typeof orderInquiries>,
  ): Promise<Result<ResponseOf<typeof orderInquiries>, 'not-your-business' | 'order-repeated-with-other-content'>> {
    if (enforced('exchange.asker-right') && deps.askers.get(order.procedure) !== order.asker.system)
      return err('not-your-business');
    const digest = fingerprint(order);
    const isNew = await insertOrder(tx, order, digest, deps.machineClock.now());
    const standing = (await findOrder(tx, order.orderId))!;
    if (!standing.digest.equals(digest)) return err('order-repeated-with-other-content');
    tx.record({
      event: isNew ? 'inquiry-order.taken' : 'inquiry-order.taken-again',
      items: order.items,
      recipient: order.provider,
      facts: isNew ? ['intermediate_server.inquiry_order'] : [],
      detail: {
        orderId: order.orderId,
        procedure: order.procedure,
        persons: order.persons,
        ...personOf(order),
        document: order.asker.caseReference,
      },
    });
    return ok({ missing: order.persons - standing.rows });
  },
});

export const addPersons = act('inquiry-order.add-persons', {
  right: asking,
  async run(
    tx,
    deps: Deps,
    { orderId, from, orgPersonNumbers }: RequestOf<typeof addOrderPersons>,
  ): Promise<
    Result<
      ResponseOf<typeof addOrderPersons>,
      'no-such-order' | 'rows-beyond-order' | 'rows-repeated-with-other-content'
    >
  > {
    const order = await findOrder(tx, orderId);
    if (order === undefined) return err('no-such-order');
    if (from - 1 + orgPersonNumbers.length > order.persons) return err('rows-beyond-order');
    const rows = orgPersonNumbers.map((person, i) => ({ row: from + i, person, requestId: deps.newId() }));
    const { isNew, standing } = await insertOrderRows(tx, orderId, rows);
    if (standing.some((person, i) => person !== orgPersonNumbers[i])) return err('rows-repeated-with-other-content');
    tx.record({
      event: 'inquiry-order.persons-added',
      subjects: orgPersonNumbers,
      facts: isNew > 0 ? ['intermediate_server.inquiry_order_row'] : [],
      batches: { 'intermediate_server.inquiry_order_row': null },
      detail: { orderId, from, count: isNew },
    });
    return ok({ missing: order.persons - order.rows - isNew });
  },
});

/** What came of an order so far; the persons stand in the event. */
export const readResults = act('inquiry-order.read-results', {
  right: asking,
  async run(
    tx,
    deps: Deps,
    { orderId, after, limit }: RequestOf<typeof orderResults>,
  ): Promise<Result<ResponseOf<typeof orderResults>, 'no-such-order'>> {
    const order = await findOrder(tx, orderId);
    if (order === undefined) return err('no-such-order');
    const rows = await resultsOf(tx, orderId, after, limit);
    tx.record({
      event: 'inquiry-order.results-read',
      subjects: rows.map(({ orgPersonNumber }) => orgPersonNumber),
      items: order.items,
      recipient: order.asker.system,
      detail: { orderId, rows: rows.length },
    });
    const state = stateOf(order, deps.civilClock.today());
    return ok({
      state,
      done: order.done,
      persons: order.persons,
      rows: rows as ResponseOf<typeof orderResults>['rows'],
    });
  },
});

function stateOf({ persons, rows, done, notBefore }: OrderStanding, today: Temporal.PlainDate) {
  if (rows < persons) return 'incomplete';
  if (done === persons) return 'done';
  return done > 0 || notBefore <= today.toString() ? 'running' : 'waiting';
}

export const listInquiryOrders = look('inquiry-order.list', {
  right: ['intermediate-server', 'statistics', 'read'],
  run: (tx, _deps: Deps, { limit, offset }: { limit: number; offset: number }) => listOrders(tx, limit, offset),
});

const listDue = look('inquiry-order.list-due', {
  right: asking,
  run: (tx, deps: Deps, _query: null) => dueOrders(tx, deps.civilClock.today()),
});
const nextRows = look('inquiry-order.next-rows', {
  right: asking,
  run: async (tx, _deps: Deps, { orderId }: { orderId: string }) => ({
    order: (await findOrder(tx, orderId))!,
    rows: await openRows(tx, orderId, rowsAtOnce),
  }),
});
const noteOutcomes = act('inquiry-order.note-outcomes', {
  right: asking,
  async run(
    tx,
    deps: Deps,
    { order, outcomes, again }: { order: OrderStanding } & Pick<Round, 'outcomes' | 'again'>,
  ): Promise<Result<null, never>> {
    const at = deps.machineClock.now();
    const kept = await insertOutcomes(tx, order, outcomes, at);
    const anew = again.map(({ row, refusal }) => ({ row, refusal, requestId: deps.newId() }));
    await insertAgain(tx, order.orderId, anew, at);
    tx.record({
      event: 'inquiry-order.asked',
      facts: [
        ...(kept > 0 ? ['intermediate_server.inquiry_order_outcome'] : []),
        ...(anew.length > 0 ? ['intermediate_server.inquiry_order_again'] : []),
      ],
      batches: { 'intermediate_server.inquiry_order_outcome': null },
      detail: { orderId: order.orderId, rows: kept, again: anew.length },
    });
    return ok(null);
  },
});

const readEnd = look('inquiry-order.read-end', {
  right: asking,
  run: async (tx, _deps: Deps, { system, requestId }: { system: string; requestId: string }) =>
    endedAs(tx, system, requestId),
});

/** Silence is no result: only what ended for good is noted, the rest is asked again. */
export async function mayStillCome(
  deps: Deps,
  actor: Actor,
  request: { readonly system: string; readonly requestId: string },
  word: string,
): Promise<boolean> {
  if (word === 'request-in-progress') return true;
  if (word !== 'provider-unavailable') return false;
  const ended = await readEnd(deps, actor, request);
  return !ended.ok || ended.value === undefined;
}

const rowsAtOnce = 200;
/** Inquiries under way at once: clerks' own questions must not wait behind an order. */
const inFlight = 4;
/** So many in a row without an answer, and the order rests until the next round. */
const silenceAtMost = 8;

/** For the loop: asks what is due. A round ends where the network or the provider is silent. Gives how many rows got their outcome. */
export async function runOrders(deps: Deps, actor: Actor, signal?: AbortSignal): Promise<number> {
  const due = await listDue(deps, actor, null);
  let asked = 0;
  for (const orderId of due.ok ? due.value : []) {
    for (let silent = 0; silent < silenceAtMost && !signal?.aborted; ) {
      const next = await nextRows(deps, actor, { orderId });
      if (!next.ok || next.value.rows.length === 0) break;
      const { order, rows } = next.value;
      // Announced: the order rests until the window is over, and goes on by itself.
      if (openWindow(deps.heard, order.provider, deps.machineClock.now()) !== undefined) break;
      const round = await askRows(deps, actor, order, rows, signal);
      silent = round.answered === 0 ? silenceAtMost : silent + round.silent;
      if (round.outcomes.length + round.again.length > 0) await noteOutcomes(deps, actor, { order, ...round });
      asked += round.outcomes.length;
    }
  }
  return asked;
}

interface Round {
  readonly outcomes: readonly Outcome[];
  /** Rows that are to be asked anew when it is over. */
  readonly again: readonly { readonly row: number; readonly refusal: string }[];
  readonly answered: number;
  readonly silent: number;
}

/** Refusals that say nothing of the question: the same one is asked anew later. */
const forATime: ReadonlySet<string> = new Set(['under-maintenance', 'list-stale']);

async function askRows(
  deps: Deps,
  actor: Actor,
  order: OrderStanding,
  rows: readonly OpenRow[],
  signal: AbortSignal | undefined,
): Promise<Round> {
  const waiting = [...rows];
  const outcomes: Outcome[] = [];
  const again: { row: number; refusal: string }[] = [];
  let silent = 0;
  const worker = async (): Promise<void> => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      if (signal?.aborted || silent >= silenceAtMost) return;
      const answer = await askAnotherBody(deps, actor, {
        requestId: row.requestId,
        asker: order.asker,
        orgPersonNumber: row.person,
        procedure: order.procedure,
        informationCode: order.informationCode,
        items: order.items,
        condition: order.condition,
        provider: order.provider,
      });
      const { requestId } = row;
      if (answer.ok)
        outcomes.push({ row: row.row, requestId, inquiryNumber: answer.value.inquiryNumber, refusal: null });
      else if (forATime.has(answer.error)) {
        again.push({ row: row.row, refusal: answer.error });
        silent += 1;
      } else if (await mayStillCome(deps, actor, { system: order.asker.system, requestId }, answer.error)) silent += 1;
      else outcomes.push({ row: row.row, requestId, inquiryNumber: null, refusal: answer.error });
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { outcomes, again, answered: outcomes.length, silent };
}
