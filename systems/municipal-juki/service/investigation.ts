import {
  type Investigation,
  type InvestigationFinding,
  investigationAnswers,
} from '@musubi/contracts/juki/investigations.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import {
  type InvestigationLine,
  insertAnswer,
  insertInvestigation,
  listInvestigations,
} from '../store/investigations.ts';

/** 調査の依頼 of the prefecture: onto the work list. Only about this municipality's residents. */
export const takeInvestigation = act('municipal-juki.take-investigation', {
  right: ['municipal-juki', 'investigation-request', 'update'],
  async run(tx, deps: Deps, { message, sender }: Received<Investigation>): Promise<Result<undefined, 'not-ours'>> {
    if (message.municipalityCode !== deps.municipalityCode || ![deps.prefecturalJuki, deps.fuhyoLink].includes(sender))
      return err('not-ours');
    await insertInvestigation(tx, message, sender, deps.machineClock.now());
    tx.record({
      event: 'investigation.taken',
      facts: ['municipal_juki.investigation'],
      ground: '住民基本台帳法第30条の35',
      items: message.claims.map((c) => c.item),
      detail: { investigationId: message.investigationId },
    });
    return ok(undefined);
  },
});

export const readInvestigations = act('municipal-juki.read-investigations', {
  right: ['municipal-juki', 'investigation', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: {
      readonly all: boolean;
      readonly offset: number;
      readonly limit: number;
      readonly investigationId?: string;
    },
  ): Promise<Result<{ rows: InvestigationLine[]; total: number }, never>> {
    const found = await listInvestigations(tx, query);
    tx.record({ event: 'investigation.read', detail: { count: found.rows.length } });
    return ok(found);
  },
});

/** The finding, to the prefecture. It changes nothing: what has to change in the register changes there, and its notice follows. */
export const answerInvestigation = act('municipal-juki.answer-investigation', {
  right: ['municipal-juki', 'investigation', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly investigationId: string; readonly finding: InvestigationFinding; readonly note: string },
    actor,
  ): Promise<Result<undefined, 'no-such-investigation' | 'already-answered'>> {
    const { investigationId, finding, note } = command;
    const { rows } = await listInvestigations(tx, { all: true, offset: 0, limit: 1, investigationId });
    const asked = rows[0];
    if (asked === undefined) return err('no-such-investigation');
    const foundOn = deps.civilClock.today();
    const by = actor.kind === 'staff' ? actor.staffId : actor.kind;
    if (!(await insertAnswer(tx, { investigationId, finding, note, foundOn, by }, deps.machineClock.now())))
      return err('already-answered');
    await deps.outbox.enqueue(tx, {
      receiver: asked.askedBy,
      family: investigationAnswers,
      subject: investigationId,
      message: { investigationId, municipalityCode: deps.municipalityCode, finding, note, foundOn: foundOn.toString() },
    });
    tx.record({
      event: 'investigation.answered',
      facts: ['municipal_juki.investigation_answer'],
      ground: '住民基本台帳法第30条の35',
      recipient: asked.askedBy,
      detail: { investigationId, finding },
    });
    return ok(undefined);
  },
});
