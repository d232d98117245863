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
  insertStep,
  type Linkage,
  type LinkageStep,
  lockLinkage,
  moveLinkage,
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

/**
 * One round of obtaining linkage codes, for at most `limit` persons, four at a time: the intermediate server begins, the
 * number goes sealed to the national register's system, and later the server is asked whether the code has arrived. A crash
 * between two steps is harmless: a request that brought nothing within ten minutes is made anew.
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
  await Promise.all(
    [0, 1, 2, 3].map(async () => {
      for (const one of queue) await requestOne(deps, actor, one);
    }),
  );
  return ok(wanted.value.length);
}

async function requestOne(deps: Deps, actor: Actor, due: DueLinkage): Promise<void> {
  const { settings, peers } = deps;
  const { personId, orgPersonNumber } = due;
  const begun = await beginAtServer(peers, settings.intermediateServer, { requestId: deps.newId(), orgPersonNumber });
  if (!begun.ok) return void (await step(deps, actor, { personId, step: 'postponed', word: begun.error }));
  if (begun.value.state === 'held') return followUp(deps, actor, [due]);
  const certificate = await deps.certificateOf(partyOfId(settings.nationalJuki), 'encryption');
  const order = { personId, processingNumber: begun.value.processingNumber, certificate };
  const prepared = await prepareRequest(deps, actor, order);
  if (!prepared.ok) return; // Someone else had the person's turn.
  const { requestId, request } = prepared.value;
  const asked = await requestCode(peers, settings.linkageVia, { requestId, request });
  const outcome = asked.ok ? 'accepted' : finalRefusals.has(asked.error) ? 'refused' : 'postponed';
  await step(deps, actor, { personId, step: outcome, word: asked.ok ? null : asked.error });
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
    const linkage = await lockLinkage(tx, personId);
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
    await move(tx, deps, linkage, 'requested', null, null);
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

/** What became of a step. */
const step = act('common-platform.note-linkage-step', {
  right,
  async run(
    tx,
    deps: Deps,
    noted: { personId: string; step: LinkageStep; word: string | null; acquiredOn?: string },
  ): Promise<Result<null, 'no-such-person'>> {
    const linkage = await lockLinkage(tx, noted.personId);
    if (!linkage) return err('no-such-person');
    await move(tx, deps, linkage, noted.step, noted.word, noted.acquiredOn ?? null);
    tx.record({
      event: `linkage.${noted.step}`,
      subject: noted.personId,
      ground,
      facts: ['common_platform.linkage_step'],
      ...(noted.word === null ? {} : { detail: { word: noted.word } }),
    });
    return ok(null);
  },
});

async function move(
  tx: Tx,
  deps: Deps,
  before: Linkage,
  to: LinkageStep,
  word: string | null,
  acquiredOn: string | null,
): Promise<void> {
  const at = deps.machineClock.now();
  const { personId } = before;
  await insertStep(tx, { stepId: deps.newId(), personId, step: to, word, on: deps.civilClock.today(), at });
  if (before.state === 'held') return; // A late note about an earlier request changes nothing.
  const tries = to === 'postponed' ? before.tries + 1 : 0;
  const state = to === 'accepted' ? 'requested' : to === 'postponed' ? 'wanted' : to;
  const wait = to === 'postponed' ? retrySeconds(before.tries) : to === 'accepted' ? 2 : 30;
  await moveLinkage(tx, {
    personId,
    state,
    word,
    acquiredOn,
    tries,
    requestedAt: to === 'requested' ? at.toString() : to === 'postponed' ? null : before.requestedAt,
    nextTryAt: at.add({ seconds: wait }),
  });
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
  for (const { personId, orgPersonNumber, requestedAt } of due) {
    const answer = states.get(orgPersonNumber);
    if (answer?.state === 'held') {
      const acquiredOn = answer.acquiredOn ?? deps.civilClock.today().toString();
      await step(deps, actor, { personId, step: 'held', word: null, acquiredOn });
    } else if (requestedAt !== null && isOver(requestedAt, deps.machineClock.now())) {
      await step(deps, actor, { personId, step: 'postponed', word: 'nothing-arrived' });
    }
  }
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
    if (!(await lockLinkage(tx, personId))) return err('no-such-person');
    const facts = new Facts();
    await beginWanting(tx, deps, personId, facts);
    if (facts.list.length === 0) return err('not-refused');
    tx.record({ event: 'linkage.wanted', subject: personId, ground, facts: facts.list });
    return ok(null);
  },
});
