import type { askAnotherBody, deferredInquiry } from '@musubi/contracts/exchange/endpoints.ts';
import { type VerifiedAnswer, verifiedAnswer } from '@musubi/contracts/exchange/verified-answer.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { askThroughPlatform, askTurn } from '../clients/platform.ts';
import type { Deps } from '../deps.ts';
import { taxYearOf } from '../domain/intake.ts';
import { taxInformation, taxItems, taxProcedure } from '../domain/tax-answer.ts';
import { findCase, lockCase, registrations } from '../store/cases.ts';
import {
  deferredInquiries,
  inquiries,
  insertDeferral,
  insertInquiry,
  insertRefusal,
  insertResult,
} from '../store/inquiries.ts';
import { type Hold, linkingHold } from './applicant-number.ts';

type Ask = RequestOf<typeof askAnotherBody>;

export interface AskTax {
  readonly caseId: string;
  /** UUIDv7 of the form: a doubled click asks once, and an inquiry without an outcome is taken up again by it. */
  readonly requestId: string;
  readonly provider: string;
}

type BeginError =
  | 'no-such-case'
  | 'not-registered'
  | 'unknown-provider'
  | 'already-asking'
  | 'already-answered'
  | 'not-staff'
  | Hold;

const beginInquiry = act('child-chronic.begin-inquiry', {
  right: ['child-chronic', 'inquiry', 'update'],
  async run(tx, deps: Deps, command: AskTax, actor): Promise<Result<Ask, BeginError>> {
    await lockCase(tx, command.caseId);
    const file = await findCase(tx, { caseId: command.caseId });
    if (!file) return err('no-such-case');
    const hold = await linkingHold(tx, deps, file);
    if (enforced('juki.confirmed-first') && hold) return err(hold);
    const orgPersonNumber = (await registrations(tx, file.caseId))[0]?.orgPersonNumber;
    if (!orgPersonNumber) return err('not-registered');
    if (!deps.settings.providers.some((p) => p.organisation === command.provider)) return err('unknown-provider');
    const earlier = await inquiries(tx, { caseId: file.caseId });
    const own = earlier.find((i) => i.requestId === command.requestId);
    // What a person asked, the system may take up again by itself; it asks nothing of its own.
    if (actor.kind !== 'staff' && (own === undefined || actor.kind !== 'job')) return err('not-staff');
    if (own?.result && own.result !== '60') return err('already-answered');
    // One at a time: an inquiry without an outcome is taken up again under its own number, not asked beside.
    if (earlier.some((i) => i !== own && !i.refusal && (i.result === null || i.result === '60')))
      return err('already-asking');
    const taxYear = own?.taxYear ?? taxYearOf(Temporal.PlainDate.from(file.appliedOn), file.kind);
    const provider = own?.provider ?? command.provider;
    if (!own && actor.kind === 'staff') {
      await insertInquiry(tx, {
        requestId: command.requestId,
        caseId: file.caseId,
        procedure: taxProcedure,
        informationCode: taxInformation,
        items: taxItems,
        taxYear,
        provider,
        by: actor.staffId,
        terminal: actor.terminalId ?? null,
        at: deps.machineClock.now(),
      });
    }
    tx.record({
      event: own ? 'inquiry.asked-again' : 'inquiry.asked',
      subject: file.caseId,
      ground: `番号利用法 第19条第8号（${taxProcedure}）`,
      items: [taxInformation, ...taxItems],
      recipient: provider,
      detail: { request: command.requestId, taxYear },
      ...(own ? {} : { facts: ['child_chronic.inquiry'] }),
    });
    // Taken up again it is the same question, whoever repeats it and where.
    const by = own?.askedBy ?? (actor.kind === 'staff' ? actor.staffId : '');
    const terminal = own ? own.askedTerminal : actor.kind === 'staff' ? actor.terminalId : null;
    return ok({
      requestId: command.requestId,
      asker: {
        system: 'child-chronic',
        staffId: by,
        ...(terminal == null ? {} : { terminalId: terminal }),
        caseReference: file.caseNumber,
      },
      orgPersonNumber,
      procedure: taxProcedure,
      informationCode: taxInformation,
      items: [...taxItems],
      condition: { taxYear },
      provider,
    });
  },
});

