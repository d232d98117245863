import type {
  askAnotherBody as askEndpoint,
  deferredInquiry as deferredEndpoint,
} from '@musubi/contracts/exchange/endpoints.ts';
import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { namesCase } from '../domain/asker.ts';
import {
  countWaiting,
  type DeferredEnd,
  deferredCounts,
  findDeferred,
  insertDeferred,
  insertDeferredEnds,
  waitingDeferred,
} from '../store/deferred.ts';
import { askAnotherBody } from './ask-another-body.ts';
import { mayStillCome } from './inquiry-orders.ts';
import { type Ask, personOf } from './send-inquiry.ts';

const asking = ['intermediate-server', 'ask', 'update'] as const;
/** Of what waits, asked at once; beside what comes new, so that neither starves the other. */
const inFlight = 4;
const rowsAtOnce = 50;

type AskError = Exclude<Awaited<ReturnType<typeof askAnotherBody>>, { ok: true }>['error'];

/**
 * 情報照会, or its reception where there is no room: beyond capacity an inquiry waits on no line and holds nobody up, but gets a number
 * and is asked by itself (`askDeferred`). The same request again brings the answer as soon as it is there.
 */
export async function askOrDefer(
  deps: Deps,
  actor: Actor,
  ask: Ask,
): Promise<Result<ResponseOf<typeof askEndpoint>, AskError | 'congested' | 'overloaded'>> {
  const leave = deps.gate.enter(ask.provider);
  if (leave === undefined && namesCase(ask.asker.caseReference)) return deferInquiry(deps, actor, ask);
  const began = performance.now();
  try {
    return await askAnotherBody(deps, actor, ask);
  } finally {
    leave?.(performance.now() - began);
  }
}

const receive = act('inquiry.defer', {
  right: asking,
  subjectOf: ({ orgPersonNumber }: Ask) => orgPersonNumber,
  async run(
    tx,
    deps: Deps,
    ask: Ask,
  ): Promise<Result<'waiting' | 'ended', 'not-your-business' | 'request-key-reused' | 'overloaded'>> {
    if (enforced('exchange.asker-right') && deps.askers.get(ask.procedure) !== ask.asker.system)
      return err('not-your-business');
    const digest = fingerprint(ask);
    const before = await findDeferred(tx, ask.asker.system, ask.requestId);
    if (before !== undefined && !before.digest.equals(digest)) return err('request-key-reused');
    const detail = { procedure: ask.procedure, system: ask.asker.system, ...personOf(ask) };
    if (before !== undefined) {
      tx.record({ event: 'inquiry.deferred-again', subject: ask.orgPersonNumber, detail });
      return ok(before.state === 'waiting' ? 'waiting' : 'ended');
    }
    const waiting = await countWaiting(tx);
    if (waiting >= deps.gate.capacity.waiting) return err('overloaded');
    const at = deps.machineClock.now();
    const expectedAt = at.add({ milliseconds: Math.ceil(((waiting + 1) * deps.gate.averageMs) / inFlight) });
    const isNew = await insertDeferred(tx, ask, digest, at, expectedAt);
    tx.record({
      event: 'inquiry.deferred',
      subject: ask.orgPersonNumber,
      items: ask.items,
      recipient: ask.provider,
      facts: isNew ? ['intermediate_server.deferred_inquiry'] : [],
      detail: { ...detail, waiting: waiting + 1, document: ask.asker.caseReference },
    });
    return ok('waiting');
  },
});

async function deferInquiry(
  deps: Deps,
  actor: Actor,
  ask: Ask,
): Promise<Result<ResponseOf<typeof askEndpoint>, AskError | 'congested' | 'overloaded'>> {
  const received = await receive(deps, actor, ask);
  if (!received.ok) return received;
  // It ended meanwhile: its answer is read, which asks nobody.
  return received.value === 'ended' ? askAnotherBody(deps, actor, ask) : err('congested');
}

/** 受付番号 and how it stands. */
export const showDeferred = look('inquiry.show-deferred', {
  right: asking,
  run: (tx, _deps: Deps, { system, requestId }: RequestOf<typeof deferredEndpoint>) =>
    findDeferred(tx, system, requestId),
});

export async function tellDeferred(
  deps: Deps,
  actor: Actor,
  query: RequestOf<typeof deferredEndpoint>,
): Promise<Result<ResponseOf<typeof deferredEndpoint>, 'not-deferred' | 'not-authorised'>> {
  const found = await showDeferred(deps, actor, query);
  if (!found.ok) return found;
  if (found.value === undefined) return err('not-deferred');
  const { receptionNumber, expectedAt, state } = found.value;
  return ok({ receptionNumber, expectedAt, state });
}

/** 混雑の状況, for whoever operates: taken = answered + held + refused + waiting, and what is under way now. */
export const showCongestion = look('inquiry.show-congestion', {
  right: ['intermediate-server', 'operations', 'read'],
  run: async (tx, { gate }: Deps, _query: null) => ({
    ...(await deferredCounts(tx)),
    underWay: gate.underWay,
    capacity: gate.capacity,
    turnedAway: gate.turnedAway,
  }),
});

const nextWaiting = look('inquiry.next-deferred', {
  right: asking,
  run: (tx, _deps: Deps, { silent }: { readonly silent: readonly string[] }) => waitingDeferred(tx, rowsAtOnce, silent),
});
const noteEnds = act('inquiry.note-deferred-ends', {
  right: asking,
  async run(tx, deps: Deps, ends: readonly DeferredEnd[]): Promise<Result<number, never>> {
    const noted = await insertDeferredEnds(tx, ends, deps.machineClock.now());
    tx.record({
      event: 'inquiry.deferred-asked',
      facts: noted > 0 ? ['intermediate_server.deferred_end'] : [],
      detail: { inquiries: noted },
    });
    return ok(noted);
  },
});

/**
 * For the loop: asks what waits, the oldest first, until nothing does or nobody answers. Each is the inquiry that it would have been,
 * under its own request: a stop in the middle, or the business that comes again by itself, makes no second one. A provider that is
 * silent is passed over for this round, so that those behind it come through. Gives how many ended.
 */
export async function askDeferred(deps: Deps, actor: Actor, signal?: AbortSignal): Promise<number> {
  const silent = new Set<string>();
  let ended = 0;
  while (!signal?.aborted) {
    const next = await nextWaiting(deps, actor, { silent: [...silent] });
    const waiting = next.ok ? [...next.value] : [];
    if (waiting.length === 0) return ended;
    const ends: DeferredEnd[] = [];
    const worker = async (): Promise<void> => {
      for (let row = waiting.shift(); row !== undefined && !signal?.aborted; row = waiting.shift()) {
        const { receptionNumber, ...ask } = row;
        if (silent.has(ask.provider)) continue;
        const answer = await askAnotherBody(deps, actor, ask);
        if (answer.ok)
          ends.push({ receptionNumber, outcome: answer.value.result === '60' ? 'held' : 'answered', refusal: null });
        else if (await mayStillCome(deps, actor, { system: ask.asker.system, requestId: ask.requestId }, answer.error))
          silent.add(ask.provider);
        else ends.push({ receptionNumber, outcome: 'refused', refusal: answer.error });
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    if (ends.length > 0) {
      const noted = await noteEnds(deps, actor, ends);
      ended += noted.ok ? noted.value : 0;
    }
  }
  return ended;
}
