import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { Deps } from '../../deps.ts';
import type { CheckAnswer } from '../../domain/check-rules.ts';
import {
  basisOf,
  type CheckList,
  type Finding,
  findingsOf,
  insertAnswer,
  insertCheckList,
  lockCheckLists,
  newestCheckList,
} from '../../store/check-lists.ts';

export type { CheckList, Finding };

/** 合成チェック over all documents and levies of the year; a list is made anew as often as wanted, the newest one is worked. */
export const makeCheckList = act('resident-tax.make-check-list', {
  right: ['resident-tax', 'check', 'update'],
  async run(tx, deps: Deps, { fiscalYear }: { readonly fiscalYear: number }, actor) {
    await lockCheckLists(tx, fiscalYear);
    const rates = ratesForYear(fiscalYear);
    const checkListId = deps.newId();
    const found = await insertCheckList(tx, {
      checkListId,
      fiscalYear,
      incomeLimit: rates.dependantIncomeLimit,
      spouseLimit: Math.max(...rates.spouse.special.map(({ upTo }) => upTo).filter(Number.isFinite)),
      basis: await basisOf(tx),
      madeBy: actor.kind === 'staff' ? actor.staffId : actor.kind,
      madeAt: deps.machineClock.now(),
    });
    const findings = [...found.values()].reduce((a, b) => a + b, 0);
    tx.record({
      event: 'check-list.made',
      ground: '地方税法 第298条',
      facts: ['resident_tax.check_list', ...(findings > 0 ? ['resident_tax.check_finding'] : [])],
      detail: { list: checkListId, fiscalYear, findings, ...Object.fromEntries(found) },
    });
    return ok({ checkListId, findings, byRule: found });
  },
});

export interface FindingsQuery {
  readonly fiscalYear: number;
  readonly rule: string | null;
  /** `open`, `answered`, or all. */
  readonly state: string | null;
  readonly limit: number;
  readonly offset: number;
}

/** The newest list of the year, and whether register and documents are still those from which it was made. */
export const readCheckList = act('resident-tax.read-check-list', {
  right: ['resident-tax', 'check', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: FindingsQuery,
  ): Promise<
    Result<{ list: CheckList | undefined; isStale: boolean; rows: readonly Finding[]; total: number }, never>
  > {
    const list = await newestCheckList(tx, query.fiscalYear);
    if (list === undefined) {
      tx.record({ event: 'check-list.read', detail: { fiscalYear: query.fiscalYear, shown: 0 } });
      return ok({ list: undefined, isStale: false, rows: [], total: 0 });
    }
    const found = await findingsOf(tx, { ...query, checkListId: list.checkListId });
    const isStale = list.basis !== (await basisOf(tx));
    tx.record({
      event: 'check-list.read',
      subjects: [...new Set(found.rows.flatMap((f) => [f.personId, ...(f.otherId === null ? [] : [f.otherId])]))],
      detail: { list: list.checkListId, shown: found.rows.length, total: found.total },
    });
    return ok({ list, isStale, ...found });
  },
});

export interface AnswerFinding {
  readonly fiscalYear: number;
  readonly checkListId: string;
  readonly findingNo: number;
  readonly answer: CheckAnswer;
  readonly note: string;
}

/** A clerk's answer. A list that register, restrictions or files have outrun is refused: it is made anew, never worked on (K2). */
export const answerFinding = act('resident-tax.answer-finding', {
  right: ['resident-tax', 'check', 'update'],
  async run(tx, deps: Deps, command: AnswerFinding, actor) {
    if (command.note.trim() === '') return err('note-missing');
    await lockCheckLists(tx, command.fiscalYear);
    const list = await newestCheckList(tx, command.fiscalYear);
    if (list?.checkListId !== command.checkListId) return err('newer-list');
    if (list.basis !== (await basisOf(tx))) return err('stale-list');
    const answered = await insertAnswer(tx, {
      ...command,
      note: command.note.trim(),
      by: actor.kind === 'staff' ? actor.staffId : actor.kind,
      at: deps.machineClock.now(),
    });
    if (answered === undefined) return err('already-answered');
    tx.record({
      event: 'check-list.answered',
      subject: answered.personId,
      facts: ['resident_tax.check_answer'],
      detail: { list: command.checkListId, finding: command.findingNo, answer: command.answer },
    });
    return ok(undefined);
  },
});
