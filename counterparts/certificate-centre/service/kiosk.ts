import {
  type KofuAnswer,
  type KofuRefusal,
  type kioskRequest,
  reportOutcome,
  requestCertificate,
} from '@musubi/contracts/certificates/kofu.ts';
import { checkCard } from '@musubi/contracts/portal/card-authentication.ts';
import { challengeText, readChallenge } from '@musubi/contracts/portal/card-file.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act, type Right } from '@musubi/kernel/db/act.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { isGood, userAuthority } from '../clients/jpki.ts';
import type { Deps } from '../deps.ts';
import * as store from '../store/requests.ts';

const right: Right = ['certificate-centre', 'kiosk', 'update'];
/** Minutes from the challenge to the card's answer. */
const challengeMinutes = 5;
/** The centre shows an error when the body has not answered by then (N05). */
const bodyTimeoutMs = 10_000;

/** What the card before the machine signs; used once. */
export const giveChallenge = act('certificate-centre.give-challenge', {
  right,
  async run(tx, deps: Deps, _command: undefined): Promise<Result<{ readonly challenge: string }, never>> {
    const at = deps.machineClock.now();
    const challenge = challengeText({
      origin: deps.origin,
      until: at.add({ minutes: challengeMinutes }).toString(),
      nonce: Buffer.from(deps.random.bytes(32)).toString('base64url'),
    });
    await store.insertChallenge(tx, sha256(challenge), at);
    tx.record({ event: 'challenge.given', facts: ['certificate_centre.challenge'] });
    return ok({ challenge });
  },
});

type Command = RequestOf<typeof kioskRequest>;
type Word =
  | 'assertion-refused'
  | 'assertion-used'
  | 'certificate-not-valid'
  | 'no-such-body'
  | 'request-key-reused'
  | 'not-authorised';
type Shown = ResponseOf<typeof kioskRequest>;

const enterRequest = act('certificate-centre.enter-request', {
  right,
  async run(
    tx,
    deps: Deps,
    request: store.StoredRequest,
  ): Promise<Result<null, 'assertion-refused' | 'assertion-used' | 'request-key-reused'>> {
    if (!(await store.isOurChallenge(tx, request.challenge))) return err('assertion-refused');
    const entered = await store.insertRequest(tx, request, deps.machineClock.now());
    if (entered === 'used') return err('assertion-used');
    if (entered === 'known') {
      // The machine asks again: the very same request, signed anew or not, of the same card.
      const known = await store.findRequest(tx, request.requestId);
      const isSame =
        known !== undefined &&
        (['kioskId', 'municipality', 'certType', 'taxYear', 'copies', 'certSerial'] as const).every(
          (name) => known[name] === request[name],
        );
      if (!isSame) return err('request-key-reused');
    }
    tx.record({
      event: entered === 'known' ? 'request.repeated' : 'request.entered',
      ...(entered === 'known' ? {} : { facts: ['certificate_centre.request'] }),
      detail: { request: request.requestId, kiosk: request.kioskId, serial: request.certSerial },
    });
    return ok(null);
  },
});

const noteAnswer = act('certificate-centre.note-answer', {
  right,
  async run(
    tx,
    deps: Deps,
    { requestId, result, document }: Answered,
  ): Promise<Result<{ readonly isSame: boolean }, never>> {
    const isNew =
      document !== undefined && (await store.insertAnswer(tx, { requestId, ...document }, deps.machineClock.now()));
    // A refusal may become a paper when asked again; one paper never becomes another.
    const kept = document === undefined ? undefined : await store.findAnswer(tx, requestId);
    tx.record({
      event: 'request.answered',
      ...(isNew ? { facts: ['certificate_centre.answer'] } : {}),
      detail: { request: requestId, result },
    });
    return ok({ isSame: kept?.documentNo === document?.documentNo });
  },
});

interface Answered {
  readonly requestId: string;
  readonly result: string;
  readonly document: { readonly documentNo: string; readonly feeYen: number } | undefined;
}

/** 申請 from a machine: whose card it is, is it valid, ask the body, compare whose certificate came back. */
export async function requestFromKiosk(deps: Deps, actor: Actor, command: Command): Promise<Result<Shown, Word>> {
  const body = deps.bodies.get(command.municipality);
  if (body === undefined) return err('no-such-body');
  const checked = await checkAssertion(deps, command.assertion);
  if (!checked.ok) return checked;
  const { serial, challenge } = checked.value;
  const { requestId, kioskId, municipality, certType, taxYear, copies } = command;
  const request = { requestId, kioskId, municipality, certType, taxYear, copies, certSerial: serial, challenge };
  const entered = await enterRequest(deps, actor, request);
  if (!entered.ok) return entered;
  if (!(await isGood(deps.peers, deps.jpki, serial))) return err('certificate-not-valid');
  const checkedAt = tokyo(deps.machineClock.now());
  const answered = await deps.peers.call(
    requestCertificate,
    body,
    {},
    {
      requestId,
      requestedAt: checkedAt,
      kioskId,
      certType,
      taxYear,
      copies,
      certSerial: serial,
      certificateCheckedAt: checkedAt,
      identity: { kind: 'authSerial' },
      options: {},
    },
    { timeoutMs: bodyTimeoutMs },
  );
  const answer: KofuAnswer = answered.ok ? answered.value : { requestId, result: '90' };
  return showAnswer(deps, actor, request, answer);
}

