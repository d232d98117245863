import type { askAnotherBody as endpoint } from '@musubi/contracts/exchange/endpoints.ts';
import { type InquiryRefusal, inquiryRefusals, provisionResult } from '@musubi/contracts/exchange/messages.ts';
import { type Actor, look } from '@musubi/kernel/db/act.ts';
import type { ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { networkPeer } from '../clients/network.ts';
import type { Deps, Relayed } from '../deps.ts';
import { type InquiryState, waitingInquiries } from '../store/inquiries.ts';
import { instantOf } from './answer-inquiry.ts';
import { isListStale } from './fetch-list.ts';
import { type Ask, type Sent, sendInquiry } from './send-inquiry.ts';
import { takeAnswer } from './take-answer.ts';

type AskRefusal =
  | InquiryRefusal
  | 'not-your-business'
  | 'case-missing'
  | 'request-key-reused'
  | 'request-in-progress'
  | 'request-key-too-old'
  | 'not-authorised';

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
    const { state } = sent.value;
    if (state.state === 'answered' || state.state === 'refused') return answerOf(ask, inquiryNumber, state);
    // Whoever comes again while it is on its way waits with the first; where it is on no way any more, it is collected at once.
    const way = deps.underWay.endOf(inquiryNumber) ?? collectInquiry(deps, actor, inquiryNumber, state);
    const stands = await way;
    return stands.ok ? answerOf(ask, inquiryNumber, stands.value) : stands;
  }
  const ended = await deps.underWay.until(inquiryNumber, relayInquiry(deps, actor, sent.value));
  return ended.ok ? answerOf(ask, inquiryNumber, ended.value) : ended;
}

async function relayInquiry(
  deps: Deps,
  actor: Actor,
  { inquiryNumber, statement, linkageCode, nonce }: Extract<Sent, { kind: 'new' }>,
): Promise<Relayed> {
  const said = await networkPeer(deps.peers, deps.network).inquire({ statement, linkageCode, nonce });
  // Nothing can be told from silence: the inquiry stays open, and its answer may be collected.
  if (!said.ok && (!words.has(said.error) || said.error === 'provider-unavailable')) return err('provider-unavailable');
  return takeAnswer(deps, actor, {
    inquiryNumber,
    said: said.ok ? said.value : { refusal: said.error as InquiryRefusal },
  });
}

/**
 * Asks the network for the answer of an inquiry that has none. Where nobody took the statement or its permit, they are withdrawn by that
 * question: the inquiry can end, and what comes late is refused.
 */
async function collectInquiry(
  deps: Deps,
  actor: Actor,
  inquiryNumber: string,
  state: Pick<InquiryState, 'state'>,
): Promise<Relayed> {
  const said = await networkPeer(deps.peers, deps.network).collect(inquiryNumber);
  if (said.ok) return takeAnswer(deps, actor, { inquiryNumber, said: said.value });
  if (said.error === 'not-ready')
    return state.state === 'held' ? ok(state as InquiryState) : err('request-in-progress');
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

const atOnce = 50;

const listWaiting = look('inquiry.list-waiting', {
  right: ['intermediate-server', 'ask', 'read'],
  run: (tx, deps: Deps, { after }: { readonly after: string }) =>
    waitingInquiries(tx, { before: deps.machineClock.now().subtract({ minutes: 1 }), after, limit: atOnce }),
});

/**
 * For the loop: collects what clerks of other bodies have decided meanwhile, and ends what nobody came back for. Gives how many
 * inquiries got their answer.
 */
export async function collectWaiting(deps: Deps, actor: Actor): Promise<number> {
  let done = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const waiting = await listWaiting(deps, actor, { after });
    const inquiries = waiting.ok ? waiting.value : [];
    for (const { inquiryNumber, held } of inquiries) {
      after = inquiryNumber;
      if (deps.underWay.endOf(inquiryNumber) !== undefined) continue;
      const before = { state: held ? 'held' : 'open' } as const;
      const collected = await collectInquiry(deps, actor, inquiryNumber, before);
      if (collected.ok && collected.value.state === 'answered') done += 1;
    }
    if (inquiries.length < atOnce) return done;
  }
}
