import { type ActDeps, act, type Right } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import {
  type Entry,
  entries,
  insertConfirmation,
  insertEntry,
  insertMonthClosing,
  insertProcedure,
  type MonthClosing,
  monthClosing,
  type Procedure,
  proceduresInForce,
} from './store.ts';

export type { Entry, MonthClosing, Procedure };

/** A kind of work that a system lets somebody do outside the normal run, with the procedure that it starts with. */
export interface IrregularKind {
  readonly kind: string;
  readonly title: string;
  /** あらかじめ定めた手順 */
  readonly steps: string;
}

/**
 * Notes, in the act that does it, that something was done outside the normal run: by the procedure in force, with the reason. Without both
 * the act refuses. Facts: irregular.entry, to be named in the act's own event.
 */
export async function noteIrregular(
  tx: Tx,
  deps: ActDeps,
  work: {
    readonly kind: string;
    readonly subject: string | null;
    readonly reason: string;
    readonly by: string;
  },
): Promise<Result<{ entryId: string }, 'no-procedure' | 'no-reason'>> {
  const reason = work.reason.trim();
  if (reason === '') return err('no-reason');
  const procedure = (await proceduresInForce(tx)).find(({ kind }) => kind === work.kind);
  if (!procedure) return err('no-procedure');
  const entryId = deps.newId();
  const { procedureId } = procedure;
  const [on, at] = [deps.civilClock.today(), deps.machineClock.now()];
  await insertEntry(tx, { entryId, procedureId, subject: work.subject, reason, doneBy: work.by, on, at });
  return ok({ entryId });
}

export interface Month {
  readonly month: Temporal.PlainYearMonth;
  readonly rows: readonly Entry[];
  readonly closing: MonthClosing | undefined;
  readonly procedures: readonly Procedure[];
}

/**
 * The register of a system: rights ['irregular', read] to see it, ['irregular-approval', update] to confirm, to revise procedures and
 * to close a month; `registers` is the right of the job that registers the procedures the system starts with.
 * @source 特定個人情報保護評価書 002 Ⅲ.2 他の措置 (通常の処理以外の方法): 定めた手順、記録内容の確認
 */
