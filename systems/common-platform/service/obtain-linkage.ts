import { X509Certificate } from 'node:crypto';
import type { LinkageRequest, linkageRequestEnvelope } from '@musubi/contracts/exchange/endpoints.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { signJws } from '@musubi/kernel/crypto/jws.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { z } from 'zod';
import { beginAtServer, requestCode, statusAtServer } from '../clients/peers.ts';
import type { Deps } from '../deps.ts';
import { finalRefusals, requestLifeMinutes, retrySeconds } from '../domain/linkage.ts';
import {
  type DueLinkage,
  dueLinkages,
  insertSteps,
  type Linkage,
  type LinkageStep,
  lockLinkages,
  moveLinkages,
} from '../store/linkage.ts';
import { findNumberRef } from '../store/persons.ts';
import { partyOfId } from './party-of-id.ts';
import { beginWanting, Facts } from './settle.ts';

export { linkageChannel } from '../store/linkage.ts';

const ground = '番号利用法 第21条の2';
const right = ['common-platform', 'linkage', 'update'] as const;

const listDue = look('common-platform.list-due-linkages', {
  right,
  run: (tx, deps: Deps, { state, limit }: { state: 'wanted' | 'requested'; limit: number }) =>
    dueLinkages(tx, { state, at: deps.machineClock.now(), limit }),
});

/** How many persons' requests are under way at once: most of the time of each is spent waiting for four other systems. */
const inFlight = 8;

/**
 * One round of obtaining linkage codes, for at most `limit` persons, eight at a time: the intermediate server begins, the
 * number goes sealed to the national register's system, and then the server is asked whether the code has arrived. What
 * became of the round's persons is noted for all together. A crash in between is harmless: the server is asked again after
 * half a minute, and a request that brought nothing within ten minutes is made anew.
 * @source design §4.2; 001 ⑤, LNK-F1
 * @returns how many persons had their turn to ask; `limit` means that more may wait
 */
export async function obtainLinkages(
  deps: Deps,
  actor: Actor,
  { limit }: { readonly limit: number },
): Promise<Result<number, 'not-authorised'>> {
  const requested = await listDue(deps, actor, { state: 'requested', limit: 500 });
  if (!requested.ok) return requested;
  await followUp(deps, actor, requested.value);
  const wanted = await listDue(deps, actor, { state: 'wanted', limit });
  if (!wanted.ok) return wanted;
  const queue = wanted.value.values();
  const noted: Noted[] = [];
  const begun: DueLinkage[] = [];
  const work = async (): Promise<void> => {
    for (const one of queue) {
      const outcome = await requestOne(deps, actor, one);
      if (outcome?.step === 'accepted' || outcome?.step === 'held') begun.push(one);
      if (outcome !== undefined && outcome.step !== 'held') noted.push(outcome);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: inFlight }, work));
  await note(deps, actor, noted);
  await followUp(deps, actor, begun);
  // One worker's defect ends the round; what the others brought is noted all the same.
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  return ok(wanted.value.length);
}

interface Noted {
  readonly personId: string;
  readonly step: LinkageStep;
  readonly word: string | null;
  readonly acquiredOn?: string;
}

/** `held`: the server has the code already, as it will say itself when it is asked. */
async function requestOne(deps: Deps, actor: Actor, due: DueLinkage): Promise<Noted | undefined> {
  const { settings, peers } = deps;
  const { personId, orgPersonNumber } = due;
  const begun = await beginAtServer(peers, settings.intermediateServer, { requestId: deps.newId(), orgPersonNumber });
  if (!begun.ok) return { personId, step: 'postponed', word: begun.error };
  if (begun.value.state === 'held') return { personId, step: 'held', word: null };
  const certificate = await deps.certificateOf(partyOfId(settings.nationalJuki), 'encryption');
  const order = { personId, processingNumber: begun.value.processingNumber, certificate };
  const prepared = await prepareRequest(deps, actor, order);
  if (!prepared.ok) return undefined; // Someone else had the person's turn.
  const { requestId, request } = prepared.value;
  const asked = await requestCode(peers, settings.linkageVia, { requestId, request });
  const step = asked.ok ? 'accepted' : finalRefusals.has(asked.error) ? 'refused' : 'postponed';
  return { personId, step, word: asked.ok ? null : asked.error };
}

/**
 * Takes the number out of the vault and seals it to the national register's system; who relays sees only the processing number.
 */
const prepareRequest = act('common-platform.prepare-linkage-request', {
  right,
  async run(
    tx,
    deps: Deps,
    order: { personId: string; processingNumber: string; certificate: readonly Buffer[] },
  ): Promise<Result<{ requestId: string; request: string }, 'not-wanted' | 'no-number'>> {
    const { personId, processingNumber } = order;
    const [linkage] = await lockLinkages(tx, [personId]);
    if (linkage?.state !== 'wanted') return err('not-wanted');
    const ref = await findNumberRef(tx, personId);
    if (ref === undefined) return err('no-number');
    const number = await deps.vault.reveal(tx, ref, 'linkage-code-request');
    const content = { processingNumber, individualNumber: number.digits() } satisfies LinkageRequest;
    const requestId = deps.newId();
    const envelope = {
      v: 1,
      requestId,
      sealed: sealJwe({
        recipient: new X509Certificate(order.certificate[0]!).publicKey,
        typ: 'musubi-linkage-request',
        plaintext: Buffer.from(canonicalJson(content)),
      }),
      processingNumber,
    } satisfies z.infer<typeof linkageRequestEnvelope>;
    const { key, chain } = deps.identity.signing;
    const request = signJws({ key, typ: 'musubi-linkage-request-envelope', signer: { x5c: chain }, payload: envelope });
    await move(tx, deps, [linkage], { step: 'requested', word: null });
    tx.record({
      event: 'linkage.requested',
      subject: personId,
      ground,
      facts: ['common_platform.linkage_step'],
      recipient: deps.settings.nationalJuki,
      detail: { request: requestId, via: deps.settings.linkageVia },
    });
    return ok({ requestId, request });
  },
});

