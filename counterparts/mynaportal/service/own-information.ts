import {
  type InformationAnswer,
  informationAnswer,
  type OwnInformation,
} from '@musubi/contracts/portal/own-information.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { byAgent, mayLook } from './agents.ts';
import { askBodies } from './ask-bodies.ts';
import { linkageCodeOf } from './linkage.ts';
import type { Resident } from './session.ts';

export type { OwnInformation };

/** 番号利用法 附則第6条第3項第2号: a person may see the information about themselves that bodies hold for provision. */
const ground = '番号利用法附則第6条第3項第2号';

export interface TellInformation {
  readonly accountId: string;
  /** Civil days; what was in force on one of them. */
  readonly from: string;
  readonly until: string;
  readonly bodies: readonly InformationAnswer[];
  readonly silent: readonly string[];
  readonly askedAt: Temporal.Instant;
}

export interface InformationAsked {
  readonly accountId: string;
  readonly grantId?: string;
  readonly from: string;
  readonly until: string;
}

export type InformationRefusal = 'not-yours' | 'not-a-period' | 'network-unavailable' | 'not-authorised';

const openRequest = act('mynaportal.ask-own-information', {
  right: ['mynaportal', 'information', 'read'],
  async run(
    tx,
    deps: Deps,
    { requestId, ...asked }: InformationAsked & { requestId: string },
    actor,
  ): Promise<Result<{ linkageCode: string }, InformationRefusal>> {
    const by = await mayLook(tx, deps, actor, { ...asked, scope: 'information' });
    if (enforced('exchange.provision-record-disclosure') && by === undefined) return err('not-yours');
    if (asked.from > asked.until) return err('not-a-period');
    const linkageCode = await linkageCodeOf(tx, deps, asked.accountId);
    if (linkageCode === undefined) return err('not-yours');
    tx.record({
      event: 'information.asked',
      subject: asked.accountId,
      ground,
      recipient: deps.informationProvidingNetwork,
      facts: byAgent(by).facts,
      detail: { requestId, from: asked.from, until: asked.until, ...byAgent(by).detail },
    });
    return ok({ linkageCode });
  },
});

const noteShown = act('mynaportal.note-information-shown', {
  right: ['mynaportal', 'information', 'read'],
  async run(
    tx,
    _deps: Deps,
    { requestId, told }: { requestId: string; told: TellInformation },
  ): Promise<Result<null, never>> {
    tx.record({
      event: 'information.shown',
      subject: told.accountId,
      ground,
      items: [...new Set(told.bodies.flatMap((b) => b.information.map((i) => i.informationCode)))],
      recipient: 'card-holder',
      detail: { requestId, bodies: told.bodies.length, silent: told.silent.length },
    });
    return ok(null);
  },
});

/**
 * 自己情報: what each body lodged about the person, with attachments, but what it withholds from the person. Kept for the session and
 * stored nowhere.
 *
 * @law 番号利用法 附則第6条第3項第2号; @source 002 IMS-F11
 */
export async function askInformation(
  deps: Deps,
  resident: Resident,
  asked: InformationAsked,
): Promise<Result<TellInformation, InformationRefusal>> {
  const { accountId, grantId, from, until } = asked;
  // An agent is asked for again at every page: the grant may have ended since.
  const kept = grantId === undefined ? deps.information.find(resident.sessionId, accountId) : undefined;
  if (kept?.from === from && kept.until === until && kept.silent.length === 0) return ok(kept);
  const requestId = deps.newId();
  const opened = await openRequest(deps, resident, { ...asked, requestId });
  if (!opened.ok) return opened;
  const question = { kind: 'information', from, until } as const;
  const { linkageCode } = opened.value;
  const came = await askBodies(deps, { requestId, linkageCode, question }, informationAnswer);
  if (!came.ok) return came;
  const { answers, silent, askedAt } = came.value;
  const bodies = [...answers].sort((a, b) => (a.organisation < b.organisation ? -1 : 1));
  const told: TellInformation = { accountId, from, until, bodies, silent, askedAt };
  const noted = await noteShown(deps, resident, { requestId, told });
  if (!noted.ok) return noted;
  deps.information.keep(resident.sessionId, told);
  return ok(told);
}
