import { type askAnotherBody, deferredInquiry, type lodgeCopies } from '@musubi/contracts/exchange/endpoints.ts';
import { inquiryRefusals } from '@musubi/contracts/exchange/messages.ts';
import { fingerprint, sha256 } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { RequestOf, ResponseOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { askServer, lodgeAtServer, passToServer } from '../clients/peers.ts';
import type { Deps } from '../deps.ts';
import { boundPerson } from '../domain/bound-person.ts';
import { standings } from '../store/persons.ts';
import {
  type HeldBack,
  insertAnswer,
  insertBatchOutcome,
  isInquiryOf,
  noteBatch,
  noteInquiry,
  noteRelayedCopies,
} from '../store/relay.ts';
import { checkBinding, userMay } from './check-binding.ts';

type Ask = RequestOf<typeof askAnotherBody>;
type Answer = ResponseOf<typeof askAnotherBody>;
type AskWord = WordOf<typeof askAnotherBody>;
type Lodge = RequestOf<typeof lodgeCopies>;
type Lodged = ResponseOf<typeof lodgeCopies>;

/** Checks and records that a business asks; nothing has left yet. */
const admitInquiry = act('common-platform.admit-inquiry', {
  right: ['common-platform', 'ask', 'update'],
  async run(
    tx,
    deps: Deps,
    ask: Ask,
    actor,
  ): Promise<
    Result<{ personId: string; ground: string }, 'not-your-business' | 'unknown-person' | 'inquiry-number-used'>
  > {
    const bound = await checkBinding(tx, deps, actor, {
      system: ask.asker.system,
      kind: 'ask',
      codes: [ask.procedure],
    });
    if (!bound.ok || !(await userMay(tx, deps, { ...ask.asker, code: ask.procedure }))) return err('not-your-business');
    const standing = (await standings(tx, [ask.orgPersonNumber])).get(ask.orgPersonNumber);
    const person = boundPerson(standing, ask.asker.system);
    if (!person.ok) return person;
    const { personId } = person.value;
    const noted = await noteInquiry(tx, {
      requestId: ask.requestId,
      system: ask.asker.system,
      personId,
      procedure: ask.procedure,
      informationCode: ask.informationCode,
      provider: ask.provider,
      asked: fingerprint(ask),
      on: deps.civilClock.today(),
      at: deps.machineClock.now(),
    });
    if (noted === 'other-content') return err('inquiry-number-used');
    const ground = bound.value.get(ask.procedure) ?? '';
    tx.record({
      event: noted === 'new' ? 'inquiry.relayed' : 'inquiry.relayed-again',
      subject: personId,
      ground,
      items: [ask.informationCode, ...ask.items],
      recipient: deps.settings.intermediateServer,
      detail: { request: ask.requestId, procedure: ask.procedure, provider: ask.provider },
      ...(noted === 'new' ? { facts: ['common_platform.relayed_inquiry'] } : {}),
    });
    return ok({ personId, ground });
  },
});

/** Records what came back: result, numbers and the digest of the provider's evidence, never the answer itself. */
const noteAnswer = act('common-platform.note-answer', {
  right: ['common-platform', 'ask', 'update'],
  async run(
    tx,
    deps: Deps,
    { ask, personId, ground, came }: { ask: Ask; personId: string; ground: string; came: Result<Answer, string> },
  ): Promise<Result<null, never>> {
    await insertAnswer(tx, {
      answerId: deps.newId(),
      requestId: ask.requestId,
      result: came.ok ? came.value.result : null,
      refusal: came.ok ? null : came.error,
      inquiryNumber: came.ok ? came.value.inquiryNumber : null,
      permitNumber: came.ok ? came.value.permitNumber : null,
      evidenceSha256: came.ok ? sha256(came.value.evidence) : null,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: came.ok ? 'inquiry.answered' : 'inquiry.refused',
      subject: personId,
      ground,
      items: [ask.informationCode, ...ask.items],
      facts: ['common_platform.relayed_answer'],
      detail: {
        request: ask.requestId,
        ...(came.ok
          ? { result: came.value.result, inquiry: came.value.inquiryNumber, permit: came.value.permitNumber }
          : { word: came.error }),
      },
    });
    return ok(null);
  },
});

/**
 * Relays an inquiry of a business system to the intermediate server and the answer back, inside the open request. Nothing of
 * the answer is stored here; a repeat of the same request goes to the intermediate server again, which knows it.
 * @law 番号利用法 第19条第8号; @source 001 LNK-F5, 002 CIP-F4, flow ⑦
 */
export async function relay(deps: Deps, actor: Actor, ask: Ask): Promise<Result<Answer, AskWord | 'not-authorised'>> {
  const admitted = await admitInquiry(deps, actor, ask);
  if (!admitted.ok) return admitted;
  const answered = await askServer(deps.peers, deps.settings.intermediateServer, ask);
  const came: Result<Answer, string> = answered.ok ? echoed(ask, answered.value) : answered;
  const noted = await noteAnswer(deps, actor, { ask, ...admitted.value, came });
  if (!noted.ok) return noted;
  return came.ok ? came : err(wordOf(came.error));
}

/** The asker's identifiers come back as they went, or the answer is another question's (LNK-X3). */
function echoed(ask: Ask, answer: Answer): Result<Answer, 'answer-not-verified'> {
  const same =
    answer.requestId === ask.requestId &&
    fingerprint(answer.asker).equals(fingerprint(ask.asker)) &&
    isPart(ask, answer);
  return enforced('transfer.echo-identifier') && !same ? err('answer-not-verified') : ok(answer);
}
const isPart = (ask: Ask, answer: Answer): boolean =>
  Object.keys(answer.items).every((item) => ask.items.includes(item));

/** Words of the network and of the bodies reach the asker as they are, whichever come to be. */
const relayed = new Set<string>([
  ...inquiryRefusals,
  'not-your-business',
  'unknown-person',
  'congested',
  'overloaded',
] satisfies AskWord[]);
/** A line that is down or a server that stops is told as "unavailable"; the record keeps the word itself. */
const wordOf = (word: string): AskWord => (relayed.has(word) ? (word as AskWord) : 'provider-unavailable');

const admitDeferred = act('common-platform.admit-deferred', {
  right: ['common-platform', 'ask', 'update'],
  async run(
    tx,
    _deps: Deps,
    { requestId, system }: RequestOf<typeof deferredInquiry>,
    actor,
  ): Promise<Result<null, 'not-deferred'>> {
    const isOwn = actor.kind === 'system' && actor.system === system && (await isInquiryOf(tx, requestId, system));
    if (!isOwn) return err('not-deferred');
    tx.record({ event: 'inquiry.turn-asked', detail: { request: requestId, system } });
    return ok(null);
  },
});

/** Number and likely time of an inquiry that waits for its turn at the intermediate server: told to the system that asked it, and to no other. */
export async function relayDeferred(
  deps: Deps,
  actor: Actor,
  query: RequestOf<typeof deferredInquiry>,
): Promise<Result<ResponseOf<typeof deferredInquiry>, 'not-deferred' | 'not-authorised' | 'internal-error'>> {
  const admitted = await admitDeferred(deps, actor, query);
  return admitted.ok ? passToServer(deps.peers, deps.settings.intermediateServer, deferredInquiry, query) : admitted;
}

/* ---- lodged copies ---- */

const admitBatch = act('common-platform.admit-copies', {
  right: ['common-platform', 'lodge', 'update'],
  async run(
    tx,
    deps: Deps,
    lodge: Lodge,
    actor,
  ): Promise<
    Result<
      { heldBack: readonly HeldBack[]; ground: string },
      'not-your-information' | 'batch-repeated-with-other-content'
    >
  > {
    const codes = [...new Set(lodge.copies.map((c) => c.informationCode))].sort();
    const bound = await checkBinding(tx, deps, actor, { system: lodge.system, kind: 'lodge', codes });
    if (!bound.ok) return err('not-your-information');
    const known = await standings(
      tx,
      lodge.copies.map((c) => c.orgPersonNumber),
    );
    const verdicts = lodge.copies.map((copy) => ({
      row: copy.row,
      person: boundPerson(known.get(copy.orgPersonNumber), lodge.system),
    }));
    const heldBack = verdicts.flatMap(({ row, person }) => (person.ok ? [] : [{ row, code: person.error }]));
    const batch = await noteBatch(tx, {
      batchId: lodge.batchId,
      system: lodge.system,
      rows: lodge.copies.length,
      heldBack,
      on: deps.civilClock.today(),
      at: deps.machineClock.now(),
    });
    if (batch.system !== lodge.system || batch.rows !== lodge.copies.length) {
      return err('batch-repeated-with-other-content');
    }
    if (batch.isNew) {
      const gone = new Set(heldBack.map((h) => h.row));
      await noteRelayedCopies(
        tx,
        lodge.batchId,
        lodge.system,
        lodge.copies.flatMap((copy, i) => {
          const { person } = verdicts[i]!;
          return person.ok && !gone.has(copy.row) ? [{ personId: person.value.personId, ...copy }] : [];
        }),
      );
    }
    const ground = [...new Set(bound.value.values())].join('、');
    tx.record({
      event: batch.isNew ? 'copies.relayed' : 'copies.relayed-again',
      subjects: [...new Set(verdicts.flatMap(({ person }) => (person.ok ? [person.value.personId] : [])))],
      ground,
      items: codes,
      recipient: deps.settings.intermediateServer,
      detail: { batch: lodge.batchId, rows: lodge.copies.length, heldBack: batch.heldBack.length },
      ...(batch.isNew ? { facts: ['common_platform.relayed_batch'] } : {}),
    });
    return ok({ heldBack: batch.heldBack, ground });
  },
});

const noteBatchOutcome = act('common-platform.note-copies', {
  right: ['common-platform', 'lodge', 'update'],
  async run(
    tx,
    deps: Deps,
    { lodge, came }: { lodge: Lodge; came: Result<Lodged, string> },
  ): Promise<Result<null, never>> {
    await insertBatchOutcome(tx, {
      outcomeId: deps.newId(),
      batchId: lodge.batchId,
      accepted: came.ok ? came.value.accepted : null,
      rejected: came.ok ? came.value.rejected.length : null,
      refusal: came.ok ? null : came.error,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: came.ok ? 'copies.lodged' : 'copies.refused',
      facts: ['common_platform.relayed_batch_outcome'],
      detail: {
        batch: lodge.batchId,
        ...(came.ok ? { accepted: came.value.accepted, rejected: came.value.rejected.length } : { word: came.error }),
      },
    });
    return ok(null);
  },
});

/**
 * Relays lodged copies to the intermediate server. Rows of persons who are not (surely) the business's are held back and
 * named as rejected; the others go on. accepted + rejected = rows.
 * @source 001 LNK-F4, 002 flow W15; the platform keeps counts, row numbers and codes
 */
export async function relayCopies(
  deps: Deps,
  actor: Actor,
  lodge: Lodge,
): Promise<Result<Lodged, WordOf<typeof lodgeCopies> | 'not-authorised' | 'internal-error'>> {
  const rows = new Set(lodge.copies.map((c) => c.row));
  if (rows.size !== lodge.copies.length) return err('batch-repeated-with-other-content');
  const admitted = await admitBatch(deps, actor, lodge);
  if (!admitted.ok) return admitted;
  const { heldBack } = admitted.value;
  const back = new Set(heldBack.map((h) => h.row));
  const copies = lodge.copies.filter((c) => !back.has(c.row));
  const answered =
    copies.length === 0
      ? ok({ accepted: 0, rejected: [] })
      : await lodgeAtServer(deps.peers, deps.settings.intermediateServer, { ...lodge, copies });
  const came: Result<Lodged, string> = answered.ok ? balanced(answered.value, copies.length, heldBack) : answered;
  const noted = await noteBatchOutcome(deps, actor, { lodge, came });
  if (!noted.ok) return noted;
  if (came.ok) return came;
  if (came.error === 'not-your-information' || came.error === 'batch-repeated-with-other-content')
    return err(came.error);
  // Anything else is a line or a server that is down: the sender repeats the batch.
  return err('internal-error');
}

/** What is not accounted for was neither taken nor refused: then nothing may be believed of the answer. */
function balanced(answer: Lodged, sent: number, heldBack: readonly HeldBack[]): Result<Lodged, 'unbalanced-answer'> {
  if (answer.accepted + answer.rejected.length !== sent) return err('unbalanced-answer');
  return ok({
    accepted: answer.accepted,
    rejected: [...heldBack, ...answer.rejected].sort((a, b) => a.row - b.row),
  });
}
