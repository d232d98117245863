import type { KeyObject } from 'node:crypto';
import { messageTypes, sealedTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { askOwnRecords, type PersonRecord, personAnswer } from '@musubi/contracts/portal/records.ts';
import { parseCanonicalJsonBytes } from '@musubi/kernel/crypto/canonical-json.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { exportP256, generateP256 } from '@musubi/kernel/crypto/p256.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { pairRecords } from '../domain/pairs.ts';
import { linkageCodeOf } from './linkage.ts';
import type { Resident } from './session.ts';
import type { Shown } from './shown-records.ts';

/** 番号利用法 附則第6条第3項: a person may see the records of inquiry and provision about themselves. */
const ground = '番号利用法附則第6条第3項';

export interface RecordsAsked {
  /** Whose records. */
  readonly accountId: string;
  /** Civil days, both included. */
  readonly from: string;
  readonly until: string;
}

export type RecordsRefusal = 'not-yours' | 'not-a-period' | 'network-unavailable' | 'not-authorised';

const openRequest = act('mynaportal.ask-own-records', {
  right: ['mynaportal', 'record', 'read'],
  async run(
    tx,
    deps: Deps,
    { accountId, from, until, requestId }: RecordsAsked & { requestId: string },
    actor,
  ): Promise<Result<{ linkageCode: string }, RecordsRefusal>> {
    const own = actor.kind === 'resident' && actor.subject === accountId;
    if (enforced('exchange.provision-record-disclosure') && !own) return err('not-yours');
    if (from > until) return err('not-a-period');
    const linkageCode = await linkageCodeOf(tx, deps, accountId);
    if (linkageCode === undefined) return err('not-yours');
    tx.record({
      event: 'records.asked',
      subject: accountId,
      ground,
      recipient: deps.informationProvidingNetwork,
      detail: { requestId, from, until },
    });
    return ok({ linkageCode });
  },
});

const noteShown = act('mynaportal.note-records-shown', {
  right: ['mynaportal', 'record', 'read'],
  async run(
    tx,
    _deps: Deps,
    { accountId, requestId, shown }: { accountId: string; requestId: string; shown: Shown },
  ): Promise<Result<null, never>> {
    tx.record({
      event: 'records.shown',
      subject: accountId,
      ground,
      recipient: 'card-holder',
      detail: { requestId, exchanges: shown.exchanges.length, silent: shown.silent.length },
    });
    return ok(null);
  },
});

/**
 * やりとり履歴 (design §4.4): asks every body through the network, under the portal's own code of the card holder and with a
 * key of this request alone; what comes back is kept for the session and stored nowhere.
 *
 * @law 番号利用法 附則第6条第3項, 第23条 (情報提供等の記録)
 */
export async function showRecords(
  deps: Deps,
  resident: Resident,
  asked: RecordsAsked,
): Promise<Result<Shown, RecordsRefusal>> {
  const requestId = deps.newId();
  const opened = await openRequest(deps, resident, { ...asked, requestId });
  if (!opened.ok) return opened;
  const { privateKey, publicKey } = generateP256();
  const { host } = deps;
  const askedAt = deps.machineClock.now();
  const request = signMessage(host.identity, messageTypes.personRequest, {
    v: 1,
    requestId,
    kind: 'records',
    answerKey: exportP256(publicKey),
    from: asked.from,
    until: asked.until,
    at: askedAt.toString(),
  });
  const { linkageCode } = opened.value;
  const answer = await host.peers.call(askOwnRecords, deps.informationProvidingNetwork, {}, { request, linkageCode });
  if (!answer.ok) return err('network-unavailable');

  const records: PersonRecord[] = [];
  const answered = new Set<string>();
  const silent = new Set<string>();
  for (const { organisation, answer: sealed, state } of answer.value.answers) {
    // A body that knows nobody under this code has said so: it has no record.
    const told =
      state === 'unknown' ? [] : state === 'answered' ? open(sealed, privateKey, requestId, organisation) : undefined;
    if (told === undefined) silent.add(organisation);
    else {
      answered.add(organisation);
      records.push(...told);
    }
  }
  const shown: Shown = {
    ...asked,
    exchanges: pairRecords(records, answered),
    silent: [...silent].sort(),
    askedAt,
  };
  const noted = await noteShown(deps, resident, { accountId: asked.accountId, requestId, shown });
  if (!noted.ok) return noted;
  deps.shown.keep(resident.sessionId, shown);
  return ok(shown);
}

/** The records of one body; undefined where its answer is not exactly one to this request from this body. */
function open(
  sealed: string,
  privateKey: KeyObject,
  requestId: string,
  organisation: string,
): PersonRecord[] | undefined {
  const opened = openJwe(sealed, { privateKey, typ: sealedTypes.personAnswer, members: ['req', 'org'] });
  if (!opened.ok || opened.value.members.req !== requestId || opened.value.members.org !== organisation)
    return undefined;
  const json = parseCanonicalJsonBytes(opened.value.plaintext);
  const read = personAnswer.safeParse(json.ok ? json.value : undefined);
  if (!read.success || read.data.requestId !== requestId || read.data.organisation !== organisation) return undefined;
  // A body speaks for itself alone, in the role that the record gives it.
  const own = read.data.records.every((r) => r.toldBy === organisation && r[r.role] === organisation);
  return own ? read.data.records : undefined;
}

/** The usual period: a year back to today. */
export function usualPeriod(today: Temporal.PlainDate): { from: string; until: string } {
  return { from: today.subtract({ years: 1 }).toString(), until: today.toString() };
}

/** What this session was shown, asked anew where it has run out. */
export async function shownInSession(
  deps: Deps,
  resident: Resident,
  period: { readonly from: string; readonly until: string } | undefined,
): Promise<Result<Shown, RecordsRefusal>> {
  const kept = deps.shown.find(resident.sessionId);
  const { from, until } = period ?? kept ?? usualPeriod(deps.civilClock.today());
  const fits = kept?.accountId === resident.subject && kept.from === from && kept.until === until;
  return fits && isSettled(kept, deps.machineClock.now())
    ? ok(kept)
    : showRecords(deps, resident, { accountId: resident.subject, from, until });
}

/** Seconds after which an answer with gaps is worth asking for again. */
const retrySeconds = 10;

/** An answer in which a body was silent or a proof was still to come is not kept for long: the next look may find it whole. */
function isSettled(shown: Shown, now: Temporal.Instant): boolean {
  const whole =
    shown.silent.length === 0 && shown.exchanges.every(({ records }) => records.every(({ proof }) => proof !== ''));
  return whole || Temporal.Instant.compare(now, shown.askedAt.add({ seconds: retrySeconds })) < 0;
}