/** Notes what became of steps: persons of one outcome together, a hundred an event. */
async function note(deps: Deps, actor: Actor, noted: readonly Noted[]): Promise<void> {
  const groups = Map.groupBy(noted, (n) => `${n.step} ${n.word ?? ''} ${n.acquiredOn ?? ''}`);
  for (const group of groups.values())
    for (let from = 0; from < group.length; from += 100) {
      const { step, word, acquiredOn } = group[0]!;
      const personIds = group.slice(from, from + 100).map((n) => n.personId);
      await noteSteps(deps, actor, { personIds, step, word, ...(acquiredOn === undefined ? {} : { acquiredOn }) });
    }
}

interface Step {
  readonly step: LinkageStep;
  readonly word: string | null;
  readonly acquiredOn?: string;
}

const noteSteps = act('common-platform.note-linkage-steps', {
  right,
  async run(
    tx,
    deps: Deps,
    { personIds, ...step }: Step & { readonly personIds: readonly string[] },
  ): Promise<Result<null, 'no-such-person'>> {
    const linkages = await lockLinkages(tx, personIds);
    if (linkages.length === 0) return err('no-such-person');
    await move(tx, deps, linkages, step);
    tx.record({
      event: `linkage.${step.step}`,
      subjects: linkages.map((l) => l.personId),
      ground,
      facts: ['common_platform.linkage_step'],
      ...(step.word === null ? {} : { detail: { word: step.word } }),
    });
    return ok(null);
  },
});

async function move(tx: Tx, deps: Deps, before: readonly Linkage[], { step, word, acquiredOn }: Step): Promise<void> {
  const at = deps.machineClock.now();
  await insertSteps(tx, {
    rows: before.map(({ personId }) => ({ stepId: deps.newId(), personId })),
    step,
    word,
    on: deps.civilClock.today(),
    at,
  });
  const state = step === 'accepted' ? 'requested' : step === 'postponed' ? 'wanted' : step;
  // A late note about an earlier request changes nothing.
  const moving = before.filter((l) => l.state !== 'held');
  await moveLinkages(
    tx,
    moving.map(({ personId, tries, requestedAt }) => ({
      personId,
      state,
      word,
      acquiredOn: acquiredOn ?? null,
      tries: step === 'postponed' ? tries + 1 : 0,
      requestedAt: step === 'requested' ? at.toString() : step === 'postponed' ? null : requestedAt,
      nextTryAt: at.add({ seconds: step === 'postponed' ? retrySeconds(tries) : step === 'accepted' ? 2 : 30 }),
    })),
  );
}

/** Asks the server about all at once. What it has, is noted with its day; what has brought nothing in time is asked for anew. */
async function followUp(deps: Deps, actor: Actor, due: readonly DueLinkage[]): Promise<void> {
  if (due.length === 0) return;
  const status = await statusAtServer(
    deps.peers,
    deps.settings.intermediateServer,
    due.map((d) => d.orgPersonNumber),
  );
  if (!status.ok) return;
  const states = new Map(status.value.states.map((s) => [s.orgPersonNumber, s]));
  const noted = due.flatMap(({ personId, orgPersonNumber, requestedAt }): Noted[] => {
    const answer = states.get(orgPersonNumber);
    if (answer?.state === 'held')
      return [
        { personId, step: 'held', word: null, acquiredOn: answer.acquiredOn ?? deps.civilClock.today().toString() },
      ];
    return requestedAt !== null && isOver(requestedAt, deps.machineClock.now())
      ? [{ personId, step: 'postponed', word: 'nothing-arrived' }]
      : [];
  });
  await note(deps, actor, noted);
}

const isOver = (requestedAt: string, at: Temporal.Instant): boolean =>
  Temporal.Instant.compare(Temporal.Instant.from(requestedAt).add({ minutes: requestLifeMinutes }), at) < 0;

/** A clerk asks again, after the reason of a refusal was removed. */
export const wantAgain = act('common-platform.want-linkage', {
  right,
  async run(
    tx,
    deps: Deps,
    { personId }: { personId: string },
  ): Promise<Result<null, 'not-refused' | 'no-such-person'>> {
    if ((await lockLinkages(tx, [personId])).length === 0) return err('no-such-person');
    const facts = new Facts();
    await beginWanting(tx, deps, personId, facts);
    if (facts.list.length === 0) return err('not-refused');
    tx.record({ event: 'linkage.wanted', subject: personId, ground, facts: facts.list });
    return ok(null);
  },
});
