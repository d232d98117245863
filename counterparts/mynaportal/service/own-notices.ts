import { noticesAnswer, type PersonNotice } from '@musubi/contracts/portal/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { byAgent, mayLook } from './agents.ts';
import { askBodies } from './ask-bodies.ts';
import { linkageCodeOf } from './linkage.ts';
import type { Resident } from './session.ts';

/** A notice with the body that gave it. */
export interface ToldNotice extends PersonNotice {
  readonly organisation: string;
}

export interface TellNotices {
  readonly accountId: string;
  /** The newest first. */
  readonly notices: readonly ToldNotice[];
  readonly silent: readonly string[];
  readonly askedAt: Temporal.Instant;
}

export interface NoticesAsked {
  readonly accountId: string;
  readonly grantId?: string;
  /** Notices that were opened just now; their bodies learn it. */
  readonly opened?: readonly string[];
}

export type NoticesRefusal = 'not-yours' | 'network-unavailable' | 'not-authorised';

const openRequest = act('mynaportal.ask-own-notices', {
  right: ['mynaportal', 'notice', 'update'],
  async run(
    tx,
    deps: Deps,
    { requestId, ...asked }: NoticesAsked & { requestId: string },
    actor,
  ): Promise<Result<{ linkageCode: string }, NoticesRefusal>> {
    const by = await mayLook(tx, deps, actor, { ...asked, scope: 'notices' });
    if (enforced('exchange.provision-record-disclosure') && by === undefined) return err('not-yours');
    const linkageCode = await linkageCodeOf(tx, deps, asked.accountId);
    if (linkageCode === undefined) return err('not-yours');
    tx.record({
      event: asked.opened === undefined ? 'notices.asked' : 'notice.opened',
      subject: asked.accountId,
      recipient: deps.informationProvidingNetwork,
      facts: byAgent(by).facts,
      detail: { requestId, ...(asked.opened ? { notices: asked.opened.join(' ') } : {}), ...byAgent(by).detail },
    });
    return ok({ linkageCode });
  },
});

/**
 * お知らせ: what bodies have to say to the person today. Telling a notice to the portal makes it delivered; opening one is told to its
 * body with the next question. Nothing of it is stored here.
 *
 * @source 002 IMS-F12, OUT-15
 */
export async function askNotices(
  deps: Deps,
  resident: Resident,
  asked: NoticesAsked,
): Promise<Result<TellNotices, NoticesRefusal>> {
  const requestId = deps.newId();
  const opened = await openRequest(deps, resident, { ...asked, requestId });
  if (!opened.ok) return opened;
  const today = deps.civilClock.today().toString();
  const question = {
    kind: 'notices',
    from: today,
    until: today,
    ...(asked.opened === undefined ? {} : { opened: [...asked.opened] }),
  } as const;
  const { linkageCode } = opened.value;
  const came = await askBodies(
    deps,
    { requestId, linkageCode, question },
    noticesAnswer,
    ({ notices }) =>
      // What is not to be read today, or twice under one number, was not told in earnest.
      notices.every((n) => n.openFrom <= today && today <= n.openUntil) &&
      new Set(notices.map((n) => n.noticeId)).size === notices.length,
  );
  if (!came.ok) return came;
  const notices = came.value.answers
    .flatMap(({ organisation, notices: each }) => each.map((n) => ({ ...n, organisation })))
    .sort((a, b) => (a.lodgedAt < b.lodgedAt ? 1 : -1));
  const { silent, askedAt } = came.value;
  const told: TellNotices = { accountId: asked.accountId, notices, silent, askedAt };
  deps.notices.keep(resident.sessionId, told);
  return ok(told);
}

/** The notices as this session was told them, or asked for now. */
export async function noticesInSession(
  deps: Deps,
  resident: Resident,
  whose: { readonly accountId: string; readonly grantId?: string },
): Promise<Result<TellNotices, NoticesRefusal>> {
  const kept = whose.grantId === undefined ? deps.notices.find(resident.sessionId, whose.accountId) : undefined;
  return kept !== undefined && kept.silent.length === 0 ? ok(kept) : askNotices(deps, resident, whose);
}
