import { act } from '@musubi/kernel/db/act.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { lastDayToObject } from '../../domain/reduction.ts';
import { getAssessments } from '../../store/assessments.ts';
import * as store from '../../store/objections.ts';
import { nameOf } from '../assessment/functions.ts';
import { objectionRead, objectionRuling, objectionUpdate, type ReductionDeps } from './functions.ts';

export interface FileObjection {
  readonly assessmentId: string;
  /** The day on which the person knew of the decision. */
  readonly knownOn: Temporal.PlainDate;
  readonly filedOn: Temporal.PlainDate;
  readonly claim: string;
  /** 正当な理由, where the three months are over. */
  readonly lateReason: string;
}

/**
 * 審査請求の受付 against a levy. One that is late is taken with the reason that the person gives; whether it counts, the ruling says.
 * Collecting goes on unless the person is granted a stay (行政不服審査法 第25条第1項).
 *
 * @law 地方税法 第19条; 行政不服審査法 第18条
 */
export const fileObjection = act('resident-tax.file-objection', {
  right: objectionUpdate,
  async run(tx, deps: ReductionDeps, command: FileObjection, actor) {
    const [levy] = await getAssessments(tx, [command.assessmentId]);
    if (levy?.state !== 'decided' || levy.decidedOn === null) return err('no-such-levy');
    const before = (a: Temporal.PlainDate, b: Temporal.PlainDate): boolean => Temporal.PlainDate.compare(a, b) < 0;
    if (command.claim.trim() === '') return err('no-claim');
    if (before(command.filedOn, command.knownOn) || before(deps.civilClock.today(), command.filedOn))
      return err('wrong-dates');
    if (before(command.knownOn, Temporal.PlainDate.from(levy.decidedOn))) return err('wrong-dates');
    await store.lockObjections(tx, levy.assessmentId);
    if ((await store.openObjections(tx, levy.assessmentId)) > 0) return err('already-filed');
    const inTime = !before(lastDayToObject(command.knownOn), command.filedOn);
    const lateReason = command.lateReason.trim();
    if (!inTime && lateReason === '') return err('out-of-time');
    const objectionId = deps.newId();
    await store.insertObjection(tx, {
      objectionId,
      personId: levy.personId,
      assessmentId: levy.assessmentId,
      knownOn: command.knownOn,
      filedOn: command.filedOn,
      inTime,
      lateReason: inTime ? null : lateReason,
      claim: command.claim.trim(),
      receivedBy: nameOf(actor),
      receivedAt: deps.machineClock.now(),
    });
    tx.record({
      event: 'objection.filed',
      subject: levy.personId,
      ground: '地方税法 第19条, 行政不服審査法 第18条',
      facts: ['resident_tax.objection'],
      detail: { objection: objectionId, assessment: levy.assessmentId, inTime },
    });
    return ok({ objectionId, inTime });
  },
});

export interface RuleOnObjection {
  readonly objectionId: string;
  readonly outcome: 'dismissed' | 'rejected' | 'upheld' | 'upheld-in-part' | 'withdrawn';
  readonly ruledOn: Temporal.PlainDate;
  readonly reason: string;
}

/**
 * 裁決 (or 取下げ), entered by another person than who took the objection. One that is upheld changes nothing by itself: the levy is
 * assessed and decided anew, upon documents or a settlement that say what the ruling says, and then charges and notices follow.
 *
 * @law 行政不服審査法 第45条, 第46条
 */
export const ruleOnObjection = act('resident-tax.rule-on-objection', {
  right: objectionRuling,
  async run(tx, deps: ReductionDeps, command: RuleOnObjection, actor) {
    const found = await store.findObjection(tx, command.objectionId);
    if (found === undefined) return err('no-such-objection');
    await store.lockObjections(tx, found.assessmentId);
    const objection = (await store.findObjection(tx, command.objectionId)) ?? found;
    if (objection.outcome !== null) return err('already-ruled');
    if (command.reason.trim() === '') return err('no-reason');
    const filedOn = Temporal.PlainDate.from(objection.filedOn);
    const inOrder =
      Temporal.PlainDate.compare(filedOn, command.ruledOn) <= 0 &&
      Temporal.PlainDate.compare(command.ruledOn, deps.civilClock.today()) <= 0;
    if (!inOrder) return err('wrong-dates');
    const ruledBy = nameOf(actor);
    if (command.outcome !== 'withdrawn' && ruledBy === objection.receivedBy) return err('approver-is-drafter');
    await store.insertRuling(tx, {
      ...command,
      reason: command.reason.trim(),
      receivedBy: objection.receivedBy,
      ruledBy,
      ruledAt: deps.machineClock.now(),
    });
    tx.record({
      event: 'objection.ruled',
      subject: objection.personId,
      ground: '行政不服審査法 第45条, 第46条',
      facts: ['resident_tax.objection_ruling'],
      detail: { objection: command.objectionId, outcome: command.outcome },
    });
    return ok({ reassess: command.outcome === 'upheld' || command.outcome === 'upheld-in-part' });
  },
});

/** 審査請求の一覧 and counts by outcome. Names persons. */
export const listObjections = act('resident-tax.list-objections', {
  right: objectionRead,
  async run(
    tx,
    _deps: ReductionDeps,
    query: { readonly fiscalYear: number; readonly limit: number; readonly offset: number },
  ) {
    const rows = await store.listObjections(tx, query);
    tx.record({
      event: 'objection.listed',
      subjects: rows.map((row) => row.personId),
      detail: { fiscalYear: query.fiscalYear, shown: rows.length },
    });
    return ok({ rows, total: rows[0]?.total ?? 0, counts: await store.countObjections(tx, query.fiscalYear) });
  },
});

export type { ListedObjection } from '../../store/objections.ts';
