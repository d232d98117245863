import type { InquiryAnswer, InquiryKey } from '@musubi/contracts/fuhyo/inquiry.ts';
import { type EmigrantTask, emigrantTasks } from '@musubi/contracts/fuhyo/tasks.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { inquire } from './inquire.ts';
import type { InquiryRefusal } from './open-inquiry.ts';

export interface TerminalInquiry {
  /** Made when the form was opened, so that a form sent twice is one inquiry. */
  readonly inquiryId: string;
  readonly requester: string;
  readonly task: string;
  readonly document: string;
  readonly key: InquiryKey;
  readonly wantsNumber: boolean;
  readonly wantsCode: boolean;
  /** Moment at which the form was opened: part of what is signed, and the same when it is sent twice. */
  readonly at: string;
}

/** An agency's or department's inquiry by the shared terminal (A6): signed by this server, its requester on record. */
export function inquireAtTerminal(
  deps: Deps,
  actor: Actor,
  given: TerminalInquiry,
): Promise<Result<InquiryAnswer, InquiryRefusal | 'not-authorised'>> {
  const request = { v: 1, asker: deps.self, ...given } as const;
  return inquire(deps, actor, 'terminal', { request, ...deps.signInquiry(request) });
}

/** Tasks that the shared terminals may choose today. */
export const terminalTasks = (deps: Deps): readonly EmigrantTask[] => {
  const today = deps.civilClock.today().toString();
  return emigrantTasks.filter(
    (t) => t.askers.includes(deps.self) && t.validFrom <= today && (t.validUntil === null || today <= t.validUntil),
  );
};
