import { type PersonRecord, personAnswer } from '@musubi/contracts/portal/records.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type Exchange, pairRecords } from '../domain/pairs.ts';
import { byAgent, mayLook } from './agents.ts';
import { askBodies } from './ask-bodies.ts';
import { linkageCodeOf } from './linkage.ts';
import type { Resident } from './session.ts';

/** 番号利用法 附則第6条第3項: a person may see the records of inquiry and provision about themselves. */
const ground = '番号利用法附則第6条第3項';

/** What the bodies told in one session. It is never written anywhere. */
export interface Shown {
  readonly accountId: string;
  readonly from: string;
  readonly until: string;
  readonly exchanges: readonly Exchange<PersonRecord>[];
  /** Bodies that did not answer, or whose answer could not be read. */
  readonly silent: readonly string[];
  readonly askedAt: Temporal.Instant;
}

export interface RecordsAsked {
  /** Whose records. */
  readonly accountId: string;
  /** As whose agent; absent for one's own. */
  readonly grantId?: string;
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
    { requestId, ...asked }: RecordsAsked & { requestId: string },
    actor,
  ): Promise<Result<{ linkageCode: string }, RecordsRefusal>> {
    const { accountId, from, until } = asked;
    const by = await mayLook(tx, deps, actor, { ...asked, scope: 'records' });
    if (enforced('exchange.provision-record-disclosure') && by === undefined) return err('not-yours');
    if (from > until) return err('not-a-period');
    const linkageCode = await linkageCodeOf(tx, deps, accountId);
    if (linkageCode === undefined) return err('not-yours');
    tx.record({
      event: 'records.asked',
      subject: accountId,
      ground,
      recipient: deps.informationProvidingNetwork,
      facts: byAgent(by).facts,
      detail: { requestId, from, until, ...byAgent(by).detail },
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
  const { linkageCode } = opened.value;
  const question = { kind: 'records', from: asked.from, until: asked.until } as const;
  const told = await askBodies(deps, { requestId, linkageCode, question }, personAnswer, ({ organisation, records }) =>
    // A body speaks for itself alone, in the role that the record gives it.
    records.every((r) => r.toldBy === organisation && r[r.role] === organisation),
  );
  if (!told.ok) return told;
  const { answers, answered, silent, askedAt } = told.value;
  const records = answers.flatMap((answer) => answer.records);
  const { accountId, from, until } = asked;
  const shown: Shown = { accountId, from, until, exchanges: pairRecords(records, answered), silent, askedAt };
  const noted = await noteShown(deps, resident, { accountId, requestId, shown });
  if (!noted.ok) return noted;
  deps.shown.keep(resident.sessionId, shown);
  return ok(shown);
}

/** The usual period: a year back to today. */
export function usualPeriod(today: Temporal.PlainDate): { from: string; until: string } {
  return { from: today.subtract({ years: 1 }).toString(), until: today.toString() };
}

/** What this session was shown of this person, asked anew where it has run out. */
export async function shownInSession(
  deps: Deps,
  resident: Resident,
  whose: { readonly accountId: string; readonly grantId?: string },
  period: { readonly from: string; readonly until: string } | undefined,
): Promise<Result<Shown, RecordsRefusal>> {
  // An agent is asked for again at every page: the grant may have ended since.
  const kept = whose.grantId === undefined ? deps.shown.find(resident.sessionId, whose.accountId) : undefined;
  const { from, until } = period ?? kept ?? usualPeriod(deps.civilClock.today());
  const fits = kept?.from === from && kept.until === until;
  return fits && isSettled(kept, deps.machineClock.now())
    ? ok(kept)
    : showRecords(deps, resident, { ...whose, from, until });
}

/** Seconds after which an answer with gaps is worth asking for again. */
const retrySeconds = 10;

/** An answer in which a body was silent or a proof was still to come is not kept for long: the next look may find it whole. */
function isSettled(shown: Shown, now: Temporal.Instant): boolean {
  const whole =
    shown.silent.length === 0 && shown.exchanges.every(({ records }) => records.every(({ proof }) => proof !== ''));
  return whole || Temporal.Instant.compare(now, shown.askedAt.add({ seconds: retrySeconds })) < 0;
}
