import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findCase, lockCase } from '../store/cases.ts';
import {
  type BoardLine,
  boardLines,
  entryStanding,
  insertBoardItem,
  insertOpinion,
  meetingOn,
  type Opinion,
  opinionOf,
} from '../store/certifications.ts';

export type { BoardLine };

/** 諮問: a case whose entry stands goes onto the agenda of a day. @source requirements 001 MED-X7, ⑨ */
export const putToBoard = act('child-chronic.put-to-board', {
  right: ['child-chronic', 'board', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly caseId: string; readonly heldOn: string },
    actor,
  ): Promise<
    Result<{ meetingId: string }, 'not-staff' | 'no-such-case' | 'entry-not-compared' | 'on-the-agenda' | 'in-the-past'>
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const { caseId, heldOn } = command;
    if (heldOn < deps.civilClock.today().toString()) return err('in-the-past');
    await lockCase(tx, caseId);
    if (!(await findCase(tx, { caseId }))) return err('no-such-case');
    if ((await entryStanding(tx, caseId)).state !== 'stands') return err('entry-not-compared');
    const by = actor.staffId;
    const meeting = await meetingOn(tx, { meetingId: deps.newId(), heldOn, by, at: deps.machineClock.now() });
    if (!(await insertBoardItem(tx, meeting.meetingId, caseId, by))) return err('on-the-agenda');
    tx.record({
      event: 'board.asked',
      subject: caseId,
      facts: ['child_chronic.board_item', ...(meeting.isNew ? ['child_chronic.board_meeting'] : [])],
      detail: { heldOn },
    });
    return ok({ meetingId: meeting.meetingId });
  },
});

/** 答申: what the board said, once, on the day of the meeting or later. */
export const recordOpinion = act('child-chronic.record-opinion', {
  right: ['child-chronic', 'board', 'update'],
  async run(
    tx,
    deps: Deps,
    command: Pick<Opinion, 'meetingId' | 'opinion' | 'reason'> & { readonly caseId: string },
    actor,
  ): Promise<Result<null, 'not-staff' | 'not-on-the-agenda' | 'not-held-yet' | 'reason-missing' | 'said-already'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { caseId, meetingId, opinion } = command;
    const reason = command.reason.trim().slice(0, 500);
    if (opinion === 'not-approved' && reason === '') return err('reason-missing');
    await lockCase(tx, caseId);
    const { rows } = await boardLines(tx, { meetingId, offset: 0, limit: 1_000 });
    const line = rows.find((r) => r.caseId === caseId);
    if (line === undefined) return err('not-on-the-agenda');
    if (line.heldOn > deps.civilClock.today().toString()) return err('not-held-yet');
    if ((await opinionOf(tx, caseId)) !== undefined) return err('said-already');
    await insertOpinion(tx, { caseId, meetingId, opinion, reason, by: actor.staffId, at: deps.machineClock.now() });
    tx.record({
      event: 'board.answered',
      subject: caseId,
      facts: ['child_chronic.board_opinion'],
      detail: { opinion },
    });
    return ok(null);
  },
});

/** Agendas and answers; names nobody. */
export const readBoard = act('child-chronic.list-board', {
  right: ['child-chronic', 'board', 'read'],
  async run(tx, _deps: Deps, query: { readonly offset: number; readonly limit: number }) {
    const found = await boardLines(tx, query);
    tx.record({
      event: 'board.listed',
      subjects: found.rows.map((r) => r.caseId),
      detail: { count: found.rows.length },
    });
    return ok(found);
  },
});
