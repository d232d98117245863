import type { askAnotherBody as endpoint } from '@musubi/contracts/exchange/endpoints.ts';
import { type InquiryRefusal, inquiryRefusals, provisionResult } from '@musubi/contracts/exchange/messages.ts';
import { type Actor, look } from '@musubi/kernel/db/act.ts';
import type { ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { inquiryTimeoutMs, networkPeer } from '../clients/network.ts';
import type { Deps } from '../deps.ts';
import { type InquiryState, waitingInquiries } from '../store/inquiries.ts';
import { instantOf } from './answer-inquiry.ts';
import { isListStale } from './fetch-list.ts';
import { type Ask, sendInquiry } from './send-inquiry.ts';
import { takeAnswer } from './take-answer.ts';

type AskRefusal =
  | InquiryRefusal
  | 'not-your-business'
  | 'case-missing'
  | 'request-key-reused'
  | 'request-in-progress'
  | 'request-key-too-old'
  | 'not-authorised';

/** Seconds after which an inquiry without an answer is no longer under way in another request: its call has ended by then. */
const underWaySeconds = inquiryTimeoutMs / 1_000 + 2;

const words: ReadonlySet<string> = new Set(inquiryRefusals);

/**
 * 情報照会, from the business system's question to its answer (design §4.3). What is lost on the way is collected when the
 * business system comes again with the same request id; what was held by the provider too.
 */
export async function askAnotherBody(
  deps: Deps,
  actor: Actor,
  ask: Ask,
): Promise<Result<ResponseOf<typeof endpoint>, AskRefusal>> {
  const listIsStale = await isListStale(deps);
  const sent = await sendInquiry(deps, actor, listIsStale ? { ...ask, listIsStale } : ask);
  if (!sent.ok) return sent;
  if (sent.value.kind === 'without-case') return err('case-missing');
  const { inquiryNumber } = sent.value;
  if (sent.value.kind === 'repeat') {
    const { state, askedAt } = sent.value;
    if (state.state === 'answered' || state.state === 'refused') return answerOf(ask, inquiryNumber, state);
    const waited = askedAt.until(deps.machineClock.now()).total('seconds');
    if (state.state === 'open' && waited < underWaySeconds) return err('request-in-progress');
    const collected = await collectInquiry(deps, actor, inquiryNumber, state);
    return collected.ok ? answerOf(ask, inquiryNumber, collected.value) : collected;
  }
  const { statement, linkageCode, nonce } = sent.value;
  const said = await networkPeer(deps.peers, deps.network).inquire({ statement, linkageCode, nonce });
  // Nothing can be told from silence: the inquiry stays open, and its answer may be collected.
  if (!said.ok && (!words.has(said.error) || said.error === 'provider-unavailable')) return err('provider-unavailable');
  const taken = await takeAnswer(deps, actor, {
    inquiryNumber,
    said: said.ok ? said.value : { refusal: said.error as InquiryRefusal },
  });
  return taken.ok ? answerOf(ask, inquiryNumber, taken.value) : taken;
}

/** Asks the network once more for the answer of an inquiry that has none. */
async function collectInquiry(
  deps: Deps,
  actor: Actor,
  inquiryNumber: string,
  state: InquiryState,
): Promise<Result<InquiryState, 'provider-unavailable' | 'not-authorised'>> {
  const said = await networkPeer(deps.peers, deps.network).collect(inquiryNumber);
  if (said.ok) return takeAnswer(deps, actor, { inquiryNumber, said: said.value });
  if (said.error === 'not-ready') return ok(state);
  // Final: nobody took the permit, or the answer is no longer kept. A new inquiry is the way.
  if (said.error === 'no-such-inquiry' || said.error === 'answer-term-over')
    return takeAnswer(deps, actor, { inquiryNumber, said: { refusal: 'provider-unavailable' } });
  return err('provider-unavailable');
}

function answerOf(
  ask: Ask,
  inquiryNumber: string,
  state: InquiryState,
): Result<ResponseOf<typeof endpoint>, AskRefusal> {
  if (state.state === 'refused') {
    // A result deleted after its term: the request is over, and its record tells what it was.
    return err(words.has(state.refusal) ? (state.refusal as InquiryRefusal) : 'request-key-too-old');
  }
  if (state.state === 'open') return err('provider-unavailable');
  const { permitNumber, permit, evidence, at } = state;
  const held = state.state === 'held';
  return ok({
    requestId: ask.requestId,
    asker: ask.asker,
    inquiryNumber,
    permitNumber,
    result: held ? '60' : provisionResult.parse(state.result),
    validFrom: held ? null : state.validFrom,
    items: held ? {} : { ...state.items },
    evidence,
    permit,
    answeredAt: instantOf(at).toString(),
  });
}

const listWaiting = look('inquiry.list-waiting', {
  right: ['intermediate-server', 'ask', 'read'],
  run: (tx, _deps: Deps, _query: null) => waitingInquiries(tx, 50),
});

/** For the loop: collects what clerks of other bodies have decided meanwhile. Gives how many inquiries got their answer. */
export async function collectWaiting(deps: Deps, actor: Actor): Promise<number> {
  const waiting = await listWaiting(deps, actor, null);
  let done = 0;
  for (const inquiryNumber of waiting.ok ? waiting.value : []) {
    const said = await networkPeer(deps.peers, deps.network).collect(inquiryNumber);
    if (!said.ok) continue;
    const taken = await takeAnswer(deps, actor, { inquiryNumber, said: said.value });
    if (taken.ok && taken.value.state === 'answered') done += 1;
  }
  return done;
}
