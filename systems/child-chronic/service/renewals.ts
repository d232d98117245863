import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  type EndingLine,
  endingIn,
  insertGuides,
  insertRenewalClosing,
  insertResultList,
  type RenewalClosing,
  type ResultList,
  type ResultRow,
  renewalClosing,
  resultLists,
  resultRows,
} from '../store/renewals.ts';

export type { EndingLine, RenewalClosing, ResultList, ResultRow };

const isMonth = (text: string): boolean => /^[0-9]{4}-(0[1-9]|1[0-2])$/.test(text);

/** Whose certificate ends in the month, and whether they were told; no Individual Number stands anywhere in it. */
export const readRenewals = act('child-chronic.list-renewals', {
  right: ['child-chronic', 'renewal', 'read'],
  async run(
    tx,
    _deps: Deps,
    { month }: { readonly month: string },
  ): Promise<
    Result<{ rows: readonly EndingLine[]; open: number; closing: RenewalClosing | undefined }, 'unreadable-month'>
  > {
    if (!isMonth(month)) return err('unreadable-month');
    const rows = await endingIn(tx, month);
    tx.record({ event: 'renewals.listed', subjects: rows.map((r) => r.caseId), detail: { month, count: rows.length } });
    return ok({ rows, open: rows.filter((r) => r.guidedOn === null).length, closing: await renewalClosing(tx, month) });
  },
});

/**
 * 更新案内: a guide for everybody whose certificate ends in the month and who is neither excluded nor was told before. Repeating it makes none twice.
 * @source requirements 001 MED-X13, ⑯, scenario 27
 */
export const makeRenewalGuides = act('child-chronic.make-renewal-guides', {
  right: ['child-chronic', 'renewal', 'update'],
  async run(
    tx,
    deps: Deps,
    { month }: { readonly month: string },
    actor,
  ): Promise<Result<{ guides: number }, 'not-staff' | 'unreadable-month'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    if (!isMonth(month)) return err('unreadable-month');
    const open = (await endingIn(tx, month)).filter((r) => r.guidedOn === null);
    const caseIds = open.map((r) => r.caseId);
    const on = deps.civilClock.today();
    const guides = await insertGuides(tx, { caseIds, month, excluded: null, by: actor.staffId, on });
    tx.record({
      event: 'renewal-guides.made',
      subjects: caseIds,
      facts: guides > 0 ? ['child_chronic.renewal_guide'] : [],
      detail: { month, guides },
    });
    return ok({ guides });
  },
});

/** Nobody is left open: who gets no guide is excluded with the reason. */
export const excludeFromRenewal = act('child-chronic.exclude-from-renewal', {
  right: ['child-chronic', 'renewal', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly caseId: string; readonly month: string; readonly reason: string },
    actor,
  ): Promise<Result<null, 'not-staff' | 'unreadable-month' | 'reason-missing' | 'not-ending' | 'told-already'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { caseId, month } = command;
    const excluded = command.reason.trim().slice(0, 300);
    if (!isMonth(month)) return err('unreadable-month');
    if (excluded === '') return err('reason-missing');
    if (!(await endingIn(tx, month)).some((r) => r.caseId === caseId)) return err('not-ending');
    const on = deps.civilClock.today();
    if ((await insertGuides(tx, { caseIds: [caseId], month, excluded, by: actor.staffId, on })) === 0)
      return err('told-already');
    tx.record({
      event: 'renewal.excluded',
      subject: caseId,
      facts: ['child_chronic.renewal_guide'],
      detail: { month },
    });
    return ok(null);
  },
});

/**
 * 更新案内の締め: holds as long as one certificate of the month has neither guide nor exclusion. What is certified into the month
 * afterwards stands open again and asks for another closing.
 * @source requirements 001 MED-X13, measures 001-III.2-R3-14, 001-III.7-R2-02
 */
export const closeRenewals = act('child-chronic.close-renewals', {
  right: ['child-chronic', 'renewal', 'update'],
  async run(
    tx,
    deps: Deps,
    { month }: { readonly month: string },
    actor,
  ): Promise<
    Result<{ guided: number; excluded: number }, 'not-staff' | 'unreadable-month' | 'month-too-far' | 'guides-missing'>
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    if (!isMonth(month)) return err('unreadable-month');
    const today = deps.civilClock.today();
    // Nobody can say of a month far ahead that all its certificates are known.
    if (month > today.add({ months: 3 }).toPlainYearMonth().toString()) return err('month-too-far');
    const rows = await endingIn(tx, month);
    const left = rows.filter((r) => r.guidedOn === null);
    if (enforced('jobs.notice-for-each') && left.length > 0) return err('guides-missing');
    const excluded = rows.filter((r) => r.excluded !== null).length;
    const guided = rows.length - excluded;
    const by = { closedBy: actor.staffId, closedOn: today.toString() };
    await insertRenewalClosing(tx, { closingId: deps.newId(), month, guided, excluded, ...by });
    tx.record({
      event: 'renewals.closed',
      facts: ['child_chronic.renewal_closing'],
      detail: { month, guided, excluded },
    });
    return ok({ guided, excluded });
  },
});

/** 区市町村の結果一覧: which there are, and which decisions stand on none yet. */
export const readResultLists = act('child-chronic.list-result-lists', {
  right: ['child-chronic', 'result-list', 'read'],
  async run(tx, _deps: Deps, query: { readonly listId: string | null }) {
    const rows = await resultRows(tx, query.listId);
    tx.record({ event: 'result-lists.listed', subjects: rows.map((r) => r.caseId), detail: { count: rows.length } });
    return ok({ lists: await resultLists(tx, query.listId), rows });
  },
});

/**
 * 結果一覧の作成: the decisions named, for one municipality. One row whose applicant does not live there stops the whole list.
 * @source requirements 001 MED-X10, ⑪ʹ, scenario 21
 */
export const makeResultList = act('child-chronic.make-result-list', {
  right: ['child-chronic', 'result-list', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly municipality: string; readonly caseIds: readonly string[] },
    actor,
  ): Promise<
    Result<{ listId: string }, 'not-staff' | 'nobody' | 'unknown-municipality' | 'foreign-row' | 'listed-already'>
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const { municipality } = command;
    if (!/^.{1,10}[区市町村]$/.test(municipality)) return err('unknown-municipality');
    if (command.caseIds.length === 0) return err('nobody');
    const open = new Map((await resultRows(tx, null)).map((r) => [r.caseId, r]));
    const rows = command.caseIds.map((id) => open.get(id));
    if (rows.some((r) => r === undefined)) return err('listed-already');
    if (!rows.every((r) => isIn(r!.applicantAddress, municipality))) return err('foreign-row');
    const listId = deps.newId();
    const caseIds = [...new Set(command.caseIds)];
    const made = { listId, municipality, caseIds, by: actor.staffId, on: deps.civilClock.today() };
    await insertResultList(tx, { ...made, at: deps.machineClock.now() });
    tx.record({
      event: 'result-list.made',
      subjects: caseIds,
      recipient: municipality,
      facts: ['child_chronic.result_list', 'child_chronic.result_list_row'],
      detail: { rows: caseIds.length },
    });
    return ok({ listId });
  },
});

/** An address of the prefecture names its municipality first. */
const isIn = (address: string, municipality: string): boolean =>
  address.replace(/^東京都/, '').startsWith(municipality);