const noteOutcome = act('child-chronic.note-inquiry-outcome', {
  right: ['child-chronic', 'inquiry', 'update'],
  async run(
    tx,
    deps: Deps,
    { caseId, ask, outcome }: { caseId: string; ask: Ask; outcome: Result<VerifiedAnswer, string> },
  ): Promise<Result<null, never>> {
    await lockCase(tx, caseId);
    const at = deps.machineClock.now();
    const [known] = await inquiries(tx, { requestId: ask.requestId });
    if (known?.result && known.result !== '60') {
      tx.record({ event: 'inquiry.answer-repeated', subject: caseId, detail: { request: ask.requestId } });
      return ok(null);
    }
    if (!outcome.ok) {
      await insertRefusal(tx, { refusalId: deps.newId(), requestId: ask.requestId, word: outcome.error, at });
      tx.record({
        event: 'inquiry.refused',
        subject: caseId,
        facts: ['child_chronic.inquiry_refusal'],
        detail: { request: ask.requestId, word: outcome.error },
      });
      return ok(null);
    }
    const { answer, ground } = outcome.value;
    await insertResult(tx, {
      resultId: deps.newId(),
      requestId: ask.requestId,
      inquiryNumber: answer.inquiryNumber,
      permitNumber: answer.permitNumber,
      result: answer.result,
      validFrom: answer.validFrom,
      items: answer.items,
      ground,
      evidence: answer.evidence,
      permit: answer.permit,
      answeredAt: answer.answeredAt,
      receivedAt: at,
    });
    tx.record({
      event: 'inquiry.answered',
      subject: caseId,
      ground,
      items: [taxInformation, ...Object.keys(answer.items)],
      facts: ['child_chronic.inquiry_result'],
      detail: {
        request: ask.requestId,
        inquiry: answer.inquiryNumber,
        permit: answer.permitNumber,
        result: answer.result,
      },
    });
    return ok(null);
  },
});

/** Where an inquiry stands that waits for its turn. */
export type Turn = ResponseOf<typeof deferredInquiry>;

const noteTurn = act('child-chronic.note-inquiry-turn', {
  right: ['child-chronic', 'inquiry', 'update'],
  async run(
    tx,
    deps: Deps,
    { caseId, requestId, turn }: { caseId: string; requestId: string; turn: Turn },
  ): Promise<Result<null, never>> {
    const { receptionNumber, expectedAt } = turn;
    const first = await insertDeferral(tx, { requestId, receptionNumber, expectedAt, at: deps.machineClock.now() });
    tx.record({
      event: 'inquiry.waits-its-turn',
      subject: caseId,
      facts: first ? ['child_chronic.inquiry_deferral'] : [],
      detail: { request: requestId, reception: receptionNumber },
    });
    return ok(null);
  },
});

const listDeferred = look('child-chronic.list-deferred-inquiries', {
  right: ['child-chronic', 'inquiry', 'update'],
  run: (tx, _deps: Deps, { limit }: { limit: number }) => deferredInquiries(tx, limit),
});

/** Asks again for what waits for its turn, each under its own number. Gives how many have their answer now. */
export async function takeUpDeferred(deps: Deps, actor: Actor): Promise<Result<number, 'not-authorised'>> {
  const waiting = await listDeferred(deps, actor, { limit: 100 });
  if (!waiting.ok) return waiting;
  let answered = 0;
  for (const inquiry of waiting.value) {
    const asked = await askTax(deps, actor, inquiry);
    if (asked.ok && asked.value.refusal === undefined) answered++;
    // Still no room: those behind it wait as well.
    if (asked.ok && asked.value.refusal === 'congested') break;
  }
  return ok(answered);
}

/**
 * Asks the applicant's municipality for tax information, through the platform, and keeps what came back with the case. Whoever
 * repeats the request of an inquiry that has no outcome yet (a crash, an answer that a clerk over there still decides) takes
 * it up again.
 * @law 番号利用法 第19条第8号; @source 001 ⑦, MED-X5
 */
export async function askTax(
  deps: Deps,
  actor: Actor,
  command: AskTax,
): Promise<Result<{ readonly refusal: string | undefined; readonly turn?: Turn }, BeginError | 'not-authorised'>> {
  const begun = await beginInquiry(deps, actor, command);
  if (!begun.ok) return begun;
  const ask = begun.value;
  const came = await askThroughPlatform(deps.peers, deps.settings.commonPlatform, ask);
  // Taken and asked in its turn: the same request brings the answer later.
  if (!came.ok && came.error === 'congested') {
    const { system } = ask.asker;
    const turn = await askTurn(deps.peers, deps.settings.commonPlatform, { requestId: ask.requestId, system });
    if (!turn.ok) return ok({ refusal: came.error });
    const noted = await noteTurn(deps, actor, { caseId: command.caseId, requestId: ask.requestId, turn: turn.value });
    return noted.ok ? ok({ refusal: came.error, turn: turn.value }) : noted;
  }
  const { settings, trust, machineClock } = deps;
  const signer = settings.providers.find((p) => p.organisation === ask.provider)?.signer;
  const outcome: Result<VerifiedAnswer, string> = came.ok
    ? verifiedAnswer(ask, came.value, { trust, at: machineClock.now(), network: settings.network, signer })
    : came;
  const noted = await noteOutcome(deps, actor, { caseId: command.caseId, ask, outcome });
  return noted.ok ? ok({ refusal: outcome.ok ? undefined : outcome.error }) : noted;
}