/** What goes to the machine: the certificate of this request and this card, or a sentence. */
async function showAnswer(
  deps: Deps,
  actor: Actor,
  { requestId, certSerial, municipality }: store.StoredRequest,
  answer: KofuAnswer,
): Promise<Result<Shown, Word>> {
  const isOther = answer.requestId !== requestId || (answer.result === '00' && answer.certSerial !== certSerial);
  if (isOther) deps.alarms.raise('certificates.subject-differs', { municipality });
  const kept: KofuAnswer = isOther ? { requestId, result: '90' } : answer;
  const document = kept.result === '00' ? { documentNo: kept.documentNo, feeYen: kept.fee } : undefined;
  const noted = await noteAnswer(deps, actor, { requestId, result: kept.result, document });
  if (!noted.ok) return noted;
  if (!noted.value.isSame) {
    deps.alarms.raise('certificates.subject-differs', { municipality });
    return ok(sentence('90'));
  }
  if (kept.result !== '00') return ok(sentence(kept.result));
  const { pages, fee, documentNo, pdfBase64 } = kept;
  return ok({ result: '00', pages, fee, documentNo, pdfBase64 });
}

const sentences: Partial<Record<KofuRefusal, string>> = {
  '31': 'ただいま更新中です。手数料はいただいていません。しばらくしてからもう一度お申し込みください。',
  '40': '取扱時間外です。',
  '90': '時間内に作成できませんでした。手数料はいただいていません。もう一度お申し込みください。',
};
/** Every other refusal is the same sentence: nobody reads from it that somebody is under protection. */
const sentence = (result: KofuRefusal): Shown => ({
  result,
  text: sentences[result] ?? '現在この証明書は交付できません。区の窓口へお申し出ください。',
});

async function checkAssertion(
  deps: Deps,
  assertion: Command['assertion'],
): Promise<
  Result<{ readonly serial: string; readonly challenge: Uint8Array }, 'assertion-refused' | 'certificate-not-valid'>
> {
  const at = deps.machineClock.now();
  const read = readChallenge(assertion.challenge);
  if (read === undefined || read.origin !== deps.origin) return err('assertion-refused');
  if (Temporal.Instant.compare(at, Temporal.Instant.from(read.until)) >= 0) return err('assertion-refused');
  const authority = await userAuthority(deps.peers, deps.jpki);
  if (authority === undefined) return err('certificate-not-valid');
  const card = checkCard(assertion, assertion.challenge, authority, at);
  if (!card.ok) return err(card.error === 'certificate-expired' ? 'certificate-not-valid' : 'assertion-refused');
  return ok({ serial: card.value.serial, challenge: sha256(assertion.challenge) });
}

const tokyo = (at: Temporal.Instant): string => at.toZonedDateTimeISO('Asia/Tokyo').toString({ timeZoneName: 'never' });

export interface KioskOutcome {
  readonly requestId: string;
  readonly outcome: 'printed' | 'printFailed' | 'cancelled';
  readonly feeReceived: number;
}

const findForOutcome = act('certificate-centre.find-for-outcome', {
  right,
  async run(
    tx,
    _deps: Deps,
    { requestId, outcome }: KioskOutcome,
  ): Promise<Result<store.StoredRequest, 'no-such-request' | 'no-document' | 'outcome-already-stated'>> {
    const request = await store.findRequest(tx, requestId);
    if (request === undefined) return err('no-such-request');
    if ((await store.findAnswer(tx, requestId)) === undefined) return err('no-document');
    const before = await store.findOutcome(tx, requestId);
    if (before !== undefined && before !== outcome) return err('outcome-already-stated');
    tx.record({ event: 'outcome.asked', detail: { request: requestId } });
    return ok(request);
  },
});

const noteOutcome = act('certificate-centre.note-outcome', {
  right,
  async run(tx, deps: Deps, { requestId, outcome, feeReceived }: KioskOutcome): Promise<Result<null, never>> {
    const isNew = await store.insertOutcome(tx, { requestId, outcome, feeYen: feeReceived }, deps.machineClock.now());
    tx.record({
      event: `certificate.${outcome}`,
      ...(isNew ? { facts: ['certificate_centre.outcome'] } : {}),
      detail: { request: requestId },
    });
    return ok(null);
  },
});

/** The body hears it first: what it did not take is not noted here, and the machine says it again. */
export async function stateOutcome(
  deps: Deps,
  actor: Actor,
  stated: KioskOutcome,
): Promise<
  Result<
    { readonly recorded: true },
    'no-such-request' | 'no-document' | 'outcome-already-stated' | 'unavailable' | 'not-authorised'
  >
> {
  const found = await findForOutcome(deps, actor, stated);
  if (!found.ok) return found;
  const body = deps.bodies.get(found.value.municipality);
  if (body === undefined) return err('unavailable');
  const { requestId, outcome, feeReceived } = stated;
  const printedAt = outcome === 'printed' ? tokyo(deps.machineClock.now()) : null;
  const told = await deps.peers.call(reportOutcome, body, { requestId }, { outcome, feeReceived, printedAt });
  if (!told.ok) return err(told.error === 'outcome-already-stated' ? told.error : 'unavailable');
  const noted = await noteOutcome(deps, actor, stated);
  return noted.ok ? ok({ recorded: true }) : noted;
}
