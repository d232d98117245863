import { createHash } from 'node:crypto';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps, PublicMoneyAnswer } from '../deps.ts';
import { type Consent, consentOf, findInquiry, insertConsent, insertInquiry } from '../store/public-money.ts';
import { type RegisterRefusal, registerMandate } from './mandates.ts';

export type { Consent } from '../store/public-money.ts';

const ground = '番号利用法 第19条第8号、公金受取口座登録法';

/** 公金受取口座の利用の同意: without it nobody asks for the account, and a refund goes to no account that the person has not named. */
export const noteConsent = act('accounts.note-consent', {
  right: ['accounts', 'mandate', 'update'],
  async run(
    tx,
    deps: Deps,
    command: Consent,
    actor,
  ): Promise<Result<{ repeated: boolean }, 'not-staff' | 'evidence-missing' | 'in-the-future'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    if (command.evidence.trim() === '') return err('evidence-missing');
    if (command.agreedOn > deps.civilClock.today().toString()) return err('in-the-future');
    const evidence = command.evidence.trim().slice(0, 500);
    const noted = await insertConsent(tx, { ...command, evidence, by: actor.staffId });
    tx.record({
      event: noted ? 'public-money.agreed' : 'public-money.agreement-repeated',
      subject: command.personNumber,
      facts: noted ? ['accounts.public_money_consent'] : [],
    });
    return ok({ repeated: !noted });
  },
});

export const readConsent = act('accounts.read-consent', {
  right: ['accounts', 'mandate', 'read'],
  async run(
    tx,
    _deps: Deps,
    { personNumber }: { readonly personNumber: string },
  ): Promise<Result<{ consent: Consent | undefined }, never>> {
    const consent = await consentOf(tx, personNumber);
    tx.record({ event: 'public-money.agreement-read', subject: personNumber });
    return ok({ consent });
  },
});

export interface AskPublicMoney {
  /** UUIDv7 of the form: a doubled click is one inquiry, and one whose answer was lost is taken up again by it. */
  readonly requestId: string;
  readonly personNumber: string;
  /** Reading of the person, to hold against the account's holder. */
  readonly personKana: string;
}

const begin = act('accounts.begin-public-money', {
  right: ['accounts', 'mandate', 'update'],
  async run(
    tx,
    deps: Deps,
    { requestId, personNumber }: AskPublicMoney,
    actor,
  ): Promise<
    Result<
      { consentId: string; staffId: string; mandateId: string | null },
      'not-staff' | 'not-offered' | 'not-agreed' | 'request-key-reused'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    if (deps.publicMoney === undefined) return err('not-offered');
    const consent = await consentOf(tx, personNumber);
    if (consent === undefined) return err('not-agreed');
    const known = await findInquiry(tx, requestId);
    if (known !== undefined && known.personNumber !== personNumber) return err('request-key-reused');
    tx.record({
      event: known === undefined ? 'public-money.asked' : 'public-money.asked-again',
      subject: personNumber,
      ground,
      items: ['公的給付支給等口座'],
      recipient: '内閣総理大臣',
      detail: { request: requestId },
    });
    return ok({ consentId: consent.consentId, staffId: actor.staffId, mandateId: known?.mandateId ?? null });
  },
});

const note = act('accounts.note-public-money', {
  right: ['accounts', 'mandate', 'update'],
  async run(
    tx,
    deps: Deps,
    command: {
      readonly ask: AskPublicMoney;
      readonly consentId: string;
      readonly answer: PublicMoneyAnswer;
      readonly mandateId: string | null;
    },
    actor,
  ): Promise<Result<null, 'not-staff'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { ask, answer, consentId, mandateId } = command;
    await insertInquiry(tx, {
      requestId: ask.requestId,
      consentId,
      personNumber: ask.personNumber,
      inquiryNumber: answer.inquiryNumber,
      result: answer.result,
      sha256: createHash('sha256').update(answer.told).digest(),
      mandateId,
      by: actor.staffId,
      on: deps.civilClock.today().toString(),
    });
    tx.record({
      event: 'public-money.answered',
      subject: ask.personNumber,
      ground,
      facts: ['accounts.public_money_inquiry'],
      detail: { request: ask.requestId, inquiry: answer.inquiryNumber, result: answer.result },
    });
    return ok(null);
  },
});

export type AskRefusal =
  | 'not-staff'
  | 'not-authorised'
  | 'not-offered'
  | 'not-agreed'
  | 'no-account-known'
  | 'request-key-reused'
  | 'inquiry-refused'
  | 'network-busy'
  | RegisterRefusal;

/**
 * 公金受取口座の照会 through the Information Providing Network: what is told becomes the person's account for refunds, under the same checks as
 * any other (existing branch, the person's own name).
 *
 * @source 002 INQ-4, W21, US-K06
 */
export async function askPublicMoneyAccount(
  deps: Deps,
  actor: Actor,
  ask: AskPublicMoney,
): Promise<Result<{ mandateId: string }, AskRefusal>> {
  const begun = await begin(deps, actor, ask);
  if (!begun.ok) return begun;
  const { consentId, staffId, mandateId } = begun.value;
  if (mandateId !== null) return ok({ mandateId });
  const came = await deps.publicMoney!.ask({ requestId: ask.requestId, personNumber: ask.personNumber, staffId });
  if (!came.ok) return came;
  const answer = came.value;
  const { account } = answer;
  if (account === undefined) {
    const noted = await note(deps, actor, { ask, consentId, answer, mandateId: null });
    return noted.ok ? err('no-account-known') : noted;
  }
  const registered = await registerMandate(deps, actor, {
    ...account,
    requestId: ask.requestId,
    personNumber: ask.personNumber,
    personKana: ask.personKana,
    purpose: 'refund',
    holderConfirmed: false,
    source: 'public-money-account',
    fromOn: deps.civilClock.today().toString(),
  });
  const noted = await note(deps, actor, {
    ask,
    consentId,
    answer,
    mandateId: registered.ok ? registered.value.mandateId : null,
  });
  return noted.ok ? registered : noted;
}