export function createIrregular<D extends ActDeps>(options: {
  readonly system: string;
  readonly registers: Right;
  readonly kinds: readonly IrregularKind[];
}) {
  const { system, registers, kinds } = options;
  const read: Right = [system, 'irregular', 'read'];
  const approval: Right = [system, 'irregular-approval', 'update'];

  /** At start: what has no procedure yet gets its first. A revision made since stands. */
  const registerFirst = act(`${system}.register-procedures`, {
    right: registers,
    async run(tx, deps: D, _: null) {
      const known = new Set((await proceduresInForce(tx)).map(({ kind }) => kind));
      let made = 0;
      for (const { kind, title, steps } of kinds.filter((k) => !known.has(k.kind))) {
        const registeredOn = deps.civilClock.today().toString();
        const row = { procedureId: deps.newId(), kind, title, steps, revision: 1, registeredBy: system, registeredOn };
        if (await insertProcedure(tx, row)) made++;
      }
      tx.record({
        event: 'irregular.procedures-registered',
        facts: made > 0 ? ['irregular.procedure'] : [],
        detail: { made },
      });
      return ok({ made });
    },
  });

  const revise = act<
    D,
    { readonly kind: string; readonly revision: number; readonly title: string; readonly steps: string },
    { revision: number },
    'not-staff' | 'no-procedure' | 'not-whole' | 'revised-meanwhile'
  >(`${system}.revise-procedure`, {
    right: approval,
    async run(tx, deps, { kind, revision, ...command }, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      const [title, steps] = [command.title.trim(), command.steps.trim()];
      if (title === '' || steps === '') return err('not-whole');
      const now = (await proceduresInForce(tx)).find((p) => p.kind === kind);
      if (!now) return err('no-procedure');
      const next = { procedureId: deps.newId(), kind, title, steps, revision: revision + 1 };
      const by = { registeredBy: actor.staffId, registeredOn: deps.civilClock.today().toString() };
      if (now.revision !== revision || !(await insertProcedure(tx, { ...next, ...by })))
        return err('revised-meanwhile');
      tx.record({
        event: 'irregular.procedure-revised',
        facts: ['irregular.procedure'],
        detail: { kind, revision: revision + 1 },
      });
      return ok({ revision: revision + 1 });
    },
  });

  /** 記録内容の確認 by another person than who did it. What is found wrong says what, and stays on the list as wrong. */
  const confirm = act<
    D,
    { readonly entryId: string; readonly verdict: 'right' | 'wrong'; readonly note: string },
    null,
    'not-staff' | 'no-such-entry' | 'confirmer-did-it' | 'no-note' | 'already-confirmed'
  >(`${system}.confirm-irregular`, {
    right: approval,
    async run(tx, deps, { entryId, verdict, note }, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      const [entry] = await entries(tx, { entryId });
      if (!entry) return err('no-such-entry');
      if (enforced('access.second-person') && entry.doneBy === actor.staffId) return err('confirmer-did-it');
      if (verdict === 'wrong' && note.trim() === '') return err('no-note');
      const at = deps.machineClock.now();
      if (!(await insertConfirmation(tx, { entryId, verdict, note: note.trim(), by: actor.staffId, at })))
        return err('already-confirmed');
      tx.record({
        event: 'irregular.confirmed',
        ...(entry.subject === null ? {} : { subject: entry.subject }),
        facts: ['irregular.confirmation'],
        detail: { entry: entryId, kind: entry.kind, verdict },
      });
      return ok(null);
    },
  });

  const daysOf = (month: Temporal.PlainYearMonth) => ({
    from: month.toPlainDate({ day: 1 }),
    before: month.add({ months: 1 }).toPlainDate({ day: 1 }),
  });

  /** 月次一覧 */
  const list = act<D, { readonly month: Temporal.PlainYearMonth }, Month, never>(`${system}.list-irregular`, {
    right: read,
    async run(tx, _deps, { month }) {
      const days = daysOf(month);
      const rows = await entries(tx, days);
      const subjects = [...new Set(rows.flatMap(({ subject }) => (subject === null ? [] : [subject])))];
      tx.record({ event: 'irregular.listed', subjects, detail: { month: month.toString(), rows: rows.length } });
      return ok({ month, rows, closing: await monthClosing(tx, days.from), procedures: await proceduresInForce(tx) });
    },
  });

  /** The month was gone through: over, and nothing in it without another person's confirmation. */
  const closeMonth = act<
    D,
    { readonly month: Temporal.PlainYearMonth },
    { entries: number },
    'not-staff' | 'month-not-over' | 'not-all-confirmed' | 'already-closed'
  >(`${system}.close-irregular-month`, {
    right: approval,
    async run(tx, deps, { month }, actor) {
      if (actor.kind !== 'staff') return err('not-staff');
      const days = daysOf(month);
      if (Temporal.PlainDate.compare(deps.civilClock.today(), days.before) < 0) return err('month-not-over');
      const rows = await entries(tx, days);
      if (rows.some(({ verdict }) => verdict === null)) return err('not-all-confirmed');
      const closing = { month: days.from, entries: rows.length, by: actor.staffId, at: deps.machineClock.now() };
      if (!(await insertMonthClosing(tx, closing))) return err('already-closed');
      tx.record({
        event: 'irregular.month-closed',
        facts: ['irregular.month_closing'],
        detail: { month: month.toString(), entries: rows.length },
      });
      return ok({ entries: rows.length });
    },
  });

  return { system, rights: { read, approval }, registerFirst, revise, confirm, list, closeMonth };
}
export type Irregular<D extends ActDeps> = ReturnType<typeof createIrregular<D>>;
