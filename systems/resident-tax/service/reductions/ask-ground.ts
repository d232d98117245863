import type { askAnotherBody, deferredInquiry } from '@musubi/contracts/exchange/endpoints.ts';
import { type VerifiedAnswer, verifiedAnswer } from '@musubi/contracts/exchange/verified-answer.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { askThroughPlatform, askTurn } from '../../clients/platform.ts';
import { addressees } from '../../store/assessment-sources.ts';
import * as store from '../../store/reductions.ts';
import { type ReductionDeps, reductionUpdate } from './functions.ts';

type Ask = RequestOf<typeof askAnotherBody>;

export interface AskGround {
  readonly applicationId: string;
  /** UUID of the form: a doubled click asks once, and an inquiry without an outcome is taken up again by it. */
  readonly requestId: string;
  readonly provider: string;
}
export type AskRefusal =
  | 'no-such-application'
  | 'not-by-inquiry'
  | 'unknown-provider'
  | 'already-asking'
  | 'already-answered'
  | 'not-staff';

/** 主務省令第2条の表 48の項: 地方税の賦課徴収. */
export const groundProcedure = 'MS2-048';
export const groundInformation = 'TKX-0023';
export const groundItems = ['保護の実施', '保護の種類'];

const beginInquiry = act('resident-tax.begin-ground-inquiry', {
  right: reductionUpdate,
  async run(tx, deps: ReductionDeps, command: AskGround, actor): Promise<Result<Ask, AskRefusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    await store.lockReduction(tx, command.applicationId);
    const file = await store.findApplication(tx, command.applicationId);
    if (file === undefined) return err('no-such-application');
    if (file.ground !== 'public-assistance') return err('not-by-inquiry');
    if (!deps.inquiryBodies.some((body) => body.organisation === command.provider)) return err('unknown-provider');
    const earlier = await store.inquiriesOf(tx, file.applicationId);
    const own = earlier.find((one) => one.requestId === command.requestId);
    if (own !== undefined && own.result !== null && own.result !== '60') return err('already-answered');
    const open = earlier.some((one) => one !== own && one.refusal === null && (one.result ?? '60') === '60');
    if (open) return err('already-asking');
    const person = (await addressees(tx, [file.personId])).get(file.personId);
    if (person === undefined) throw new Error('an application without its person');
    const provider = own?.provider ?? command.provider;
    const asOf = Temporal.PlainDate.from(own?.asOf ?? file.appliedOn);
    if (own === undefined)
      await store.insertInquiry(tx, {
        requestId: command.requestId,
        applicationId: file.applicationId,
        procedure: groundProcedure,
        informationCode: groundInformation,
        items: groundItems,
        asOf,
        provider,
        askedBy: actor.staffId,
        askedAt: deps.machineClock.now(),
      });
    tx.record({
      event: own === undefined ? 'reduction.ground-asked' : 'reduction.ground-asked-again',
      subject: file.personId,
      ground: `番号利用法 第19条第8号（${groundProcedure}）`,
      items: [groundInformation, ...groundItems],
      recipient: provider,
      detail: { application: file.applicationId, request: command.requestId },
      ...(own === undefined ? { facts: ['resident_tax.reduction_inquiry'] } : {}),
    });
    return ok({
      requestId: command.requestId,
      asker: { system: 'resident-tax', staffId: own?.askedBy ?? actor.staffId, caseReference: file.applicationId },
      orgPersonNumber: person.orgPersonNumber,
      procedure: groundProcedure,
      informationCode: groundInformation,
      items: [...groundItems],
      condition: { asOf: asOf.toString() },
      provider,
    });
  },
});

/** What came back, as it came: the text of the answer with its digest, and the signed papers. */
const noteOutcome = act('resident-tax.note-ground-answer', {
  right: reductionUpdate,
  async run(
    tx,
    deps: ReductionDeps,
    { applicationId, ask, outcome }: { applicationId: string; ask: Ask; outcome: Result<VerifiedAnswer, string> },
  ): Promise<Result<null, never>> {
    await store.lockReduction(tx, applicationId);
    const file = await store.findApplication(tx, applicationId);
    const known = (await store.inquiriesOf(tx, applicationId)).find(({ requestId }) => requestId === ask.requestId);
    const subject = file?.personId ?? '';
    const detail = { application: applicationId, request: ask.requestId };
    if (known !== undefined && known.result !== null && known.result !== '60') {
      tx.record({ event: 'reduction.answer-repeated', subject, detail });
      return ok(null);
    }
    const at = deps.machineClock.now();
    if (!outcome.ok) {
      await store.insertInquiryRefusal(tx, {
        refusalId: deps.newId(),
        requestId: ask.requestId,
        word: outcome.error,
        at,
      });
      tx.record({
        event: 'reduction.ground-not-told',
        subject,
        facts: ['resident_tax.reduction_inquiry_refusal'],
        detail: { ...detail, word: outcome.error },
      });
      return ok(null);
    }
    const { answer, ground } = outcome.value;
    const answerText = canonicalJson({ result: answer.result, validFrom: answer.validFrom, items: answer.items });
    await store.insertAnswer(tx, {
      answerId: deps.newId(),
      requestId: ask.requestId,
      inquiryNumber: answer.inquiryNumber,
      permitNumber: answer.permitNumber,
      result: answer.result,
      answerText,
      answerSha256: sha256(answerText),
      ground,
      evidence: answer.evidence,
      permit: answer.permit,
      receivedAt: at,
    });
    tx.record({
      event: 'reduction.ground-answered',
      subject,
      ground,
      items: [groundInformation, ...Object.keys(answer.items)],
      facts: ['resident_tax.reduction_answer'],
      detail: { ...detail, inquiry: answer.inquiryNumber, permit: answer.permitNumber, result: answer.result },
    });
    return ok(null);
  },
});

/** Where an inquiry stands that waits for its turn. */
export type Turn = ResponseOf<typeof deferredInquiry>;

/**
 * 減免事由の照会: asks another body whether it gives the applicant public assistance on the day of the application, through the
 * platform, and keeps what came back. Who repeats a request without outcome takes it up again.
 *
 * @law 番号利用法 第19条第8号; @source 002 W13, W14
 */
export async function askGround(
  deps: ReductionDeps,
  actor: Actor,
  command: AskGround,
): Promise<Result<{ readonly refusal: string | undefined; readonly turn?: Turn }, AskRefusal | 'not-authorised'>> {
  const begun = await beginInquiry(deps, actor, command);
  if (!begun.ok) return begun;
  const ask = begun.value;
  const came = await askThroughPlatform(deps.peers, deps.commonPlatform, ask);
  // Taken and asked in its turn: the same request brings the answer later.
  if (!came.ok && came.error === 'congested') {
    const { system } = ask.asker;
    const turn = await askTurn(deps.peers, deps.commonPlatform, { requestId: ask.requestId, system });
    return ok({ refusal: came.error, ...(turn.ok ? { turn: turn.value } : {}) });
  }
  const outcome = came.ok
    ? verifiedAnswer(ask, came.value, {
        trust: deps.trust,
        at: deps.machineClock.now(),
        network: deps.network,
        signer: deps.inquiryBodies.find((body) => body.organisation === ask.provider)?.signer,
      })
    : came;
  const noted = await noteOutcome(deps, actor, { applicationId: command.applicationId, ask, outcome });
  return noted.ok ? ok({ refusal: outcome.ok ? undefined : outcome.error }) : noted;
}
